//! Where the objects are, from the operator's text.

use crate::error::refused;
use ports::PortError;
use std::path::PathBuf;
use url::Url;

const MALFORMED: &str = "the blob address is none of s3://bucket/prefix, file:///folder or a folder; correct BLOB_URL";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Folder(PathBuf),
    Bucket { bucket: String, prefix: String },
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, PortError> {
        let malformed = || refused(MALFORMED);
        if text.is_empty() {
            return Err(malformed());
        }
        if !text.contains("://") {
            return Ok(Self::Folder(text.into()));
        }
        let url = Url::parse(text).map_err(|error| PortError::permanent(MALFORMED, error))?;
        match (url.scheme(), url.host_str()) {
            ("file", _) => url.to_file_path().map(Self::Folder).map_err(|()| malformed()),
            ("s3", Some(bucket)) => {
                Ok(Self::Bucket { bucket: bucket.to_owned(), prefix: url.path().trim_matches('/').to_owned() })
            }
            _ => Err(malformed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_buckets_are_told_apart() {
        let bucket =
            |bucket: &str, prefix: &str| Address::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
        for (text, expected) in [
            ("state/blobs", Address::Folder("state/blobs".into())),
            ("/var/lib/tenure", Address::Folder("/var/lib/tenure".into())),
            ("file:///var/lib/two%20words", Address::Folder("/var/lib/two words".into())),
            ("s3://tenure-blobs", bucket("tenure-blobs", "")),
            ("s3://tenure-blobs/a/b/", bucket("tenure-blobs", "a/b")),
        ] {
            assert_eq!(Address::parse(text).unwrap(), expected);
        }
        for text in ["", "s3://", "https://example.com/x", "file://elsewhere/x"] {
            assert!(matches!(Address::parse(text), Err(PortError::Permanent { .. })), "{text}");
        }
    }
}
