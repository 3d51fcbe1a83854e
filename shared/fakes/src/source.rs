//! A source in memory: pages, deltas by a counter of changes, and rows that cannot be read.

use crate::{Crash, locked};
use ports::{Completeness, Page, PortError, Reading, Rejected, Source};
use record::{Record, RecordKey};
use std::sync::{Arc, Mutex};

/// Records in memory. A clone is the same source.
///
/// Unless a test says otherwise a full read is proven complete, the watermark is the counter of changes, and pages
/// hold 100 records. When the content changes during a read, the next page is a conflict.
#[derive(Clone, Debug)]
pub struct FakeSource {
    crash: Crash,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// Each record with the number of its last change.
    records: Vec<(u64, Record)>,
    changes: u64,
    page_size: usize,
    rejected: Vec<Rejected>,
    completeness: Option<Completeness>,
    watermark: Watermark,
    structure: Option<String>,
    pages: Option<Vec<Page>>,
    failures: u64,
    reads: u64,
    reads_one: u64,
}

/// What the last page names.
#[derive(Debug)]
enum Watermark {
    /// The counter of changes.
    Changes,
    /// What a test said.
    Fixed(Option<String>),
}

impl FakeSource {
    /// A source with these records.
    pub fn new(crash: Crash, records: Vec<Record>) -> Self {
        let state = State {
            records: records.into_iter().map(|record| (1, record)).collect(),
            changes: 1,
            page_size: 100,
            rejected: Vec::new(),
            completeness: Some(Completeness::Proven { by: "row count".to_owned() }),
            watermark: Watermark::Changes,
            structure: None,
            pages: None,
            failures: 0,
            reads: 0,
            reads_one: 0,
        };
        Self { crash, state: Arc::new(Mutex::new(state)) }
    }

    /// Replaces everything; every record counts as changed.
    pub fn set_records(&self, records: Vec<Record>) {
        self.change(|state| state.records = records.into_iter().map(|record| (state.changes, record)).collect());
    }

    /// Adds a record or replaces the one with its key.
    pub fn upsert(&self, record: Record) {
        self.change(|state| match state.records.iter_mut().find(|(_, known)| known.key == record.key) {
            Some(place) => *place = (state.changes, record),
            None => state.records.push((state.changes, record)),
        });
    }

    /// Adds a record even if its key is there already.
    pub fn push(&self, record: Record) {
        self.change(|state| state.records.push((state.changes, record)));
    }

    /// Takes the records with this key away.
    pub fn remove(&self, key: &RecordKey) {
        self.change(|state| state.records.retain(|(_, record)| record.key != *key));
    }

    /// How many records a page holds.
    pub fn set_page_size(&self, size: usize) {
        locked(&self.state).page_size = size.max(1);
    }

    /// What a full read says about itself on its last page.
    pub fn set_completeness(&self, completeness: Option<Completeness>) {
        locked(&self.state).completeness = completeness;
    }

    /// The watermark that the last page names; `None` for a source that has no incremental read.
    pub fn set_watermark(&self, watermark: Option<String>) {
        locked(&self.state).watermark = Watermark::Fixed(watermark);
    }

    /// The digest of the structure that every page names.
    pub fn set_structure(&self, structure: Option<String>) {
        locked(&self.state).structure = structure;
    }

    /// Rows that cannot be read; they stand on the first page of every read.
    pub fn set_rejected(&self, rejected: Vec<Rejected>) {
        self.change(|state| state.rejected = rejected);
    }

    /// Serves exactly these pages to every read; only their `next` is filled in.
    pub fn set_pages(&self, pages: Vec<Page>) {
        self.change(|state| state.pages = Some(pages));
    }

    /// The next `count` calls fail in a way that may pass.
    pub fn fail_next(&self, count: u64) {
        locked(&self.state).failures = count;
    }

    /// How many pages were read.
    pub fn reads(&self) -> u64 {
        locked(&self.state).reads
    }

    /// How many single records were read.
    pub fn reads_one(&self) -> u64 {
        locked(&self.state).reads_one
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = locked(&self.state);
        state.changes += 1;
        change(&mut state);
    }
}

impl State {
    fn available(&mut self) -> Result<(), PortError> {
        if self.failures > 0 {
            self.failures -= 1;
            return Err(PortError::transient("the source did not answer", "a scripted failure"));
        }
        Ok(())
    }

    /// Where the read stands: cursors are `<counter of changes>:<offset>`.
    fn offset(&self, cursor: Option<&str>) -> Result<usize, PortError> {
        let Some(cursor) = cursor else { return Ok(0) };
        let parsed = cursor.split_once(':').and_then(|(at, offset)| Some((at.parse().ok()?, offset.parse().ok()?)));
        match parsed {
            Some((at, offset)) if at == self.changes => Ok(offset),
            Some::<(u64, usize)>(_) => Err(PortError::Conflict { what: "the next page could not be read" }),
            None => Err(crate::refused("the cursor is none of this source")),
        }
    }

    fn page(&self, since: Option<u64>, offset: usize) -> Page {
        if let Some(pages) = &self.pages {
            let mut page = pages.get(offset).cloned().unwrap_or_default();
            page.next = (offset + 1 < pages.len()).then(|| format!("{}:{}", self.changes, offset + 1));
            return page;
        }
        let all: Vec<&Record> = self
            .records
            .iter()
            .filter(|(changed, _)| since.is_none_or(|since| *changed > since))
            .map(|(_, record)| record)
            .collect();
        let records: Vec<Record> = all.iter().skip(offset).take(self.page_size).copied().cloned().collect();
        let end = offset + records.len();
        let rejected = if offset == 0 { self.rejected.clone() } else { Vec::new() };
        let last = end >= all.len();
        let completeness = if since.is_some() { Some(Completeness::Delta) } else { self.completeness.clone() };
        let watermark = match &self.watermark {
            Watermark::Changes => Some(self.changes.to_string()),
            Watermark::Fixed(watermark) => watermark.clone(),
        };
        Page {
            rows: (records.len() + rejected.len()) as u64,
            records,
            rejected,
            next: (!last).then(|| format!("{}:{end}", self.changes)),
            completeness: completeness.filter(|_| last),
            watermark: watermark.filter(|_| last),
            structure: self.structure.clone(),
        }
    }
}

impl Source for FakeSource {
    async fn read(&self, reading: &Reading, cursor: Option<&str>) -> Result<Page, PortError> {
        self.crash.around(|| {
            let mut state = locked(&self.state);
            state.reads += 1;
            state.available()?;
            let offset = state.offset(cursor)?;
            let since = match reading {
                Reading::Full => None,
                // A watermark that a test made up says nothing about changes: everybody counts as changed.
                Reading::Since(watermark) => Some(watermark.parse().unwrap_or(0)),
            };
            Ok(state.page(since, offset))
        })
    }

    async fn read_one(&self, key: &RecordKey) -> Result<Page, PortError> {
        self.crash.around(|| {
            let mut state = locked(&self.state);
            state.reads_one += 1;
            state.available()?;
            let found = state.records.iter().filter(|(_, record)| record.key == *key);
            let records: Vec<Record> = found.map(|(_, record)| record.clone()).collect();
            Ok(Page { rows: records.len() as u64, records, ..Page::default() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{World, run_ready};

    fn records(count: usize) -> Vec<Record> {
        (0..count).map(|n| Record::new(n.to_string())).collect()
    }

    #[test]
    fn only_the_last_page_knows_whether_everybody_came() {
        let source = World::new(1).source(records(5));
        source.set_page_size(3);
        let first = run_ready(source.read(&Reading::Full, None)).unwrap();
        assert_eq!((first.records.len(), first.completeness, first.watermark), (3, None, None));
        let second = run_ready(source.read(&Reading::Full, first.next.as_deref())).unwrap();
        assert_eq!((second.records.len(), second.next), (2, None));
        assert!(second.completeness.is_some() && second.watermark.is_some());
    }

    #[test]
    fn a_read_of_what_changed_holds_only_that() {
        let source = World::new(1).source(records(5));
        let full = run_ready(source.read(&Reading::Full, None)).unwrap();
        source.upsert(Record::new("3").with("department", "Weaving"));
        let since = Reading::Since(full.watermark.unwrap());
        let delta = run_ready(source.read(&since, None)).unwrap();
        assert_eq!(delta.records.len(), 1);
        assert_eq!(delta.completeness, Some(Completeness::Delta));
    }

    #[test]
    fn a_change_between_two_pages_is_a_conflict() {
        let source = World::new(1).source(records(5));
        source.set_page_size(3);
        let first = run_ready(source.read(&Reading::Full, None)).unwrap();
        source.push(Record::new("9"));
        let next = run_ready(source.read(&Reading::Full, first.next.as_deref()));
        assert!(next.is_err_and(|error| error.is_conflict()));
    }
}
