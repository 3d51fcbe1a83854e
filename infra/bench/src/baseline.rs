//! Counted units of a small run, the same on every machine: what a change of the code makes dearer is seen at once.

use crate::company::Company;
use crate::figures::Report;
use crate::scenarios::{hire, incremental, load, of, unchanged};
use crate::stack::{BenchError, Used};
use simulators::graph::Window;
use std::collections::BTreeMap;

const SMALL: Company = Company { records: 240, managers: true, batch_size: 100, seed: 7 };
const CHANGES: usize = 40;
const HIRES: usize = 5;

/// Every counted unit of the small run by its name.
pub async fn baseline() -> Result<BTreeMap<String, f64>, BenchError> {
    crate::run::prepare();
    let mut units = BTreeMap::new();
    // The rows of the report are not of interest here.
    let mut report = Report::default();
    let loaded = load(SMALL, Window::Sliding).await?;
    add(&mut units, "load", &loaded.used);
    add(&mut units, "no change", &unchanged(&mut report, &loaded.stack).await?);
    add(&mut units, "changes", &incremental(&mut report, &loaded.stack, CHANGES).await?);
    add(&mut units, "hires", &hire(Company { records: 40, ..SMALL }, HIRES).await?.used);
    Ok(units)
}

fn add(units: &mut BTreeMap<String, f64>, what: &str, used: &Used) {
    let counted = [
        ("write units", used.write_units()),
        ("read units", used.read_units()),
        ("table requests", of(used.bill.values().map(|cost| cost.calls).sum())),
        ("messages", of(used.queue.messages)),
        ("SQS requests", of(used.queue.requests)),
        ("blob puts", of(used.blobs.puts)),
        ("blob gets", of(used.blobs.gets)),
        ("blob bytes", of(used.blobs.bytes)),
        ("Graph requests", of(used.graph.requests)),
        ("Graph writes", of(used.graph.asked_writes)),
        ("429s", of(used.graph.throttled)),
    ];
    units.extend(counted.map(|(unit, count)| (format!("{what}: {unit}"), count)));
}
