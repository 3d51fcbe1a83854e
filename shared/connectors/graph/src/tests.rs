//! The connector against the simulator, and against servers that misbehave in ways that the simulator does not.

pub(crate) mod hostile;
mod reading;
mod servers;
mod tokens;
mod trouble;
pub(crate) mod world;
mod writing;
