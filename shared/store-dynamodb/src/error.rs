//! Which failure of the service is which class of error.
//!
//! Messages of the service name attributes, placeholders and roles, never an item's content: values travel beside the
//! expressions. So they may stand in an error, which is the only way to learn which permission is missing.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use ports::PortError;

pub(crate) const READ: &str = "the table could not be read";
pub(crate) const WRITE: &str = "the table could not be written";

/// What the service said, without the parts of its type that say nothing.
#[derive(Debug, thiserror::Error)]
#[error("{code} (status {status}): {message}")]
struct ServiceError {
    code: String,
    status: u16,
    message: String,
}

/// The caller's mistake, or content that somebody else wrote.
pub(crate) fn malformed(what: &'static str) -> PortError {
    PortError::Permanent { what, source: None }
}

/// The class of a failure.
pub(crate) fn classify<E>(what: &'static str, error: SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(service) = &error else {
        return match error {
            SdkError::ConstructionFailure(_) => {
                PortError::permanent("a request to the table could not be made; check region and credentials", error)
            }
            error => PortError::transient(what, error),
        };
    };
    let status = service.raw().status().as_u16();
    let code = service.err().code().unwrap_or("no code").to_owned();
    let message = service.err().message().unwrap_or("no message").to_owned();
    let class = class_of(&code, status);
    let source = ServiceError { code, status, message };
    match class {
        Class::Conflict => PortError::Conflict { what },
        Class::Transient => PortError::transient(what, source),
        Class::Permanent(what) => PortError::permanent(what, source),
    }
}

/// True where the service certainly did nothing and only asks for patience.
pub(crate) fn certainly_not_done<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    matches!(error, SdkError::ServiceError(service) if service.err().code().is_some_and(is_throttling))
}

enum Class {
    Conflict,
    Transient,
    Permanent(&'static str),
}

fn class_of(code: &str, status: u16) -> Class {
    match code {
        "ConditionalCheckFailedException" => Class::Conflict,
        "InternalServerError" | "ServiceUnavailable" | "RequestTimeout" | "LimitExceededException" => Class::Transient,
        code if is_throttling(code) || status >= 500 || status == 429 => Class::Transient,
        "ResourceNotFoundException" => {
            Class::Permanent("the table does not exist; deploy the stack or correct TABLE_NAME")
        }
        "AccessDeniedException"
        | "UnrecognizedClientException"
        | "MissingAuthenticationTokenException"
        | "InvalidSignatureException"
        | "IncompleteSignatureException"
        | "ExpiredTokenException" => {
            Class::Permanent("access to the table is denied; check the credentials and the permissions of the role")
        }
        _ => Class::Permanent("the table refused a request as malformed"),
    }
}

fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "TransactionConflictException"
            | "TransactionInProgressException"
            | "ThrottlingException"
            | "Throttling"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ReplicatedWriteConflictException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_class_that_says_what_to_do() {
        assert!(matches!(class_of("ConditionalCheckFailedException", 400), Class::Conflict));
        for (code, status) in [
            ("TransactionConflictException", 400),
            ("ProvisionedThroughputExceededException", 400),
            ("RequestLimitExceeded", 400),
            ("InternalServerError", 500),
            ("no code", 503),
        ] {
            assert!(matches!(class_of(code, status), Class::Transient), "{code}");
        }
        for code in ["ResourceNotFoundException", "AccessDeniedException", "ValidationException", "no code"] {
            assert!(matches!(class_of(code, 400), Class::Permanent(_)), "{code}");
        }
    }
}
