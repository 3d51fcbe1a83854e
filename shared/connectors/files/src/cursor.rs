//! What holds the pages of one read together: which version of the file is read, and how far.

use crate::verdict::Tally;
use object_store::ObjectMeta;
use ports::PortError;
use serde::{Deserialize, Serialize};

/// One version of a file. Where the store names versions by an entity tag, that decides; otherwise size and time do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pin {
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) e_tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified_us: Option<i64>,
}

impl Pin {
    /// The version that a store describes.
    pub(crate) fn of(meta: &ObjectMeta) -> Self {
        Self {
            size: meta.size,
            e_tag: meta.e_tag.clone(),
            version: meta.version.clone(),
            modified_us: meta.e_tag.is_none().then(|| meta.last_modified.timestamp_micros()),
        }
    }

    /// The version as a watermark: the same text, the same file.
    pub(crate) fn watermark(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts always become JSON")
    }
}

/// Where the next page starts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// Offset of the next row's first byte.
    pub(crate) at: u64,
    /// Its line, from 1.
    pub(crate) line: u64,
    /// What the pages so far amount to.
    pub(crate) tally: Tally,
    /// The version that the first page read.
    pub(crate) pin: Pin,
}

impl Cursor {
    /// The cursor of an earlier page.
    pub(crate) fn parse(text: &str) -> Result<Self, PortError> {
        serde_json::from_str(text).map_err(|_| PortError::Permanent {
            what: "the cursor is none of this source; start the read anew",
            source: None,
        })
    }

    /// The cursor as pages carry it.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts always become JSON")
    }
}
