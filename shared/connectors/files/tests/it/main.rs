//! The connector against generated files, in memory and on disk.

#![expect(clippy::unwrap_used, reason = "a test may panic, in its shared parts too")]
#![expect(clippy::format_push_string, clippy::format_collect, reason = "generated files are small")]

mod broken;
mod csv;
mod external;
mod json_lines;
mod paging;
mod properties;
mod store;
mod truncation;

use config::{FileFormat, FilesOptions, Proof, Semantics};
use connector_files::FilesSource;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use ports::{Completeness, Page, PortError, Reading, Rejected, Source};
use record::Record;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The address that places name.
const WITHIN: &str = "s3://drop/workers";

/// Options of a full CSV file whose key is `id`.
fn csv() -> FilesOptions {
    FilesOptions {
        url: WITHIN.to_owned(),
        format: FileFormat::Csv { delimiter: b',', quote: b'"' },
        key: "id".to_owned(),
        semantics: Semantics::Full,
        encoding: "utf-8".to_owned(),
        dates: BTreeMap::new(),
        empty: Vec::new(),
        trim: true,
        proof: Proof { trailer: None, final_newline: true },
        page_size: 1_000,
    }
}

/// The same for JSON Lines.
fn json() -> FilesOptions {
    FilesOptions { format: FileFormat::JsonLines, ..csv() }
}

/// A source over these bytes, in memory.
async fn source(options: FilesOptions, bytes: impl AsRef<[u8]>) -> FilesSource {
    let store = InMemory::new();
    let path = Path::from("workers");
    store.put(&path, bytes.as_ref().to_vec().into()).await.unwrap();
    FilesSource::open(options, Arc::new(store) as Arc<dyn ObjectStore>, path)
}

/// A whole read.
#[derive(Debug, Default)]
struct Whole {
    records: Vec<Record>,
    rejected: Vec<Rejected>,
    rows: u64,
    pages: usize,
    completeness: Option<Completeness>,
    watermark: Option<String>,
    structure: Option<String>,
}

impl Whole {
    /// Where and why the read is broken.
    fn broken(&self) -> (u64, &str) {
        match &self.completeness {
            Some(Completeness::Broken { reason, place }) => (place.line, reason),
            other => panic!("not broken: {other:?}"),
        }
    }

    fn values(&self, name: &str) -> Vec<&str> {
        self.records.iter().map(|record| record.get(name).unwrap().text()).collect()
    }

    fn keys(&self) -> Vec<&str> {
        self.records.iter().map(|record| record.key.as_str()).collect()
    }

    /// The line and the reason of each rejection.
    fn reasons(&self) -> Vec<(u64, &str)> {
        self.rejected.iter().map(|rejected| (rejected.place.line, rejected.reason.as_str())).collect()
    }

    fn add(&mut self, page: Page) -> Option<String> {
        assert_eq!(page.rows, (page.records.len() + page.rejected.len()) as u64);
        assert_eq!(page.next.is_none(), page.completeness.is_some(), "only the last page knows");
        assert!(page.next.as_ref().is_none_or(|next| next.len() <= 4_096));
        self.records.extend(page.records);
        self.rejected.extend(page.rejected);
        self.rows += page.rows;
        self.pages += 1;
        self.completeness = page.completeness;
        self.watermark = page.watermark;
        self.structure = page.structure;
        page.next
    }
}

/// Reads all pages.
async fn whole(source: &FilesSource) -> Result<Whole, PortError> {
    let mut whole = Whole::default();
    let mut next = whole.add(source.read(&Reading::Full, None).await?);
    while let Some(cursor) = next {
        next = whole.add(source.read(&Reading::Full, Some(&cursor)).await?);
    }
    Ok(whole)
}

/// Reads these bytes as they are.
async fn read(options: FilesOptions, bytes: impl AsRef<[u8]>) -> Whole {
    whole(&source(options, bytes).await).await.unwrap()
}
