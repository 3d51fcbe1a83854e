//! The fixtures, and the configuration that comes of them.

use config::{Config, Job};
use entra_schema::{Effect, Import, ImportError};

/// The fixtures that make accounts, by name.
pub const FIXTURES: [(&str, &[u8]); 7] = [
    ("workday-to-ad", include_bytes!("fixtures/workday-to-ad.json")),
    ("workday-to-entra", include_bytes!("fixtures/workday-to-entra.json")),
    ("successfactors-to-ad", include_bytes!("fixtures/successfactors-to-ad.json")),
    ("successfactors-to-entra", include_bytes!("fixtures/successfactors-to-entra.json")),
    ("api-to-entra", include_bytes!("fixtures/api-to-entra.json")),
    ("api-to-ad", include_bytes!("fixtures/api-to-ad.json")),
    ("entra-to-entra", include_bytes!("fixtures/entra-to-entra.json")),
];

/// What becomes of bytes.
pub fn import(bytes: &[u8]) -> Result<Import, ImportError> {
    entra_schema::import(bytes, &bootstrap::schemas)
}

/// What becomes of a fixture.
pub fn imported(name: &str) -> Import {
    let (_, bytes) = FIXTURES.iter().find(|(known, _)| *known == name).expect("a fixture");
    import(bytes).expect("a schema")
}

/// The configuration of a text that has no mistakes.
pub fn loaded(toml: &str) -> Config {
    config::load(toml, "tenure.toml", &bootstrap::schemas).unwrap_or_else(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{mistakes:#?}\n{toml}")
    })
}

/// The only job.
pub fn only_job(config: Config) -> Job {
    assert_eq!(config.jobs.len(), 1);
    config.jobs.into_values().next().expect("a job")
}

/// Whether a note with this effect, at the end of a path, says this.
pub fn says(import: &Import, effect: Effect, path: &str, what: &str) -> bool {
    import.report.iter().any(|note| note.effect == effect && note.path.ends_with(path) && note.what.contains(what))
}
