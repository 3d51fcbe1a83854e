//! Errors in the shape that SQS answers with.

use axum::Json;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refused request. The text never repeats a message's body.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    #[error("A queue already exists with the same name and a different value for attribute {0}.")]
    QueueNameExists(String),
    #[error("The input receipt handle is invalid.")]
    ReceiptHandleIsInvalid,
    #[error("The message referred to isn't in flight.")]
    MessageNotInflight,
    #[error("There should be at least one entry in the request.")]
    EmptyBatchRequest,
    #[error("Maximum number of entries per request are 10. You have sent {0}.")]
    TooManyEntries(usize),
    #[error("Two or more batch entries in the request have the same Id.")]
    EntryIdsNotDistinct,
    #[error("A batch entry id can only contain alphanumeric characters, hyphens and underscores, at most 80 of them.")]
    InvalidEntryId,
    #[error("Batch requests cannot be longer than 1048576 bytes. You have sent {0} bytes.")]
    BatchTooLong(usize),
    #[error("The message contains characters outside the allowed set.")]
    InvalidMessageContents,
    #[error("Unknown Attribute {0}.")]
    InvalidAttributeName(String),
    #[error("Invalid value for the parameter {0}.")]
    InvalidAttributeValue(String),
    #[error("Value for parameter {name} is invalid. Reason: {reason}.")]
    InvalidParameter { name: &'static str, reason: String },
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(&'static str),
    #[error("{0}")]
    Malformed(String),
    #[error("This local queue server does not do {0}.")]
    Unsupported(String),
    #[error("{0}")]
    NotFound(&'static str),
    #[error("The file of the queues could not be used.")]
    Store(#[from] rusqlite::Error),
}

impl Fault {
    /// A parameter with a bad value.
    pub(crate) fn parameter(name: &'static str, reason: impl Into<String>) -> Fault {
        Fault::InvalidParameter { name, reason: reason.into() }
    }

    /// The shape of the JSON protocol and the code of the older query protocol, which SDKs report.
    pub(crate) fn names(&self) -> (&'static str, &'static str) {
        match self {
            Fault::QueueDoesNotExist => {
                ("com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
            }
            Fault::QueueNameExists(_) => ("com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists"),
            Fault::ReceiptHandleIsInvalid => ("com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
            Fault::MessageNotInflight => {
                ("com.amazonaws.sqs#MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight")
            }
            Fault::EmptyBatchRequest => {
                ("com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest")
            }
            Fault::TooManyEntries(_) => (
                "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            ),
            Fault::EntryIdsNotDistinct => {
                ("com.amazonaws.sqs#BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
            }
            Fault::InvalidEntryId => {
                ("com.amazonaws.sqs#InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId")
            }
            Fault::BatchTooLong(_) => {
                ("com.amazonaws.sqs#BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong")
            }
            Fault::InvalidMessageContents => ("com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents"),
            Fault::InvalidAttributeName(_) => ("com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName"),
            Fault::InvalidAttributeValue(_) => ("com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue"),
            Fault::InvalidParameter { .. } => {
                ("com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue")
            }
            Fault::MissingParameter(_) => {
                ("com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter")
            }
            Fault::Malformed(_) => ("com.amazon.coral.service#SerializationException", "MalformedInput"),
            Fault::Unsupported(_) => {
                ("com.amazonaws.sqs#UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation")
            }
            Fault::NotFound(_) => ("com.amazonaws.sqs#ResourceNotFoundException", "ResourceNotFoundException"),
            Fault::Store(_) => ("com.amazon.coral.service#InternalFailure", "InternalFailure"),
        }
    }

    /// Whether the sender is to blame.
    pub(crate) fn is_senders(&self) -> bool {
        !matches!(self, Fault::Store(_))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (shape, code) = self.names();
        let (status, blame) = if self.is_senders() {
            (StatusCode::BAD_REQUEST, "Sender")
        } else {
            (StatusCode::INTERNAL_SERVER_ERROR, "Receiver")
        };
        let mut response = (status, Json(json!({ "__type": shape, "message": self.to_string() }))).into_response();
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static(super::wire::CONTENT_TYPE));
        if let Ok(value) = HeaderValue::from_str(&format!("{code};{blame}")) {
            headers.insert("x-amzn-query-error", value);
        }
        response
    }
}
