//! The log: one JSON object a line. Ids, kinds, counts and codes; never a name, a mail or a value.

use tracing_subscriber::filter::LevelFilter;

/// Starts logging to standard output, which Lambda collects. `level` is one of `error`, `warn`, `info`, `debug`.
pub fn init_log(level: &str) {
    // One level for all: filters by module would bring a second engine for patterns, 0.2 MB of it, into every function.
    let level = level.parse().unwrap_or(LevelFilter::INFO);
    // A second start in one process (tests) leaves the first log in place.
    let _ = tracing_subscriber::fmt()
        .json()
        .with_max_level(level)
        .with_current_span(false)
        .with_target(false)
        .without_time()
        .try_init();
}
