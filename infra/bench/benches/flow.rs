//! The flow at a moderate size: `cargo bench -p bench`. The full size is `tenure bench`.

use bench::{BenchError, Options};
use std::io::Write;
use std::path::Path;

/// What asks this program for one measurement of memory.
const MEMORY: &str = "--memory-of";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut arguments = std::env::args().skip(1);
    let mut out = std::io::stdout();
    if arguments.next().as_deref() == Some(MEMORY) {
        let folder = arguments.next().ok_or("name the folder of the file")?;
        let megabytes = runtime.block_on(bench::memory_of_fetch(Path::new(&folder)))?;
        writeln!(out, "{megabytes}")?;
        return Ok(());
    }
    let options = Options { records: 12_000, ..Options::default() };
    let progress = |next: &str| drop(writeln!(std::io::stderr(), "{next}"));
    let report = runtime.block_on(bench::run(&options, progress, memory))?;
    writeln!(out, "{}", report.markdown())?;
    if report.is_within_reach() { Ok(()) } else { Err("a counted unit is out of reach".into()) }
}

fn memory(rows: usize) -> Result<f64, BenchError> {
    bench::in_a_process_of_its_own(rows, |folder| vec![MEMORY.into(), folder.into()])
}
