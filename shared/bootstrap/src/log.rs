//! The log: one JSON object a line. Ids, kinds, counts and codes; never a name, a mail or a value.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard output, which Lambda collects. `level` is one of `error`, `warn`, `info`, `debug`.
pub fn init_log(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start in one process (tests) leaves the first log in place.
    let _ = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_current_span(false)
        .with_target(false)
        .without_time()
        .try_init();
}
