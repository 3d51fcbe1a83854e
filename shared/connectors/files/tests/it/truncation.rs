//! A file that is cut anywhere never gives a record that was not in it.

use crate::{csv, json, read};
use config::{FilesOptions, Proof};
use ports::Completeness;
use std::fmt::Write;

/// Cuts the file at every tenth byte, and everywhere around its end.
async fn cut(options: FilesOptions, file: &str) {
    let all = read(options.clone(), file).await;
    assert_eq!(all.rows, 200);
    let places = (0..file.len()).step_by(10).chain(file.len() - 60..file.len());
    for place in places {
        let part = &file.as_bytes()[..place];
        let some = read(options.clone(), part).await;
        assert!(all.records.starts_with(&some.records), "a record that is not in the file, cut at {place}");
        if !matches!(part.last(), Some(b'\n' | b'\r')) {
            some.broken();
        }
        if options.proof.trailer.is_some() {
            // Only a cut between the two bytes of the last line end leaves everything in place.
            assert!(
                place + 1 == file.len() || matches!(some.completeness, Some(Completeness::Broken { .. })),
                "{place}"
            );
        }
    }
}

fn rows(trailer: &str) -> String {
    let mut file = "id,name,address\r\n".to_owned();
    for row in 0..200 {
        write!(file, "{row},\"Given {row}\",\"{row} Mill Lane\r\n{row} Trier, \"\"old\"\" town ü\"\r\n").unwrap();
    }
    file + trailer
}

#[tokio::test]
async fn a_cut_csv_file_is_broken_or_ends_between_two_rows() {
    cut(csv(), &rows("")).await;
}

#[tokio::test]
async fn a_cut_file_with_a_trailer_is_always_broken() {
    let proof = Proof { trailer: Some("T".to_owned()), final_newline: true };
    cut(FilesOptions { proof, ..csv() }, &rows("T,200\r\n")).await;
}

#[tokio::test]
async fn a_cut_json_file_is_broken_or_ends_between_two_rows() {
    let file: String = (0..200).map(|row| format!("{{\"id\":{row},\"name\":\"Given {row} ü\"}}\n")).collect();
    cut(json(), &file).await;
}
