//! `tenure.toml`.

use config::{Connector, Level};

/// A configuration: read twice, it says the same; every mistake stands in the file, and what is refused is refused for an
/// error and not for a warning.
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let schemas = |connector: &Connector| matches!(connector, Connector::Graph(_)).then(connector_graph::schema);
    let lines = text.lines().count().max(1) + 1;
    let read = config::load(text, "tenure.toml", &schemas);
    let (mistakes, refused) = match &read {
        Ok(config) => (&config.warnings, false),
        Err(mistakes) => (mistakes, true),
    };
    for mistake in mistakes {
        assert!(mistake.line <= lines, "line {} of {lines}", mistake.line);
        assert!(!mistake.message.is_empty(), "a mistake says what it is");
    }
    assert_eq!(refused, mistakes.iter().any(|mistake| mistake.level == Level::Error), "refused for an error");
    match (config::load(text, "tenure.toml", &schemas), read) {
        (Ok(again), Ok(first)) => {
            assert!(again.jobs.keys().eq(first.jobs.keys()), "the same jobs");
            assert!(
                again.jobs.iter().all(|(name, job)| job.rules.hash == first.jobs[name].rules.hash),
                "the same rules"
            );
        }
        (Err(again), Err(first)) => assert_eq!(again, first, "the same mistakes"),
        _ => panic!("read twice, once refused"),
    }
}
