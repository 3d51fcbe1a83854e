//! Why a command ended without doing what it should, and the exit codes.

use crate::print;
use config::Mistake;
use ports::{BoxError, ErrorChain};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it should.
    Done,
    /// It failed.
    Failed,
    /// A guard would hold it, or the configuration has mistakes.
    Held,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Held => 2,
        })
    }
}

/// Why a command could not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The configuration has mistakes.
    #[error("the configuration has mistakes")]
    Mistakes(Vec<Mistake>),
    /// Something that the command needs failed.
    #[error("{what}")]
    Failed {
        /// What, where and what to do.
        what: String,
        /// The error underneath.
        #[source]
        source: Option<BoxError>,
    },
}

impl CommandError {
    /// A failure with its cause.
    pub(crate) fn failed(what: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::Failed { what: what.into(), source: Some(source.into()) }
    }

    /// A failure that has no cause but itself.
    pub(crate) fn because(what: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), source: None }
    }

    /// Shows the error to the operator.
    pub(crate) fn show(&self) -> Exit {
        match self {
            Self::Mistakes(mistakes) => {
                mistakes.iter().for_each(print::note);
                Exit::Held
            }
            Self::Failed { .. } => {
                print::note(format_args!("error: {}", ErrorChain(self)));
                Exit::Failed
            }
        }
    }
}
