//! What each stage of the pure path costs for one worker.
//!
//! - `cargo bench -p pure-path` measures time on this machine as it is.
//! - `cargo bench -p pure-path -- --instructions` counts instructions with callgrind, which gives the same count for the same
//!   program every time, and fails where one grew by more than 2 % over `instructions.json`; `--accept` makes the counts the
//!   new standard. They stand in `target/bench/instructions.json` afterwards.
//! - `--stage NAME` runs one stage once, `--stage NAME 1000` so many times, for a profiler.

mod instructions;

use pure_path::by_hand;
use pure_path::stages::{self, Bench};
use std::hint::black_box;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Workers of a measurement in time: a batch of them.
const WORKERS: u32 = 500;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    if let Some(at) = arguments.iter().position(|argument| argument == "--stage") {
        let times = arguments.get(at + 2).and_then(|times| times.parse().ok()).unwrap_or(1);
        again_and_again(arguments.get(at + 1).map_or("", String::as_str), times);
        return ExitCode::SUCCESS;
    }
    let mut out = std::io::stdout().lock();
    if has("--instructions") || has("--accept") {
        return instructions::count(&mut out, has("--accept"));
    }
    let told = tell(&mut out);
    if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One stage, so many times.
fn again_and_again(stage: &str, times: u32) {
    let bench = Bench::of(instructions::WORKERS as usize);
    let (inputs, by_hand) = (bench.prepared(), by_hand::mappings());
    for _ in 0..times {
        match stage {
            "parse" => drop(black_box(stages::parse(&bench))),
            "map" => drop(black_box(stages::map(&bench))),
            "by_hand" => drop(black_box(stages::by_hand(&bench, &by_hand))),
            "hash" => drop(black_box(stages::hash(&bench))),
            "decide" => drop(black_box(stages::decide(&bench, &inputs))),
            "whole" => drop(black_box(stages::whole(&bench, bench.links()))),
            other => panic!("there is no stage {other}"),
        }
    }
}

/// Times every stage, the shortest of many runs: what disturbs a run only ever makes it longer.
fn tell(out: &mut impl Write) -> std::io::Result<()> {
    let bench = Bench::of(WORKERS as usize);
    let (inputs, by_hand) = (bench.prepared(), by_hand::mappings());
    let runs: [(&str, &dyn Fn() -> Duration); 6] = [
        ("parse", &|| timed(|| stages::parse(&bench))),
        ("map", &|| timed(|| stages::map(&bench))),
        ("by_hand", &|| timed(|| stages::by_hand(&bench, &by_hand))),
        ("hash", &|| timed(|| stages::hash(&bench))),
        ("decide", &|| timed(|| stages::decide(&bench, &inputs))),
        ("whole", &|| {
            let links = bench.links();
            timed(|| stages::whole(&bench, links))
        }),
    ];
    let mut best = [Duration::MAX; 6];
    // In turns, so that a busy moment of the machine does not fall on one stage alone.
    for _ in 0..60 {
        for (best, (_, run)) in best.iter_mut().zip(&runs) {
            *best = (*best).min(run());
        }
    }
    let per_worker = |taken: Duration| taken.as_secs_f64() * 1e9 / f64::from(WORKERS);
    for ((name, _), taken) in runs.iter().zip(best) {
        let ns = per_worker(taken);
        writeln!(out, "{name:<8} {ns:>8.0} ns a worker {:>10.0} workers/s", 1e9 / ns)?;
    }
    writeln!(
        out,
        "compiled mappings take {:.2} times as long as those by hand",
        best[1].as_secs_f64() / best[2].as_secs_f64()
    )
}

fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = black_box(run());
    let taken = start.elapsed();
    drop(result);
    taken
}
