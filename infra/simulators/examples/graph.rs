//! The Graph simulator as a process: prints its address, answers lines of its standard input, ends with it.
//!
//! The one argument is a JSON object: `public` (the address that clients come by), `resource_units` (a budget that
//! fills evenly over ten seconds). Lines: `counts` gives what was asked so far, `operations` what is simulated.

use serde_json::{Value, json};
use simulators::graph::{Budget, OPERATIONS, Options, Simulator, Window};
use std::io::{BufRead, Error, Write};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "{}".to_owned());
    let simulator = Simulator::start(options(&serde_json::from_str(&argument)?)).await?;
    say(&simulator.url())?;
    let (asked, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let _ = asked.send(line);
        }
    });
    while let Some(line) = lines.recv().await {
        let answer = match line.trim() {
            "counts" => counts(&simulator),
            "operations" => json!(OPERATIONS),
            _ => json!({ "error": "lines are `counts` or `operations`" }),
        };
        say(&answer.to_string())?;
    }
    simulator.stop().await;
    Ok(())
}

fn options(wanted: &Value) -> Options {
    let mut options = Options { public: wanted["public"].as_str().map(str::to_owned), ..Options::default() };
    if let Some(units) = wanted["resource_units"].as_u64().and_then(|units| u32::try_from(units).ok()) {
        options.budget = Budget { resource_units: units, reading: Window::TokenBucket, ..options.budget };
    }
    options
}

fn counts(simulator: &Simulator) -> Value {
    let counts = simulator.counts();
    json!({
        "requests": counts.requests,
        "tokens": counts.tokens,
        "batches": counts.batches,
        "parts": counts.parts,
        "writes": counts.writes(),
        "throttled": counts.throttled,
    })
}

/// Whoever waits for a line gets it at once.
fn say(line: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
