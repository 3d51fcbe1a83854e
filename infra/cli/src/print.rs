//! The only place that writes to the terminal. A reader that went away (`| head`) is no reason to fail.

use serde::Serialize;
use std::fmt::Display;
use std::io::Write;

/// A line of the result.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// The result, or a part of it, as one line of JSON. False when nobody reads any more.
pub(crate) fn json(value: &impl Serialize) -> bool {
    let text = serde_json::to_string(value).expect("what is printed has text keys");
    writeln!(std::io::stdout().lock(), "{text}").is_ok()
}

/// A JSON document that a person may look at.
pub(crate) fn document(value: &serde_json::Value) {
    line(format!("{value:#}"));
}

/// A line about what went wrong or is going on, beside the result.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Help, the version, or what is wrong with the command line.
pub(crate) fn usage(help: &clap::Error) {
    let _ = help.print();
}
