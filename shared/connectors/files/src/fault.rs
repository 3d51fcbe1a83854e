//! Sorts the errors of an object store by what the caller can do about them.

use object_store::Error;
use ports::PortError;
use std::io::ErrorKind;

/// The port's error for a failed request to the store.
pub(crate) fn classified(error: Error) -> PortError {
    match &error {
        Error::NotFound { .. } => PortError::permanent("the file is not there", error),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            PortError::permanent("the file may not be read; check the permissions", error)
        }
        Error::Precondition { .. } | Error::NotModified { .. } => {
            PortError::Conflict { what: "the file could not be read" }
        }
        Error::InvalidPath { .. }
        | Error::NotSupported { .. }
        | Error::NotImplemented { .. }
        | Error::UnknownConfigurationKey { .. } => PortError::permanent("the file cannot be addressed", error),
        _ => match io_kind(&error) {
            Some(ErrorKind::PermissionDenied) => {
                PortError::permanent("the file may not be read; check the permissions", error)
            }
            Some(ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                PortError::permanent("the file is not there", error)
            }
            Some(ErrorKind::IsADirectory) => PortError::permanent("the address names a folder, not a file", error),
            _ => PortError::transient("the file could not be read", error),
        },
    }
}

/// The kind of the operating system's error, if one lies underneath.
fn io_kind(error: &Error) -> Option<ErrorKind> {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        next = cause.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Generic { store: "test", source: source.into() }
    }

    #[test]
    fn outages_may_pass_and_missing_permissions_do_not() {
        assert!(classified(generic("503 Service Unavailable")).is_transient());
        assert!(classified(generic(std::io::Error::from(ErrorKind::TimedOut))).is_transient());
        let denied = Error::PermissionDenied { path: "a".to_owned(), source: "403".into() };
        assert!(matches!(classified(denied), PortError::Permanent { .. }));
        let denied = generic(std::io::Error::from(ErrorKind::PermissionDenied));
        assert!(matches!(classified(denied), PortError::Permanent { .. }));
    }

    #[test]
    fn a_failed_condition_is_a_conflict() {
        let error = Error::Precondition { path: "a".to_owned(), source: "412".into() };
        assert!(classified(error).is_conflict());
    }
}
