//! What every blob store does.

use super::{Real, contract};
use ::blobs::ObjectBlobs;
use bytes::Bytes;
use ports::{Blobs, PortError, Put};
use tempfile::TempDir;

contract! {
    fake: fakes::World::new(1).blobs,
    folder: super::folder(),
    rules: [
        an_object_never_changes,
        nothing_is_none,
        what_is_deleted_is_gone,
        of_many_writers_one_wins_and_none_tears,
        a_reader_sees_all_or_nothing,
        a_path_that_leads_elsewhere_is_refused,
    ]
}

fn folder() -> Real<ObjectBlobs, TempDir> {
    let keep = tempfile::tempdir().unwrap();
    let address = format!("file://{}/made/when/opened", keep.path().display());
    Real { port: ObjectBlobs::open(&address, []).unwrap(), _keep: keep }
}

async fn an_object_never_changes(blobs: &impl Blobs) {
    let path = "jobs/hr/cycles/1/plan";
    assert_eq!(blobs.put(path, Bytes::from_static(b"first")).await.unwrap(), Put::Created);
    assert_eq!(blobs.put(path, Bytes::from_static(b"second")).await.unwrap(), Put::Exists);
    assert_eq!(blobs.get(path).await.unwrap().unwrap(), "first");
}

async fn nothing_is_none(blobs: &impl Blobs) {
    assert_eq!(blobs.get("jobs/hr/nothing").await.unwrap(), None);
    blobs.put("jobs/hr/empty", Bytes::new()).await.unwrap();
    assert_eq!(blobs.get("jobs/hr/empty").await.unwrap().unwrap(), "");
}

async fn what_is_deleted_is_gone(blobs: &impl Blobs) {
    blobs.delete("a/b").await.unwrap();
    blobs.put("a/b", Bytes::from_static(b"1")).await.unwrap();
    blobs.delete("a/b").await.unwrap();
    assert_eq!(blobs.get("a/b").await.unwrap(), None);
    assert_eq!(blobs.put("a/b", Bytes::from_static(b"2")).await.unwrap(), Put::Created);
}

async fn of_many_writers_one_wins_and_none_tears(blobs: &impl Blobs) {
    let bodies: Vec<Bytes> = (0..8).map(|n| Bytes::from(vec![n; 300_000])).collect();
    let (a, b, c, d) = tokio::join!(
        blobs.put("one", bodies[0].clone()),
        blobs.put("one", bodies[1].clone()),
        blobs.put("one", bodies[2].clone()),
        blobs.put("one", bodies[3].clone()),
    );
    let winners = [a, b, c, d].into_iter().filter(|put| *put.as_ref().unwrap() == Put::Created).count();
    assert_eq!(winners, 1);
    let stored = blobs.get("one").await.unwrap().unwrap();
    assert!(bodies.contains(&stored), "{} bytes that nobody wrote", stored.len());
}

async fn a_reader_sees_all_or_nothing(blobs: &impl Blobs) {
    let body = Bytes::from(vec![7; 2_000_000]);
    for n in 0..5 {
        let path = format!("big/{n}");
        let watch = async {
            // Bounded: a put that never shows is found out below.
            for _ in 0..10_000 {
                if let Some(seen) = blobs.get(&path).await.unwrap() {
                    return Some(seen);
                }
                tokio::task::yield_now().await;
            }
            None
        };
        let (put, seen) = tokio::join!(blobs.put(&path, body.clone()), watch);
        assert_eq!(put.unwrap(), Put::Created);
        assert!(seen.is_none_or(|seen| seen == body), "a torn object was seen");
        assert_eq!(blobs.get(&path).await.unwrap().unwrap(), body);
    }
}

async fn a_path_that_leads_elsewhere_is_refused(blobs: &impl Blobs) {
    for path in ["", "/a", "a//b", "../a", "a/./b", "a/..", "a#1"] {
        let put = blobs.put(path, Bytes::new()).await;
        assert!(matches!(put, Err(PortError::Permanent { .. })), "{path}");
        assert!(blobs.get(path).await.is_err() && blobs.delete(path).await.is_err(), "{path}");
    }
}
