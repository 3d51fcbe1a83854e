//! One run: the agenda is worked off, invocations come and go, and in the end all must agree.

mod outsiders;

use crate::ending;
use crate::faults::{Bug, Faults};
use crate::function::{Function, invoke};
use crate::mail::side_by_side;
use crate::people::{Statement, key_of, rules};
use crate::ports::secret;
use crate::script::{CHAOS, Line, Script};
use crate::world::{Core, Due, Instant, SECOND, Shared, View};
use crate::{JOB, TARGET, checks, trace};
use fakes::{FakeEntropy, run_ready};
use model::trace::{Constants, Event, Replayed, TraceError};
use pipeline::StepError;
use planning::Rules;
use ports::{ErrorChain, QueueName, Table, TargetWrite, WriteRequest};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// More steps than any run needs.
const STEPS_MAX: u64 = 400_000;

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// What happened that must not, in order.
    pub violations: Vec<String>,
    /// Two runs of one script have the same digest.
    pub digest: u64,
    /// How much happened.
    pub steps: u64,
    /// How often each kind of fault fired.
    pub fired: BTreeMap<&'static str, u64>,
    /// What the model of the protocol found in the history, and what it would not allow.
    pub replayed: Result<Replayed, TraceError>,
    /// What happened, line by line, if it was asked for.
    pub lines: Vec<String>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = Result<(), StepError>> + Send>>,
    queue: Option<QueueName>,
    message: Option<u64>,
}

/// A run under way.
pub struct Run {
    /// The world.
    pub shared: Shared,
    /// What happens from outside.
    pub script: Arc<Script>,
    /// Both editions of the rules.
    pub editions: [Arc<Rules>; 2],
    /// The edition that is deployed.
    pub edition: usize,
    entropy: FakeEntropy,
    tasks: BTreeMap<u64, Task>,
    invocations: u64,
    replicated_until: Instant,
    replicating: std::collections::VecDeque<WriteRequest>,
}

/// Runs a script; with a mistake, if it is to be found.
pub fn run(script: &Script, bug: Option<Bug>, verbose: bool) -> Report {
    let mut run = Run::new(script, bug, verbose);
    run.chaos();
    if run.shared.core().history.violations.is_empty() {
        ending::come_to_rest(&mut run);
    }
    let replayed = replay(&run, bug);
    let core = run.shared.core();
    Report {
        violations: core.history.violations.clone(),
        digest: core.history.digest(),
        steps: core.history.steps(),
        fired: core.fired.clone(),
        replayed,
        lines: core.history.lines.clone().unwrap_or_default(),
    }
}

/// Holds what happened against the model of the protocol.
fn replay(run: &Run, bug: Option<Bug>) -> Result<Replayed, TraceError> {
    let mut core = run.shared.core();
    let replayed = model::trace::replay(&core.history.events, Constants::default());
    if let (None, Err(error)) = (bug, &replayed) {
        let (now, event) = (core.now, format!("{:?}", core.history.events.get(error.index)));
        core.history.violated(now, format!("the model does not allow it: {error}: {event}"));
    }
    replayed
}

impl Run {
    fn new(script: &Script, bug: Option<Bug>, verbose: bool) -> Self {
        let shared = Shared::new(script.seed, script.faults.clone(), bug);
        shared.outside.source.set_page_size(script.page_size);
        {
            let mut core = shared.core();
            core.history.lines = verbose.then(Vec::new);
            for (line, (at, _)) in script.lines.iter().enumerate() {
                core.at(*at, Due::Script(line));
            }
            core.at(60 * SECOND, Due::Minute);
        }
        Self {
            shared,
            script: Arc::new(script.clone()),
            editions: [0, 1].map(|edition| Arc::new(rules(edition, script.out_of_scope))),
            edition: 0,
            entropy: FakeEntropy::seeded(script.seed ^ 0xe27),
            tasks: BTreeMap::new(),
            invocations: 0,
            replicated_until: 0,
            replicating: std::collections::VecDeque::new(),
        }
    }

    fn chaos(&mut self) {
        self.until(CHAOS);
        let mut core = self.shared.core();
        core.faults = Faults::default();
        let now = core.now;
        core.history.note(now, "calm");
    }

    /// Works off the agenda up to an instant, or until something happened that must not.
    pub fn until(&mut self, instant: Instant) {
        self.shared.core().at(instant, Due::Wake(0));
        loop {
            let (due, over) = {
                let mut core = self.shared.core();
                let due = core.next();
                (due, !core.history.violations.is_empty())
            };
            self.set_clock();
            if over || self.shared.core().now >= instant && due == Some(Due::Wake(0)) {
                return;
            }
            let Some(due) = due else { return };
            self.step(due);
            let mut core = self.shared.core();
            if core.history.steps() > STEPS_MAX {
                let now = core.now;
                core.history.violated(now, "the run does not come to an end");
                return;
            }
        }
    }

    fn set_clock(&self) {
        let now = self.shared.time_of_day();
        self.shared.outside.clock.set(now);
    }

    fn step(&mut self, due: Due) {
        match due {
            Due::Wake(invocation) => self.wake(invocation),
            Due::TimeUp(invocation) => {
                if self.tasks.contains_key(&invocation) {
                    self.die(invocation, "its time is up");
                }
            }
            Due::Message(id) => self.deliver(id),
            Due::Land(id) => self.land(id),
            Due::Replicate => {
                if let Some(request) = self.replicating.pop_front() {
                    run_ready(self.shared.outside.replica.write(&[request]));
                }
            }
            Due::Minute => self.minute(),
            Due::Script(line) => {
                let line = self.script.lines[line].1.clone();
                self.line(&line);
            }
        }
    }

    /// Ends an invocation wherever it is: what it waits for never comes.
    fn die(&mut self, invocation: u64, why: &str) {
        self.tasks.remove(&invocation);
        let mut core = self.shared.core();
        let now = core.now;
        core.history.note(now, format!("{invocation} dies: {why}"));
        core.history.events.push(Event::WriterDied { writer: invocation });
    }

    fn wake(&mut self, invocation: u64) {
        if !self.tasks.contains_key(&invocation) {
            return;
        }
        let dies = {
            let mut core = self.shared.core();
            let share = core.faults.death;
            core.fires("death", share)
        };
        if dies {
            return self.die(invocation, "by chance");
        }
        self.poll(invocation);
    }

    fn poll(&mut self, invocation: u64) {
        let Some(task) = self.tasks.get_mut(&invocation) else { return };
        let Poll::Ready(result) = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { return };
        let Some(task) = self.tasks.remove(&invocation) else { return };
        let mut core = self.shared.core();
        let now = core.now;
        match &result {
            Ok(()) => core.history.note(now, format!("{invocation} ends")),
            Err(error) if error.is_transient() => {
                core.history.note(now, format!("{invocation} fails: {}", ErrorChain(error)));
            }
            Err(error) => core.history.violated(now, format!("a step failed for good: {}", ErrorChain(error))),
        }
        if let Some(message) = task.message.filter(|_| result.is_ok()) {
            core.delete(message);
        }
    }

    fn deliver(&mut self, id: u64) {
        let Some(queue) = self.shared.core().mail.messages.get(&id).map(|message| message.queue) else { return };
        let running = self.tasks.values().filter(|task| task.queue == Some(queue)).count();
        let mut core = self.shared.core();
        if running >= side_by_side(queue) {
            // The mapping does not receive while all its invocations are busy.
            let later = core.now + SECOND;
            core.at(later, Due::Message(id));
            return;
        }
        let Some(message) = core.receive(id) else { return };
        if core.bug == Some(Bug::AckBeforeWork) {
            core.mail.messages.remove(&id);
        }
        drop(core);
        let function = Function::Message { queue, body: message.body, receives: message.receives };
        self.start(function, Some(queue), Some(id));
    }

    /// Starts an invocation.
    pub fn start(&mut self, function: Function, queue: Option<QueueName>, message: Option<u64>) {
        self.invocations += 1;
        let invocation = self.invocations;
        let skew = {
            let mut core = self.shared.core();
            let most = core.faults.skew * 1000;
            let skew = core.chance.below(2 * most + 1).cast_signed() - most.cast_signed();
            let now = core.now;
            core.history.note(now, format!("{invocation} starts: {function:?}"));
            let end = now + function.time_max();
            core.at(end, Due::TimeUp(invocation));
            skew
        };
        let view = View { shared: self.shared.clone(), invocation, skew };
        let rules = Arc::clone(&self.editions[self.edition]);
        let future = invoke(view, function, rules, Arc::clone(&self.script), self.entropy.clone());
        self.tasks.insert(invocation, Task { future: Box::pin(future), queue, message });
        self.poll(invocation);
    }

    /// A request reaches the target.
    fn land(&mut self, id: u64) {
        let Some(request) = self.shared.core().requests.sent.get(&id).map(|sent| sent.request.clone()) else { return };
        let reply = run_ready(self.shared.outside.target.write(std::slice::from_ref(&request))).replies.remove(0);
        {
            let mut core = self.shared.core();
            let now = core.now;
            core.history.note(now, format!("{id} lands: {reply:?}"));
            if let Some(sent) = core.requests.sent.get_mut(&id) {
                sent.said = Some(reply.clone());
            }
            if matches!(reply, ports::Reply::Done(_)) {
                core.history.events.push(Event::Landed { request: id, at: trace::milliseconds(now) });
            }
        }
        if matches!(reply, ports::Reply::Done(_)) {
            self.replicate(request.clone());
        }
        checks::after_landing(&self.shared, self.script.out_of_scope, &request.action, &reply);
    }

    /// What the target did reaches its replica some time later, in order.
    fn replicate(&mut self, request: WriteRequest) {
        let mut core = self.shared.core();
        let lag = core.faults.lag * 1000;
        let lag = core.chance.below(lag + 1);
        self.replicated_until = self.replicated_until.max(core.now + lag);
        core.at(self.replicated_until, Due::Replicate);
        self.replicating.push_back(request);
    }

    fn has_work(&self) -> bool {
        let partition = format!("READY#{TARGET}");
        run_ready(self.shared.outside.table.query(&partition, "", None, 1)).is_ok_and(|found| !found.is_empty())
    }

    /// The schedule of each minute. Without work it is left out most of the time, because nothing would come of it.
    fn minute(&mut self) {
        let (scheduled, idle) = {
            let mut core = self.shared.core();
            let again = core.now + 60 * SECOND;
            core.at(again, Due::Minute);
            (core.bug != Some(Bug::NoSchedule), core.chance.is(50))
        };
        if scheduled && (idle || self.has_work()) {
            self.start(Function::Minute, None, None);
        }
        if self.shared.core().bug == Some(Bug::StaleState) {
            let items = self.shared.outside.table.items();
            self.shared.core().history.keep_items(items);
        }
    }

    /// Something happens from outside.
    pub fn line(&mut self, line: &Line) {
        {
            let mut core = self.shared.core();
            let now = core.now;
            core.history.note(now, format!("{line:?}"));
        }
        match line {
            Line::Stated(person, statement) => self.state(*person, statement),
            Line::TakenBack(person) => {
                let before = self.shared.core().history.before_last(*person);
                if let Some(statement) = before {
                    self.state(*person, &statement);
                }
            }
            Line::Fetch(mode) => self.fetch(*mode),
            Line::Ask(person) => self.start(Function::Ask(key_of(*person)), None, None),
            Line::Approve => self.start(Function::Approve, None, None),
            Line::Rules(edition) => self.edition = *edition,
            Line::Foreign(last) => self.foreign(*last),
            Line::Known(person) => self.known(*person),
        }
    }

    /// HR states something.
    fn state(&self, person: u64, statement: &Statement) {
        let record = statement.record(person);
        let mut core = self.shared.core();
        for rules in &self.editions {
            let content = record.content_hash(&secret(), &rules.hash);
            core.history.contents.insert(content, (person, statement.version));
        }
        core.history.statements.entry(person).or_default().push(statement.clone());
        drop(core);
        self.shared.outside.source.upsert(record);
    }

    /// What the schedule of a job sends.
    pub fn fetch(&mut self, mode: messages::Mode) {
        let fetch = messages::Fetch { v: 1, job: JOB.to_owned(), mode, cycle: None, continuation: 0 };
        self.shared.core().post(QueueName::Fetch, &messages::encode(&fetch), 0);
    }

    /// Nothing is under way: no message, no invocation, no released work.
    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty() && self.shared.core().mail.messages.is_empty() && !self.has_work()
    }
}

/// The world's core is only ever looked at between two steps.
impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("now", &self.now).finish_non_exhaustive()
    }
}
