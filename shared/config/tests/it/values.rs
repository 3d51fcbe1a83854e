//! What a good configuration says, and what holds where it says nothing.

use crate::example::{GOOD, SCHEMA, changed, load, schemas};
use config::{Connector, FileFormat, FilesOptions, GraphOptions, SecretReference, Semantics};
use mapping::Apply;
use planning::{Counted, OutOfScope};
use record::Record;
use std::time::Duration;

fn files(text: &str) -> FilesOptions {
    match load(text).expect("no mistakes").connectors.remove("hr") {
        Some(Connector::Files(options)) => options,
        other => panic!("no files connector: {other:?}"),
    }
}

fn graph(text: &str) -> GraphOptions {
    match load(text).expect("no mistakes").connectors.remove("entra") {
        Some(Connector::Graph(options)) => options,
        other => panic!("no graph connector: {other:?}"),
    }
}

#[test]
fn a_job_has_what_the_operator_wrote() {
    let config = load(GOOD).expect("no mistakes");
    assert_eq!(config.warnings, []);
    let job = &config.jobs["hr-to-entra"];
    assert_eq!((job.source.as_str(), job.target.as_str(), job.line), ("hr", "entra", 16));
    assert_eq!((job.every, job.batch_size), (Some(Duration::from_mins(40)), 500));
    let rules = &job.rules;
    assert_eq!(rules.out_of_scope, OutOfScope::Disable);
    assert_eq!(rules.matching, ["employeeId"]);
    assert_eq!(rules.protected, ["breakglass@contoso.example"]);
    assert!(std::ptr::eq(rules.schema, &raw const SCHEMA));
    let targets: Vec<_> = rules.mappings.iter().map(|mapping| (mapping.target.as_str(), mapping.line)).collect();
    assert_eq!(targets[..3], [("employeeId", 31), ("userPrincipalName", 35), ("displayName", 42)]);
    assert_eq!(rules.mappings[1].apply, Apply::OnCreate);
    assert_eq!(rules.mappings[3].expression.text(), "\"True\"");
    let worker = |country: &str| Record::new("1").with("WorkerID", "1").with("Country", country);
    assert!(rules.scope.verdict(&worker("SE")).in_scope);
    assert!(!rules.scope.verdict(&worker("NO")).in_scope);
}

#[test]
fn a_job_knows_which_source_attributes_it_reads_and_where() {
    let config = load(GOOD).expect("no mistakes");
    let reads = &config.jobs["hr-to-entra"].reads;
    let place =
        |attribute: &str| reads.iter().find(|read| read.attribute == attribute).map(|read| (read.line, read.column));
    assert_eq!(place("Country"), Some((28, 19)));
    assert_eq!(place("Last"), Some((38, 55)));
    assert_eq!(place("Department"), Some((52, 16)));
    assert_eq!(place("displayName"), None);
}

#[test]
fn given_guards_take_the_place_of_the_built_in_ones_and_the_others_stay() {
    let config = load(GOOD).expect("no mistakes");
    let guards = &config.jobs["hr-to-entra"].rules.guards;
    let limit = |counted: Counted| guards.limits.iter().find(|limit| limit.counted == counted);
    let disable = limit(Counted::Disable).expect("a limit");
    assert_eq!((disable.count, disable.percent, disable.at_least), (None, Some(5.0), 5));
    assert_eq!((disable.per_day, disable.line), (Some(20), 61));
    let delete = limit(Counted::Delete).expect("a limit");
    assert_eq!((delete.count, delete.line), (Some(0), 0));
    let names = limit(Counted::Attribute("userPrincipalName".to_owned())).expect("a limit");
    assert_eq!((names.percent, names.at_least), (Some(2.0), 5));
    assert_eq!(limit(Counted::Attribute("department".to_owned())).and_then(|limit| limit.count), Some(50));
    assert_eq!(limit(Counted::Create), None);
    assert_eq!((guards.rows_min, guards.missing_max), (0.8, (7, 0.03)));
}

#[test]
fn a_built_in_limit_can_be_lifted_only_by_its_name() {
    let text = changed("disable = { percent = 5, at_least = 5, per_day = 20 }", "disable = \"unlimited\"");
    let config = load(&text).expect("no mistakes");
    let limits = &config.jobs["hr-to-entra"].rules.guards.limits;
    assert!(limits.iter().all(|limit| limit.counted != Counted::Disable));
    assert!(limits.iter().any(|limit| limit.counted == Counted::Clear));
}

#[test]
fn a_connector_has_its_documented_defaults() {
    let options = files(GOOD);
    assert_eq!(options.format, FileFormat::Csv { delimiter: b',', quote: b'"' });
    assert_eq!((options.semantics, options.page_size, options.trim), (Semantics::Full, 1000, false));
    assert_eq!(options.proof.trailer.as_deref(), Some("T"));
    assert!(options.proof.final_newline);
    let options = graph(GOOD);
    assert_eq!(options.base_url, "https://graph.microsoft.com");
    assert_eq!(options.authority, "https://login.microsoftonline.com");
    assert_eq!((options.writes, options.window_seconds, options.timeout_seconds), (3000, 150, 10));
    assert_eq!(options.client_secret, SecretReference::Environment("GRAPH_CLIENT_SECRET".to_owned()));
}

#[test]
fn whoever_names_the_simulator_gets_its_token_service_too() {
    let options = graph(&changed("tenant =", "base_url = \"simulator\"\ntenant ="));
    assert_eq!((options.base_url.as_str(), options.authority.as_str()), ("simulator", "simulator"));
}

#[test]
fn relative_paths_become_absolute_from_the_folder_of_the_file_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tenure.toml");
    std::fs::write(&path, GOOD.replace("env:GRAPH_CLIENT_SECRET", "file:secret.txt")).expect("a file");
    let config = config::read(&path, &schemas).expect("no mistakes");
    let expected = folder.path().join("people.csv").display().to_string();
    assert!(matches!(&config.connectors["hr"], Connector::Files(options) if options.url == expected));
    let secret = SecretReference::File(folder.path().join("secret.txt").display().to_string());
    assert!(matches!(&config.connectors["entra"], Connector::Graph(options) if options.client_secret == secret));
    assert_eq!(files(&changed("people.csv", "s3://bucket/people.csv")).url, "s3://bucket/people.csv");
}

#[test]
fn a_file_that_is_not_there_is_a_mistake_and_not_a_panic() {
    let mistakes = config::read(std::path::Path::new("nowhere/tenure.toml"), &schemas).expect_err("no file");
    assert!(mistakes[0].to_string().starts_with("nowhere/tenure.toml: error: cannot read the configuration"));
}
