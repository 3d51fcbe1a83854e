//! What every source does. It holds the records `1` to `25`, each with an attribute `department`, and no other.

use super::{Real, blobs, contract};
use config::{FileFormat, FilesOptions, Proof, Semantics};
use connector_files::FilesSource;
use fakes::{FakeSource, World};
use object_store::{ObjectStore, ObjectStoreExt};
use ports::{Completeness, Page, PortError, Reading, Source};
use record::{Record, RecordKey};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

contract! {
    rules: [
        everybody_comes_once,
        reading_again_gives_the_same,
        only_the_last_page_concludes,
        one_record_is_read_by_its_key,
        a_cursor_of_nobody_is_an_error,
        all_pages_show_the_same_state,
        nothing_has_changed_since_the_last_watermark,
    ],
    fake: Some(super::fake()),
    files_csv: Some(super::file(super::Kind::Csv)),
    files_json_lines: Some(super::file(super::Kind::JsonLines)),
    files_on_ministack: super::object(RULE).await,
}

/// A source, and the place where its records can be replaced.
struct Hr<S> {
    source: S,
    place: Place,
}

enum Place {
    Memory(FakeSource),
    File(PathBuf, Kind),
    Object(Arc<dyn ObjectStore>),
}

#[derive(Clone, Copy)]
enum Kind {
    Csv,
    JsonLines,
}

impl Kind {
    fn text(self, records: &[Record]) -> String {
        let mut text = String::new();
        if matches!(self, Self::Csv) {
            text.push_str("id;department\n");
        }
        for record in records {
            let (key, department) = (record.key.as_str(), record.get("department").unwrap().text());
            match self {
                Self::Csv => writeln!(text, "{key};\"{department}\"").unwrap(),
                Self::JsonLines => writeln!(text, r#"{{"id":"{key}","department":"{department}"}}"#).unwrap(),
            }
        }
        text
    }

    fn options(self, url: String) -> FilesOptions {
        FilesOptions {
            url,
            format: match self {
                Self::Csv => FileFormat::Csv { delimiter: b';', quote: b'"' },
                Self::JsonLines => FileFormat::JsonLines,
            },
            key: "id".to_owned(),
            semantics: Semantics::Full,
            encoding: "utf-8".to_owned(),
            dates: BTreeMap::new(),
            empty: Vec::new(),
            trim: false,
            proof: Proof { trailer: None, final_newline: true },
            page_size: 10,
        }
    }
}

impl<S> Hr<S> {
    /// Puts other records into the place of all that are there.
    async fn replace(&self, records: Vec<Record>) {
        match &self.place {
            Place::Memory(fake) => fake.set_records(records),
            Place::File(path, kind) => std::fs::write(path, kind.text(&records)).unwrap(),
            Place::Object(store) => {
                store.put(&KEY.into(), Kind::Csv.text(&records).into()).await.unwrap();
            }
        }
    }
}

const KEY: &str = "from hr/people.csv";

fn people(department: &str, count: usize) -> Vec<Record> {
    (1..=count).map(|n| Record::new(n.to_string()).with("department", department)).collect()
}

fn fake() -> Real<Hr<FakeSource>> {
    let source = World::new(1).source(people("Weaving", 25));
    source.set_page_size(10);
    Real::alone(Hr { place: Place::Memory(source.clone()), source })
}

fn file(kind: Kind) -> Real<Hr<FilesSource>, TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people");
    std::fs::write(&path, kind.text(&people("Weaving", 25))).unwrap();
    let source = FilesSource::local(kind.options(path.to_str().unwrap().to_owned())).unwrap();
    // Rows and line ends stand across requests.
    let source = source.with_chunk(37);
    Real { port: Hr { source, place: Place::File(path, kind) }, keep: folder }
}

async fn object(rule: &str) -> Option<Real<Hr<FilesSource>>> {
    let (bucket, settings) = blobs::bucket(rule).await?;
    let store = ::blobs::bucket(&bucket, settings).unwrap();
    store.put(&KEY.into(), Kind::Csv.text(&people("Weaving", 25)).into()).await.unwrap();
    let options = Kind::Csv.options(format!("s3://{bucket}/{KEY}"));
    let source = FilesSource::open(options, Arc::clone(&store), KEY.into()).with_chunk(100);
    Some(Real::alone(Hr { source, place: Place::Object(store) }))
}

async fn pages(source: &impl Source) -> Vec<Page> {
    let mut pages = vec![source.read(&Reading::Full, None).await.unwrap()];
    while let Some(next) = pages.last().and_then(|page| page.next.clone()) {
        pages.push(source.read(&Reading::Full, Some(&next)).await.unwrap());
        assert!(pages.len() <= 26, "a read has an end");
    }
    pages
}

async fn everybody_comes_once(hr: &Hr<impl Source>) {
    let pages = pages(&hr.source).await;
    let keys: Vec<&str> = pages.iter().flat_map(|page| &page.records).map(|record| record.key.as_str()).collect();
    assert_eq!(keys.len(), 25);
    assert_eq!(keys.into_iter().collect::<BTreeSet<_>>().len(), 25);
    assert_eq!(pages.iter().map(|page| page.rows).sum::<u64>(), 25);
    let mut records = pages.iter().flat_map(|page| &page.records);
    assert!(records.all(|record| record.get("department").is_some_and(|value| value.text() == "Weaving")));
}

async fn reading_again_gives_the_same(hr: &Hr<impl Source>) {
    let (one, two) = (pages(&hr.source).await, pages(&hr.source).await);
    let shown = |pages: &[Page]| pages.iter().map(|page| (page.records.clone(), page.next.clone())).collect::<Vec<_>>();
    assert!(shown(&one) == shown(&two), "the same state gives the same pages under the same cursors");
    let structures: BTreeSet<_> = one.iter().chain(&two).map(|page| page.structure.clone()).collect();
    assert_eq!(structures.len(), 1);
}

async fn only_the_last_page_concludes(hr: &Hr<impl Source>) {
    let pages = pages(&hr.source).await;
    let (last, before) = pages.split_last().unwrap();
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|page| page.completeness.is_none() && page.watermark.is_none()));
    let completeness = last.completeness.as_ref().unwrap();
    assert!(matches!(completeness, Completeness::Proven { .. } | Completeness::Unproven));
    assert!(pages.iter().filter_map(|page| page.next.as_ref()).all(|next| next.len() <= 4096));
}

async fn one_record_is_read_by_its_key(hr: &Hr<impl Source>) {
    let page = hr.source.read_one(&RecordKey::from("7")).await.unwrap();
    assert_eq!(page.records.len(), 1);
    assert_eq!(page.records[0].key.as_str(), "7");
    let nobody = hr.source.read_one(&RecordKey::from("26")).await.unwrap();
    assert!(nobody.records.is_empty() && nobody.rejected.is_empty());
}

async fn a_cursor_of_nobody_is_an_error(hr: &Hr<impl Source>) {
    let read = hr.source.read(&Reading::Full, Some("no cursor")).await;
    assert!(matches!(read, Err(PortError::Permanent { .. } | PortError::Conflict { .. })));
}

async fn all_pages_show_the_same_state(hr: &Hr<impl Source>) {
    let first = hr.source.read(&Reading::Full, None).await.unwrap();
    // The same bytes by number, so that nothing but the content or the time tells the states apart.
    hr.replace(people("Dyeing.", 25)).await;
    let next = hr.source.read(&Reading::Full, first.next.as_deref()).await;
    assert!(next.is_err_and(|error| error.is_conflict()));
    let pages = pages(&hr.source).await;
    let mut records = pages.iter().flat_map(|page| &page.records);
    assert!(records.all(|record| record.get("department").is_some_and(|value| value.text() == "Dyeing.")));
}

async fn nothing_has_changed_since_the_last_watermark(hr: &Hr<impl Source>) {
    let watermark = pages(&hr.source).await.pop().unwrap().watermark.unwrap();
    let since = Reading::Since(watermark.clone());
    let nothing = hr.source.read(&since, None).await.unwrap();
    assert_eq!((nothing.records.len(), nothing.rows, nothing.next), (0, 0, None));
    assert_eq!((nothing.completeness, nothing.watermark.as_ref()), (Some(Completeness::Delta), Some(&watermark)));
    hr.replace(people("Weaving", 9)).await;
    let something = hr.source.read(&since, None).await.unwrap();
    assert_eq!(something.records.len(), 9);
    assert_ne!(something.watermark, Some(watermark));
}
