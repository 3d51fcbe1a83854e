//! What every blob store does.

use super::emulator::{self, REGION, unique};
use super::{Real, contract};
use ::blobs::ObjectBlobs;
use bytes::Bytes;
use ports::{Blobs, PortError, Put};
use tempfile::TempDir;

contract! {
    rules: [
        an_object_never_changes,
        nothing_is_none,
        what_is_deleted_is_gone,
        of_many_writers_one_wins_and_none_tears,
        a_reader_sees_all_or_nothing,
        a_large_object_comes_back_whole,
        odd_paths_are_paths,
        a_path_that_leads_elsewhere_is_refused,
    ],
    fake: Some(crate::contract::Real::alone(fakes::World::new(1).blobs)),
    folder: Some(super::folder()),
    ministack: super::ministack(RULE, "within/a/bucket").await,
}

fn folder() -> Real<ObjectBlobs, TempDir> {
    let keep = tempfile::tempdir().unwrap();
    let address = format!("file://{}/made/when/opened", keep.path().display());
    Real { port: ObjectBlobs::open(&address, []).unwrap(), keep }
}

/// A new bucket on the independent server: its name and how it is reached.
pub(super) async fn bucket(rule: &str) -> Option<(String, Vec<(String, String)>)> {
    let address = emulator::address(rule)?;
    // Another test of this process may have been first.
    rustls::crypto::ring::default_provider().install_default().ok();
    let name = unique("blobs");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(http.put(format!("{address}/{name}")).send().await.unwrap().status().is_success());
    Some((name, settings(&address)))
}

/// The variables that a function finds in its environment. In clear text only because the address is this machine's.
fn settings(address: &str) -> Vec<(String, String)> {
    assert!(address.starts_with("http://127.0.0.1:"), "the independent server runs on this machine");
    let settings = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", REGION),
        ("AWS_ENDPOINT_URL_S3", address),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

async fn ministack(rule: &str, prefix: &str) -> Option<Real<ObjectBlobs>> {
    let (name, settings) = bucket(rule).await?;
    Some(Real::alone(ObjectBlobs::open(&format!("s3://{name}/{prefix}"), settings).unwrap()))
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_an_error_and_no_absence() {
    let Some((name, settings)) = bucket("a_bucket_that_is_not_there_is_an_error_and_no_absence").await else { return };
    let blobs = ObjectBlobs::open(&format!("s3://{name}-elsewhere"), settings).unwrap();
    let put = blobs.put("a", Bytes::from_static(b"1")).await;
    assert!(matches!(put, Err(PortError::Permanent { .. })), "{put:?}");
    let get = blobs.get("a").await;
    assert!(matches!(get, Err(PortError::Permanent { .. })), "{get:?}");
}

#[tokio::test]
async fn prefixes_of_a_bucket_do_not_mix() {
    let Some((name, settings)) = bucket("prefixes_of_a_bucket_do_not_mix").await else { return };
    let open = |prefix: &str| ObjectBlobs::open(&format!("s3://{name}{prefix}"), settings.clone()).unwrap();
    let (one, other, whole) = (open("/one"), open("/other/"), open(""));
    assert_eq!(one.put("a", Bytes::from_static(b"1")).await.unwrap(), Put::Created);
    assert_eq!(other.get("a").await.unwrap(), None);
    assert_eq!(other.put("a", Bytes::from_static(b"2")).await.unwrap(), Put::Created);
    assert_eq!(whole.get("one/a").await.unwrap().unwrap(), "1");
    assert_eq!(whole.get("other/a").await.unwrap().unwrap(), "2");
}

#[tokio::test]
async fn clear_text_is_spoken_only_where_it_is_allowed() {
    let Some((name, mut settings)) = bucket("clear_text_is_spoken_only_where_it_is_allowed").await else { return };
    settings.retain(|(name, _)| name != "AWS_ALLOW_HTTP");
    let blobs = ObjectBlobs::open(&format!("s3://{name}"), settings).unwrap();
    assert!(blobs.put("a", Bytes::from_static(b"1")).await.is_err());
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

async fn a_large_object_comes_back_whole(blobs: &impl Blobs) {
    let body: Bytes = (0..12_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    assert_eq!(blobs.put("large", body.clone()).await.unwrap(), Put::Created);
    assert!(blobs.get("large").await.unwrap().unwrap() == body, "the bytes are others");
    assert_eq!(blobs.put("large", Bytes::new()).await.unwrap(), Put::Exists);
}

async fn odd_paths_are_paths(blobs: &impl Blobs) {
    let long = "x".repeat(200);
    let paths = [
        "a b",
        "a+b",
        "a%20b",
        "a&b=c?d",
        "a:b;c,d@e",
        "~a!b$c",
        "'a'(b)",
        "A b",
        "ä/ö",
        "日本/😀",
        ".a",
        "a.",
        "...",
        "a\\b",
        "[a]{b}^`|\"<>",
        "*",
        long.as_str(),
    ];
    for path in paths {
        let whole = format!("odd/{path}/end");
        assert_eq!(blobs.put(&whole, Bytes::from(whole.clone())).await.unwrap(), Put::Created, "{path}");
    }
    for path in paths {
        let whole = format!("odd/{path}/end");
        assert_eq!(blobs.get(&whole).await.unwrap().unwrap(), whole);
        blobs.delete(&whole).await.unwrap();
        assert_eq!(blobs.get(&whole).await.unwrap(), None, "{path}");
    }
}

async fn a_path_that_leads_elsewhere_is_refused(blobs: &impl Blobs) {
    for path in ["", "/a", "a//b", "../a", "a/./b", "a/..", "a#1"] {
        let put = blobs.put(path, Bytes::new()).await;
        assert!(matches!(put, Err(PortError::Permanent { .. })), "{path}");
        assert!(blobs.get(path).await.is_err() && blobs.delete(path).await.is_err(), "{path}");
    }
}
