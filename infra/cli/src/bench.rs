//! `tenure bench`: what the whole flow costs, counted on simulated time.

use crate::args::BenchArgs;
use crate::error::{CommandError, Exit};
use crate::print;
use ::bench::{BenchError, Options};

/// Runs the command.
pub(crate) async fn run(args: &BenchArgs) -> Result<Exit, CommandError> {
    let failed = |error: BenchError| CommandError::failed("the bench cannot be carried through", error);
    let unwritable = |error: std::io::Error| CommandError::failed("the file cannot be written", error);
    if let Some(folder) = &args.memory_of {
        print::line(Box::pin(::bench::memory_of_fetch(folder)).await.map_err(failed)?);
        return Ok(Exit::Done);
    }
    if let Some(file) = &args.baseline {
        let units = Box::pin(::bench::baseline()).await.map_err(failed)?;
        let text = serde_json::to_string_pretty(&units).expect("names and numbers");
        std::fs::write(file, text + "\n").map_err(unwritable)?;
        return Ok(Exit::Done);
    }
    let options = Options { records: args.records, seed: args.seed, ..Options::default() };
    let memory = |rows| {
        let again = |folder: &std::path::Path| vec!["bench".into(), "--memory-of".into(), folder.into()];
        ::bench::in_a_process_of_its_own(rows, again)
    };
    let report = Box::pin(::bench::run(&options, |next| print::note(next), memory)).await.map_err(failed)?;
    if let Some(file) = &args.report {
        std::fs::write(file, report.markdown()).map_err(unwritable)?;
    }
    if args.json {
        print::document(&report.json());
    } else if args.report.is_none() {
        print::line(report.markdown());
    }
    Ok(if report.is_within_reach() { Exit::Done } else { Exit::Failed })
}
