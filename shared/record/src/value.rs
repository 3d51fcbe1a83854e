//! One attribute's content.

use crate::Texts;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an attribute holds: nothing, one text or several. HR systems state text; a target's schema says what it means.
///
/// In JSON an empty value is `""`, one value is a string, several are a list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// One text, possibly `""` (which is *empty*).
    One(String),
    /// Several texts; a list of none is *empty* too.
    Many(Vec<String>),
}

/// The three states of an attribute of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State<'a> {
    /// The source did not mention the attribute.
    Absent,
    /// The source said that it has no content.
    Empty,
    /// The content.
    Set(Texts<'a>),
}

impl Value {
    /// All the values, in order; an empty value has none.
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(text) if text.is_empty() => &[],
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }

    /// The first value, `""` where there is none.
    pub fn text(&self) -> &str {
        self.values().first().map_or("", String::as_str)
    }

    /// True for `""` and for a list of none.
    pub fn is_empty(&self) -> bool {
        self.values().is_empty()
    }

    /// Empty or set; a value that is here is never absent.
    pub fn state(&self) -> State<'_> {
        Texts::from(self).state()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::One(text)
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Self::Many(texts)
    }
}

/// Never prints the content: it is personal data as often as not.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(text) => write!(f, "One({} bytes)", text.len()),
            Self::Many(texts) => write!(f, "Many({} values)", texts.len()),
        }
    }
}
