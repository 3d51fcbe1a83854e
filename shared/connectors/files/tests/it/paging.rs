//! Pages and cursors: the same records whatever the page size, and flat memory.

use crate::{csv, json, read, source, whole};
use ports::{Completeness, Reading, Source};
use std::fmt::Write;

/// A file with everything that makes cursors hard.
fn awkward(rows: usize) -> String {
    let mut file = "\u{feff}\"id\",note\r\n".to_owned();
    for row in 0..rows {
        match row % 6 {
            0 => write!(file, "{row},\"line one\r\nline two, \"\"quoted\"\"\"\r\n"),
            1 => write!(file, "{row},plain\n\n\r\n"),
            2 => write!(file, "{row},lone\r"),
            3 => writeln!(file, "{row},too,wide"),
            4 => writeln!(file, "{row},\u{202e}"),
            _ => write!(file, "\"{row}\",\"ümlaut\"\r\n"),
        }
        .unwrap();
    }
    file
}

#[tokio::test]
async fn every_page_size_and_chunk_gives_the_same_records_and_rejections() {
    let file = awkward(40);
    let all = read(csv(), &file).await;
    assert_eq!(all.rows, 40);
    for page_size in 1..=7 {
        for chunk in [1, 2, 3, 7, 64, 1_000_000] {
            let mut options = csv();
            options.page_size = page_size;
            let paged = whole(&source(options, &file).await.with_chunk(chunk)).await.unwrap();
            assert!(paged.records == all.records, "{page_size} {chunk}");
            assert_eq!(paged.rejected, all.rejected);
            assert_eq!(
                (paged.rows, paged.completeness, &paged.structure),
                (all.rows, all.completeness.clone(), &all.structure)
            );
            assert_eq!(paged.pages, 40_usize.div_ceil(page_size));
        }
    }
}

#[tokio::test]
async fn json_lines_are_paged_in_the_same_way() {
    let file: String = (0..40).map(|row| format!("{{\"id\":{row},\"a\":\"x\\ny\"}}\r\n\n")).collect();
    let all = read(json(), &file).await;
    for page_size in 1..=7 {
        let mut options = json();
        options.page_size = page_size;
        let paged = whole(&source(options, &file).await.with_chunk(5)).await.unwrap();
        assert!(paged.records == all.records);
        assert_eq!(paged.pages, 40_usize.div_ceil(page_size));
    }
}

#[tokio::test]
async fn misfits_and_flaws_are_remembered_over_pages() {
    let mut options = csv();
    options.page_size = 1;
    assert!(read(options.clone(), "id,a\n1;x\n2;y\n3,z\n").await.broken().1.contains("delimiter"));
    let whole = read(options, "id,a\n1,\"x\n2,\"y\"\n3,z\n4,z\n").await;
    assert_eq!((whole.broken().0, whole.keys()), (2, vec!["3", "4"]));
}

#[tokio::test]
async fn the_watermark_of_an_unchanged_file_reads_nothing() {
    let source = source(csv(), "id,a\n1,x\n").await;
    let full = whole(&source).await.unwrap();
    let since = Reading::Since(full.watermark.clone().unwrap());
    let page = source.read(&since, None).await.unwrap();
    assert_eq!((page.rows, page.next, page.completeness), (0, None, Some(Completeness::Delta)));
    assert_eq!(page.watermark, full.watermark);
    let page = source.read(&Reading::Since("something else".to_owned()), None).await.unwrap();
    assert_eq!((page.rows, page.completeness), (1, Some(Completeness::Unproven)));
}

#[tokio::test]
async fn a_cursor_of_somebody_else_is_refused() {
    let source = source(csv(), "id,a\n1,x\n").await;
    assert!(source.read(&Reading::Full, Some("17")).await.is_err_and(|error| !error.is_transient()));
}

#[tokio::test]
async fn a_hundred_thousand_rows_need_two_chunks_of_memory() {
    let mut file = "id,first,last,department,starts\n".to_owned();
    for row in 0..100_000 {
        writeln!(file, "{row},Given{row},Family{row},Weaving,2026-01-01").unwrap();
    }
    let source = source(csv(), &file).await;
    let (mut rows, mut cursor) = (0, None);
    loop {
        let page = source.read(&Reading::Full, cursor.as_deref()).await.unwrap();
        assert!(page.records.len() <= 1_000);
        rows += page.rows;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(rows, 100_000);
    assert!(source.largest_buffer() <= 2 * 256 * 1024, "{}", source.largest_buffer());
}
