//! `tenure import entra` and `tenure export entra`.

use crate::program::{CONFIG, Folder, PEOPLE};
use serde_json::Value;

/// A schema with an invented rule, as the portal downloads it.
const SCHEMA: &str = r#"{
  "synchronizationRules": [{
    "name": "People of the mill", "sourceDirectoryName": "Workday", "targetDirectoryName": "Azure Active Directory",
    "objectMappings": [{
      "enabled": true, "sourceObjectName": "Worker", "targetObjectName": "User", "scope": null,
      "attributeMappings": [
        { "targetAttributeName": "employeeId", "matchingPriority": 1, "flowType": "ObjectAddOnly",
          "source": { "expression": "[WorkerID]", "name": "WorkerID", "type": "Attribute", "parameters": [] } },
        { "targetAttributeName": "userPrincipalName",
          "source": { "expression": "Join(\"@\", [WorkerID], DefaultDomain())", "name": "Join", "type": "Function" } },
        { "targetAttributeName": "mailNickname", "source": { "expression": "[WorkerID]", "type": "Attribute" } },
        { "targetAttributeName": "displayName", "source": { "expression": "[First]", "type": "Attribute" } },
        { "targetAttributeName": "accountEnabled", "source": null, "defaultValue": "True" },
        { "targetAttributeName": "mobile", "source": { "expression": "Ring([Phone])", "type": "Function" } }
      ]
    }]
  }]
}"#;

#[test]
fn a_schema_becomes_a_configuration_that_runs_at_once() {
    let folder = Folder::with("", PEOPLE);
    folder.without("tenure.toml");
    folder.file("schema.json", SCHEMA);
    folder.file("workday.csv", "WorkerID,First\nw1,Astrid\n");
    let run = folder.tenure(&["import", "entra", "schema.json", "--output", "."]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.contains("there is no function Ring"), "{}", run.out);
    assert!(run.out.contains("report: 1 to decide, 1 left out, 0 changed"), "{}", run.out);
    let run = folder.tenure(&["check"]);
    assert!(run.code == 0 && run.out.contains("mistakes 0"), "{}", run.out);
    let run = folder.tenure(&["plan"]);
    assert!(run.code == 0 && run.out.contains("plan: 1 rows read"), "{}{}", run.out, run.err);
}

#[test]
fn without_a_file_the_configuration_goes_to_standard_output_and_the_report_beside_it() {
    let folder = Folder::with("", PEOPLE);
    folder.file("schema.json", &format!("\u{feff}{SCHEMA}"));
    let run = folder.tenure(&["import", "entra", "schema.json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("[jobs.People-of-the-mill]") && run.err.contains("left out: $.synchronizationRules[0]"));
    let run = folder.tenure(&["import", "entra", "schema.json", "--json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, json["report"].as_array().map(Vec::len)), (0, Some(2)), "{}", run.out);
    assert!(json["toml"].as_str().unwrap().contains("[jobs.People-of-the-mill]"));
}

#[test]
fn a_file_that_is_there_is_kept_unless_told_otherwise() {
    let folder = Folder::with(CONFIG, PEOPLE);
    folder.file("schema.json", SCHEMA);
    let run = folder.tenure(&["import", "entra", "schema.json", "--output", "tenure.toml"]);
    assert!(run.code == 1 && run.err.contains("is there already; name another file, or say --force"), "{}", run.err);
    assert_eq!(folder.tenure(&["check"]).code, 0);
    let run = folder.tenure(&["import", "entra", "schema.json", "--output", "tenure.toml", "--force"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(folder.tenure(&["check"]).out.contains("workday was not read"));
}

#[test]
fn what_is_no_schema_is_refused_with_the_file_its_place_and_what_to_do() {
    let folder = Folder::with("", PEOPLE);
    for (content, said) in [
        ("", "error: schema.json: line 1, column 1: the file is empty"),
        ("{\"a\": ", "error: schema.json: line 1, column 6: the file ends in the middle of the JSON"),
        ("{}", "error: schema.json: it is no synchronization schema"),
        (r#"{"synchronizationRules": [5]}"#, "$.synchronizationRules[0] must be an object, not a number"),
    ] {
        folder.file("schema.json", content);
        let run = folder.tenure(&["import", "entra", "schema.json"]);
        assert!(run.code == 1 && run.out.is_empty() && run.err.contains(said), "{}", run.err);
    }
    let run = folder.tenure(&["import", "entra", "nowhere.json"]);
    assert!(run.code == 1 && run.err.contains("nowhere.json cannot be read"), "{}", run.err);
}

#[test]
fn what_is_exported_is_imported_again() {
    let folder = Folder::with(CONFIG, PEOPLE);
    let run = folder.tenure(&["export", "entra", "--job", "hr-to-entra"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("left out: job hr-to-entra"), "{}", run.err);
    folder.file("schema.json", &run.out);
    let again = folder.tenure(&["import", "entra", "schema.json", "--output", "again.toml"]);
    assert_eq!(again.code, 0, "{}", again.err);
    let exported = folder.tenure(&["export", "entra", "--config", "again.toml"]);
    assert_eq!(run.out, exported.out);
    let run = folder.tenure(&["export", "entra", "--job", "other"]);
    assert!(run.code == 1 && run.err.contains("there is no job other; known are hr-to-entra"), "{}", run.err);
}
