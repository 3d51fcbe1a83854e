//! Typed access to an item's fields.

use crate::StepError;
use ports::{Field, Item};
use std::collections::BTreeSet;

/// An item with the name of what it is, for errors.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    item: &'a Item,
    what: &'static str,
}

impl<'a> Fields<'a> {
    /// Wraps an item.
    pub fn new(item: &'a Item, what: &'static str) -> Self {
        Self { item, what }
    }

    fn broken(&self) -> StepError {
        StepError::Broken { what: self.what, source: None }
    }

    /// A text that may be missing.
    pub fn text_if(&self, name: &str) -> Result<Option<&'a str>, StepError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(Field::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.broken()),
        }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<&'a str, StepError> {
        self.text_if(name)?.ok_or_else(|| self.broken())
    }

    /// A number that may be missing.
    pub fn number_if(&self, name: &str) -> Result<Option<i64>, StepError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(Field::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(self.broken()),
        }
    }

    /// A number, 0 when it is missing.
    pub fn number(&self, name: &str) -> Result<i64, StepError> {
        Ok(self.number_if(name)?.unwrap_or(0))
    }

    /// A count: a number that is not negative, 0 when it is missing.
    pub fn count(&self, name: &str) -> Result<u64, StepError> {
        u64::try_from(self.number(name)?).map_err(|_| self.broken())
    }

    /// A flag, false when it is missing.
    pub fn flag(&self, name: &str) -> Result<bool, StepError> {
        match self.item.get(name) {
            None => Ok(false),
            Some(Field::Flag(flag)) => Ok(*flag),
            Some(_) => Err(self.broken()),
        }
    }

    /// Bytes.
    pub fn bytes(&self, name: &str) -> Result<&'a [u8], StepError> {
        match self.item.get(name) {
            Some(Field::Bytes(bytes)) => Ok(bytes),
            _ => Err(self.broken()),
        }
    }

    /// A set of numbers, empty when it is missing.
    pub fn numbers(&self, name: &str) -> Result<BTreeSet<u64>, StepError> {
        match self.item.get(name) {
            None => Ok(BTreeSet::new()),
            Some(Field::Numbers(numbers)) => Ok(numbers.clone()),
            Some(_) => Err(self.broken()),
        }
    }

    /// A value that stands as JSON in a text, its default when it is missing.
    pub fn json<T: serde::de::DeserializeOwned + Default>(&self, name: &str) -> Result<T, StepError> {
        match self.text_if(name)? {
            None => Ok(T::default()),
            Some(text) => serde_json::from_str(text).map_err(|error| StepError::misshapen(self.what, &error)),
        }
    }
}

/// A text field.
pub(super) fn text(value: impl Into<String>) -> Field {
    Field::Text(value.into())
}

/// A count as a field.
pub(super) fn count(value: u64) -> Field {
    Field::Number(i64::try_from(value).unwrap_or(i64::MAX))
}

/// A value as JSON in a text field.
pub(super) fn json(value: &impl serde::Serialize) -> Field {
    Field::Text(serde_json::to_string(value).expect("state is plain data"))
}
