//! `tenure read`.

use crate::program::{CONFIG, Folder, PEOPLE};
use serde_json::Value;

#[test]
fn a_source_is_printed_as_json_lines() {
    let run = Folder::with(CONFIG, PEOPLE).tenure(&["read", "hr"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let records: Vec<Value> = run.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 4);
    assert_eq!(
        (&records[1]["WorkerID"], &records[1]["First"], &records[0]["ManagerID"]),
        (&"w2".into(), &"Bo".into(), &"".into())
    );
}

#[test]
fn what_was_read_can_be_given_to_an_expression() {
    let folder = Folder::with(CONFIG, PEOPLE);
    let read = folder.tenure(&["read", "hr", "--limit", "2"]);
    assert_eq!(read.lines().len(), 2);
    let run = folder.tenure_with(&["expr", "ToUpper([Last])", "--record", "-"], &read.out);
    assert_eq!((run.code, run.lines()), (0, vec!["EXEMPEL", "PROVSSON"]));
}

#[test]
fn rows_that_cannot_be_read_are_told_beside_the_records_without_their_content() {
    let run =
        Folder::with(CONFIG, &PEOPLE.replace("w2,Bo,Provsson,Research,w1,1", "w2,Bo,Provsson")).tenure(&["read", "hr"]);
    assert_eq!(run.lines().len(), 3, "{run:?}");
    assert!(run.err.contains("people.csv:3:") && run.err.contains("rejected: "), "{}", run.err);
    assert!(!run.err.contains("Provsson"), "{}", run.err);
}

#[test]
fn an_unknown_connector_and_a_target_are_refused() {
    let folder = Folder::with(CONFIG, PEOPLE);
    let run = folder.tenure(&["read", "hrr"]);
    assert_eq!((run.code, run.err.as_str()), (1, "error: there is no connector hrr; did you mean hr?\n"));
    let run = folder.tenure(&["read", "entra"]);
    assert_eq!(run.code, 1);
    assert!(run.err.starts_with("error: connector entra is a target"), "{}", run.err);
}

#[test]
fn a_source_that_is_not_there_is_a_failure() {
    let folder = Folder::with(CONFIG, PEOPLE);
    folder.without("people.csv");
    let run = folder.tenure(&["read", "hr"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.starts_with("error: connector hr cannot be"), "{}", run.err);
}
