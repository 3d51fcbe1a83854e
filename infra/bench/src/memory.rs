//! The memory of `fetch`, taken in a process of its own that does nothing else.

use crate::carriers::{MeteredBlobs, MeteredQueue};
use crate::clock::{Seeded, SimulatedClock};
use crate::company::{Company, FilesAt, JOB};
use crate::latency::{Latencies, Model};
use crate::stack::BenchError;
use crate::table::{Embedded, MeteredTable};
use crate::target::MeteredSource;
use futures_util::FutureExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use messages::Mode;
use pipeline::{Job, Ports};
use record::Secret;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

const SEED: u64 = 7;

/// Writes a file of that many people into a folder.
fn people(folder: &Path, records: usize) -> Result<(), BenchError> {
    Company { records, managers: true, batch_size: 500, seed: SEED }.write(folder, 0).map(drop)
}

/// Reads the file of a folder as `fetch` does, and gives the most memory that this process ever held, in MB.
/// What is stored is counted and dropped.
pub async fn memory_of_fetch(folder: &Path) -> Result<f64, BenchError> {
    crate::run::prepare();
    let company = Company { records: 0, managers: true, batch_size: 500, seed: SEED };
    let file = FilesAt { path: folder.join("people.csv"), config: company.config(folder)? };
    let clock = SimulatedClock::at(Timestamp::UNIX_EPOCH);
    let model = Model::new(clock.clone(), Latencies::MODELLED, SEED);
    let embedded = Embedded::start().await?;
    let ports = Ports {
        table: MeteredTable::new(embedded.table.clone(), model.clone()),
        queue: MeteredQueue::new(model.clone()),
        blobs: MeteredBlobs::new(model.clone(), true),
        clock: clock.clone(),
        entropy: Seeded::new(SEED),
        secret: Secret::new(b"of this bench"),
    };
    let source = MeteredSource::open(model, &file)?;
    let job = &file.config.jobs[JOB];
    let job = Job { name: &job.name, target: &job.target, rules: &job.rules, batch_size: job.batch_size };
    let start = messages::Fetch { v: 1, job: JOB.to_owned(), mode: Mode::Full, cycle: None, continuation: 0 };
    let mut running = FuturesUnordered::new();
    running.push(pipeline::fetch(&ports, &source, &job, &start, Timestamp::MAX).boxed());
    while let crate::clock::Turn::Ended(outcome) = clock.turn(&mut running, None).await {
        outcome?;
    }
    peak().ok_or(BenchError::Start { what: "the measurement", reason: "the system does not tell".to_owned() })
}

/// Starts this program once more, with arguments that make it print [`memory_of_fetch`] of a folder with so many people.
pub fn in_a_process_of_its_own(rows: usize, arguments: impl FnOnce(&Path) -> Vec<OsString>) -> Result<f64, BenchError> {
    let failed = |reason: String| BenchError::Start { what: "the measurement of memory", reason };
    let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
    people(folder.path(), rows)?;
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let child = Command::new(program).args(arguments(folder.path())).stderr(Stdio::inherit()).output();
    let output = child.map_err(|error| failed(error.to_string()))?;
    let printed = String::from_utf8_lossy(&output.stdout).trim().parse();
    printed.map_err(|_| failed(format!("it ended with {}", output.status)))
}

/// The most memory that this process ever held, in MB; only Linux tells.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
