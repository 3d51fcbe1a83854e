//! A loopback HTTP server that answers by script: for the errors that no real server gives on demand.

use crate::locked;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What one request gets.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status and a JSON body.
    Reply(u16, String),
    /// The connection is closed without an answer.
    Close,
    /// Nothing, until the server is dropped.
    Silence,
}

/// The server. It stops when it is dropped.
#[derive(Debug)]
pub struct ScriptedServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    answers: Mutex<Vec<Answer>>,
    requests: Mutex<Vec<String>>,
    silent: Mutex<Vec<TcpStream>>,
    stopped: AtomicBool,
}

impl ScriptedServer {
    /// Gives the answers in order; the last one is repeated.
    ///
    /// # Panics
    /// If no loopback port can be opened, or there is no answer at all.
    pub fn start(mut answers: Vec<Answer>) -> Self {
        assert!(!answers.is_empty(), "a scripted server needs an answer");
        answers.reverse();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            answers: Mutex::new(answers),
            requests: Mutex::default(),
            silent: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let serving = Arc::clone(&serving);
                // A broken connection is the client's to report.
                thread::spawn(move || serving.answer(stream).ok());
            }
        });
        Self { address, shared }
    }

    /// Where it listens: `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far: its head, an empty line and its body.
    pub fn requests(&self) -> Vec<String> {
        locked(&self.shared.requests).clone()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        locked(&self.shared.silent).clear();
        // Wakes the thread that accepts; if nobody listens any more, there is nobody to wake.
        TcpStream::connect(self.address).ok();
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let request = read_request(&mut BufReader::new(&stream))?;
        locked(&self.requests).push(request);
        let mut answers = locked(&self.answers);
        let answer = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        drop(answers);
        match answer {
            Some(Answer::Reply(status, body)) => write!(
                stream,
                "HTTP/1.1 {status} Scripted\r\ncontent-type: application/x-amz-json-1.0\r\netag: \"scripted\"\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            ),
            Some(Answer::Silence) => {
                locked(&self.silent).push(stream);
                Ok(())
            }
            Some(Answer::Close) | None => Ok(()),
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<String> {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if reader.read_line(&mut request)? == 0 {
            break;
        }
    }
    let length = request
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse().ok())
        .unwrap_or(0);
    reader.take(length).read_to_string(&mut request)?;
    Ok(request)
}
