//! What can go wrong: starting the stack, and one invocation.

use std::path::PathBuf;
use std::time::Duration;

/// The stack could not start, or one of its stores failed.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// Another process holds the lock of the state folder.
    #[error("the state folder {} is in use by another process; stop that one or name another folder", .state.display())]
    InUse {
        /// The folder.
        state: PathBuf,
    },
    /// The options contradict themselves.
    #[error("the options of the local stack are wrong: {what}")]
    Options {
        /// What is wrong.
        what: String,
    },
    /// A file, folder or socket could not be used.
    #[error("could not {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The embedded `DynamoDB` refused.
    #[error("could not {what}: {reason}")]
    Table {
        /// What was tried.
        what: &'static str,
        /// What it answered.
        reason: String,
    },
    /// The file of the queues could not be used.
    #[error("could not use the file of the queues")]
    Queues(#[from] rusqlite::Error),
    /// No queue of that name.
    #[error("there is no queue {name:?}")]
    UnknownQueue {
        /// The name asked for.
        name: String,
    },
}

/// An invocation brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// No function of that name.
    #[error("there is no function {function:?}")]
    UnknownFunction {
        /// The name asked for.
        function: String,
    },
    /// The function answered with an error.
    #[error("function {function:?} failed with {kind}: {message}")]
    Failed {
        /// The function.
        function: String,
        /// The error's type, as the function named it.
        kind: String,
        /// The error's text, as the function wrote it.
        message: String,
    },
    /// The function gave no answer in time; its process was killed.
    #[error("function {function:?} gave no answer within {} ms; see its log", .after.as_millis())]
    TimedOut {
        /// The function.
        function: String,
        /// Its timeout.
        after: Duration,
    },
    /// The process ended, or never came up.
    #[error("the process of function {function:?} ended before it answered; see its log")]
    Crashed {
        /// The function.
        function: String,
    },
    /// The payload or the answer is larger than the 6 MiB that Lambda takes.
    #[error("the {what} of function {function:?} is larger than 6 MiB")]
    TooLarge {
        /// The function.
        function: String,
        /// `payload` or `answer`.
        what: &'static str,
    },
    /// The answer is not JSON.
    #[error("the answer of function {function:?} is not json")]
    NotJson {
        /// The function.
        function: String,
    },
    /// The stack is stopping.
    #[error("the local stack is stopping")]
    Stopped,
}
