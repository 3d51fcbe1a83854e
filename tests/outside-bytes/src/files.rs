//! HR files.

use config::{FileFormat, FilesOptions, Proof, Semantics};
use connector_files::FilesSource;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use ports::{Completeness, PortError, Reading, Source};
use record::Record;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Requests of these many bytes: every line is cut somewhere by the small ones.
const CHUNKS: [u64; 3] = [1 << 18, 7, 64];

/// A CSV file: however it is cut into requests and pages, it says the same, and no error repeats what stands in it.
pub fn csv(bytes: &[u8]) {
    file(bytes, FileFormat::Csv { delimiter: b',', quote: b'"' });
}

/// A file of JSON Lines: the same.
pub fn json_lines(bytes: &[u8]) {
    file(bytes, FileFormat::JsonLines);
}

/// Everything that a read of the whole file says.
#[derive(Debug, PartialEq)]
struct Said {
    records: Vec<Record>,
    rejected: Vec<(Option<record::RecordKey>, u64, String)>,
    rows: u64,
    completeness: Option<Completeness>,
    structure: Option<String>,
}

fn file(bytes: &[u8], format: FileFormat) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without drivers");
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let path = Path::from("people");
    runtime.block_on(async {
        store.put(&path, PutPayload::from(bytes.to_vec())).await.expect("memory takes it");
        let mut said = Vec::new();
        // Small requests of a large file say nothing that those of a small one do not.
        let chunks = if bytes.len() > 4_096 { &CHUNKS[..1] } else { &CHUNKS[..] };
        for (chunk, page_size) in chunks.iter().zip([1_000, 2, 1]) {
            let options = options(format, page_size);
            let source = FilesSource::open(options, Arc::clone(&store), path.clone()).with_chunk(*chunk);
            said.push(whole(&source, bytes).await);
        }
        for other in &said[1..] {
            assert_eq!(&said[0], other, "the same file read in other pieces says something else");
        }
    });
}

async fn whole(source: &FilesSource, bytes: &[u8]) -> Result<Said, ()> {
    let mut said = Said { records: Vec::new(), rejected: Vec::new(), rows: 0, completeness: None, structure: None };
    let mut cursor: Option<String> = None;
    for _ in 0..=bytes.len() + 2 {
        let page = source.read(&Reading::Full, cursor.as_deref()).await.map_err(|error| {
            assert!(!matches!(error, PortError::Conflict { .. }), "nobody changes the file");
        })?;
        said.rows += page.rows;
        said.records.extend(page.records);
        said.rejected.extend(page.rejected.into_iter().map(|one| (one.key, one.place.line, one.reason)));
        said.structure = said.structure.or(page.structure);
        if page.next.is_none() {
            assert!(page.completeness.is_some(), "the last page says how complete the read is");
            said.completeness = page.completeness;
            assert!(said.records.iter().all(|record| !record.key.as_str().is_empty()), "a record has a key");
            return Ok(said);
        }
        assert_ne!(page.next, cursor, "a page leads on");
        cursor = page.next;
    }
    panic!("more pages than bytes");
}

fn options(format: FileFormat, page_size: usize) -> FilesOptions {
    FilesOptions {
        url: "people".to_owned(),
        format,
        key: "id".to_owned(),
        semantics: Semantics::Full,
        encoding: "utf-8".to_owned(),
        dates: BTreeMap::from([("start".to_owned(), "%d.%m.%Y".to_owned())]),
        empty: vec!["N/A".to_owned()],
        trim: true,
        proof: Proof::default(),
        page_size,
    }
}
