//! Reads HR files, CSV and JSON Lines, from a local path or an S3 object, page by page and in flat memory.
//!
//! A file that is visibly broken or cut off is told apart from one that merely has bad rows: the first is held as a
//! whole ([`ports::Completeness::Broken`]), the others are rejected one by one. It never guesses and never writes.

mod csv;
mod cursor;
mod fault;
mod field;
mod header;
mod json;
mod line;
mod pass;
mod rows;
mod scan;
mod shape;
mod verdict;
mod window;

use config::{FileFormat, FilesOptions};
use cursor::{Cursor, Pin};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use pass::{Pass, Start};
use ports::{Completeness, Page, PortError, Reading, Source};
use record::RecordKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use window::Window;

/// Bytes that one request to the store asks for.
const CHUNK_BYTES: u64 = 256 * 1024;

/// Lines of a JSON Lines file that [`FilesSource::header`] looks at.
const HEADER_LINES_MAX: usize = 1_000;

/// One HR file as a source of records.
#[derive(Debug)]
pub struct FilesSource {
    options: FilesOptions,
    store: Arc<dyn ObjectStore>,
    path: Path,
    chunk: u64,
    largest: AtomicUsize,
}

impl FilesSource {
    /// The file at `path` of this store. Nothing is read yet.
    pub fn open(options: FilesOptions, store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { options, store, path, chunk: CHUNK_BYTES, largest: AtomicUsize::new(0) }
    }

    /// The file of this machine that the options' `url` names. Nothing is read yet.
    pub fn local(options: FilesOptions) -> Result<Self, PortError> {
        if options.url.contains("://") {
            return Err(PortError::Permanent {
                what: "the address of the file is no local path; open it with its object store",
                source: None,
            });
        }
        let what = "the path of the file cannot be used";
        let absolute = std::path::absolute(&options.url).map_err(|error| PortError::permanent(what, error))?;
        let path = Path::from_absolute_path(absolute).map_err(|error| PortError::permanent(what, error))?;
        Ok(Self::open(options, Arc::new(LocalFileSystem::new()), path))
    }

    /// The same source with requests of `bytes` bytes each; smaller ones cost more requests, never other records.
    #[must_use]
    pub fn with_chunk(mut self, bytes: u64) -> Self {
        self.chunk = bytes.max(1);
        self
    }

    /// The most bytes of the file that were held at one time so far.
    pub fn largest_buffer(&self) -> usize {
        self.largest.load(Ordering::Relaxed)
    }

    /// The names of the attributes: the header of a CSV file, or every name on the first 1,000 lines of JSON Lines.
    pub async fn header(&self) -> Result<Vec<String>, PortError> {
        let pin = self.pin().await?;
        let mut pass = match Pass::begin(&self.options, self.window(&pin), None).await? {
            Start::Ready(pass) => pass,
            Start::Broken(flaw) => {
                return Err(PortError::permanent("the header of the file cannot be used", flaw.to_string()));
            }
        };
        if matches!(self.options.format, FileFormat::Csv { .. }) {
            return Ok(pass.into_names());
        }
        let mut names = Vec::<String>::new();
        for _ in 0..HEADER_LINES_MAX {
            let Some(read) = pass.next().await? else { break };
            if let Ok(record) = read {
                for name in record.attributes.keys() {
                    if !names.iter().any(|known| known == name) {
                        names.push(name.to_owned());
                    }
                }
            }
        }
        Ok(names)
    }

    async fn pin(&self) -> Result<Pin, PortError> {
        self.check_encoding()?;
        let meta = self.store.head(&self.path).await.map_err(fault::classified)?;
        Ok(Pin::of(&meta))
    }

    fn check_encoding(&self) -> Result<(), PortError> {
        let encoding = self.options.encoding.trim();
        if encoding.eq_ignore_ascii_case("utf-8") || encoding.eq_ignore_ascii_case("utf8") {
            return Ok(());
        }
        Err(PortError::permanent(
            "only utf-8 is read; convert the file, or set another encoding once it is supported",
            format!("the configured encoding is {encoding}"),
        ))
    }

    fn window<'a>(&'a self, pin: &'a Pin) -> Window<'a> {
        Window::new(self.store.as_ref(), &self.path, pin, self.chunk, &self.largest)
    }
}

impl Source for FilesSource {
    async fn read(&self, reading: &Reading, cursor: Option<&str>) -> Result<Page, PortError> {
        let cursor = cursor.map(Cursor::parse).transpose()?;
        let pin = self.pin().await?;
        if cursor.as_ref().is_some_and(|cursor| cursor.pin != pin) {
            return Err(PortError::Conflict { what: "the next page of the file could not be read" });
        }
        let watermark = Some(pin.watermark());
        if let (None, Reading::Since(since)) = (&cursor, reading)
            && Some(since) == watermark.as_ref()
        {
            return Ok(Page { completeness: Some(Completeness::Delta), watermark, ..Page::default() });
        }
        let mut pass = match Pass::begin(&self.options, self.window(&pin), cursor.as_ref()).await? {
            Start::Ready(pass) => pass,
            Start::Broken(flaw) => {
                let completeness = Some(flaw.into_completeness(&self.options.url));
                return Ok(Page { completeness, watermark, ..Page::default() });
            }
        };
        let mut page = Page { structure: pass.structure(), ..Page::default() };
        while page.rows < self.options.page_size.max(1) as u64 {
            let Some(read) = pass.next().await? else { break };
            page.rows += 1;
            match read {
                Ok(record) => page.records.push(record),
                Err(rejected) => page.rejected.push(rejected),
            }
        }
        match pass.verdict() {
            Some(completeness) => (page.completeness, page.watermark) = (Some(completeness), watermark),
            None => page.next = Some(pass.cursor(&pin).text()),
        }
        Ok(page)
    }

    async fn read_one(&self, key: &RecordKey) -> Result<Page, PortError> {
        let pin = self.pin().await?;
        let mut page = Page::default();
        let mut pass = match Pass::begin(&self.options, self.window(&pin), None).await? {
            Start::Ready(pass) => pass,
            Start::Broken(flaw) => {
                page.completeness = Some(flaw.into_completeness(&self.options.url));
                return Ok(page);
            }
        };
        // Two are enough to know that the key is repeated.
        while page.rows < 2 {
            let Some(read) = pass.next().await? else { break };
            match read {
                Ok(record) if record.key == *key => page.records.push(record),
                Err(rejected) if rejected.key.as_ref() == Some(key) => page.rejected.push(rejected),
                _ => continue,
            }
            page.rows += 1;
        }
        // One record never says anything about the others, but a broken file is to be known here too.
        page.completeness = Some(match pass.verdict() {
            Some(broken @ Completeness::Broken { .. }) => broken,
            _ => Completeness::Delta,
        });
        Ok(page)
    }
}
