//! What the pure path costs for one worker: from a line of JSON to a decision.
//!
//! The stages are measured in time by the bench and in instructions by callgrind; see `benches/pure_path.rs`.

pub mod by_hand;
pub mod people;
pub mod stages;

use config::{Config, Connector, FilesOptions};
use planning::Rules;

/// The configuration whose rules are measured.
const CONFIGURATION: &str = include_str!("../tenure.toml");

/// The rules and the source's options, as an operator has them.
pub fn configured() -> (Rules, FilesOptions) {
    let graph = |connector: &Connector| matches!(connector, Connector::Graph(_)).then(connector_graph::schema);
    let loaded = config::load(CONFIGURATION, "tenure.toml", &graph);
    let Ok(Config { mut connectors, mut jobs, .. }) = loaded.map_err(|mistakes| {
        for mistake in &mistakes {
            assert!(mistake.line == 0, "line {}: {}", mistake.line, mistake.message);
        }
    }) else {
        panic!("the configuration is good")
    };
    let rules = jobs.remove("hr-to-entra").expect("the job").rules;
    let Some(Connector::Files(options)) = connectors.remove("hr") else { panic!("the source is a file") };
    (rules, options)
}
