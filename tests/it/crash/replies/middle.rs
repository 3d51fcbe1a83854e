//! What stands between the connector and the simulator: one request meets trouble, every other one passes.

use super::batch::{batch, envelope, json_reply, parts, said};
use super::http::Message;
use super::kinds::{Cell, Fate, Kind, Site, Writer};
use fakes::{Crash, FakeClock};
use jiff::{SignedDuration, Timestamp};
use ports::Clock;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Result;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A request takes effect within so long: the connector's promise, less the moment in which it is judged.
const LIFE: SignedDuration = SignedDuration::from_millis(5_900);

/// The server in the middle. It stops when it is dropped.
pub struct Middle {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    upstream: String,
    clock: FakeClock,
    process: Crash,
    /// What is still to meet its request, in this order.
    troubles: Vec<Cell>,
    wrote: bool,
    late: Vec<Late>,
    /// Those who are not answered.
    silent: Vec<TcpStream>,
    writes: u64,
    disabled: BTreeSet<String>,
    stopped: bool,
}

/// A request that is still under way.
struct Late {
    request: Message,
    fate: Fate,
    life_ends: Timestamp,
}

impl Middle {
    pub fn start(clock: FakeClock, process: Crash) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(Mutex::new(State {
            upstream: String::new(),
            clock,
            process,
            troubles: Vec::new(),
            wrote: false,
            late: Vec::new(),
            silent: Vec::new(),
            writes: 0,
            disabled: BTreeSet::new(),
            stopped: false,
        }));
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut state = locked(&serving);
                if state.stopped {
                    return;
                }
                // A broken connection is the client's to report.
                let _ = state.serve(stream);
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn pass_to(&self, url: &str) {
        locked(&self.state).upstream = url.trim_start_matches("http://").to_owned();
    }

    /// From now on these requests meet their troubles, one after the other.
    pub fn arm(&self, troubles: Vec<Cell>) {
        let mut state = locked(&self.state);
        (state.troubles, state.wrote) = (troubles, false);
    }

    /// How many troubles were not met.
    pub fn unmet(&self) -> usize {
        locked(&self.state).troubles.len()
    }

    /// How many requests that change something came, and whom they were to disable.
    pub fn received(&self) -> (u64, BTreeSet<String>) {
        let state = locked(&self.state);
        (state.writes, state.disabled.clone())
    }

    /// Carries out what has come to the end of its life.
    pub fn land_due(&self) {
        locked(&self.state).land(|_| false);
    }
}

impl Drop for Middle {
    fn drop(&mut self) {
        let mut state = locked(&self.state);
        state.stopped = true;
        state.silent.clear();
        drop(state);
        // Wakes the thread that accepts.
        TcpStream::connect(self.address).ok();
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn serve(&mut self, mut stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let request = Message::read(&stream)?;
        let before = self.late.len();
        self.land(|fate| fate == Fate::BeforeNext);
        if !request.first.contains("/$batch") {
            return self.serve_token(&request, stream);
        }
        let parts = parts(&request);
        let met = self.met(&parts);
        self.note(&parts);
        let Some((cell, at)) = met else {
            let reply = request.sent_to(&self.upstream)?;
            // Those that were under way when this one came, and not what came late by it.
            self.land_first(before, |fate| fate == Fate::AfterNext);
            return reply.write(&mut stream, usize::MAX);
        };
        let reply = self.trouble(cell, at, &request, parts)?;
        self.silent.extend(said(cell.kind, reply, stream)?);
        Ok(())
    }

    /// The trouble that one of the requests meets, and which one that is.
    fn met(&mut self, parts: &[Value]) -> Option<(Cell, Option<usize>)> {
        let next = *self.troubles.first()?;
        let sites: Vec<Option<Site>> = parts.iter().map(|part| Site::of(part, self.wrote)).collect();
        let at = sites.iter().position(|site| *site == Some(next.site));
        let is_envelope = next.site == Site::Envelope && sites.iter().flatten().any(|site| site.is_write());
        if at.is_none() && !is_envelope {
            return None;
        }
        self.troubles.remove(0);
        Some((next, at))
    }

    fn note(&mut self, parts: &[Value]) {
        for part in parts {
            let site = Site::of(part, self.wrote);
            self.writes += u64::from(site.is_some_and(Site::is_write));
            if site == Some(Site::Disable) {
                let id = part["url"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
                self.disabled.insert(id.to_owned());
            }
        }
        self.wrote |= parts.iter().any(|part| Site::of(part, true).is_some_and(Site::is_write));
    }

    /// Does to the request what the cell says; gives the whole reply as it would be.
    fn trouble(&mut self, cell: Cell, at: Option<usize>, request: &Message, parts: Vec<Value>) -> Result<Message> {
        let whole = at.is_none() || cell.kind.part(&Value::Null).is_none() && cell.kind != Kind::Missing;
        let (troubled, others) = match at {
            Some(at) if !whole => {
                let mut others = parts;
                (vec![others.remove(at)], others)
            }
            _ => (parts, Vec::new()),
        };
        let mut responses = self.carry_out(request, &others)?;
        match cell.fate {
            Fate::NotApplied => {}
            Fate::Applied => drop(self.carry_out(request, &troubled)?),
            fate => {
                let life_ends = self.clock.now() + LIFE;
                self.late.push(Late { request: batch(request, &troubled), fate, life_ends });
            }
        }
        match cell.writer {
            Writer::GoesOn => {}
            Writer::HandsOver => self.clock.advance(Duration::from_secs(5)),
            Writer::Freezes => self.clock.advance(Duration::from_mins(2)),
            Writer::Dies => self.process.arm(1),
        }
        if at.is_none() {
            return Ok(envelope(cell.kind));
        }
        if !whole {
            responses.extend(cell.kind.part(&troubled[0]["id"]));
        }
        Ok(json_reply(200, &json!({ "responses": responses })))
    }

    fn carry_out(&self, request: &Message, parts: &[Value]) -> Result<Vec<Value>> {
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let reply = batch(request, parts).sent_to(&self.upstream)?;
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        Ok(body["responses"].as_array().cloned().unwrap_or_default())
    }

    fn serve_token(&mut self, request: &Message, mut stream: TcpStream) -> Result<()> {
        match self.troubles.first().copied() {
            Some(cell) if cell.site == Site::Token && request.first.contains("/token") => {
                self.troubles.remove(0);
                self.silent.extend(said(cell.kind, envelope(cell.kind), stream)?);
                Ok(())
            }
            _ => request.sent_to(&self.upstream)?.write(&mut stream, usize::MAX),
        }
    }

    fn land(&mut self, now: impl Fn(Fate) -> bool) {
        self.land_first(usize::MAX, now);
    }

    /// Carries out those of the first `count` late requests whose time has come.
    fn land_first(&mut self, count: usize, chosen: impl Fn(Fate) -> bool) {
        let now = self.clock.now();
        let mut place = 0;
        let due: Vec<Late> = self
            .late
            .extract_if(.., |late| {
                place += 1;
                place <= count && (chosen(late.fate) || late.life_ends <= now)
            })
            .collect();
        for late in due {
            late.request.sent_to(&self.upstream).expect("the simulator runs");
        }
    }
}
