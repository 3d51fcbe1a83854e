//! Which failure of a store is which class of error.

use object_store::Error;
use ports::PortError;
use std::error::Error as _;
use std::io::{self, ErrorKind};

pub(crate) const READ: &str = "a blob could not be read";
pub(crate) const WRITE: &str = "a blob could not be written";

/// The caller's or the operator's mistake.
pub(crate) fn refused(what: &'static str) -> PortError {
    PortError::Permanent { what, source: None }
}

/// Whether the object is not there, while its bucket is.
pub(crate) fn is_absent(error: &Error) -> bool {
    matches!(error, Error::NotFound { .. }) && !says_no_bucket(error)
}

/// The class of a failure. What is not known to need a person may pass: time-outs, throttling, 5xx.
pub(crate) fn classify(what: &'static str, error: Error) -> PortError {
    let permanent = match &error {
        Error::NotFound { .. } if says_no_bucket(&error) => {
            "the blob bucket does not exist; deploy the stack or correct BLOB_URL"
        }
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            "access to the blobs is denied; check the credentials and the permissions of the role"
        }
        Error::InvalidPath { .. }
        | Error::NotSupported { .. }
        | Error::NotImplemented { .. }
        | Error::UnknownConfigurationKey { .. } => "the blob store refused a request as malformed",
        _ if is_folder_unusable(&error) => "the blob folder cannot be used; check its owner and its disk",
        _ => return PortError::transient(what, error),
    };
    PortError::permanent(permanent, error)
}

/// S3 answers 404 for a missing bucket as for a missing object; only the code in the body tells them apart.
fn says_no_bucket(error: &Error) -> bool {
    error.to_string().contains("NoSuchBucket")
}

/// Two writers of one object met: this one did not win, and the other may not have either (S3: `PutObject`, 409).
pub(crate) fn is_undecided(error: &Error) -> bool {
    error.to_string().contains("ConditionalRequestConflict")
}

fn is_folder_unusable(error: &Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            let unusable = [
                ErrorKind::PermissionDenied,
                ErrorKind::ReadOnlyFilesystem,
                ErrorKind::NotADirectory,
                ErrorKind::StorageFull,
            ];
            return unusable.contains(&cause.kind());
        }
        next = cause.source();
    }
    false
}
