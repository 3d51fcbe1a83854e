//! The roles that the steps need from outside: traits only, and the values that cross them.
//!
//! No AWS, HTTP or LDAP type stands here. Adapters turn what happened into [`PortError`] or [`Reply`],
//! because only they know the codes of their system.

mod blobs;
mod clock;
mod error;
mod queue;
mod source;
mod table;
mod target;

pub use blobs::{Blobs, Put};
pub use clock::{Clock, Entropy};
pub use error::{BoxError, ErrorChain, PortError};
pub use queue::{Queue, QueueName};
pub use record::{Account, Anchor};
pub use source::{Completeness, Page, Place, Reading, Rejected, Source};
pub use table::{Condition, Edit, Field, Item, Key, Table, Write};
pub use target::{AccountPage, Reply, TargetRead, TargetWrite, WriteAction, WriteReport, WriteRequest};
