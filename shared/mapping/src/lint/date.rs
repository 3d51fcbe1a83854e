//! Dates that are read by a format in which they are never written.

use super::known::{is_date, text};
use super::{Call, Findings};
use crate::date_format::Format;

/// Two dates as functions write them: one with as few digits as there can be, one with all.
const WRITTEN: [&str; 2] = ["3/6/2012 7:05:09 AM", "12/16/2012 11:05:09 PM"];

pub(super) fn look(call: Call<'_>, findings: &mut Findings) {
    if call.name != "FormatDateTime" || !call.argument(0).is_some_and(is_date) {
        return;
    }
    let input = if call.arguments.len() == 3 { 1 } else { 2 };
    let Some(format) = call.argument(input).and_then(|node| Some((node, Format::parse(text(node)?).ok()?))) else {
        return;
    };
    if WRITTEN.iter().any(|date| format.1.read(date).is_none()) {
        let hint = "write \"M/d/yyyy h:mm:ss tt\"";
        findings.doubt(format.0, "date functions do not write dates in this format: reading them fails", hint);
    }
}
