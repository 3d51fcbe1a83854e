//! All scenarios one after the other, and the report of them.

use crate::company::Company;
use crate::figures::{Reach, Report};
use crate::scenarios::{halved, hire, hire_figures, incremental, load, load_units, scaling, unchanged, urgent};
use crate::stack::{BenchError, Used};
use simulators::graph::Window;
use std::fmt::Write;
use std::path::PathBuf;

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Records of the company.
    pub records: usize,
    /// Everything is drawn from it.
    pub seed: u64,
    /// Hires that are timed.
    pub hires: usize,
    /// Where instruction counts of the pure path stand, if somebody has counted them.
    pub instructions: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self { records: 100_000, seed: 7, hires: 200, instructions: PathBuf::from("target/bench/instructions.json") }
    }
}

const MODEL: &str = "\
## The model

Steps, DynamoDB adapter, Graph connector, files connector and Graph simulator are the real ones, in one process: the table
is an embedded DynamoDB that reports consumed capacity (a condition that fails is paid too), queues and blobs count requests
and bytes, an event source takes one message at a time (one request to receive, one to delete; empty polls are not counted).
Time is simulated and stands still for computing. What moves it, evenly drawn from the seed: 3 to 7 ms a request to the table,
5 to 15 ms to send messages and 10 to 50 ms until their function starts, 15 to 45 ms a blob, 15 to 45 ms a page of the source,
150 to 500 ms a request to Graph; and waiting. Requests take effect at the end of that time. As many functions run beside each
other as the template allows (fetch 5, transform 10, write 2, on-demand 5); waits beside each other overlap, those after each
other add up. The simulator's budget runs on the same time. Its schedule wakes the writer only when nothing else does.";

/// What every run needs once a process.
pub(crate) fn prepare() {
    // A second installation in one process is refused, and harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Runs everything; `progress` is told what comes next. Memory is measured by whoever has a process to spare: a function
/// that gives the most megabytes held while so many rows were read.
pub async fn run(
    options: &Options,
    progress: impl Fn(&str),
    memory: impl Fn(usize) -> Result<f64, BenchError>,
) -> Result<Report, BenchError> {
    prepare();
    let mut report = Report::default();
    let company = Company { records: options.records.max(2), managers: false, batch_size: 500, seed: options.seed };
    let half = Company { records: company.records / 2, ..company };
    progress(&format!("load of {}", half.records));
    let small = load(half, Window::Sliding).await?;
    let small_unchanged = unchanged(&mut Report::default(), &small.stack).await?;
    let small = small.used;
    progress(&format!("load of {}", company.records));
    let loaded = load(company, Window::Sliding).await?;
    load_units(&mut report, &loaded);
    progress("a cycle without a change, one with some");
    let same = unchanged(&mut report, &loaded.stack).await?;
    let changed = incremental(&mut report, &loaded.stack, 500.min(company.records)).await?;
    scaling(&mut report, "load", &loaded.used, &small);
    scaling(&mut report, "no change", &same, &small_unchanged);
    let load_used = loaded.used.clone();
    drop(loaded);
    progress("load with managers, and urgent hires during it");
    urgent(&mut report, Company { managers: true, ..company }, 10).await?;
    progress("a load whose budget is halved");
    halved(&mut report, Company { records: (company.records / 4).max(12_000), ..company }).await?;
    progress(&format!("{} hires one by one", options.hires));
    let hired = hire(Company { records: 300, managers: true, ..company }, options.hires.max(1)).await?;
    hire_figures(&mut report, &hired);
    progress("memory of fetch");
    let (few, many) = (memory(1_000)?, memory(100_000)?);
    report.timed("fetch of 1,000 rows: most memory, MB", "–", Reach::AtMost(64.0), few);
    report.timed("fetch of 100,000 rows: most memory, MB", "–", Reach::AtMost(64.0), many);
    report.timed("fetch: memory of 100,000 rows / of 1,000", "1", Reach::None, many / few);
    report.notes.push(format!("Records: {}. Seed: {}.", company.records, options.seed));
    report.notes.push(MODEL.to_owned());
    report.notes.push(instructions(options));
    report.notes.push(bill("the load", &load_used));
    report.notes.push(bill("a cycle without a change", &same));
    report.notes.push(bill("a cycle with 500 changes", &changed));
    report.notes.push(bill(&format!("{} hires", options.hires), &hired.used));
    Ok(report)
}

/// Instructions of the pure path, where somebody has counted them.
fn instructions(options: &Options) -> String {
    let title = "## Instructions of the pure path";
    match std::fs::read_to_string(&options.instructions) {
        Ok(text) => format!("{title}\n\n```json\n{}\n```", text.trim()),
        Err(_) => format!("{title}\n\nNot counted on this machine: there is no `{}`.", options.instructions.display()),
    }
}

/// The bill by operation and kind of item.
fn bill(what: &str, used: &Used) -> String {
    let mut text = format!(
        "## The table's bill: {what}\n\n| Operation | Items | Requests | Write units | Read units |\n|---|---|---|---|---|"
    );
    for ((operation, kind), cost) in &used.bill {
        let _ = write!(text, "\n| {operation} | {kind} | {} | {:.1} | {:.1} |", cost.calls, cost.write, cost.read);
    }
    let _ = write!(
        text,
        "\n\nQueues: {} messages, {} requests. Blobs: {} puts, {} gets, {} bytes. Graph: {} requests, {} writes. Simulated: {:.1} s.",
        used.queue.messages,
        used.queue.requests,
        used.blobs.puts,
        used.blobs.gets,
        used.blobs.bytes,
        used.graph.requests,
        used.graph.asked_writes,
        used.seconds
    );
    text
}
