//! Which failure of SQS is which class of error.

use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::BatchResultErrorEntry;
use ports::PortError;

pub(crate) const SEND: &str = "messages could not be sent";

/// What the service said. Its messages name queues and roles, never a body.
#[derive(Debug, thiserror::Error)]
#[error("{code} (status {status}): {message}")]
struct ServiceError {
    code: String,
    status: u16,
    message: String,
}

/// The caller's mistake.
pub(crate) fn refused(what: &'static str) -> PortError {
    PortError::Permanent { what, source: None }
}

/// The class of a failed request.
pub(crate) fn classify<E>(error: SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(service) = &error else {
        return match error {
            SdkError::ConstructionFailure(_) => {
                PortError::permanent("a request to a queue could not be made; check region and credentials", error)
            }
            error => PortError::transient(SEND, error),
        };
    };
    let status = service.raw().status().as_u16();
    let code = service.err().code().unwrap_or("no code").to_owned();
    let message = service.err().message().unwrap_or("no message").to_owned();
    let permanent = permanent_reason(&code, status);
    let source = ServiceError { code, status, message };
    match permanent {
        Some(what) => PortError::permanent(what, source),
        None => PortError::transient(SEND, source),
    }
}

/// The class of an entry that SQS did not take although it took the request.
pub(crate) fn entry_failure(failure: &BatchResultErrorEntry) -> PortError {
    if failure.sender_fault {
        PortError::permanent("a queue refused a message", failure.code.clone())
    } else {
        PortError::transient(SEND, failure.code.clone())
    }
}

/// What a person has to do, `None` where waiting may help.
fn permanent_reason(code: &str, status: u16) -> Option<&'static str> {
    match code {
        "QueueDoesNotExist" | "AWS.SimpleQueueService.NonExistentQueue" | "QueueDeletedRecently" => {
            Some("a queue does not exist; deploy the stack or correct the queue's URL")
        }
        "AccessDenied"
        | "AccessDeniedException"
        | "InvalidSecurity"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "SignatureDoesNotMatch"
        | "KmsAccessDenied" => {
            Some("access to a queue is denied; check the credentials and the permissions of the role")
        }
        "RequestThrottled" | "KmsThrottled" | "ThrottlingException" | "Throttling" => None,
        _ if status >= 500 || status == 429 => None,
        _ => Some("a queue refused a request as malformed"),
    }
}
