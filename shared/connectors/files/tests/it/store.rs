//! Files on disk: versions, missing files and permissions.

use crate::csv;
use config::FilesOptions;
use connector_files::FilesSource;
use ports::{PortError, Reading, Source};

fn on_disk(folder: &tempfile::TempDir, text: &str) -> FilesOptions {
    let path = folder.path().join("workers (1) ü%.csv");
    std::fs::write(&path, text).unwrap();
    FilesOptions { url: path.to_str().unwrap().to_owned(), page_size: 1, ..csv() }
}

/// What failed, of an error that will not pass by itself.
fn permanent(error: PortError) -> &'static str {
    match error {
        PortError::Permanent { what, .. } => what,
        other => panic!("not permanent: {other:?}"),
    }
}

#[tokio::test]
async fn a_file_that_is_replaced_half_way_is_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let options = on_disk(&folder, "id,a\n1,x\n2,y\n");
    let source = FilesSource::local(options).unwrap().with_chunk(4);
    let first = source.read(&Reading::Full, None).await.unwrap();
    assert_eq!(first.records.len(), 1);
    let second = source.read(&Reading::Full, first.next.as_deref()).await.unwrap();
    assert_eq!((second.records.len(), second.next), (1, None));
    on_disk(&folder, "id,a\n1,x\n3,y\n4,z\n");
    let replaced = source.read(&Reading::Full, first.next.as_deref()).await;
    assert!(replaced.is_err_and(|error| error.is_conflict()));
    let since = Reading::Since(second.watermark.unwrap());
    assert_eq!(source.read(&since, None).await.unwrap().records.len(), 1);
}

#[tokio::test]
async fn a_missing_file_and_a_folder_will_not_pass_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = on_disk(&folder, "id\n");
    options.url.push_str(".gone");
    let source = FilesSource::local(options.clone()).unwrap();
    assert_eq!(permanent(source.read(&Reading::Full, None).await.unwrap_err()), "the file is not there");
    assert_eq!(permanent(source.read_one(&"1".into()).await.unwrap_err()), "the file is not there");
    assert_eq!(permanent(source.header().await.unwrap_err()), "the file is not there");
    options.url = folder.path().to_str().unwrap().to_owned();
    let source = FilesSource::local(options).unwrap();
    permanent(source.read(&Reading::Full, None).await.unwrap_err());
}

#[tokio::test]
async fn an_encoding_that_is_not_read_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = on_disk(&folder, "id\n1\n");
    options.encoding = "windows-1252".to_owned();
    let error = FilesSource::local(options).unwrap().read(&Reading::Full, None).await.unwrap_err();
    let text = ports::ErrorChain(&error).to_string();
    assert!(text.contains("windows-1252") && text.contains("only utf-8 is read"), "{text}");
}

#[test]
fn an_address_of_a_store_is_no_local_path() {
    assert!(FilesSource::local(csv()).is_err());
}
