//! `tenure read`: what a source says, as JSON lines.

use crate::args::ReadArgs;
use crate::configuration;
use crate::error::{CommandError, Exit};
use crate::print;
use crate::source::{self, Pages};
use ports::Completeness;

/// Prints records until the source or the limit ends; rows that could not be read go to standard error.
pub(crate) async fn run(args: &ReadArgs) -> Result<Exit, CommandError> {
    let config = configuration::load(&args.config.config)?;
    let Some(connector) = config.connectors.get(&args.connector) else {
        let names = config.connectors.keys().map(String::as_str);
        let hint = config::nearest(&args.connector, names).map_or_else(
            || format!("known are {}", config.connectors.keys().cloned().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        );
        return Err(CommandError::because(format!("there is no connector {}; {hint}", args.connector)));
    };
    let source = source::open(&args.connector, connector)?;
    let mut left = args.limit.unwrap_or(usize::MAX);
    let mut pages = Pages::of(&args.connector, &source);
    while left > 0
        && let Some(page) = pages.next().await?
    {
        for rejected in &page.rejected {
            print::note(source::rejection(rejected));
        }
        for record in page.records.iter().take(left) {
            if !print::json(&record.attributes) {
                return Ok(Exit::Done);
            }
        }
        left = left.saturating_sub(page.records.len());
        if let Some(Completeness::Broken { reason, place }) = &page.completeness {
            print::note(format_args!("error: the read is not complete: {}:{}: {reason}", place.within, place.line));
            return Ok(Exit::Failed);
        }
    }
    Ok(Exit::Done)
}
