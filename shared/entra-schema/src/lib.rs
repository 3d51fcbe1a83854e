//! From an exported synchronization schema of Microsoft Entra to a `tenure.toml`, and back.
//!
//! PURE: bytes in, text out. Names are those of Microsoft Graph's `synchronizationSchema` resource and its parts.

mod column;
mod constant;
mod decode;
mod export;
mod filter;
mod find;
mod import;
mod job;
mod left_out;
mod naming;
mod node;
mod note;
mod quote;
mod row;
mod settings;
mod source;
mod tree;
mod write;

pub use decode::SIZE_MAX;
pub use export::{Export, export};
pub use import::{Import, import};
pub use note::{Effect, ImportError, Note};
