//! Arbitrary bytes: no panic, progress on every page, and the same outcome whatever the chunk.

use crate::{csv, source};
use config::{FileFormat, FilesOptions, Proof};
use ports::{Reading, Source};
use proptest::prelude::*;

/// Bytes that are likely to mean something.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        Just(b"\"".to_vec()),
        Just(b",".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\xef\xbb\xbf".to_vec()),
        Just(b"{\"id\":\"1\",".to_vec()),
        Just(b"\"a\":[1]}".to_vec()),
        Just(b"T,3".to_vec()),
        "[a-z0-9 ]{1,4}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 1..4),
    ];
    proptest::collection::vec(token, 0..80).prop_map(|tokens| tokens.concat())
}

/// Reads everything; the outcome in comparable form, without the version.
async fn outcome(options: FilesOptions, bytes: &[u8], chunk: u64) -> String {
    let page_size = options.page_size as u64;
    let source = source(options, bytes).await.with_chunk(chunk);
    let (mut text, mut cursor) = (String::new(), None);
    for _ in 0..=bytes.len() {
        let page = source.read(&Reading::Full, cursor.as_deref()).await.unwrap();
        assert!(page.next.is_none() || page.rows == page_size, "a page without progress");
        let records: Vec<_> = page.records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
        text += &format!("{records:?}{:?}{:?}", page.rejected, page.completeness);
        source.read_one(&"1".into()).await.unwrap();
        cursor = page.next;
        if cursor.is_none() {
            return text;
        }
    }
    panic!("the read does not end");
}

fn same(options: &FilesOptions, bytes: &[u8], chunk: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let one = runtime.block_on(outcome(options.clone(), bytes, chunk));
    let other = runtime.block_on(outcome(options.clone(), bytes, 1_000_000));
    assert_eq!(one, other);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic_and_every_page_makes_progress(
        body in bytes(), chunk in 1_u64..9, page_size in 1_usize..4, final_newline: bool, trailer: bool, header: bool,
    ) {
        let proof = Proof { trailer: trailer.then(|| "T".to_owned()), final_newline };
        let options = FilesOptions { page_size, proof, ..csv() };
        let mut file = if header { b"id,a\n".to_vec() } else { Vec::new() };
        file.extend(&body);
        same(&options, &file, chunk);
        let quoted = FilesOptions { format: FileFormat::Csv { delimiter: b'"', quote: b',' }, ..options.clone() };
        same(&quoted, &file, chunk);
        same(&FilesOptions { format: FileFormat::JsonLines, ..options }, &body, chunk);
    }

    #[test]
    fn what_is_written_as_csv_is_read_back(
        rows in proptest::collection::vec(("[a-z0-9]{1,6}", "[a-z,\"\r\n =+@-]{0,12}"), 1..20), chunk in 1_u64..20,
    ) {
        let mut file = "id,a\n".to_owned();
        for (key, text) in &rows {
            file += &format!("{key},\"{}\"\r\n", text.replace('"', "\"\""));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let options = FilesOptions { trim: false, ..csv() };
        let whole = runtime.block_on(async { crate::whole(&source(options, &file).await.with_chunk(chunk)).await.unwrap() });
        let read: Vec<_> = whole.records.iter().map(|one| (one.key.as_str(), one.get("a").unwrap().text())).collect();
        let written: Vec<_> = rows.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        prop_assert_eq!(read, written);
    }
}
