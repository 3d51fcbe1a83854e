//! The configuration with the schemas of all the targets that this program knows.

use crate::error::CommandError;
use bootstrap::schemas;
use config::{Config, Mistake};
use std::path::Path;

/// Reads the configuration, or every mistake in it.
pub(crate) fn read(path: &Path) -> Result<Config, Vec<Mistake>> {
    config::read(path, &schemas)
}

/// The configuration, for commands that need it without mistakes.
pub(crate) fn load(path: &Path) -> Result<Config, CommandError> {
    read(path).map_err(CommandError::Mistakes)
}
