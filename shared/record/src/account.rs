//! One object in a target.

use crate::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The target's own immutable id of an account (Graph's `id`, `objectGUID`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Anchor(pub String);

/// One object in a target, with the attributes that were asked for. An attribute without content is left out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub anchor: Anchor,
    /// Attributes by target name, as text: flags are `True`/`False`.
    pub attributes: BTreeMap<String, Value>,
}

/// Names the account, never what is in it.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("anchor", &self.anchor).finish_non_exhaustive()
    }
}
