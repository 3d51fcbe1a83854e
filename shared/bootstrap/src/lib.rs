//! What every function does before its first event: settings, log, clients, configuration, connectors.

mod clients;
mod connectors;
mod events;
mod log;
mod runtime;
mod settings;
mod system;

pub use clients::Clients;
pub use connectors::{AnySource, AnyTarget, schemas};
pub use events::{Delivery, Handler, serve};
pub use log::init_log;
pub use runtime::{Runtime, RuntimePorts};
pub use settings::{Settings, SettingsError};
pub use system::{SystemClock, SystemEntropy};

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Settings are missing or wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A port failed.
    #[error("{what}")]
    Port {
        /// What was tried.
        what: &'static str,
        /// The error underneath.
        #[source]
        source: ports::PortError,
    },
    /// The configuration has mistakes: each with its place.
    #[error("the configuration has {} mistakes, the first: {}", mistakes.len(), mistakes.first().map_or("", String::as_str))]
    Configuration {
        /// Readable, one a line.
        mistakes: Vec<String>,
    },
    /// A job or connector that is not configured.
    #[error("{what} is not in the configuration")]
    Unknown {
        /// Which kind of thing.
        what: &'static str,
    },
    /// A target that this version cannot write to.
    #[error("{what}")]
    Unwritable {
        /// Which, and what can be done with it.
        what: &'static str,
    },
    /// A secret cannot be read.
    #[error("{what}")]
    Secret {
        /// Which, by its reference.
        what: String,
        /// The error underneath.
        #[source]
        source: Option<ports::BoxError>,
    },
}
