//! Why a step did not finish.

use ports::PortError;

/// A step that did not finish. Running it again later is always right; whether it helps is what the variants say.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// A port failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Stored state cannot be read: a bug, another version, or damage.
    #[error("{what} cannot be read")]
    Broken {
        /// Which kind of state.
        what: &'static str,
        /// The error underneath.
        #[source]
        source: Option<ports::BoxError>,
    },
    /// Something that must be there is not.
    #[error("{what} is missing")]
    Missing {
        /// What.
        what: &'static str,
    },
    /// A continuation that did not move on.
    #[error("{what} went on {continuations} times; it is stopped so that it does not run for ever")]
    Endless {
        /// Which step.
        what: &'static str,
        /// How often it handed on.
        continuations: u32,
    },
}

impl StepError {
    pub(crate) fn broken(what: &'static str, source: impl Into<ports::BoxError>) -> Self {
        Self::Broken { what, source: Some(source.into()) }
    }

    /// JSON that is not what it is to be. What the parser says of it may quote a value and stays out.
    pub(crate) fn misshapen(what: &'static str, error: &serde_json::Error) -> Self {
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        Self::broken(what, format!("{kind:?} error at line {line} column {column}").to_lowercase())
    }

    /// True when the same message may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Port(error) if !matches!(error, PortError::Permanent { .. }))
    }

    /// True when a condition did not hold: somebody else did the same step.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Port(error) if error.is_conflict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::ErrorChain;

    #[test]
    fn state_of_another_shape_is_placed_and_not_quoted() {
        let error = serde_json::from_str::<u64>("\n \"Placeholder\"").expect_err("no number");
        let shown = ErrorChain(&StepError::misshapen("a cycle", &error)).to_string();
        assert_eq!(shown, "a cycle cannot be read: data error at line 2 column 14");
    }
}
