//! A small SQS: standard queues, durable in one `SQLite` file, spoken to with the AWS JSON 1.0 protocol or from inside.
//! Facts are from the Amazon SQS API reference and developer guide.

mod actions;
mod attributes;
mod digest;
mod fault;
mod messages;
mod queues;
mod store;
mod wire;

pub(crate) use attributes::is_name;
pub(crate) use messages::Received;
pub(crate) use queues::Queues;
pub(crate) use wire::router;

/// The account that queue URLs and ARNs name.
pub(crate) const ACCOUNT: &str = "000000000000";
