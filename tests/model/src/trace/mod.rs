//! Histories of real runs, held against the protocol.
//!
//! Record [`Event`]s from outside, in the order in which they happened, all in true milliseconds (any fixed beginning), and call
//! [`replay`]. Where each comes from:
//!
//! | Event | Observed as |
//! |---|---|
//! | `LeaseTaken`, `LeaseRenewed` | a successful update of `TARGET#…/LEASE` that sets `holder`; one that sets `until` but not `holder` and does not remove it. `until` is the stored field |
//! | `LeaseReleased` | the update that removes `holder`; `drained_until` is the `until` it sets, `None` if it removes it |
//! | `Sent` | the target's port is called, one for each request of a group; `names` are the unique values of a create |
//! | `Landed` | the target did it. What is dropped, refused or taken has no `Landed` |
//! | `Replied` | the port answers. Not recorded for an invocation that died meanwhile |
//! | `NameReserved`, `NameGivenUp` | a successful put of a `NAME#…` item for a record; one that marks it foreign |
//! | `LinkWritten` | a successful put of a `LINK#…` item: its `version` and `read`; `is_live` unless it says that the account was deleted |
//! | `WriterDied` | an invocation ended without its last step. Optional, but then nothing of it may follow |
//! | `CyclePlanned`, `BatchWritten` | `Include` of a number into `planned` or `written` of a cycle's item |
//! | `CycleExpected` | a cycle's item is put in state `planning`: its `batches` |
//! | `CycleJudged` | its state becomes `writing`: its `to_write` |
//! | `CycleReleased` | its `released` is set |
//! | `CycleSettled` | its state becomes `settled` |
//!
//! A release and a renewal that come after another took the lease change nothing in the store and are not recorded.

mod event;
mod replay;

pub use event::{Event, Kind, Reply};
pub use replay::{Constants, Replayed, TraceError, Why, replay};
