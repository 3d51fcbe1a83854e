//! The configuration with the schemas of all the targets that this program knows.

use crate::error::CommandError;
use config::{Config, Connector, Mistake};
use record::TargetSchema;
use std::path::Path;

/// What a connector takes as a target.
pub(crate) fn schemas(connector: &Connector) -> Option<&'static TargetSchema> {
    match connector {
        Connector::Files(_) => None,
        Connector::Graph(_) => Some(&crate::standin::SCHEMA),
    }
}

/// Reads the configuration, or every mistake in it.
pub(crate) fn read(path: &Path) -> Result<Config, Vec<Mistake>> {
    config::read(path, &schemas)
}

/// The configuration, for commands that need it without mistakes.
pub(crate) fn load(path: &Path) -> Result<Config, CommandError> {
    read(path).map_err(CommandError::Mistakes)
}
