//! `tenure test` and `tenure diff` on the bundled company.

use crate::company::Company;
use serde_json::Value;

fn with_examples() -> Company {
    let company = Company::new();
    std::fs::create_dir(company.path("examples")).unwrap();
    for (name, text) in [
        ("joiners.toml", include_str!("../../company/examples/joiners.toml")),
        ("movers.toml", include_str!("../../company/examples/movers.toml")),
        ("leavers.toml", include_str!("../../company/examples/leavers.toml")),
    ] {
        std::fs::write(company.path("examples").join(name), text).unwrap();
    }
    company
}

fn change_rules(company: &Company, from: &str, to: &str) {
    let text = std::fs::read_to_string(company.path("tenure.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(company.path("tenure.toml"), text.replacen(from, to, 1)).unwrap();
}

fn json(company: &Company, arguments: &[&str]) -> (i32, Value) {
    let (code, text) = company.run(arguments);
    (code, serde_json::from_str(&text).expect(&text))
}

#[test]
fn the_shipped_examples_hold_reach_every_branch_and_know_every_scenario() {
    let company = with_examples();
    let (code, found) = json(&company, &["test", "--json"]);
    assert_eq!(code, 0, "{found:#}");
    let branches = found["coverage"]["hr-to-entra"]["branches"].as_array().unwrap();
    assert!(branches.iter().all(|branch| branch["reached"] == true), "{found:#}");
    assert_eq!(found["scenarios"]["exercised"].as_array().unwrap().len() as u64, found["scenarios"]["known"]);
}

#[test]
fn nearly_every_broken_rule_is_noticed_by_the_shipped_examples() {
    let (code, found) = json(&with_examples(), &["test", "--mutate", "--json"]);
    assert_eq!(code, 0);
    let (made, unnoticed) = (found["mutants"]["made"].as_u64().unwrap(), &found["mutants"]["unnoticed"]);
    assert!(made > 120 && unnoticed.as_array().unwrap().len() <= 4, "{unnoticed:#}");
}

#[test]
fn a_broken_rule_fails_the_examples_with_file_and_line() {
    let company = with_examples();
    change_rules(&company, r#"expression = "[Department]""#, r#"expression = "[JobTitle]""#);
    let (code, text) = company.run(&["test"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("joiners.toml:22: a joiner can sign in"), "{text}");
    assert!(text.contains("department: expected \"Finance\", came \"Controller\""), "{text}");
}

#[test]
fn what_no_example_reaches_is_listed_and_strict_fails_for_it() {
    let company = with_examples();
    std::fs::remove_file(company.path("examples").join("leavers.toml")).unwrap();
    let (code, text) = company.run(&["test"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("no example reaches accountEnabled, IIF false"), "{text}");
    assert!(text.contains("not back-dated-termination"), "{text}");
    assert_eq!(company.run(&["test", "--strict"]).0, 1);
}

#[test]
fn mistakes_in_examples_are_told_with_their_place() {
    let company = with_examples();
    let (code, text) = company.run(&["test", "nowhere.toml"]);
    assert_eq!(code, 1, "{text}");
    let example = "[[example]]\nname = \"x\"\nnow = \"2026-01-01\"\nrecord = { WorkerID = \"1\", Departmant = \"x\" }\n\
        expect = { attributes = { jobTitel = \"x\" } }\n";
    std::fs::write(company.path("slips.toml"), example).unwrap();
    let (code, text) = company.run(&["test", "slips.toml"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("no attribute `jobTitel`") && text.contains("did you mean `jobTitle`?"), "{text}");
    assert!(text.contains("no rule reads `Departmant`"), "{text}");
}

#[test]
fn a_difference_is_counted_by_attribute_and_slice_and_held_by_the_guards() {
    let company = with_examples();
    std::fs::copy(company.path("tenure.toml"), company.path("old.toml")).unwrap();
    let same = json(&company, &["diff", "old.toml", "tenure.toml", "--json"]);
    assert_eq!((same.0, &same.1["jobs"]["hr-to-entra"]["changed"]), (0, &Value::from(0)));
    change_rules(&company, r#"expression = "[JobTitle]""#, r#"expression = 'Append([JobTitle], "!")'"#);
    let (code, found) = json(&company, &["diff", "old.toml", "tenure.toml", "--json"]);
    let job = &found["jobs"]["hr-to-entra"];
    assert_eq!((code, &job["attributes"]["jobTitle"]["changed"]), (0, &job["records"]));
    assert_eq!(job["slices"]["Department"]["Executive"], 1);
    change_rules(&company, r#"[WorkerStatus] = "Active""#, r#"[WorkerStatus] = "active""#);
    let (code, text) = company.run(&["diff", "old.toml", "tenure.toml", "--show", "1"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("would be held:") && text.contains("disables"), "{text}");
    assert!(text.contains("→ \"False\""), "{text}");
    let (_, text) = company.run(&["diff", "old.toml", "tenure.toml", "--markdown"]);
    assert!(text.starts_with("### hr-to-entra: ") && text.contains("- accountEnabled: "), "{text}");
}

#[test]
fn a_difference_tells_apart_what_only_new_accounts_get() {
    let company = with_examples();
    std::fs::copy(company.path("tenure.toml"), company.path("old.toml")).unwrap();
    change_rules(&company, r#"Join("@", ToLower("#, r#"Join("@", ToUpper("#);
    let (code, text) = company.run(&["diff", "old.toml", "tenure.toml"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("0 of 248 people change"), "{text}");
}

#[test]
fn people_read_in_another_way_are_compared_by_their_key() {
    let company = with_examples();
    let text = std::fs::read_to_string(company.path("tenure.toml")).unwrap();
    std::fs::write(company.path("old.toml"), text).unwrap();
    change_rules(&company, "semantics = \"full\"", "semantics = \"full\"\nempty = [\"Sales\"]");
    let (code, found) = json(&company, &["diff", "old.toml", "tenure.toml", "--json", "--source", "people.csv"]);
    let job = &found["jobs"]["hr-to-entra"];
    assert_eq!((code, &job["records"], &job["changed"]), (0, &Value::from(248), &Value::from(0)));
    change_rules(&company, "empty = [\"Sales\"]", "empty = [\"Sales\"]\ntrim = true");
    let old = std::fs::read_to_string(company.path("tenure.toml")).unwrap();
    let clears = old.replace("expression = \"[Department]\"", "expression = \"[Department]\"\nclear = true");
    std::fs::write(company.path("tenure.toml"), clears).unwrap();
    let (_, found) = json(&company, &["diff", "old.toml", "tenure.toml", "--json"]);
    assert_eq!(found["jobs"]["hr-to-entra"]["attributes"]["department"]["cleared"], 59, "{found:#}");
}
