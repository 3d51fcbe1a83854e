//! `tenure.toml`: the bytes are its text.

use config::{Config, Connector, Level, Mistake};
use record::TargetSchema;

/// A configuration: it can be used, or every mistake has a place; line ends and byte order marks change nothing.
pub fn configuration(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = load(&text);
    match &read {
        Ok(config) => check(config, &text),
        Err(mistakes) => {
            assert!(mistakes.iter().any(|mistake| mistake.level == Level::Error), "refused without a reason");
            check_places(mistakes, &text);
        }
    }
    assert_eq!(said(&read), said(&load(&text)), "other mistakes another time");
    if !text.starts_with('\u{feff}') {
        assert_eq!(said(&read), said(&load(&format!("\u{feff}{text}"))), "a byte order mark changes something");
    }
}

fn load(text: &str) -> Result<Config, Vec<Mistake>> {
    config::load(text, "folder/tenure.toml", &schema)
}

fn schema(connector: &Connector) -> Option<&'static TargetSchema> {
    match connector {
        Connector::Graph(_) => Some(connector_graph::schema()),
        Connector::Files(_) | Connector::ActiveDirectory(_) => None,
    }
}

fn said(read: &Result<Config, Vec<Mistake>>) -> String {
    format!("{read:?}")
}

/// What can be used holds together.
fn check(config: &Config, text: &str) {
    check_places(&config.warnings, text);
    assert!(config.warnings.iter().all(|mistake| mistake.level == Level::Warning), "used in spite of an error");
    for (name, job) in &config.jobs {
        assert_eq!(name, &job.name);
        assert!(config.connectors.get(&job.source).is_some_and(Connector::is_source), "a job without a source");
        assert!(config.connectors.get(&job.target).is_some_and(|one| schema(one).is_some()), "a job without a target");
        assert!(job.batch_size > 0 && job.line > 0 && job.line <= text.lines().count());
        assert!(job.every.is_none_or(|every| !every.is_zero()), "a cycle that starts again and again");
        for mapping in &job.rules.mappings {
            let known = connector_graph::schema().attribute(&mapping.target).is_some();
            assert!(known || mapping.target == planning::OBJECT_FILTER, "a mapping to nowhere");
        }
    }
}

/// Every mistake stands in the text, in the order of the text, and says something on its own line.
fn check_places(mistakes: &[Mistake], text: &str) {
    let lines: Vec<usize> = text.split('\n').map(|line| line.chars().count()).collect();
    for mistake in mistakes {
        let length = mistake.line.checked_sub(1).and_then(|index| lines.get(index));
        let length = *length.unwrap_or_else(|| panic!("a line outside of the text: {mistake:?}"));
        assert!((1..=length + 1).contains(&mistake.column), "a column outside of the line: {mistake:?}");
        assert!(!mistake.message.trim().is_empty());
    }
    assert!(mistakes.is_sorted_by_key(|mistake| (mistake.line, mistake.column)), "mistakes out of order");
}
