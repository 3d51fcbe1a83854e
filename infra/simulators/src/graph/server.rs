//! Everything behind the simulator's one lock: a request goes in, an answer or a cut connection comes out.

use super::answer::{Answer, Request};
use super::batch::Batch;
use super::budget::{Exceeded, Meters};
use super::clock::{Clock, written};
use super::directory::Directory;
use super::faults::{ConnectionFate, Dice, Fate};
use super::state::Kind;
use super::token::Tokens;
use super::{Counts, Options};
use serde_json::{Map, Value, json};
use std::io::Result as IoResult;
use std::time::Duration;

/// A late request lands after about so long.
const LATE_MS: u64 = 100;

/// What one HTTP request to Graph asks for.
#[derive(Clone, Debug)]
pub(super) enum Job {
    Single(Request),
    Batch(Batch),
}

impl Job {
    fn writes(&self) -> bool {
        match self {
            Self::Single(request) => request.writes(),
            Self::Batch(batch) => batch.writes(),
        }
    }
}

pub(super) struct Server {
    pub options: Options,
    pub counts: Counts,
    /// The address that links begin with.
    pub base: String,
    pub directory: Directory,
    pub dice: Dice,
    pub tokens: Tokens,
    /// Nothing is taken any more.
    pub stopped: bool,
    clock: Clock,
    meters: Meters,
    late: Vec<(u64, Job)>,
}

impl Server {
    pub fn new(options: Options, base: String) -> IoResult<Self> {
        let clock = Clock::new(options.still);
        let mut directory = Directory::open(options.state.as_deref(), options.replica_lag)?;
        directory.purge_overdue(clock.now())?;
        // After a restart, the draws go on and do not begin again.
        let seed = options.seed ^ (directory.changes() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let meters = Meters::new(&options.budget, clock.now());
        let (counts, tokens, dice) = (Counts::default(), Tokens::default(), Dice::new(seed));
        Ok(Self { options, counts, base, directory, dice, tokens, stopped: false, clock, meters, late: Vec::new() })
    }

    /// Milliseconds since 1970, on the simulator's clock.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    pub fn advance(&mut self, by: Duration) -> IoResult<()> {
        self.clock.advance(by);
        self.directory.purge_overdue(self.now())?;
        self.settle();
        Ok(())
    }

    /// Late requests land, and the replica catches up.
    pub fn settle(&mut self) {
        let now = self.now();
        let (due, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = open;
        for (_, job) in due {
            match job {
                Job::Single(request) => drop(self.carried_out(&request, Fate::Normal)),
                Job::Batch(batch) => drop(self.answer_batch(&batch, false)),
            }
        }
        self.directory.settle(now);
    }

    /// What comes of a request to Graph; `None` cuts the connection.
    pub fn perform(&mut self, job: Job) -> Option<Answer> {
        let faults = self.options.faults;
        let fate = self.dice.connection(&faults, job.writes());
        match fate {
            ConnectionFate::Dropped => return None,
            ConnectionFate::Late => {
                let due = self.now() + LATE_MS / 2 + self.dice.below(100) as u64;
                self.late.push((due, job));
                return None;
            }
            ConnectionFate::Kept | ConnectionFate::LostReply => {}
        }
        let answer = match job {
            Job::Single(request) => self.answer(&request),
            Job::Batch(batch) => self.answer_batch(&batch, true),
        };
        (fate == ConnectionFate::Kept).then_some(answer)
    }

    /// What comes of one Graph request, with the faults that are drawn for it.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let faults = self.options.faults;
        let fate = self.dice.fate(&faults, request.writes(), request.creates());
        match fate {
            Fate::Error500 => Answer::error(500, "InternalServerError", "An internal server error occurred."),
            Fate::Throttled => self.throttled(forced()),
            Fate::Error503Applied => {
                self.carried_out(request, fate);
                Answer::error(503, "ServiceUnavailable", "The service is temporarily unavailable.")
            }
            Fate::ThrottledApplied => {
                self.carried_out(request, fate);
                self.throttled(forced())
            }
            Fate::Normal | Fate::LyingConflict => self.carried_out(request, fate),
        }
    }

    /// Takes a request's cost from the budgets and carries it out.
    pub fn carried_out(&mut self, request: &Request, fate: Fate) -> Answer {
        let units = units(request);
        let now = self.now();
        self.counts.resource_units += u64::from(units);
        self.counts.asked_writes += u64::from(request.writes());
        if let Err(exceeded) = self.meters.take(request.writes(), units, now) {
            return self.throttled(exceeded);
        }
        let mut answer = self.route(request, fate == Fate::LyingConflict).unwrap_or_else(|refusal| refusal);
        answer.headers.push(("x-ms-resource-unit".to_owned(), units.to_string()));
        if let Some(share) = self.meters.warning() {
            answer.headers.push(("x-ms-throttle-limit-percentage".to_owned(), format!("{share:.2}")));
        }
        answer
    }

    fn throttled(&mut self, exceeded: Exceeded) -> Answer {
        self.counts.throttled += 1;
        Answer::throttled(exceeded, &self.options.client_id, &self.options.tenant)
    }

    fn route(&mut self, request: &Request, lying: bool) -> Result<Answer, Answer> {
        request.query.check()?;
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["users"]) => self.list_users(request),
            ("POST", ["users"]) => self.create_user(request, lying),
            ("GET", ["users", "$count"]) => self.count_users(request),
            ("GET", ["users", "delta" | "delta()" | "microsoft.graph.delta()"]) => self.delta(request),
            ("GET", ["users", key]) => self.read_user(request, key),
            ("PATCH", ["users", key]) => self.update_user(request, key),
            ("DELETE", ["users", key]) => self.delete_user(key),
            ("GET", ["users", key, "manager"]) => self.read_manager(request, key),
            ("GET", ["users", key, "manager", "$ref"]) => self.read_manager_reference(key),
            ("PUT", ["users", key, "manager", "$ref"]) => self.set_manager(request, key),
            ("DELETE", ["users", key, "manager", "$ref"]) => self.clear_manager(key),
            ("GET", ["directory", "deletedItems", "microsoft.graph.user" | "graph.user"]) => self.list_deleted(request),
            ("GET", ["directory", "deletedItems", id]) => self.read_deleted(request, id),
            ("DELETE", ["directory", "deletedItems", id]) => self.purge(id),
            ("POST", ["directory", "deletedItems", id, "restore"]) => self.restore(id),
            ("GET", ["organization"]) => Ok(self.organization()),
            ("GET", ["domains"]) => Ok(self.domains()),
            (_, ["users", ..] | ["directory", "deletedItems", ..] | ["organization" | "domains"]) => {
                Err(Answer::error(
                    405,
                    "Request_BadRequest",
                    "Specified HTTP method is not allowed for the request target.",
                ))
            }
            (_, [segment, ..]) => {
                let message = format!("Resource not found for the segment '{segment}'.");
                Err(Answer::malformed(&message))
            }
            (_, []) => Err(Answer::malformed("Invalid version or no resource in the address.")),
        }
    }

    /// Carries a change out; when it cannot be written down, it is not carried out and the answer is 503.
    pub fn commit(&mut self, kind: Kind, id: &str, fields: Map<String, Value>) -> Result<(), Answer> {
        let now = self.now();
        let failed = |_| Answer::error(503, "ServiceUnavailable", "The state cannot be written.");
        self.directory.commit(now, kind, id, fields).map_err(failed)
    }

    /// Puts users there without checks; those with an id that is known are changed.
    pub fn seed(&mut self, users: Vec<Value>) -> IoResult<()> {
        for user in users {
            let Value::Object(mut fields) = user else { continue };
            let id = match fields.remove("id") {
                Some(Value::String(id)) => id,
                _ => self.directory.new_id(&mut self.dice),
            };
            let now = self.now();
            fields.entry("createdDateTime").or_insert_with(|| Value::from(written(now)));
            fields.entry("userType").or_insert_with(|| Value::from("Member"));
            super::users::addresses(&mut fields, None);
            self.directory.seed(now, &id, fields)?;
        }
        Ok(())
    }

    /// Adds what every answer of Graph has: ids of the request, and in an error the date.
    pub fn finished(&mut self, mut answer: Answer, client_request_id: Option<&str>) -> Answer {
        let id = self.dice.id();
        let client = client_request_id.unwrap_or(&id);
        if let Some(error) = answer.body.get_mut("error").filter(|error| error.is_object()) {
            let date = written(self.clock.now());
            error["innerError"] =
                json!({ "date": date.trim_end_matches('Z'), "request-id": id, "client-request-id": client });
        }
        answer.headers.push(("client-request-id".to_owned(), client.to_owned()));
        answer.headers.push(("request-id".to_owned(), id));
        answer
    }
}

/// A 429 that no budget asked for.
fn forced() -> Exceeded {
    Exceeded { seconds: 1, scope: "Tenant_Application", information: "CPULimitExceeded" }
}

/// The documented cost: 2 for lists of users, 1 for everything else; a selection or a short page is 1 less, an expansion
/// 1 more, and nothing is free.
fn units(request: &Request) -> u32 {
    if request.writes() {
        return 1;
    }
    let lists = request.path.first().is_some_and(|first| first == "users")
        && request
            .path
            .get(1)
            .is_none_or(|second| second.starts_with("delta") || second.starts_with("microsoft.graph.delta"));
    let short = request.query.get("$top").and_then(|top| top.parse().ok()).is_some_and(|top: u32| top < 20);
    let more = u32::from(request.query.get("$expand").is_some()) + if lists { 2 } else { 1 };
    let less = u32::from(request.query.get("$select").is_some()) + u32::from(short);
    more.saturating_sub(less).max(1)
}
