//! connector-files.
