//! JSON with its place: every value that is not what it should be is an error that says where it stands.

use crate::ImportError;
use serde_json::Value;
use std::borrow::Cow;

/// A value and its path.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) value: &'a Value,
    pub(crate) path: String,
}

impl<'a> Node<'a> {
    /// What the key holds; null is as good as nothing.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'a>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Node { value, path: format!("{}.{key}", self.path) })
    }

    /// The object that the key holds.
    pub(crate) fn object(&self, key: &str) -> Result<Option<Node<'a>>, ImportError> {
        self.get(key).map(Node::into_object).transpose()
    }

    /// The objects of the list that the key holds, none where there is no list.
    pub(crate) fn objects(&self, key: &str) -> Result<Vec<Node<'a>>, ImportError> {
        self.get(key).map_or(Ok(Vec::new()), |list| list.items()?.into_iter().map(Node::into_object).collect())
    }

    /// The values of the list that this is.
    pub(crate) fn items(&self) -> Result<Vec<Node<'a>>, ImportError> {
        let Some(values) = self.value.as_array() else { return Err(self.wrong("a list")) };
        let item = |(index, value)| Node { value, path: format!("{}[{index}]", self.path) };
        Ok(values.iter().enumerate().map(item).collect())
    }

    /// The text that the key holds. Numbers and flags are texts as well.
    pub(crate) fn text(&self, key: &str) -> Result<Option<Cow<'a, str>>, ImportError> {
        self.get(key).map(|node| node.as_text()).transpose()
    }

    /// The text, or nothing where it is blank.
    pub(crate) fn filled(&self, key: &str) -> Result<Option<Cow<'a, str>>, ImportError> {
        Ok(self.text(key)?.filter(|text| !text.trim().is_empty()))
    }

    /// The text that this is.
    pub(crate) fn as_text(&self) -> Result<Cow<'a, str>, ImportError> {
        match self.value {
            Value::String(text) => Ok(Cow::Borrowed(text)),
            Value::Number(number) => Ok(Cow::Owned(number.to_string())),
            Value::Bool(flag) => Ok(Cow::Borrowed(if *flag { "True" } else { "False" })),
            _ => Err(self.wrong("a text")),
        }
    }

    /// The whole number that the key holds, also where it stands in quotes.
    pub(crate) fn whole(&self, key: &str) -> Result<Option<u64>, ImportError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let number = node.as_text().ok().and_then(|text| text.trim().parse().ok());
        number.map(Some).ok_or_else(|| node.wrong("a whole number"))
    }

    /// The flag that the key holds, also where it stands in quotes.
    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, ImportError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match node.as_text() {
            Ok(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Ok(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            _ => Err(node.wrong("true or false")),
        }
    }

    /// This, if it is an object.
    pub(crate) fn into_object(self) -> Result<Self, ImportError> {
        if self.value.is_object() { Ok(self) } else { Err(self.wrong("an object")) }
    }

    fn wrong(&self, wanted: &'static str) -> ImportError {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        ImportError::Shape { path: self.path.clone(), wanted, found }
    }
}
