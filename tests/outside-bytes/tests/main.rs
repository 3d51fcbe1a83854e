//! The functions on a corpus, on generated documents and on texts of unusual size and content.

#![expect(clippy::unwrap_used, reason = "a test may panic, in its shared parts too")]

mod corpus;
mod differential;
mod generated;
mod hostile;
