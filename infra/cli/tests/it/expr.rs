//! `tenure expr`.

use crate::program::{Folder, Run};

fn expr(arguments: &[&str], input: &str) -> Run {
    let folder = Folder::with("", "");
    folder.tenure_with(&[&["expr"], arguments].concat(), input)
}

#[test]
fn an_expression_is_evaluated_for_a_record_on_standard_input() {
    let run = expr(&["Join(\" \", [First], [Last])", "--record", "-"], r#"{"First": "Bo", "Last": "Provsson"}"#);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "Bo Provsson\n", ""));
}

#[test]
fn each_record_of_a_file_gives_a_line() {
    let folder = Folder::with("", "");
    folder.file("people.jsonl", "{\"First\": \"Astrid\"}\n{\"First\": [\"Bo\", \"B\"]}\n{\"First\": null}\n");
    let run = folder.tenure(&["expr", "[First]", "--record", "people.jsonl", "--json"]);
    assert_eq!((run.code, run.lines()), (0, vec!["\"Astrid\"", "[\"Bo\",\"B\"]", "null"]));
}

#[test]
fn now_is_an_argument() {
    let run = expr(
        &["FormatDateTime(Now(), , \"M/d/yyyy h:mm:ss tt\", \"yyyy-MM-dd\")", "--now", "2026-01-05T12:00:00Z"],
        "",
    );
    assert_eq!((run.code, run.out.as_str()), (0, "2026-01-05\n"), "{}", run.err);
}

#[test]
fn candidates_and_special_flows_are_told_apart_in_json() {
    let run = expr(&["SelectUniqueValue(\"a\", \"b\")", "--json"], "");
    assert_eq!((run.code, run.out.as_str()), (0, "{\"$candidates\":[\"a\",\"b\"]}\n"));
    let run = expr(&["IgnoreAttributeFlow", "--json"], "");
    assert_eq!((run.code, run.out.as_str()), (0, "{\"$ignore\":\"attribute\"}\n"));
}

#[test]
fn a_mistake_is_marked_under_its_place() {
    let run = expr(&["Trim(Upcase([First]))"], "");
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let lines: Vec<&str> = run.err.lines().collect();
    assert!(lines[0].starts_with("expression:1:6: error: "), "{lines:?}");
    assert_eq!(lines[1..3], ["  Trim(Upcase([First]))", "       ^"]);
}

#[test]
fn what_is_no_record_is_refused_without_being_repeated() {
    for input in ["", "[1]", "{\"a\": {\"b\": \"Hidden\"}}", "{\"a\": \"Hidden\""] {
        let run = expr(&["[a]", "--record", "-"], input);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{input}");
        assert!(run.err.starts_with("error: ") && !run.err.contains("Hidden"), "{}", run.err);
    }
    assert_eq!(expr(&["[a]", "--record", "nowhere.json"], "").code, 1);
}

#[test]
fn each_failed_vector_is_reported_and_one_is_enough_to_fail() {
    let folder = Folder::with("", "");
    let good =
        r#"{"id": "v1", "function": "Trim", "expression": "Trim([a])", "attributes": {"a": " x "}, "expected": "x"}"#;
    let bad = r#"{"id": "v2", "function": "ToUpper", "expression": "ToUpper([a])", "attributes": {"a": "x"}, "expected": "x"}"#;
    folder.file("good.json", &format!("[{good}]"));
    folder.file("bad.json", &format!("[{good}, {bad}]"));
    let run = folder.tenure(&["expr", "--vectors", "good.json"]);
    assert_eq!((run.code, run.out.as_str()), (0, "1 of 1 vectors passed, 0 failed\n"));
    let run = folder.tenure(&["expr", "--vectors", "bad.json"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.lines()[0], "failed v2 (ToUpper): ToUpper([a])");
    assert_eq!(run.lines()[3], "1 of 2 vectors passed, 1 failed");
    let run = folder.tenure(&["expr", "--vectors", "bad.json", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &report["failed"], &report["failures"][0]["id"]), (1, &1.into(), &"v2".into()));
}

#[test]
fn a_wrong_command_line_is_a_failure_and_help_is_not() {
    let run = expr(&[], "");
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let run = expr(&["--help"], "");
    assert_eq!(run.code, 0);
    assert!(run.out.contains("Exit codes:") && run.out.contains("2  held by a guard"), "{}", run.out);
}
