//! A small target, and a configuration for it that tests change.

use config::{Config, Connector, Mistake};
use record::{AttributeKind, TargetAttribute, TargetSchema};

const TEXT: TargetAttribute = TargetAttribute {
    name: "",
    kind: AttributeKind::Text,
    unique: false,
    required: false,
    clearable: true,
    length_max: 64,
    matchable: false,
    case_exact: false,
};

/// A directory in small.
pub static SCHEMA: TargetSchema = TargetSchema {
    target: "graph",
    attributes: &[
        TargetAttribute { name: "userPrincipalName", unique: true, required: true, matchable: true, ..TEXT },
        TargetAttribute { name: "displayName", required: true, clearable: false, ..TEXT },
        TargetAttribute { name: "employeeId", length_max: 16, matchable: true, ..TEXT },
        TargetAttribute { name: "accountEnabled", kind: AttributeKind::Flag, ..TEXT },
        TargetAttribute { name: "department", ..TEXT },
        TargetAttribute { name: "jobTitle", length_max: 12, ..TEXT },
        TargetAttribute { name: "manager", kind: AttributeKind::Reference, ..TEXT },
        TargetAttribute { name: "employeeHireDate", kind: AttributeKind::Instant, ..TEXT },
        TargetAttribute { name: "businessPhones", kind: AttributeKind::Texts, ..TEXT },
    ],
    enabled: "accountEnabled",
    disabling: "False",
};

/// Files are read, the directory is written.
pub fn schemas(connector: &Connector) -> Option<&'static TargetSchema> {
    matches!(connector, Connector::Graph(_)).then_some(&SCHEMA)
}

/// Loads a text under the name `tenure.toml`.
pub fn load(text: &str) -> Result<Config, Vec<Mistake>> {
    config::load(text, "tenure.toml", &schemas)
}

/// A configuration without a mistake.
pub const GOOD: &str = include_str!("good.toml");

/// The good configuration with one text in the place of another, which has to be there.
pub fn changed(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "the example has no {from}");
    GOOD.replacen(from, to, 1)
}

/// The only mistake of a text, as it is shown.
pub fn only_mistake(text: &str) -> String {
    let mistakes = load(text).map_or_else(|mistakes| mistakes, |config| config.warnings);
    let shown: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 1, "{shown:#?}");
    shown.into_iter().next().unwrap_or_default()
}
