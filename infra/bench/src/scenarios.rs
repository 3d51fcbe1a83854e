//! The scenarios whose figures stand in the architecture.

use crate::clock::locked;
use crate::company::Company;
use crate::figures::{Reach, Report};
use crate::latency::Latencies;
use crate::stack::{BenchError, Event, Stack, Used};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use messages::Mode;
use pipeline::StepError;
use ports::{Clock, PortError, QueueName};
use simulators::graph::{Budget, Window};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The documented budget: so many writes a second, in windows of so many seconds.
const WRITES_PER_SECOND: f64 = 20.0;
const WINDOW: SignedDuration = SignedDuration::from_secs(150);

/// A number for a quotient.
#[expect(clippy::cast_precision_loss, reason = "counts are below 2^52")]
pub(crate) fn of(count: u64) -> f64 {
    count as f64
}

fn size(records: usize) -> f64 {
    of(records as u64)
}

fn budget(reading: Window) -> Budget {
    Budget { reading, ..Budget::default() }
}

/// A load, and what it cost.
pub(crate) struct Loaded {
    pub stack: Stack,
    pub used: Used,
    pub throttled: u64,
}

/// Loads an empty tenant.
pub(crate) async fn load(company: Company, reading: Window) -> Result<Loaded, BenchError> {
    let stack = Stack::start(company, budget(reading), Latencies::MODELLED).await?;
    let used = stack.cycle(Mode::Full, Vec::new()).await?;
    let throttled = locked(&stack.target.seen).throttled;
    Ok(Loaded { stack, used, throttled })
}

fn reading_of(window: Window) -> &'static str {
    match window {
        Window::Sliding => "sliding window",
        Window::TokenBucket => "token bucket",
    }
}

/// Figures of the target's side of a load.
fn writes(report: &mut Report, loaded: &Loaded, reading: Window) {
    let records = loaded.stack.company.records;
    let needed = if loaded.stack.company.managers { 2 * records - 1 } else { records };
    let name = |what: &str| format!("load, {}: {what}", reading_of(reading));
    let issued = of(loaded.used.graph.asked_writes);
    report.counted(name("writes issued / needed"), "1", Reach::AtMost(1.002), issued / size(needed));
    report.counted(name("429s"), "0", Reach::AtMost(0.0), of(loaded.throttled));
    let floor = size(needed) / WRITES_PER_SECOND;
    // A short load is mostly its beginning and its end.
    let reach = if floor >= 2_000.0 { Reach::AtMost(1.03) } else { Reach::None };
    report.counted(name("time / throttle floor"), "1", reach, loaded.used.seconds / floor);
}

/// The units of a load, and its time without managers.
pub(crate) fn load_units(report: &mut Report, loaded: &Loaded) {
    let (used, records) = (&loaded.used, size(loaded.stack.company.records));
    let is_large = records >= 2_000.0;
    let reach = |most| if is_large { Reach::AtMost(most) } else { Reach::None };
    report.counted("load: write units per record, all in", "2", reach(2.1), used.write_units() / records);
    report.counted("load: read units per record", "0", Reach::None, used.read_units() / records);
    report.counted("load: SQS requests per record", "0.0006", Reach::None, of(used.queue.requests) / records);
    report.counted("load: blob puts per record", "0.002", reach(0.02), of(used.blobs.puts) / records);
    report.counted("load: blob bytes per record", "–", Reach::None, of(used.blobs.bytes) / records);
    report.counted("load: Graph requests per record", "0.05", Reach::None, of(used.graph.requests) / records);
    writes(report, loaded, Window::Sliding);
}

/// Single hires while a load with managers is on: how long each waited for its first request.
pub(crate) async fn urgent(report: &mut Report, company: Company, hires: usize) -> Result<(), BenchError> {
    let stack = Stack::start(company, budget(Window::TokenBucket), Latencies::MODELLED).await?;
    let asked: Mutex<Vec<(String, Timestamp)>> = Mutex::default();
    let whole = 2.0 * size(company.records) / WRITES_PER_SECOND;
    let mut events: Vec<Event<'_>> = Vec::new();
    for hire in 0..hires {
        let (stack, asked) = (&stack, &asked);
        // Between a fifth and four fifths of the load, at no round number.
        let after = Duration::from_secs_f64(whole * (0.2 + 0.6 * size(hire) / size(hires)) + 1.234 * size(hire));
        let event = async move {
            stack.ports.clock.sleep(after).await;
            let id = stack.file.hire(company.records + hire);
            let id = id.map_err(|error| StepError::from(PortError::permanent("the file cannot be written", error)))?;
            stack.ask(&id).await?;
            locked(asked).push((id, stack.now()));
            Ok(())
        };
        events.push(event.boxed());
    }
    let used = stack.cycle(Mode::Full, events).await?;
    let worst = {
        let seen = locked(&stack.target.seen);
        let waits = locked(&asked).clone().into_iter().map(|(id, from)| {
            seen.first_sent.get(&id).map_or(f64::INFINITY, |sent| sent.duration_since(from).as_secs_f64())
        });
        waits.fold(0.0, f64::max)
    };
    let throttled = locked(&stack.target.seen).throttled;
    let loaded = Loaded { stack, used, throttled };
    let needed = 2 * company.records - 1 + 2 * hires;
    let issued = of(loaded.used.graph.asked_writes) / size(needed);
    let name = |what: &str| format!("load with managers and {hires} hires, token bucket: {what}");
    report.counted(name("writes issued / needed"), "1", Reach::AtMost(1.002), issued);
    report.counted(name("429s"), "0", Reach::AtMost(0.0), of(throttled));
    let floor = size(needed) / WRITES_PER_SECOND;
    let reach = if floor >= 2_000.0 { Reach::AtMost(1.03) } else { Reach::None };
    report.counted(name("time / throttle floor"), "1", reach, loaded.used.seconds / floor);
    report.counted("urgent hire during the load: seconds to its first request (worst)", "–", Reach::AtMost(1.0), worst);
    Ok(())
}

/// Half of the budget is gone half-way, and nobody is told.
pub(crate) async fn halved(report: &mut Report, company: Company) -> Result<(), BenchError> {
    let half = Budget { writes: 1_500, ..Budget::default() };
    let stack = Stack::start(company, Budget::default(), Latencies::MODELLED).await?;
    stack.target.cut_after(company.records as u64 / 2, half);
    stack.cycle(Mode::Full, Vec::new()).await?;
    let seen = locked(&stack.target.seen);
    let Some(cut) = seen.cut_at else { return Ok(()) };
    let done = |from: Timestamp, to: Timestamp| -> u64 {
        seen.done.iter().filter(|(at, _)| *at > from && *at <= to).map(|(_, count)| count).sum()
    };
    let after = done(cut, Timestamp::MAX) + seen.throttled;
    report.counted(
        "budget halved half-way: 429s per write since",
        "0",
        Reach::AtMost(0.005),
        of(seen.throttled) / of(after),
    );
    let used = of(done(cut + WINDOW * 2, cut + WINDOW * 3)) / 1_500.0;
    report.counted("budget halved half-way: use of what is left, third window", "1", Reach::AtLeast(0.95), used);
    Ok(())
}

/// A cycle in which nobody has changed.
pub(crate) async fn unchanged(report: &mut Report, stack: &Stack) -> Result<Used, BenchError> {
    let used = stack.cycle(Mode::Full, Vec::new()).await?;
    report.counted("no change: target writes", "0", Reach::AtMost(0.0), of(used.graph.asked_writes));
    report.counted("no change: reads of links", "0", Reach::AtMost(0.0), of(used.link_reads()));
    let fetches = used.invocations.get(&QueueName::Fetch).copied().unwrap_or_default();
    // The first message is the schedule's; each further one is a continuation of the read.
    let others = used.queue.messages.saturating_sub(fetches);
    report.counted("no change: messages but continuations", "0", Reach::AtMost(0.0), of(others));
    report.counted("no change: state writes", "2", Reach::AtMost(3.0), of(used.state_writes()));
    report.counted("no change: write units", "–", Reach::None, used.write_units());
    report.counted("no change: read units", "–", Reach::None, used.read_units());
    Ok(used)
}

/// A cycle in which some have changed.
pub(crate) async fn incremental(report: &mut Report, stack: &Stack, changes: usize) -> Result<Used, BenchError> {
    stack.company.write(stack.folder.path(), changes)?;
    let used = stack.cycle(Mode::Incremental, Vec::new()).await?;
    let each = |units: f64| units / size(changes);
    let name = |what: &str| format!("{changes} changes: {what}");
    report.counted(name("write units per change"), "2", Reach::AtMost(2.2), each(used.write_units()));
    report.counted(name("read units per change"), "0.5", Reach::None, each(used.read_units()));
    report.counted(name("SQS requests per change"), "0.3", Reach::AtMost(0.6), each(of(used.queue.requests)));
    report.counted(name("writes issued / needed"), "1", Reach::AtMost(1.002), each(of(used.graph.asked_writes)));
    Ok(used)
}

/// What hires one by one cost.
pub(crate) struct Hired {
    pub used: Used,
    /// Own time of each, without source and target.
    pub own: Vec<Duration>,
}

/// Hires one by one on a warm and quiet stack; real time is taken, and nothing is slowed by the model.
pub(crate) async fn hire(company: Company, hires: usize) -> Result<Hired, BenchError> {
    let stack = Stack::start(company, Budget { writes: 1_000_000, ..Budget::default() }, Latencies::NONE).await?;
    stack.cycle(Mode::Full, Vec::new()).await?;
    let spent = || locked(&stack.target.seen).spent + locked(&stack.source.seen).1;
    let mut own = Vec::new();
    for number in 0..hires {
        let id = stack.file.hire(company.records + number);
        let id = id.map_err(|error| BenchError::Start { what: "a hire", reason: error.to_string() })?;
        let (begun, outside) = (Instant::now(), spent());
        stack.ask(&id).await?;
        stack.rest(Vec::new()).await?;
        own.push(begun.elapsed().saturating_sub(spent().saturating_sub(outside)));
        if !locked(&stack.target.seen).first_sent.contains_key(&id) {
            return Err(BenchError::Step { reason: "a hire never reached the target".to_owned() });
        }
    }
    own.sort_unstable();
    Ok(Hired { used: stack.used().await, own })
}

/// The figures of hires.
pub(crate) fn hire_figures(report: &mut Report, hired: &Hired) {
    let each = |units: f64| units / size(hired.own.len());
    report.counted("one hire: write units", "3", Reach::AtMost(5.0), each(hired.used.write_units()));
    report.counted("one hire: read units", "1", Reach::None, each(hired.used.read_units()));
    report.counted("one hire: SQS requests", "3", Reach::None, each(of(hired.used.queue.requests)));
    report.counted("one hire: blob puts", "–", Reach::None, each(of(hired.used.blobs.puts)));
    let at = |percent: usize| {
        let index = (hired.own.len() * percent / 100).min(hired.own.len().saturating_sub(1));
        hired.own.get(index).map_or(0.0, |own| own.as_secs_f64() * 1000.0)
    };
    report.timed("one hire: own overhead, ms, p50", "–", Reach::None, at(50));
    report.timed("one hire: own overhead, ms, p99", "–", Reach::AtMost(25.0), at(99));
}

/// A unit of what was used.
type Count = fn(&Used) -> f64;

/// Twice the company against the company.
pub(crate) fn scaling(report: &mut Report, what: &str, twice: &Used, once: &Used) {
    let units: [(&str, Count); 6] = [
        ("write units", Used::write_units),
        ("read units", Used::read_units),
        ("SQS requests", |used| of(used.queue.requests)),
        ("blob puts", |used| of(used.blobs.puts)),
        ("blob bytes", |used| of(used.blobs.bytes)),
        ("Graph requests", |used| of(used.graph.requests)),
    ];
    for (unit, count) in units {
        if count(once) > 0.0 {
            report.counted(format!("2N / N, {what}: {unit}"), "2", Reach::AtMost(2.05), count(twice) / count(once));
        }
    }
}
