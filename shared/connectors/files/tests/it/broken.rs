//! Files that are held as a whole.

use crate::{WITHIN, csv, read};
use config::{FilesOptions, Proof};
use ports::{Completeness, Place};

/// Reads a file that must be broken: its line, its reason and how many records came all the same.
async fn broken(options: FilesOptions, bytes: impl AsRef<[u8]>) -> (u64, String, usize) {
    let whole = read(options, bytes).await;
    let (line, reason) = whole.broken();
    (line, reason.to_owned(), whole.records.len())
}

#[tokio::test]
async fn an_empty_file_and_one_without_records_are_held() {
    for file in ["", "\u{feff}", "\n\r\n"] {
        assert_eq!(broken(csv(), file).await, (1, "the file is empty".to_owned(), 0), "{file:?}");
    }
    assert_eq!(broken(csv(), "id,a\n").await.1, "the file has a header and no record");
}

#[tokio::test]
async fn a_bad_header_is_named_without_its_text() {
    for (file, reason) in [
        ("id,,a\n1,2,3\n", "column 2 of the header has no name"),
        ("id,a,\n1,2,3\n", "column 3 of the header has no name"),
        ("id,a, a\n1,2,3\n", "columns 2 and 3 of the header have the same name"),
        ("ID,a\n1,2\n", "the header has no column for the key; did you mean `ID`?"),
        ("worker,a\n1,2\n", "the header has no column for the key"),
        ("id;a\n1;2\n", "the header has one column only: the delimiter looks like `;`"),
        ("id\ta\n1\t2\n", "the header has one column only: the delimiter looks like a tab"),
        ("id|a\n1|2\n", "the header has one column only: the delimiter looks like `|`"),
        ("id,a\0\n1,2\n", "the name of column 2 is too long or holds a control character"),
        ("id,\"a\n1,2\n", "the quotes of the header are not closed"),
        ("id,a", "the header has no line end: the file was probably cut off; deliver it again"),
    ] {
        assert_eq!(broken(csv(), file).await, (1, reason.to_owned(), 0), "{file:?}");
    }
}

#[tokio::test]
async fn other_encodings_are_refused_by_their_name() {
    let utf16: Vec<u8> = "\u{feff}id,a\n1,x\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(broken(csv(), utf16).await.1.contains("utf-16"));
    let utf16: Vec<u8> = "\u{feff}id,a\n1,x\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(broken(csv(), utf16).await.1.contains("utf-16"));
    assert!(broken(csv(), b"\xff\xfe\0\0i\0\0\0").await.1.contains("utf-32"));
    assert!(broken(csv(), b"id,Stra\xdfe\n1,x\n").await.1.contains("utf-8"));
    // Without a byte order mark it shows by its NUL bytes.
    let bare: Vec<u8> = "id,a\n1,x\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(broken(csv(), bare).await.1.contains("control character"));
}

#[tokio::test]
async fn the_wrong_delimiter_shows_in_the_column_counts() {
    let (line, reason, records) = broken(csv(), "id,a\n1,x\n2;y\n3;z\n").await;
    assert_eq!((line, records), (1, 1));
    assert!(reason.contains("check the delimiter"), "{reason}");
    // Half is not more than half.
    assert_eq!(read(csv(), "id,a\n1,x\n2;y\n").await.completeness, Some(Completeness::Unproven));
}

#[tokio::test]
async fn a_last_row_without_a_line_end_is_not_believed() {
    let whole = read(csv(), "id,a\n1,x\n2,Mül").await;
    assert_eq!((whole.keys(), whole.rejected.len(), whole.broken().0), (vec!["1"], 1, 3));
    let mut options = csv();
    options.proof.final_newline = false;
    let whole = read(options, "id,a\n1,x\n2,y").await;
    assert_eq!(whole.keys(), ["1", "2"]);
    assert_eq!(whole.completeness, Some(Completeness::Unproven));
}

#[tokio::test]
async fn an_unclosed_quote_is_named_by_the_line_where_it_began() {
    for final_newline in [true, false] {
        let mut options = csv();
        options.proof.final_newline = final_newline;
        let whole = read(options, "id,a,b\n1,x,y\n2,\"p\nq\",\"r\n3,x,y\n").await;
        assert_eq!(
            (whole.keys(), whole.rejected.len(), whole.broken().0),
            (vec!["1"], 1, if final_newline { 3 } else { 4 })
        );
    }
}

#[tokio::test]
async fn a_quote_that_swallows_the_next_row_breaks_the_read() {
    let whole = read(csv(), "id,a\n1,\"x\n2,\"y\"\n3,z\n").await;
    assert_eq!((whole.keys(), whole.rejected.len(), whole.broken().0), (vec!["3"], 1, 2));
}

#[tokio::test]
async fn a_trailer_that_is_missing_or_counts_wrong_breaks_the_read() {
    let mut options = csv();
    options.proof = Proof { trailer: Some("T".to_owned()), final_newline: true };
    for (file, line, reason) in [
        ("id,a\n1,x\n2,y\n", 4, "the trailer is missing: the file was probably cut off; deliver it again"),
        ("id,a\n1,x\nT,2\n", 3, "the trailer counts 2 records, the file holds 1: deliver it again"),
        ("id,a\n1,x\nT,one\n", 3, "the trailer holds no number of records"),
        ("id,a\n1,x\nT,1,z\n", 3, "the trailer holds no number of records"),
        ("id,a\nT,0\n", 3, "the file has a header and no record"),
        ("id,a\n1,x\n2,y\nT,2", 4, "the last line has no line end: the file was probably cut off; deliver it again"),
    ] {
        let (at, said, _) = broken(options.clone(), file).await;
        assert_eq!((at, said.as_str()), (line, reason), "{file:?}");
    }
}

#[tokio::test]
async fn a_row_without_an_end_stops_the_read_in_bounded_memory() {
    let mut file = b"id,a\n1,x\n2,".to_vec();
    file.resize(20_000_000, b'x');
    let source = crate::source(csv(), &file).await;
    let whole = crate::whole(&source).await.unwrap();
    assert_eq!((whole.keys(), whole.rejected.len(), whole.broken().0), (vec!["1"], 1, 3));
    assert!(source.largest_buffer() < 2 * 1024 * 1024, "{}", source.largest_buffer());
    let mut file = b"id,a\n1,x\n2,\"\n\"\n3,y\n4,\"".to_vec();
    file.resize(3_000_000, b'\n');
    let (line, reason, records) = broken(csv(), &file).await;
    assert_eq!((line, records), (6, 3));
    assert!(reason.contains("quote"), "{reason}");
    let lines = vec![b'x'; 3_000_000];
    assert!(broken(csv(), &lines).await.1.contains("1 MiB"));
    assert!(broken(crate::json(), &lines).await.1.contains("1 MiB"));
}

#[tokio::test]
async fn ten_thousand_columns_are_an_error_and_no_more() {
    let wide = vec!["x"; 10_000].join(",");
    assert!(broken(csv(), format!("{wide}\n{wide}\n")).await.1.contains("4096 columns"));
    let whole = read(csv(), format!("id,a\n1,x\n{wide}\n2,y\n")).await;
    assert_eq!(whole.reasons(), [(3, "the row has 10000 columns, the header has 2")]);
}

#[tokio::test]
async fn a_place_names_the_file_as_it_is_configured() {
    let whole = read(csv(), "identity,a\n1,x\n").await;
    let place = Place { within: WITHIN.to_owned(), line: 1, attribute: Some("id".to_owned()) };
    assert!(matches!(whole.completeness, Some(Completeness::Broken { place: at, .. }) if at == place));
}
