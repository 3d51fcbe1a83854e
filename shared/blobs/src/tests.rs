//! What survives a kill, and what becomes of S3's answers.

use super::*;
use fakes::{Answer, ScriptedServer};

fn bucket(server: &ScriptedServer) -> ObjectBlobs {
    // Another test of this process may have been first.
    rustls::crypto::ring::default_provider().install_default().ok();
    let options = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL_S3", &server.url()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_LAMBDA_FUNCTION_NAME", "fetch"),
        ("HOME", "/nowhere"),
    ];
    let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ObjectBlobs::open("s3://blobs/stack/", options).unwrap()
}

fn reply(status: u16, code: &str) -> Answer {
    Answer::Reply(status, format!("<Error><Code>{code}</Code></Error>"))
}

#[tokio::test]
async fn a_put_is_conditional_and_stands_under_the_prefix() {
    let server = ScriptedServer::start(vec![reply(200, "")]);
    let put = bucket(&server).put("jobs/a", Bytes::from_static(b"{}")).await;
    assert_eq!(put.unwrap(), Put::Created);
    let request = server.requests().remove(0);
    assert!(request.starts_with("PUT /blobs/stack/jobs/a HTTP/1.1"), "{request}");
    assert!(request.to_ascii_lowercase().contains("if-none-match: *"), "{request}");
}

#[tokio::test]
async fn the_first_writer_wins() {
    let server = ScriptedServer::start(vec![reply(412, "PreconditionFailed")]);
    let put = bucket(&server).put("a", Bytes::from_static(b"{}")).await;
    assert_eq!(put.unwrap(), Put::Exists);
}

#[tokio::test]
async fn a_missing_object_is_none_but_a_missing_bucket_is_an_error() {
    let server = ScriptedServer::start(vec![reply(404, "NoSuchKey"), reply(404, "NoSuchBucket")]);
    let blobs = bucket(&server);
    assert_eq!(blobs.get("a").await.unwrap(), None);
    let error = blobs.get("a").await.expect_err("there is no bucket");
    assert_eq!(error.to_string(), "the blob bucket does not exist; deploy the stack or correct BLOB_URL");
}

#[tokio::test]
async fn failures_have_the_class_that_says_what_to_do() {
    for (answer, transient) in [
        (reply(403, "AccessDenied"), false),
        (reply(500, "InternalError"), true),
        (reply(503, "SlowDown"), true),
        (Answer::Close, true),
    ] {
        let server = ScriptedServer::start(vec![answer.clone()]);
        let error = bucket(&server).get("a").await.expect_err("scripted");
        assert_eq!(error.is_transient(), transient, "{answer:?}");
    }
}

#[tokio::test]
async fn what_a_killed_process_left_half_written_is_never_seen() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = ObjectBlobs::open(folder.path().to_str().unwrap(), []).unwrap();
    std::fs::create_dir_all(folder.path().join("jobs")).unwrap();
    std::fs::write(folder.path().join("jobs/plan#1"), b"{\"half").unwrap();
    assert_eq!(blobs.get("jobs/plan").await.unwrap(), None);
    assert!(blobs.get("jobs/plan#1").await.is_err(), "the name of a half-written object is none of ours");
    assert_eq!(blobs.put("jobs/plan", Bytes::from_static(b"{}")).await.unwrap(), Put::Created);
    assert_eq!(blobs.get("jobs/plan").await.unwrap().unwrap(), "{}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_folder_that_is_a_file_needs_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(matches!(ObjectBlobs::open(file.to_str().unwrap(), []), Err(PortError::Permanent { .. })));
    let blobs = ObjectBlobs::open(folder.path().to_str().unwrap(), []).unwrap();
    let put = blobs.put("file/below", Bytes::from_static(b"{}")).await;
    assert!(matches!(put, Err(PortError::Permanent { .. })), "{put:?}");
}
