//! Small items: what they are called and what is in them. Nobody else knows a field's name.

mod batch;
mod budget;
mod cycle;
mod fields;
mod held;
mod hidden;
mod job;
mod lease;
mod link;
mod names;
mod open;

pub use batch::{Header, Ready, headers, ready_partition};
pub use budget::Budget;
pub use cycle::{Cycle, CycleState, Summary};
pub use fields::Fields;
pub use held::Held;
pub use job::{JobState, OpenCycle};
pub use lease::Lease;
pub use link::{get_links, link_from, link_item, link_key};
pub use names::{Owner, claim_key, give_up, name_key, owner_of, promise, reserve, stamp_key};
pub use open::{OpenRecord, open_set};
