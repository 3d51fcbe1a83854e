//! What can go wrong at a port, sorted by what the caller can do about it.

use std::fmt;
use std::time::Duration;

/// Any error underneath.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A failed call of a port. `what` is a fixed phrase; it never holds a value from HR.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// It may work later: time-outs, throttling, outages. Whether the effect happened is not known.
    #[error("{what}, which may pass")]
    Transient {
        /// What was tried, lower case.
        what: &'static str,
        /// How long the other side asked to wait.
        retry_after: Option<Duration>,
        /// The error underneath.
        #[source]
        source: Option<BoxError>,
    },
    /// Somebody else was first, or a condition did not hold. Read again and decide anew.
    #[error("{what}: the state has changed in the meantime")]
    Conflict {
        /// What was tried.
        what: &'static str,
    },
    /// It will not work until somebody changes something: credentials, permissions, a missing table, a broken object.
    #[error("{what}")]
    Permanent {
        /// What was tried and what to do about it.
        what: &'static str,
        /// The error underneath.
        #[source]
        source: Option<BoxError>,
    },
}

impl PortError {
    /// A failure that may pass.
    pub fn transient(what: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Transient { what, retry_after: None, source: Some(source.into()) }
    }

    /// A failure that will not pass by itself.
    pub fn permanent(what: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Permanent { what, source: Some(source.into()) }
    }

    /// True when the same call may work later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient { .. })
    }

    /// True when a condition did not hold.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}

/// Prints an error with everything underneath it: `outer: middle: inner`. JSON logs drop the sources otherwise.
pub struct ErrorChain<'a>(pub &'a dyn std::error::Error);

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_names_every_cause_once() {
        let error = PortError::transient("the table did not answer", "connection reset");
        assert_eq!(ErrorChain(&error).to_string(), "the table did not answer, which may pass: connection reset");
    }
}
