//! The steps over ports: fetch, transform, judge, write, settle, on-demand. Functions only wire them.
//!
//! Every step may run twice, late, half or beside itself; each ends with one conditional write that makes it final.

mod blob;
mod compare_links;
mod cycle;
mod environment;
mod error;
mod fetch;
mod fresh;
mod give_up;
mod job;
mod judge;
mod lookup;
mod manifest;
mod names_to_come;
mod on_demand;
mod operator;
mod overlay;
mod pacing;
mod replies;
mod settle;
pub mod state;
mod transform;
mod write;
mod writer;

pub use blob::{Outcome, Outcomes, Phase, Reading, Stored, paths};
pub use cycle::resume;
pub use environment::{Environment, Ports};
pub use error::StepError;
pub use fetch::{FetchOutcome, fetch};
pub use give_up::give_up_batch;
pub use job::{Job, Jobs};
pub use judge::judge_cycle;
pub use manifest::{Entry, Maker, Manifest};
pub use names_to_come::names_to_come;
pub use on_demand::{OnDemandOutcome, on_demand};
pub use operator::{Approval, approve, note_trouble, read_hint, recover, reject, store_hint};
pub use overlay::{CapturedQueue, OverlayBlobs, OverlayTable};
pub use pacing::Pace;
pub use settle::settle_cycle;
pub use transform::transform;
pub use write::{WriteOutcome, Writing, write};
