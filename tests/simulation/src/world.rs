//! The simulated world between two instants: time, the agenda, messages, requests under way, and who is alive.

use crate::chance::Chance;
use crate::faults::{Bug, Faults};
use crate::history::History;
use crate::mail::Mail;
use crate::requests::Requests;
use fakes::{FakeBlobs, FakeClock, FakeSource, FakeTable, FakeTarget, World, graph_like_schema};
use jiff::{SignedDuration, Timestamp};
use ports::Clock;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// Microseconds since the start of the simulation.
pub type Instant = u64;

/// Microseconds of a second.
pub const SECOND: Instant = 1_000_000;

/// What is due at some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// An invocation goes on after an effect or a sleep.
    Wake(u64),
    /// An invocation's time is up.
    TimeUp(u64),
    /// A message may be seen by the mapping of its queue.
    Message(u64),
    /// A request reaches the target.
    Land(u64),
    /// What the target did reaches its replica.
    Replicate,
    /// The schedule of each minute.
    Minute,
    /// The next line of the script.
    Script(usize),
}

/// Everything that invocations share.
pub struct Core {
    /// The time.
    pub now: Instant,
    /// Choices about time and faults.
    pub chance: Chance,
    /// What may go wrong.
    pub faults: Faults,
    /// The mistake that this run is to find, if any.
    pub bug: Option<Bug>,
    /// Messages.
    pub mail: Mail,
    /// Requests under way to the target.
    pub requests: Requests,
    /// What happened, and what must not.
    pub history: History,
    agenda: BinaryHeap<Reverse<(Instant, u64, u64, Due)>>,
    entries: u64,
    /// How often each kind of fault fired.
    pub fired: BTreeMap<&'static str, u64>,
}

impl Core {
    /// Puts something on the agenda. Of two things due at one instant either may come first.
    pub fn at(&mut self, instant: Instant, due: Due) {
        self.entries += 1;
        let tie = self.chance.below(1 << 20);
        self.agenda.push(Reverse((instant.max(self.now), tie, self.entries, due)));
    }

    /// Takes what is due next, and moves the time on to it.
    pub fn next(&mut self) -> Option<Due> {
        let Reverse((instant, _, _, due)) = self.agenda.pop()?;
        self.now = self.now.max(instant);
        Some(due)
    }

    /// Whether a fault of this share fires now; it is counted.
    pub fn fires(&mut self, name: &'static str, per_mille: u64) -> bool {
        let fires = self.chance.is(per_mille);
        if fires {
            *self.fired.entry(name).or_default() += 1;
        }
        fires
    }
}

/// Handle to the shared world.
#[derive(Clone)]
pub struct Shared {
    core: Arc<Mutex<Core>>,
    /// The outside things, in memory.
    pub outside: Outside,
}

/// The outside things.
#[derive(Clone)]
pub struct Outside {
    /// The table.
    pub table: FakeTable,
    /// The objects.
    pub blobs: FakeBlobs,
    /// The HR system.
    pub source: FakeSource,
    /// The target.
    pub target: FakeTarget,
    /// A replica of the target that lags behind.
    pub replica: FakeTarget,
    /// The clock that the outside things look at.
    pub clock: FakeClock,
    /// When the simulation began.
    pub start: Timestamp,
}

impl Shared {
    /// A new world.
    pub fn new(seed: u64, faults: Faults, bug: Option<Bug>) -> Self {
        let world = World::new(seed);
        let core = Core {
            now: 0,
            chance: Chance::of(seed ^ 0x5eed),
            faults,
            bug,
            mail: Mail::default(),
            requests: Requests::default(),
            history: History::default(),
            agenda: BinaryHeap::new(),
            entries: 0,
            fired: BTreeMap::new(),
        };
        let outside = Outside {
            table: world.table.clone(),
            blobs: world.blobs.clone(),
            source: world.source(Vec::new()),
            target: world.target(graph_like_schema()),
            replica: world.target(graph_like_schema()),
            clock: world.clock.clone(),
            start: world.clock.now(),
        };
        let shared = Self { core: Arc::new(Mutex::new(core)), outside };
        shared.core().history.start = shared.outside.start.as_millisecond();
        shared
    }

    /// The shared state; a run that failed may still be looked at.
    pub fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The true time of day.
    pub fn time_of_day(&self) -> Timestamp {
        let now = self.core().now;
        self.outside.start + SignedDuration::from_micros(i64::try_from(now).unwrap_or(i64::MAX))
    }
}

/// The world as one invocation sees it: its own number, and a clock that may be wrong.
#[derive(Clone)]
pub struct View {
    /// The world.
    pub shared: Shared,
    /// The invocation.
    pub invocation: u64,
    /// By how many microseconds its clock is ahead.
    pub skew: i64,
}

impl View {
    /// Lets time pass: everybody else may go on meanwhile, and this invocation may not live to see the end of it.
    pub fn pause(&self, length: Instant) -> impl Future<Output = ()> + Send + use<> {
        Pause { view: self.clone(), length, until: None }
    }

    /// Lets a time pass that a call over the network takes.
    pub fn travel(&self) -> impl Future<Output = ()> + Send + use<> {
        let length = {
            let mut core = self.shared.core();
            let share = core.faults.slow;
            let most = if core.fires("slow", share) { 28 * SECOND } else { 30_000 };
            core.chance.between(500, most)
        };
        self.pause(length)
    }

    /// What this invocation takes for the time of day.
    pub fn time_of_day(&self) -> Timestamp {
        self.shared.time_of_day() + SignedDuration::from_micros(self.skew)
    }
}

struct Pause {
    view: View,
    length: Instant,
    until: Option<Instant>,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let shared = self.view.shared.clone();
        let mut core = shared.core();
        match self.until {
            None => {
                let until = core.now + self.length;
                core.at(until, Due::Wake(self.view.invocation));
                self.until = Some(until);
                Poll::Pending
            }
            Some(until) if core.now >= until => Poll::Ready(()),
            Some(_) => Poll::Pending,
        }
    }
}
