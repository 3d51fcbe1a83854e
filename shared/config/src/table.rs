//! Reads keys of a table by type; what is of another type, or was never asked for, is a mistake.

use crate::Level;
use crate::nearest::suggest;
use crate::report::Report;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table of the configuration while it is read.
pub(crate) struct Table<'a> {
    /// Where mistakes go.
    pub(crate) report: &'a Report<'a>,
    /// The table's header, for what is missing in it.
    pub(crate) span: Range<usize>,
    /// What the table is, for messages: `connector hr`.
    pub(crate) what: String,
    map: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
}

/// One entry of a table whose keys the operator chooses.
pub(crate) struct Entry<'a> {
    /// The key.
    pub(crate) key: &'a str,
    /// Where the key stands.
    pub(crate) key_span: Range<usize>,
    /// What is assigned.
    pub(crate) value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Table<'a> {
    /// The whole file.
    pub(crate) fn root(report: &'a Report<'a>, map: &'a DeTable<'a>) -> Self {
        Self { report, span: 0..0, what: "the configuration".to_owned(), map, asked: RefCell::default() }
    }

    /// The table that a value is; a mistake where it is something else.
    pub(crate) fn of(report: &'a Report<'a>, value: &'a Spanned<DeValue<'a>>, what: impl Into<String>) -> Option<Self> {
        let what = what.into();
        let Some(map) = value.get_ref().as_table() else {
            report.error(value.span(), format!("{what} must be a table, not {}", kind(value.get_ref())), None);
            return None;
        };
        Some(Self { report, span: value.span(), what, map, asked: RefCell::default() })
    }

    /// Whatever the key holds.
    pub(crate) fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.map.get(key)
    }

    /// Where the key's value stands; the table's header if there is none.
    pub(crate) fn span_of(&self, key: &str) -> Range<usize> {
        self.map.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// A text.
    pub(crate) fn text(&self, key: &'static str) -> Option<Spanned<String>> {
        self.as_text(key, self.get(key)?)
    }

    /// A text that has to be there and to have content.
    pub(crate) fn need_text(&self, key: &'static str) -> Option<Spanned<String>> {
        let Some(value) = self.get(key) else {
            self.report.missing(self.span.clone(), format!("{} has no `{key}`", self.what), None);
            return None;
        };
        let text = self.as_text(key, value)?;
        if text.get_ref().trim().is_empty() {
            self.report.error(text.span(), format!("`{key}` is empty"), None);
            return None;
        }
        Some(text)
    }

    /// A text, or the fallback.
    pub(crate) fn text_or(&self, key: &'static str, fallback: &str) -> String {
        self.text(key).map_or_else(|| fallback.to_owned(), Spanned::into_inner)
    }

    /// `true` or `false`, or the fallback.
    pub(crate) fn flag(&self, key: &'static str, fallback: bool) -> bool {
        let Some(value) = self.get(key) else { return fallback };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(key, value, "true or false");
            fallback
        })
    }

    /// A whole number within the range.
    pub(crate) fn whole(&self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.get(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong(key, value, "a whole number");
            return None;
        };
        let number = u64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let limits = match range.end() {
                &u64::MAX => format!("from {} up", range.start()),
                end => format!("from {} to {end}", range.start()),
            };
            self.report.error(value.span(), format!("`{key}` must be a whole number {limits}"), None);
        }
        number
    }

    /// A number with or without decimals, within the range.
    pub(crate) fn number(&self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let value = self.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().replace('_', "").parse::<f64>().ok(),
            DeValue::Float(float) => float.as_str().replace('_', "").parse::<f64>().ok(),
            _ => {
                self.wrong(key, value, "a number");
                return None;
            }
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("`{key}` must be a number from {} to {}", range.start(), range.end());
            self.report.error(value.span(), message, None);
        }
        number
    }

    /// One of the known words.
    pub(crate) fn word<T: Copy>(&self, key: &'static str, known: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = known.iter().find(|(word, _)| word == text.get_ref()).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let hint = suggest(text.get_ref(), known.iter().map(|(word, _)| *word));
            self.report.error(text.span(), format!("unknown `{key}`: `{}`", text.get_ref()), hint);
        }
        found
    }

    /// Texts in a list, none where the key is not there.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<Spanned<String>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(values) = value.get_ref().as_array() else {
            self.wrong(key, value, "a list of texts");
            return Vec::new();
        };
        values.iter().filter_map(|value| self.as_text(key, value)).collect()
    }

    /// Texts by names that the operator chooses.
    pub(crate) fn text_map(&self, key: &'static str) -> BTreeMap<String, Spanned<String>> {
        let Some(table) = self.table(key) else { return BTreeMap::new() };
        let named = |entry: Entry<'a>| self.as_text(key, entry.value).map(|text| (entry.key.to_owned(), text));
        table.entries().filter_map(named).collect()
    }

    /// A table.
    pub(crate) fn table(&self, key: &'static str) -> Option<Table<'a>> {
        Self::of(self.report, self.get(key)?, format!("`{key}`"))
    }

    /// Tables in a list.
    pub(crate) fn tables(&self, key: &'static str, what: &str) -> Vec<Table<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(values) = value.get_ref().as_array() else {
            let hint = (!key.ends_with("clauses")).then(|| format!("begin each with `[[….{key}]]`"));
            let message = format!("`{key}` must be a list of tables, not {}", kind(value.get_ref()));
            self.report.error(value.span(), message, hint);
            return Vec::new();
        };
        values.iter().filter_map(|value| Self::of(self.report, value, what)).collect()
    }

    /// Every entry, for a table whose keys the operator chooses.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let map = self.map;
        map.iter().map(|(key, value)| Entry { key: key.get_ref(), key_span: key.span(), value })
    }

    /// Notes every key that was never asked for.
    pub(crate) fn finish(self) {
        let asked = self.asked.into_inner();
        for key in self.map.keys().filter(|key| !asked.contains(&key.get_ref().as_ref())) {
            // What is not told needs no hint, which takes a while to find.
            if self.report.is_full(Level::Error) {
                break;
            }
            let missing = asked.iter().copied().filter(|known| !self.map.contains_key(*known));
            let hint = suggest(key.get_ref(), missing);
            self.report.error(key.span(), format!("{} has an unknown key `{}`", self.what, key.get_ref()), hint);
        }
    }

    fn as_text(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Spanned<String>> {
        let text = value.get_ref().as_str().map(|text| Spanned::new(value.span(), text.to_owned()));
        if text.is_none() {
            self.wrong(key, value, "a text");
        }
        text
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let scalar = !matches!(value.get_ref(), DeValue::Array(_) | DeValue::Table(_));
        let hint = (wanted == "a text" && scalar).then(|| "write it in quotes".to_owned());
        let message = format!("`{key}` must be {wanted}, not {}", kind(value.get_ref()));
        self.report.error(value.span(), message, hint);
    }
}

/// The kind of a value in everyday words.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
