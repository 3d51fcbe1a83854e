//! HR files: the first two bytes choose the options, the rest is the file.

use crate::VALUE;
use config::{FileFormat, FilesOptions, Proof, Semantics};
use connector_files::FilesSource;
use fakes::run_ready;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use ports::{Completeness, ErrorChain, Reading, Rejected, Source};
use record::Record;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The bytes of every request where the file is not cut into smaller ones.
const WHOLE: u64 = 1 << 22;
/// Lines of a file that are looked at one by one.
const LINES_MAX: usize = 16;
/// A name that no generated file has, written so that the quick reader of lines gives up.
const ANOTHER_MEMBER: &str = r#","\u0071q":"1"}"#;

/// A CSV file: however it is cut and paged it says the same, and what was read can be written and read again.
pub fn csv(bytes: &[u8]) {
    let Some((options, chunk, file)) = chosen(bytes, true) else { return };
    let read = checked(&options, chunk, file);
    let plain = again(&options);
    if let Some(first) = read.records.first() {
        let names: Vec<&str> = first.attributes.keys().collect();
        let mut text = row(names.iter().copied());
        for record in &read.records {
            let value = |name: &&str| record.get(name).expect("every row has every column").single().expect("one text");
            text += &row(names.iter().map(value));
        }
        assert!(outcome(&plain, WHOLE, text.as_bytes()).records == read.records, "another file after writing it");
    }
}

/// A file of JSON Lines: the same, and the quick reader of lines agrees with the thorough one.
pub fn json_lines(bytes: &[u8]) {
    let Some((options, chunk, file)) = chosen(bytes, false) else { return };
    let read = checked(&options, chunk, file);
    let plain = again(&options);
    let text: String = read.records.iter().map(line).collect();
    if !read.records.is_empty() {
        assert!(outcome(&plain, WHOLE, text.as_bytes()).records == read.records, "another file after writing it");
    }
    let text = String::from_utf8_lossy(file);
    for line in text.lines().filter(|line| !line.contains("qq") && !line.contains(r"\u00")).take(LINES_MAX) {
        let (Some(quick), Some(open)) = (only(&plain, line), line.trim_end().strip_suffix('}')) else { continue };
        if quick.attributes.len() < 4_000 && line.len() < 1_000_000 {
            let mut thorough = only(&plain, &format!("{open}{ANOTHER_MEMBER}")).expect("one more member is no mistake");
            assert!(thorough.attributes.remove("qq"), "the member that was added is there");
            assert!(quick == thorough, "the two readers of lines disagree");
        }
    }
}

/// What the first two bytes choose. Six bits of each count, so that they can be letters.
fn chosen(bytes: &[u8], csv: bool) -> Option<(FilesOptions, u64, &[u8])> {
    let [first, second, file @ ..] = bytes else { return None };
    let flag = |bit: u8| first & (1 << bit) != 0;
    let delimiter = [b',', b';', b'\t', b'|'][usize::from(first >> 4 & 3)];
    let chunk = [1, 3, 7, 16, 64, 256, WHOLE, WHOLE][usize::from(second >> 2 & 7)];
    let stated = second & 0x20 != 0;
    let options = FilesOptions {
        url: "s3://drop/workers".to_owned(),
        format: if csv { FileFormat::Csv { delimiter, quote: b'"' } } else { FileFormat::JsonLines },
        key: "id".to_owned(),
        semantics: if flag(3) { Semantics::Delta } else { Semantics::Full },
        encoding: "utf-8".to_owned(),
        dates: stated.then(|| ("hired".to_owned(), "%d.%m.%Y".to_owned())).into_iter().collect(),
        empty: if stated { vec!["N/A".to_owned()] } else { Vec::new() },
        trim: flag(2),
        proof: Proof { trailer: flag(0).then(|| "T".to_owned()), final_newline: flag(1) },
        page_size: [1, 2, 7, 1_000][usize::from(second & 3)],
    };
    // Long files in tiny pieces only take long.
    let chunk = if file.len() > 20_000 { chunk.max(4_096) } else { chunk };
    Some((options, chunk, file))
}

/// The same options for a file that was written from records: its dates are in one form already.
fn again(options: &FilesOptions) -> FilesOptions {
    let proof = Proof { trailer: None, final_newline: true };
    let format = match options.format {
        FileFormat::Csv { delimiter: _, quote } => FileFormat::Csv { delimiter: b',', quote },
        FileFormat::JsonLines => FileFormat::JsonLines,
    };
    FilesOptions { dates: BTreeMap::new(), proof, page_size: 1_000_000, format, ..options.clone() }
}

/// One row of a CSV file, everything in quotes.
fn row<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
    format!("{}\r\n", quoted.join(","))
}

/// One line of JSON Lines.
fn line(record: &Record) -> String {
    serde_json::to_string(&record.attributes).expect("a record is plain data") + "\n"
}

/// A read from the first page to the last.
#[derive(Debug, Default, PartialEq)]
struct Read {
    records: Vec<Record>,
    rejected: Vec<Rejected>,
    rows: u64,
    completeness: Option<Completeness>,
    structure: Option<String>,
}

fn open(options: &FilesOptions, chunk: u64, file: &[u8]) -> FilesSource {
    let (store, path) = (InMemory::new(), Path::from("workers"));
    run_ready(store.put(&path, file.to_vec().into())).expect("memory takes everything");
    FilesSource::open(options.clone(), Arc::new(store) as Arc<dyn ObjectStore>, path).with_chunk(chunk)
}

/// Reads all pages; every page gets on, and nothing but the last one is said to be the last.
fn outcome(options: &FilesOptions, chunk: u64, file: &[u8]) -> Read {
    let source = open(options, chunk, file);
    let (mut read, mut cursor) = (Read::default(), None::<String>);
    loop {
        let page = run_ready(source.read(&Reading::Full, cursor.as_deref())).expect("memory always answers");
        assert_eq!(page.rows, (page.records.len() + page.rejected.len()) as u64, "rows that are neither");
        assert_eq!(page.next.is_none(), page.completeness.is_some(), "only the last page knows");
        assert!(page.next.is_none() || page.rows == options.page_size as u64, "a page without progress");
        read.records.extend(page.records);
        read.rejected.extend(page.rejected);
        read.rows += page.rows;
        (read.completeness, read.structure) = (page.completeness, page.structure);
        cursor = page.next;
        let Some(next) = &cursor else { break };
        assert!(next.len() <= 4_096 && !next.contains(VALUE), "a cursor is small and holds no value");
    }
    assert!(source.largest_buffer() as u64 <= 3 * (1 << 20) + 2 * chunk, "more is held than a row and a chunk");
    read
}

/// Reads a file in several ways and checks what must hold of what came.
fn checked(options: &FilesOptions, chunk: u64, file: &[u8]) -> Read {
    let whole = outcome(&FilesOptions { page_size: 1_000_000, ..options.clone() }, WHOLE, file);
    let cut = outcome(options, chunk, file);
    assert!(whole == cut, "another outcome in other pieces: {:?} {:?}", whole.completeness, cut.completeness);
    let lines = file.len() as u64 + 1;
    for Rejected { place, reason, .. } in &whole.rejected {
        assert!((1..=lines).contains(&place.line) && place.within == options.url, "a place outside of the file");
        assert!(!reason.is_empty() && !reason.contains(VALUE), "no reason, or one with a value");
    }
    assert!(whole.rejected.is_sorted_by_key(|rejected| rejected.place.line), "rejected rows out of order");
    if let Some(Completeness::Broken { reason, place }) = &whole.completeness {
        assert!((1..=lines).contains(&place.line), "a place outside of the file");
        assert!(!reason.is_empty() && !reason.contains(VALUE), "no reason, or one with a value");
    }
    let mut size = 0;
    for record in &whole.records {
        let key = record.key.as_str();
        assert!(!key.trim().is_empty() && !key.contains(['\t', '\r', '\n']), "a key that is none");
        assert_eq!(record.get(&options.key).and_then(record::Texts::single), Some(key), "another key than stated");
        for (name, value) in record.attributes.iter() {
            assert!(!name.is_empty() && name.len() <= 8 * 257, "a name that is none");
            for text in value.values() {
                let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
                assert!(!text.contains(odd), "a control character");
                assert!(!options.trim || text.trim() == text, "blanks at an end");
                size += text.len();
            }
        }
        if let (Some(date), false) = (record.get("hired"), options.dates.is_empty()) {
            let is_date = |text: &str| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
            assert!(date.values().all(is_date), "a date in another form");
        }
    }
    // `%Y-%m-%d` may be longer than what was written, other texts never are.
    assert!(size <= 5 * file.len() + 10, "more text than the file has");
    let source = open(options, chunk, file);
    if let Err(error) = run_ready(source.header()) {
        assert!(!ErrorChain(&error).to_string().contains(VALUE), "an error with a value");
    }
    if let Some(record) = whole.records.first() {
        let one = run_ready(source.read_one(&record.key)).expect("memory always answers");
        assert!(one.rows > 0 && one.rows <= 2, "a record that is there is found");
        assert!(one.records.first().is_none_or(|one| one.key == record.key), "another record is found");
    }
    whole
}

/// The record that a line by itself is, if it is one.
fn only(options: &FilesOptions, line: &str) -> Option<Record> {
    outcome(options, WHOLE, format!("{line}\n").as_bytes()).records.pop()
}
