//! The local stack against the clients that speak to AWS, and against a function on the real runtime.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dynamodb;
mod functions;
mod mapping;
mod queues;
mod restart;
mod trial;
