//! Good CSV files, and bad rows in them.

use crate::{csv, read, source, whole};
use config::{FileFormat, Proof, Semantics};
use ports::{Completeness, Source};
use record::State;

#[tokio::test]
async fn a_byte_order_mark_quotes_and_blanks_in_the_header_do_not_matter() {
    let plain = read(csv(), "id,name\n1,Ada\n").await;
    for file in ["\u{feff}id,name\r\n1,Ada\r\n", "\"id\",\"name\"\n\"1\",\"Ada\"\n", " id , name\n\n1,Ada\n\n\n"] {
        let other = read(csv(), file).await;
        assert!(plain.records == other.records, "{file:?}");
        assert_eq!(plain.structure, other.structure, "{file:?}");
        assert_eq!(other.completeness, Some(Completeness::Unproven));
    }
    let swapped = read(csv(), "name,id\nAda,1\n").await;
    assert!(plain.records == swapped.records);
    assert_ne!(plain.structure, swapped.structure);
    assert_eq!(plain.structure.map(|digest| digest.len()), Some(64));
}

#[tokio::test]
async fn line_ends_and_delimiters_in_quotes_are_content_whatever_the_chunk() {
    let file = "id,address\r\n1,\"1 Mill Lane,\r\nTrier\"\r\n2,\"a \"\"b\"\"\"\r\n3,ü\r\n";
    for chunk in 1..=file.len() as u64 {
        let whole = whole(&source(csv(), file).await.with_chunk(chunk)).await.unwrap();
        assert_eq!(whole.values("address"), ["1 Mill Lane,\r\nTrier", "a \"b\"", "ü"], "{chunk}");
        assert!(whole.rejected.is_empty());
    }
}

#[tokio::test]
async fn lines_are_counted_through_quoted_line_ends_and_every_kind_of_line_end() {
    let whole = read(csv(), "id,a\r\n1,\"x\r\ny\nz\"\r\n\r\n2\r3,b,c\n\n4,d\n5\n").await;
    assert_eq!(whole.keys(), ["1", "4"]);
    assert_eq!(whole.rejected.iter().map(|rejected| rejected.place.line).collect::<Vec<_>>(), [6, 7, 10]);
}

#[tokio::test]
async fn empty_fields_are_empty_and_never_absent() {
    let mut options = csv();
    options.empty = vec!["N/A".to_owned(), "9999-12-31".to_owned()];
    options.dates.insert("ends".to_owned(), "%Y-%m-%d".to_owned());
    let whole = read(options, "id,a,b,ends\n1,, N/A ,9999-12-31\n").await;
    for name in ["a", "b", "ends"] {
        assert_eq!(whole.records[0].state(name), State::Empty, "{name}");
    }
    assert_eq!(whole.records[0].state("c"), State::Absent);
}

#[tokio::test]
async fn blanks_stay_unless_they_are_to_be_trimmed() {
    let file = "id,a\n1, x \n";
    assert_eq!(read(csv(), file).await.values("a"), ["x"]);
    let mut options = csv();
    options.trim = false;
    assert_eq!(read(options, file).await.values("a"), [" x "]);
}

#[tokio::test]
async fn formulas_are_data() {
    let whole = read(csv(), "id,a\n1,=1+1\n2,+49 651\n3,-\n4,@x\n").await;
    assert_eq!(whole.values("a"), ["=1+1", "+49 651", "-", "@x"]);
}

#[tokio::test]
async fn dates_are_read_in_their_format_and_nothing_else_is_a_date() {
    let mut options = csv();
    options.dates.insert("starts".to_owned(), "%d.%m.%Y".to_owned());
    let whole = read(options, "id,starts\n1,01.02.2026\n2,2026-02-01\n3,31.02.2026\n4,\n").await;
    assert_eq!(whole.values("starts"), ["2026-02-01", ""]);
    assert_eq!(whole.reasons().iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4]);
    let rejected = &whole.rejected[0];
    assert_eq!(rejected.place.attribute.as_deref(), Some("starts"));
    assert_eq!(rejected.key.as_ref().map(record::RecordKey::as_str), Some("2"));
    assert!(!rejected.reason.contains("2026"));
}

#[tokio::test]
async fn control_characters_reject_their_record_and_name_the_column() {
    let file = "id,a,b\n1,x,a\0b\n2,\u{202e}x,y\n3,x\u{feff}y,z\n4\u{7},x,y\n5,a\tb,\"c\nd\"\n\u{feff}6,x,y\n";
    let whole = read(csv(), file).await;
    assert_eq!(whole.keys(), ["5"]);
    let places: Vec<_> =
        whole.rejected.iter().map(|rejected| (rejected.place.line, rejected.place.attribute.as_deref())).collect();
    assert_eq!(places, [(2, Some("b")), (3, Some("a")), (4, Some("a")), (5, Some("id")), (8, Some("id"))]);
}

#[tokio::test]
async fn a_row_that_is_not_utf8_is_rejected_alone() {
    let whole = read(csv(), b"id,a\n1,x\n2,M\xfcller\n3,y\n").await;
    assert_eq!(whole.keys(), ["1", "3"]);
    assert_eq!(whole.rejected[0].place.line, 3);
    assert!(whole.rejected[0].reason.contains("utf-8"));
}

#[tokio::test]
async fn rows_of_another_width_and_without_a_key_are_rejected_alone() {
    let whole = read(csv(), "id,a\n1,x\n2\n3,x,y\n,x\n\" \",x\n4,z\n5,z\n").await;
    assert_eq!(whole.keys(), ["1", "4", "5"]);
    assert_eq!(
        whole.reasons(),
        [
            (3, "the row has 1 columns, the header has 2"),
            (4, "the row has 3 columns, the header has 2"),
            (5, "the key is empty"),
            (6, "the key is empty"),
        ]
    );
    assert_eq!((whole.rows, whole.completeness), (7, Some(Completeness::Unproven)));
}

#[tokio::test]
async fn text_behind_a_closing_quote_rejects_the_row() {
    let whole = read(csv(), "id,a\n1,\"x\"y\n2,z\n").await;
    assert_eq!((whole.keys(), whole.rejected.len()), (vec!["2"], 1));
    assert_eq!(whole.completeness, Some(Completeness::Unproven));
}

#[tokio::test]
async fn a_trailer_that_counts_right_proves_the_read() {
    let mut options = csv();
    options.format = FileFormat::Csv { delimiter: b';', quote: b'"' };
    options.proof = Proof { trailer: Some("T".to_owned()), final_newline: true };
    for file in ["id;a;b\n1;x;y\n2;bad\n3;x;y\nT;3\n", "id;a;b\n1;x;y\n2;x;y\nT;z;y\n\"T\";\"3\";\r\n\r\n"] {
        for page_size in 1..=5 {
            options.page_size = page_size;
            let whole = read(options.clone(), file).await;
            assert_eq!(whole.completeness, Some(Completeness::Proven { by: "trailer".to_owned() }), "{file:?}");
            assert_eq!(whole.rows, 3);
        }
    }
    options.semantics = Semantics::Delta;
    assert_eq!(read(options, "id;a\n1;x\nT;1\n").await.completeness, Some(Completeness::Delta));
}

#[tokio::test]
async fn a_delta_file_without_changes_is_not_broken() {
    let mut options = csv();
    options.semantics = Semantics::Delta;
    assert_eq!(read(options, "id,a\n").await.completeness, Some(Completeness::Delta));
}

#[tokio::test]
async fn one_record_is_found_with_its_repetition() {
    let source = source(csv(), "id,a\n1,x\n2,y\n1,z\n3,\0\n").await;
    let hits = |page: ports::Page| (page.records.len(), page.rejected.len());
    assert_eq!(hits(source.read_one(&"1".into()).await.unwrap()), (2, 0));
    assert_eq!(hits(source.read_one(&"2".into()).await.unwrap()), (1, 0));
    assert_eq!(hits(source.read_one(&"3".into()).await.unwrap()), (0, 1));
    assert_eq!(hits(source.read_one(&"4".into()).await.unwrap()), (0, 0));
}

#[tokio::test]
async fn the_header_can_be_asked_for() {
    assert_eq!(source(csv(), "id, a ,b\n").await.header().await.unwrap(), ["id", "a", "b"]);
    assert!(source(csv(), "a,a\n").await.header().await.is_err());
}
