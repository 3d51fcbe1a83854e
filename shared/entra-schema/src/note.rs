//! What became of something that stands in the schema, and why a file is none.

use serde::Serialize;
use std::fmt;

/// How far something was carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The configuration cannot be used, or does less than it should, until somebody decides.
    Decide,
    /// It was not carried over; where it is a mapping, it stands in the configuration as a comment.
    LeftOut,
    /// It was carried over, but not word for word.
    Changed,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// How far it was carried over.
    pub effect: Effect,
    /// Where it stands in the file.
    pub path: String,
    /// What became of it.
    pub what: String,
    /// What to do, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            Effect::Decide => "decide",
            Effect::LeftOut => "left out",
            Effect::Changed => "changed",
        };
        write!(f, "{effect}: {}: {}", self.path, self.what)?;
        self.todo.as_ref().map_or(Ok(()), |todo| write!(f, "\n  {todo}"))
    }
}

/// The report while it is written.
#[derive(Debug, Default)]
pub(crate) struct Notes(pub(crate) Vec<Note>);

impl Notes {
    fn add(&mut self, effect: Effect, path: &str, what: impl Into<String>, todo: Option<String>) {
        self.0.push(Note { effect, path: path.to_owned(), what: what.into(), todo });
    }

    /// Somebody has to decide.
    pub(crate) fn decide(&mut self, path: &str, what: impl Into<String>, todo: &str) {
        self.add(Effect::Decide, path, what, Some(todo.to_owned()));
    }

    /// Something was not carried over.
    pub(crate) fn left_out(&mut self, path: &str, what: impl Into<String>, todo: Option<String>) {
        self.add(Effect::LeftOut, path, what, todo);
    }

    /// Something was carried over in another way.
    pub(crate) fn changed(&mut self, path: &str, what: impl Into<String>) {
        self.add(Effect::Changed, path, what, None);
    }
}

/// Why nothing could be made of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is larger than any schema.
    #[error("it has {megabytes} MB, and a synchronization schema has at most 32; name the schema's own export")]
    TooLarge {
        /// Its size.
        megabytes: usize,
    },
    /// It is no text.
    #[error("it is no {encoding} text; save it as utf-8")]
    Encoding {
        /// What its first bytes announce.
        encoding: &'static str,
    },
    /// It is no JSON.
    #[error("line {line}, column {column}: {what}; export the schema again")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// Something in it is not what a schema has there.
    #[error("{path} must be {wanted}, not {found}; export the schema again, and edit nothing in it")]
    Shape {
        /// Where.
        path: String,
        /// What a schema has there.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// It is JSON, but no schema.
    #[error(
        "it is no synchronization schema: there are no `synchronizationRules` at {path}; download the schema in the \
         portal, or take the answer of GET servicePrincipals/ID/synchronization/jobs/ID/schema"
    )]
    NoSchema {
        /// Where they were looked for.
        path: String,
    },
    /// It is a schema, but none of its rules is for accounts in a target that is known here.
    #[error(
        "none of its rules makes accounts in Entra ID or Active Directory: {}; name a schema of inbound provisioning",
        rules.join("; ")
    )]
    NothingToCarry {
        /// Each rule, and why not.
        rules: Vec<String>,
    },
}

/// A name for a message: on one line, and not longer than any name.
pub(crate) fn plain(name: &str) -> String {
    let short: String = name.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if name.chars().count() > 80 { short + "…" } else { short }
}
