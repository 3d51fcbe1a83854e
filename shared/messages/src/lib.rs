//! What travels on queues: ids, never a person. Every message has a version; changes are additive, so that
//! what is in flight survives a deployment.

mod event;

pub use event::{Queued, WithoutId, arrived, queued};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A body that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be read")]
pub struct MessageError(#[source] Place);

/// Where a body is wrong. What the parser says of it may quote a value and stays out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("wrong up to line {line} column {column}")]
struct Place {
    line: usize,
    column: usize,
}

/// What a fetch is to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Everybody.
    Full,
    /// What changed since the watermark; a source without one, or new rules, make it full.
    Incremental,
    /// Nothing but the open set.
    Open,
}

/// Starts a cycle of a job, or goes on with one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// Version of this shape.
    pub v: u8,
    /// The job's name.
    pub job: String,
    /// What to read.
    pub mode: Mode,
    /// The cycle that goes on; `None` starts a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle: Option<u64>,
    /// Which continuation this is: each must have moved on, and there is a bound.
    #[serde(default)]
    pub continuation: u32,
}

/// Plans one batch of a cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transform {
    /// Version of this shape.
    pub v: u8,
    /// The job's name.
    pub job: String,
    /// The cycle's number within the job.
    pub cycle: u64,
    /// The batch's number within the cycle, from 1.
    pub batch: u64,
}

/// Wakes the writer of a target; the work itself lies in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// Version of this shape.
    pub v: u8,
    /// The connector's name.
    pub target: String,
    /// Which continuation this is.
    #[serde(default)]
    pub continuation: u32,
}

/// A cycle of one record. The key itself waits in the table under the hint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDemand {
    /// Version of this shape.
    pub v: u8,
    /// The job's name.
    pub job: String,
    /// The id of the stored hint: the record id.
    pub hint: String,
}

/// The body of a message.
pub fn encode<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).expect("messages hold only text and numbers")
}

/// A message from its body.
pub fn decode<T: DeserializeOwned>(body: &str) -> Result<T, MessageError> {
    serde_json::from_str(body).map_err(|error| MessageError(Place { line: error.line(), column: error.column() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_another_shape_is_placed_and_not_quoted() {
        let error = decode::<Write>(r#"{"v":"Placeholder"}"#).expect_err("no version");
        let place = std::error::Error::source(&error).expect("a place");
        assert_eq!(place.to_string(), "wrong up to line 1 column 18");
    }
}
