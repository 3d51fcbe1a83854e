//! What a whole read amounts to: counts over all pages, the first visible defect, and the trailer.

use config::{FileFormat, FilesOptions, Semantics};
use ports::{Completeness, Place};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A defect that makes the whole file unusable until a person has looked at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flaw {
    /// What is wrong and what to do.
    pub(crate) reason: Cow<'static, str>,
    /// Where, from 1.
    pub(crate) line: u64,
    /// The attribute to blame, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attribute: Option<String>,
}

impl Flaw {
    pub(crate) fn new(reason: impl Into<Cow<'static, str>>, line: u64) -> Self {
        Self { reason: reason.into(), line, attribute: None }
    }

    /// The flaw as the last page states it.
    pub(crate) fn into_completeness(self, within: &str) -> Completeness {
        let place = Place { within: within.to_owned(), line: self.line, attribute: self.attribute };
        Completeness::Broken { reason: self.reason.into_owned(), place }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// What the pages so far amount to. It travels in the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// Rows, good or bad, without header and trailer.
    pub(crate) rows: u64,
    /// Rows of another shape than the file is said to have.
    pub(crate) misfits: u64,
    /// The first defect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) flaw: Option<Flaw>,
}

impl Tally {
    /// Keeps the first defect only: later ones often follow from it.
    pub(crate) fn blame(&mut self, flaw: Flaw) {
        self.flaw.get_or_insert(flaw);
    }

    /// What the last page says about the read; `line` is the one where the file ends.
    pub(crate) fn verdict(&self, options: &FilesOptions, trailer: Option<&Trailer>, line: u64) -> Completeness {
        if let Some(flaw) = self.flaw.clone().or_else(|| self.defect(options, trailer, line)) {
            return flaw.into_completeness(&options.url);
        }
        match (&options.semantics, trailer) {
            (Semantics::Delta, _) => Completeness::Delta,
            (Semantics::Full, Some(_)) => Completeness::Proven { by: "trailer".to_owned() },
            (Semantics::Full, None) => Completeness::Unproven,
        }
    }

    /// The defect that only the end of the file shows.
    fn defect(&self, options: &FilesOptions, trailer: Option<&Trailer>, line: u64) -> Option<Flaw> {
        let csv = matches!(options.format, FileFormat::Csv { .. });
        if self.misfits > self.rows / 2 {
            let reason = if csv {
                "more than half of the rows have another number of columns than the header: check the delimiter"
            } else {
                "more than half of the lines hold no JSON object: check the format"
            };
            return Some(Flaw::new(reason, 1));
        }
        if self.rows == 0 && options.semantics == Semantics::Full {
            let reason = if csv { "the file has a header and no record" } else { "the file has no record" };
            return Some(Flaw::new(reason, line));
        }
        options.proof.trailer.as_ref()?;
        match trailer {
            None => Some(Flaw::new("the trailer is missing: the file was probably cut off; deliver it again", line)),
            Some(Trailer { count: None, line }) => Some(Flaw::new("the trailer holds no number of records", *line)),
            Some(Trailer { count: Some(count), line }) if *count != self.rows => {
                let reason =
                    format!("the trailer counts {count} records, the file holds {}: deliver it again", self.rows);
                Some(Flaw::new(reason, *line))
            }
            Some(_) => None,
        }
    }
}

/// The last line of a file that counts its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trailer {
    /// Its number, if it is one.
    pub(crate) count: Option<u64>,
    /// Its line.
    pub(crate) line: u64,
}

impl Trailer {
    /// The trailer that these fields are, `None` if the first one is not the trailer's text.
    pub(crate) fn of<'a>(text: &str, mut fields: impl Iterator<Item = &'a [u8]>, line: u64) -> Option<Self> {
        if fields.next()?.trim_ascii() != text.as_bytes() {
            return None;
        }
        let count = fields.next().and_then(|count| std::str::from_utf8(count.trim_ascii()).ok()?.parse().ok());
        // Padding columns behind the number are usual, further content means that this is something else.
        let alone = fields.all(|field| field.trim_ascii().is_empty());
        Some(Self { count: count.filter(|_| alone), line })
    }
}
