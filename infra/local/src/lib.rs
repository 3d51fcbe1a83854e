//! The function set on one machine: an embedded `DynamoDB`, a small SQS, the Lambda Runtime API, event source
//! mappings, schedules and function URLs, all on loopback. Functions run unchanged as child processes.
//! It holds no rule of Tenure: it stands where AWS stands when deployed.

mod clock;
mod dynamodb;
mod error;
mod lambda;
mod options;
mod sqs;
mod stack;
mod start;
mod stop;

pub use error::{InvokeError, LocalError};
pub use options::{FunctionOptions, Options, QueueOptions, Schedule};
pub use stack::{Depth, Stack};
