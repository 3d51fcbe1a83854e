//! The header of a CSV file: its names, checked, and a digest of them.

use crate::field;
use crate::rows::Row;
use crate::verdict::Flaw;
use config::FilesOptions;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;

/// More columns than any HR file has; a wider header is one that was split wrongly.
const COLUMNS_MAX: usize = 4_096;

/// The names of the columns, in order.
pub(crate) struct Header {
    pub(crate) names: Vec<String>,
    /// The column of the key.
    pub(crate) key: usize,
}

impl Header {
    /// The header that the first row is. Names are never quoted in errors: a file without a header would show its
    /// first person there.
    pub(crate) fn of(row: &Row, options: &FilesOptions, delimiter: u8) -> Result<Self, Flaw> {
        let flaw = |reason: String| Err(Flaw::new(reason, row.line));
        if row.columns() > COLUMNS_MAX {
            return flaw(format!("the header has more than {COLUMNS_MAX} columns"));
        }
        if let Some(shown) = other_delimiter(row, options, delimiter) {
            return flaw(format!("the header has one column only: the delimiter looks like {shown}"));
        }
        let mut names = Vec::with_capacity(row.columns());
        let mut seen = HashMap::new();
        for (index, field) in row.fields().enumerate() {
            let column = index + 1;
            let Ok(name) = std::str::from_utf8(field) else {
                return flaw("the header is not utf-8; only utf-8 is read: convert the file".to_owned());
            };
            let name = name.trim().to_owned();
            if name.is_empty() {
                return flaw(format!("column {column} of the header has no name"));
            }
            if !field::is_name(&name) {
                return flaw(format!("the name of column {column} is too long or holds a control character"));
            }
            if let Some(first) = seen.insert(name.clone(), column) {
                return flaw(format!("columns {first} and {column} of the header have the same name"));
            }
            names.push(name);
        }
        if let Some(key) = names.iter().position(|name| *name == options.key) {
            return Ok(Self { names, key });
        }
        let mut flaw = Flaw::new(missing(&names, &options.key), row.line);
        flaw.attribute = Some(options.key.clone());
        Err(flaw)
    }

    /// A digest of the names in their order.
    pub(crate) fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for name in &self.names {
            hasher.update((name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
        }
        hasher.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// The usual delimiter that a header of one column holds, if it is not the key as it stands.
fn other_delimiter(row: &Row, options: &FilesOptions, delimiter: u8) -> Option<&'static str> {
    let only = row.fields().next().filter(|only| row.columns() == 1 && only.trim_ascii() != options.key.as_bytes())?;
    let usual = [(b';', "`;`"), (b'\t', "a tab"), (b',', "`,`"), (b'|', "`|`")];
    usual.iter().find(|(byte, _)| *byte != delimiter && only.contains(byte)).map(|(_, shown)| *shown)
}

/// Why the key may be missing.
fn missing(names: &[String], key: &str) -> String {
    let nearest = names
        .iter()
        .map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &key.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match nearest {
        Some((_, name)) => format!("the header has no column for the key; did you mean `{name}`?"),
        None => "the header has no column for the key".to_owned(),
    }
}
