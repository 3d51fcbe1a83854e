//! The simulated target as a program of its own. It prints its address, then its counts for every line it is given,
//! and ends with its input: nothing outlives whoever started it.

use simulators::graph::{Budget, Options, Simulator};
use std::io::{BufRead, Write};
use std::time::Duration;

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> std::io::Result<()> {
    let mut given = std::env::args().skip(1);
    let mut next = || given.next().unwrap_or_default();
    let (tenant, client_id, client_secret) = (next(), next(), next());
    let budget = Budget { writes: 30_000, window: Duration::from_secs(150), ..Budget::default() };
    let default_domain = tenant.clone();
    let options = Options { tenant, client_id, client_secret, default_domain, budget, ..Options::default() };
    let simulator = Simulator::start(options).await?;
    say(&simulator.url())?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let (counts, users) = (simulator.counts(), simulator.users());
        say(&serde_json::json!({ "writes": counts.writes(), "creates": counts.creates, "users": users }).to_string())?;
    }
    simulator.stop().await;
    Ok(())
}
