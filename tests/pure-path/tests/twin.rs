//! The records of the quick reader are those of a plain one that goes through a tree of JSON.

use pure_path::people::lines;
use pure_path::stages::Bench;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Flat attributes of a tree, as the source states them.
fn flatten(json: &Json, within: &str, flat: &mut BTreeMap<String, Vec<String>>) {
    for (name, value) in json.as_object().expect("an object") {
        let path = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
        match value {
            Json::Object(_) => flatten(value, &path, flat),
            Json::Array(items) => {
                flat.insert(path, items.iter().map(text).collect());
            }
            other => {
                let text = text(other);
                let empty = text.is_empty() || matches!(text.as_str(), "9999-12-31" | "N/A");
                flat.insert(path, if empty { Vec::new() } else { vec![text] });
            }
        }
    }
}

fn text(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

#[test]
fn a_company_is_read_as_a_plain_reader_reads_it() {
    let bench = Bench::of(2_000);
    for (record, line) in bench.records.iter().zip(lines(2_000)) {
        // A number keeps the way it was written, which a tree forgets.
        let tree: Json = serde_json::from_str(&line.replace("38.50", "38.5")).unwrap();
        let mut expected = BTreeMap::new();
        flatten(&tree, "", &mut expected);
        let read: BTreeMap<String, Vec<String>> = record
            .attributes
            .iter()
            .map(|(name, value)| (name.to_owned(), value.values().map(|text| text.replace("38.50", "38.5")).collect()))
            .collect();
        assert!(read == expected && record.key.as_str() == expected["workerId"][0], "{line}");
    }
}

#[test]
fn a_worker_is_as_large_as_the_figures_say() {
    let lines = lines(500);
    let bytes = lines.iter().map(String::len).sum::<usize>() / lines.len();
    assert!((1_150..1_350).contains(&bytes), "{bytes} bytes");
    let attributes = Bench::of(10).records[0].attributes.len();
    assert!((38..=48).contains(&attributes), "{attributes} attributes");
}
