//! A function: who waits for it, which processes it has, what each of them runs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::InvokeError;
use crate::clock::{now_ms, random_id};

use super::PAYLOAD_MAX;
use super::invocation::{Handed, Outcome, Pending, Running};

/// Number of a process of a function; never used twice, so that a late answer of a killed one meets nobody.
pub(crate) type ProcessId = u64;

/// How long a process may take to ask for its first invocation, as on AWS.
const INIT_MAX: Duration = Duration::from_secs(10);

/// A function and its invocations.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) timeout: Duration,
    state: Mutex<State>,
    /// Wakes idle processes and slots without one.
    work: Notify,
    failures: AtomicU64,
}

#[derive(Default)]
struct State {
    pending: VecDeque<Pending>,
    processes: BTreeMap<ProcessId, Process>,
    next_id: ProcessId,
    stopping: bool,
}

struct Process {
    started: Instant,
    /// It has asked for an invocation at least once.
    ready: bool,
    running: Option<Running>,
    /// Type and text of the error it reported instead of getting ready.
    init_error: Option<(String, String)>,
    /// Tells its supervisor that the deadline is another one.
    changed: Arc<Notify>,
}

impl Function {
    /// A function without processes.
    pub(crate) fn new(name: String, region: &str, timeout: Duration) -> Function {
        let arn = format!("arn:aws:lambda:{region}:{}:function:{name}", crate::sqs::ACCOUNT);
        Function { name, arn, timeout, state: Mutex::default(), work: Notify::new(), failures: AtomicU64::new(0) }
    }

    /// Invokes the function and waits for what comes of it.
    pub(crate) async fn invoke(&self, payload: &Value) -> Outcome {
        let outcome = self.invoke_uncounted(payload.to_string().into()).await;
        if outcome.is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// How many invocations failed.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Refuses everything from now on, also what waits.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        for pending in state.pending.drain(..) {
            let _ = pending.reply.send(Err(InvokeError::Stopped));
        }
    }

    async fn invoke_uncounted(&self, payload: Bytes) -> Outcome {
        if payload.len() > PAYLOAD_MAX {
            return Err(InvokeError::TooLarge { function: self.name.clone(), what: "payload" });
        }
        let (reply, outcome) = oneshot::channel();
        {
            let mut state = self.state();
            if state.stopping {
                return Err(InvokeError::Stopped);
            }
            state.pending.push_back(Pending { id: random_id(), payload, reply });
        }
        self.work.notify_waiters();
        outcome.await.unwrap_or(Err(InvokeError::Stopped))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn crashed(&self) -> InvokeError {
        InvokeError::Crashed { function: self.name.clone() }
    }
}

/// What a process does, through the Runtime API.
impl Function {
    /// Waits for an invocation and gives it to the process. None for a process that is no longer one of ours.
    pub(super) async fn next(&self, id: ProcessId) -> Option<Handed> {
        loop {
            let work = self.work.notified();
            tokio::pin!(work);
            work.as_mut().enable();
            if let Some(handed) = self.take(id)? {
                return Some(handed);
            }
            work.await;
        }
    }

    /// Ends an invocation with the process's answer. False if the process does not run that one.
    pub(super) fn answer(&self, id: ProcessId, request: &str, outcome: Outcome) -> bool {
        let mut state = self.state();
        let Some(process) = state.processes.get_mut(&id) else { return false };
        let Some(running) = process.running.take_if(|running| running.id == request) else { return false };
        process.changed.notify_one();
        let _ = running.reply.send(outcome);
        true
    }

    /// Notes why a process could not get ready; it ends by itself.
    pub(super) fn init_failed(&self, id: ProcessId, kind: String, message: String) {
        if let Some(process) = self.state().processes.get_mut(&id) {
            process.init_error = Some((kind, message));
        }
    }

    #[expect(clippy::option_option, reason = "an unknown process and an idle one differ")]
    fn take(&self, id: ProcessId) -> Option<Option<Handed>> {
        let mut state = self.state();
        let State { pending, processes, .. } = &mut *state;
        let process = processes.get_mut(&id)?;
        process.ready = true;
        process.changed.notify_one();
        if let Some(unanswered) = process.running.take() {
            let _ = unanswered.reply.send(Err(self.crashed()));
        }
        let Some(Pending { id, payload, reply }) = pending.pop_front() else { return Some(None) };
        let deadline = Instant::now() + self.timeout;
        let deadline_ms = now_ms() + i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX);
        process.running = Some(Running { id: id.clone(), deadline, reply });
        Some(Some(Handed { id, payload, deadline_ms }))
    }
}

/// What a slot does, which keeps one process.
impl Function {
    /// Waits until another process is wanted, and names it. `always` wants one even without work.
    pub(super) async fn wanted(&self, always: bool) -> (ProcessId, Arc<Notify>) {
        loop {
            let work = self.work.notified();
            tokio::pin!(work);
            work.as_mut().enable();
            {
                let mut state = self.state();
                let free = state.processes.values().filter(|process| process.running.is_none()).count();
                if always || state.pending.len() > free {
                    return state.add();
                }
            }
            work.await;
        }
    }

    /// When a process has to be ended: it must get ready, or answer, by then.
    pub(super) fn deadline(&self, id: ProcessId) -> Option<Instant> {
        let state = self.state();
        let process = state.processes.get(&id)?;
        if !process.ready {
            return Some(process.started + INIT_MAX.max(self.timeout));
        }
        process.running.as_ref().map(|running| running.deadline)
    }

    /// Fails what a process runs if its time is over. True if the process has to end.
    pub(super) fn expire(&self, id: ProcessId) -> bool {
        let mut state = self.state();
        let Some(process) = state.processes.get_mut(&id) else { return true };
        if !process.ready {
            return process.started + INIT_MAX.max(self.timeout) <= Instant::now();
        }
        let Some(running) = process.running.take_if(|running| running.deadline <= Instant::now()) else { return false };
        let error = InvokeError::TimedOut { function: self.name.clone(), after: self.timeout };
        let _ = running.reply.send(Err(error));
        true
    }

    /// Forgets a process that has ended and fails what it ran. True if it had been ready. When none gets ready, all
    /// that waits fails too: on AWS each of them would have tried to start one.
    pub(super) fn ended(&self, id: ProcessId) -> bool {
        let mut state = self.state();
        let Some(process) = state.processes.remove(&id) else { return false };
        if let Some(running) = process.running {
            let _ = running.reply.send(Err(self.crashed()));
        }
        if !process.ready && !state.processes.values().any(|other| other.ready) {
            for pending in state.pending.drain(..) {
                let error = match &process.init_error {
                    Some((kind, message)) => InvokeError::Failed {
                        function: self.name.clone(),
                        kind: kind.clone(),
                        message: message.clone(),
                    },
                    None => self.crashed(),
                };
                let _ = pending.reply.send(Err(error));
            }
        }
        // What waited for this process may now want another.
        self.work.notify_waiters();
        process.ready
    }
}

impl State {
    fn add(&mut self) -> (ProcessId, Arc<Notify>) {
        let id = self.next_id;
        self.next_id += 1;
        let changed = Arc::new(Notify::new());
        let process = Process {
            started: Instant::now(),
            ready: false,
            running: None,
            init_error: None,
            changed: Arc::clone(&changed),
        };
        self.processes.insert(id, process);
        (id, changed)
    }
}
