//! What every source does. It holds the records `1` to `25`, each with an attribute `department`, and no other.

use super::connector_contract;
use fakes::{FakeSource, World};
use ports::{Completeness, Page, PortError, Reading, Source};
use record::{Record, RecordKey};
use std::collections::BTreeSet;

connector_contract! {
    fake: super::fake(),
    rules: [
        everybody_comes_once,
        reading_again_gives_the_same,
        only_the_last_page_concludes,
        one_record_is_read_by_its_key,
        a_cursor_of_nobody_is_an_error,
    ]
}

fn fake() -> FakeSource {
    let source =
        World::new(1).source((1..=25).map(|n| Record::new(n.to_string()).with("department", "Weaving")).collect());
    source.set_page_size(10);
    source
}

async fn pages(source: &impl Source) -> Vec<Page> {
    let mut pages = vec![source.read(&Reading::Full, None).await.unwrap()];
    while let Some(next) = pages.last().and_then(|page| page.next.clone()) {
        pages.push(source.read(&Reading::Full, Some(&next)).await.unwrap());
        assert!(pages.len() <= 26, "a read has an end");
    }
    pages
}

async fn everybody_comes_once(source: &impl Source) {
    let pages = pages(source).await;
    let keys: Vec<&str> = pages.iter().flat_map(|page| &page.records).map(|record| record.key.as_str()).collect();
    assert_eq!(keys.len(), 25);
    assert_eq!(keys.into_iter().collect::<BTreeSet<_>>().len(), 25);
    assert_eq!(pages.iter().map(|page| page.rows).sum::<u64>(), 25);
    assert!(pages.iter().flat_map(|page| &page.records).all(|record| record.get("department").is_some()));
}

async fn reading_again_gives_the_same(source: &impl Source) {
    let (one, two) = (pages(source).await, pages(source).await);
    let shown = |pages: &[Page]| pages.iter().map(|page| (page.records.clone(), page.next.clone())).collect::<Vec<_>>();
    assert!(shown(&one) == shown(&two), "the same state gives the same pages under the same cursors");
}

async fn only_the_last_page_concludes(source: &impl Source) {
    let pages = pages(source).await;
    let (last, before) = pages.split_last().unwrap();
    assert!(before.iter().all(|page| page.completeness.is_none() && page.watermark.is_none()));
    let completeness = last.completeness.as_ref().unwrap();
    assert!(matches!(completeness, Completeness::Proven { .. } | Completeness::Unproven));
    assert!(pages.iter().filter_map(|page| page.next.as_ref()).all(|next| next.len() <= 4096));
}

async fn one_record_is_read_by_its_key(source: &impl Source) {
    let page = source.read_one(&RecordKey::from("7")).await.unwrap();
    assert_eq!(page.records.len(), 1);
    assert_eq!(page.records[0].key.as_str(), "7");
    let nobody = source.read_one(&RecordKey::from("26")).await.unwrap();
    assert!(nobody.records.is_empty() && nobody.rejected.is_empty());
}

async fn a_cursor_of_nobody_is_an_error(source: &impl Source) {
    let read = source.read(&Reading::Full, Some("no cursor")).await;
    assert!(matches!(read, Err(PortError::Permanent { .. } | PortError::Conflict { .. })));
}
