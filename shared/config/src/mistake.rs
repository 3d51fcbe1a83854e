//! What is wrong with a configuration, and where.

use serde::Serialize;
use std::fmt;

/// How grave a mistake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The configuration cannot be used.
    Error,
    /// It can be used, but probably does not say what was meant.
    Warning,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One mistake with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The file as the operator named it.
    pub file: String,
    /// Line, from 1; 0 when the mistake has no place in the file.
    pub line: usize,
    /// Column in characters, from 1; 0 when the mistake has no place in the file.
    pub column: usize,
    /// What is wrong, lower case.
    pub message: String,
    /// What to do about it, where there is something to suggest.
    pub hint: Option<String>,
    /// How grave it is.
    pub level: Level,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        write!(f, " {}: {}", self.level, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\n  hint: {hint}"))
    }
}
