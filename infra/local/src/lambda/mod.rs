//! Lambda on one machine: functions as child processes that speak the Runtime API, and what invokes them.
//! Facts are from the AWS Lambda developer guide.

mod function;
mod invocation;
mod mapping;
mod process;
mod runtime_api;
mod schedule;
mod url;

pub(crate) use function::Function;
pub(crate) use mapping::poll;
pub(crate) use process::{Launch, keep_running};
pub(crate) use runtime_api::router as runtime_api;
pub(crate) use schedule::fire;
pub(crate) use url::router as function_url;

/// Most bytes of a payload and of an answer.
pub(crate) const PAYLOAD_MAX: usize = 6 * 1024 * 1024;
