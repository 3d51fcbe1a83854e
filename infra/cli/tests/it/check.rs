//! `tenure check`.

use crate::program::{CONFIG, Folder, PEOPLE};
use serde_json::Value;

#[test]
fn a_good_configuration_is_checked_together_with_its_source() {
    let run = Folder::with(CONFIG, PEOPLE).tenure(&["check"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let expected =
        "hr checked: 4 rows, 1 repeated key (lines 4 and 5), 2 records name a manager that is not in the file";
    assert!(run.lines().contains(&expected), "{}", run.out);
    assert!(run.out.contains("./tenure.toml: mistakes 0, warnings "), "{}", run.out);
}

#[test]
fn every_mistake_has_its_place_and_the_exit_code_is_two() {
    let config = CONFIG.replace("\"department\"", "\"departmant\"").replace("source = \"hr\"", "source = \"rh\"");
    let folder = Folder::with("", PEOPLE);
    folder.file("other.toml", &config);
    let run = folder.tenure(&["check", "--config", "other.toml"]);
    assert_eq!(run.code, 2);
    assert!(
        run.out.contains("other.toml:14:10: error: there is no connector `rh`\n  hint: did you mean"),
        "{}",
        run.out
    );
    assert!(run.out.contains("did you mean `department`?"), "{}", run.out);
    assert!(run.out.contains("other.toml: mistakes 2, warnings "), "{}", run.out);
}

#[test]
fn an_attribute_that_the_source_does_not_have_is_a_warning_at_its_place() {
    let folder = Folder::with(CONFIG, &PEOPLE.replace("Department", "Departement"));
    let run = folder.tenure(&["check"]);
    assert_eq!(run.code, 0);
    let expected = "./tenure.toml:43:16: warning: the source hr has no attribute `Department`\n  hint: did you mean `Departement`?";
    assert!(run.out.contains(expected), "{}", run.out);
}

#[test]
fn all_of_it_is_there_for_machines_too() {
    let folder = Folder::with(CONFIG, &PEOPLE.replace("w2,Bo,Provsson,Research,w1,1", "w2,Bo,Provsson"));
    let run = folder.tenure(&["check", "--json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["errors"], 0);
    let source = &report["sources"][0];
    assert_eq!((&source["connector"], &source["rows"]), (&"hr".into(), &4.into()));
    assert_eq!(source["repeated_keys"], serde_json::json!([[4, 5]]));
    assert_eq!(source["dangling"], serde_json::json!({ "manager": 2 }));
    assert_eq!(source["rejected"].as_array().map(Vec::len), Some(1));
    folder.file("tenure.toml", "[connectors]\nx = 1\n");
    let run = folder.tenure(&["check", "--json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &report["mistakes"][0]["level"]), (2, &"error".into()));
}

#[test]
fn a_configuration_without_its_file_is_still_checked() {
    let folder = Folder::with(CONFIG, PEOPLE);
    folder.without("people.csv");
    let run = folder.tenure(&["check"]);
    assert_eq!(run.code, 0);
    assert!(run.out.contains("hr was not read: there is no file"), "{}", run.out);
    folder.without("tenure.toml");
    let run = folder.tenure(&["check"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("cannot read the configuration"), "{}", run.out);
}

#[test]
fn nothing_of_the_people_is_printed() {
    let people = PEOPLE.replace("w2,Bo,Provsson,Research,w1,1", "w2,Bo,Provsson");
    let run = Folder::with(CONFIG, &people).tenure(&["check"]);
    for value in ["Astrid", "Provsson", "Testberg", "w9", "w3"] {
        assert!(!run.out.contains(value) && !run.err.contains(value), "{}{}", run.out, run.err);
    }
}

#[test]
fn the_schema_for_editors_is_printed_on_request() {
    let run = Folder::with("", "").tenure(&["check", "--schema"]);
    let schema: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &schema["title"]), (0, &"tenure.toml".into()));
}

#[test]
fn twenty_planted_mistakes_are_twenty_reports() {
    let text = include_str!("twenty.toml");
    let planted: Vec<usize> =
        text.lines().enumerate().filter(|(_, line)| line.contains("# planted")).map(|(index, _)| index + 1).collect();
    assert_eq!(planted.len(), 20);
    let folder = Folder::with(text, PEOPLE);
    let run = folder.tenure(&["check", "--json"]);
    assert_eq!(run.code, 2, "{}", run.err);
    let found: Value = serde_json::from_str(&run.out).expect("a JSON document");
    let mistakes = found["mistakes"].as_array().expect("a list");
    let mut lines: Vec<u64> = mistakes.iter().filter_map(|mistake| mistake["line"].as_u64()).collect();
    lines.dedup();
    assert_eq!(lines, planted.into_iter().map(|line| line as u64).collect::<Vec<_>>(), "{found:#}");
}

#[test]
fn rules_for_active_directory_are_checked_but_not_carried_out() {
    let config = r#"[connectors.hr]
type = "files"
url = "people.csv"
key = "WorkerID"

[connectors.ad]
type = "active-directory"
domain = "corp.example"
container = "OU=People,DC=corp,DC=example"

[jobs.hr-to-ad]
source = "hr"
target = "ad"
matching = ["employeeID"]
mappings = [
  { target = "employeeID", expression = "[WorkerID]" },
  { target = "cn", expression = 'SelectUniqueValue([First], [WorkerID])', apply = "on-create" },
  { target = "accountDisabled", expression = 'Switch([Active], , "0", "True", "1", "False")' },
  { target = "manager", expression = "[ManagerID]" },
]
"#;
    let folder = Folder::with(config, PEOPLE);
    let run = folder.tenure(&["check"]);
    assert_eq!(run.code, 0, "{}", run.out);
    for arguments in [&["plan"][..], &["run"], &["read", "ad"]] {
        let run = folder.tenure(arguments);
        let said =
            run.err.contains("this version can check and test rules for active-directory, but not write to it yet");
        assert!(run.code == 1 && (said || arguments[0] == "read"), "{}", run.err);
    }
    folder.file(
        "tenure.toml",
        &config.replace("OU=People,DC=corp,DC=example", "People").replace("employeeID", "employeeId"),
    );
    let run = folder.tenure(&["check"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("`container` must be a distinguished name"), "{}", run.out);
    assert!(run.out.contains("did you mean `employeeID`?"), "{}", run.out);
}
