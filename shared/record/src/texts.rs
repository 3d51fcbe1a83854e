//! A value where it lies, in a record or on its own, without a copy of it.

use crate::{State, Value};
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Range;

/// What an attribute holds, borrowed: see [`Value`], of which it has all the questions.
#[derive(Clone, Copy)]
pub struct Texts<'a>(Place<'a>);

#[derive(Clone, Copy)]
enum Place<'a> {
    /// One text, possibly `""`.
    One(&'a str),
    /// Several texts of a record.
    Parts(&'a str, &'a [Part]),
    /// Several texts of a value.
    Many(&'a [String]),
}

/// A part of a record's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    start: u32,
    end: u32,
}

impl Part {
    #[inline]
    pub fn new(start: usize, end: usize) -> Self {
        let number = |at: usize| u32::try_from(at).expect("a record has less than 4 GiB of text");
        Self { start: number(start), end: number(end) }
    }

    #[inline]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl<'a> Texts<'a> {
    pub(crate) fn one(text: &'a str) -> Self {
        Self(Place::One(text))
    }

    pub(crate) fn parts(text: &'a str, parts: &'a [Part]) -> Self {
        Self(Place::Parts(text, parts))
    }

    /// All the values, in order; an empty value has none.
    #[inline]
    pub fn values(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let count = match self.0 {
            Place::One(text) => usize::from(!text.is_empty()),
            Place::Parts(_, parts) => parts.len(),
            Place::Many(texts) => texts.len(),
        };
        (0..count).map(move |index| match self.0 {
            Place::One(text) => text,
            Place::Parts(text, parts) => &text[parts[index].range()],
            Place::Many(texts) => &texts[index],
        })
    }

    /// How many values there are.
    pub fn len(self) -> usize {
        self.values().len()
    }

    /// True for `""` and for a list of none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The first value, `""` where there is none.
    pub fn text(self) -> &'a str {
        self.values().next().unwrap_or("")
    }

    /// The text of what is no list, possibly `""`.
    #[inline]
    pub fn single(self) -> Option<&'a str> {
        if let Place::One(text) = self.0 { Some(text) } else { None }
    }

    /// Empty or set; a value that is here is never absent.
    pub fn state(self) -> State<'a> {
        if self.is_empty() { State::Empty } else { State::Set(self) }
    }

    /// A copy that stands on its own.
    pub fn to_value(self) -> Value {
        match self.single() {
            Some(text) => Value::One(text.to_owned()),
            None => Value::Many(self.values().map(str::to_owned).collect()),
        }
    }
}

impl<'a> From<&'a Value> for Texts<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::One(text) => Self(Place::One(text)),
            Value::Many(texts) => Self(Place::Many(texts)),
        }
    }
}

/// One text and a list of that text are two contents.
impl PartialEq for Texts<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.single(), other.single()) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self.values().eq(other.values()),
            _ => false,
        }
    }
}

impl Eq for Texts<'_> {}

impl PartialEq<Value> for Texts<'_> {
    fn eq(&self, other: &Value) -> bool {
        *self == Texts::from(other)
    }
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.single() {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_seq(self.values()),
        }
    }
}

/// Never prints the content.
impl fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(text) => write!(f, "One({} bytes)", text.len()),
            None => write!(f, "Many({} values)", self.len()),
        }
    }
}
