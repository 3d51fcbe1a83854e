//! JSON Lines.

use crate::{json, read, source};
use config::Proof;
use ports::Completeness;
use record::{State, Value};

#[tokio::test]
async fn null_is_empty_and_a_missing_name_is_absent() {
    let whole = read(json(), "{\"id\":\"1\",\"a\":null,\"tags\":[\" x \",\"\"],\"on\":true}\r\n \n{\"id\":2}\n").await;
    assert_eq!(whole.keys(), ["1", "2"]);
    let record = &whole.records[0];
    assert_eq!((record.state("a"), record.state("b")), (State::Empty, State::Absent));
    assert!(record.get("tags").unwrap() == Value::Many(vec!["x".to_owned()]));
    assert_eq!(record.get("on").unwrap().text(), "True");
    assert_eq!((whole.completeness, whole.structure), (Some(Completeness::Unproven), None));
}

#[tokio::test]
async fn bad_lines_are_rejected_one_by_one() {
    let mut options = json();
    options.dates.insert("starts".to_owned(), "%Y-%m-%d".to_owned());
    let lines: [&[u8]; 9] = [
        br#"{"id":"1"}"#,
        br#"{"id":"2","a":1,"a":2}"#,
        br#"{"a":1}"#,
        br#"{"id":["3"]}"#,
        br#"{"id":"4","starts":"1.1.2026"}"#,
        br#"{"id":"5","a":"\u0000"}"#,
        b"{\"id\":\"6\",\"a\":\"M\xfcller\"}",
        br#"{"id":"7""#,
        br#"{"id":"8","list":[{"x":1}]}"#,
    ];
    let mut file = lines.join(&b'\n');
    file.push(b'\n');
    let whole = read(options, file).await;
    assert_eq!(whole.keys(), ["1"]);
    let places: Vec<_> =
        whole.rejected.iter().map(|rejected| (rejected.place.line, rejected.place.attribute.as_deref())).collect();
    let expected = [
        (2, Some("a")),
        (3, Some("id")),
        (4, Some("id")),
        (5, Some("starts")),
        (6, Some("a")),
        (7, None),
        (8, None),
        (9, Some("list")),
    ];
    assert_eq!(places, expected);
    assert_eq!(whole.completeness, Some(Completeness::Unproven));
}

#[tokio::test]
async fn a_file_of_something_else_is_held() {
    assert!(read(json(), "id,a\n1,x\n2,y\n").await.broken().1.contains("check the format"));
    assert_eq!(read(json(), "").await.broken(), (1, "the file is empty"));
}

#[tokio::test]
async fn a_cut_last_line_and_a_trailer_are_noticed() {
    let whole = read(json(), "{\"id\":1}\n{\"id\":23}").await;
    assert_eq!((whole.keys(), whole.rejected.len(), whole.broken().0), (vec!["1"], 1, 2));
    let mut options = json();
    options.proof = Proof { trailer: Some("T".to_owned()), final_newline: true };
    let proven = Some(Completeness::Proven { by: "trailer".to_owned() });
    assert_eq!(read(options.clone(), "{\"id\":1}\nT;1\n").await.completeness, proven);
    assert!(read(options.clone(), "{\"id\":1}\nT;2\n").await.broken().1.contains("counts 2"));
    assert!(read(options, "{\"id\":1}\n").await.broken().1.contains("missing"));
}

#[tokio::test]
async fn the_names_of_the_first_lines_are_the_header() {
    let source = source(json(), "{\"id\":1,\"b\":{\"c\":2}}\nbad\n{\"id\":2,\"a\":1}\n").await;
    assert_eq!(source.header().await.unwrap(), ["b.c", "id", "a"]);
}
