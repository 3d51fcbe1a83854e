//! The Graph simulator over HTTP. Every request and every answer here is held to a cut of Graph's metadata.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod batch;
mod budget;
mod client;
mod create;
mod delta;
mod documented;
mod faults;
mod filters;
mod journal;
mod operations;
mod paging;
mod recycled;
mod references;
mod replicas;
mod schema;
mod token;
mod update;
