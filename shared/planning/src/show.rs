//! A plan for an operator's eyes. It shows values: for a terminal, never for a log.

use crate::change::{AttributeChange, Before, Change, Decision, Kind, Plan, Verdict};
use record::{RecordKey, Value};
use std::fmt;

/// Prints a plan as a readable diff.
pub struct Shown<'a>(pub &'a Plan);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for decision in &self.0.decisions {
            match &decision.verdict {
                Verdict::Nothing | Verdict::Skip(_) => {}
                Verdict::Change(change) if change.is_note() => {}
                Verdict::Change(change) => show_change(f, decision, change)?,
                Verdict::Escrow(reason) => writeln!(f, "! escrow  {}: {reason}", key(&decision.key))?,
            }
        }
        Ok(())
    }
}

fn show_change(f: &mut fmt::Formatter<'_>, decision: &Decision, change: &Change) -> fmt::Result {
    let sign = match change.kind {
        Kind::Create => '+',
        Kind::Update => '~',
        Kind::Disable => '-',
        Kind::Enable => '^',
        Kind::Delete => 'x',
    };
    let adopts = match &change.matched_by {
        Some(attribute) => format!(" (takes over an account that is there, found by {attribute})"),
        None if change.adopts => " (takes over an account that is there)".to_owned(),
        None => String::new(),
    };
    writeln!(f, "{sign} {:<7} {}{adopts}", change.kind.word(), key(&decision.key))?;
    for (name, attribute) in &change.attributes {
        writeln!(f, "    {name:<28} {}", Diff(attribute))?;
    }
    for reference in &change.references {
        let to = reference.to_key.as_ref().map_or_else(|| "nobody".to_owned(), key);
        writeln!(f, "    {:<28} → {to}  (line {})", reference.attribute, reference.line)?;
    }
    Ok(())
}

struct Diff<'a>(&'a AttributeChange);

impl fmt::Display for Diff<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AttributeChange { before, after, line, redacted, rule, .. } = self.0;
        if *redacted {
            f.write_str("[Redact]")?;
        } else {
            match before {
                Before::Nothing => {}
                Before::Was(value) => write!(f, "{} → ", text(value))?,
                Before::SetIn(cycle) => write!(f, "(set in cycle {cycle}) → ")?,
            }
            match after {
                Some(value) => f.write_str(&text(value))?,
                None => f.write_str("nothing")?,
            }
        }
        if *line > 0 { write!(f, "  (line {line})") } else { write!(f, "  ({rule})") }
    }
}

/// Values in quotes; control characters are escaped, so that a hostile value cannot write on the terminal.
fn text(value: &Value) -> String {
    let quoted: Vec<String> = value.values().iter().map(|text| format!("\"{}\"", text.escape_debug())).collect();
    quoted.join(", ")
}

fn key(key: &RecordKey) -> String {
    key.as_str().escape_debug().to_string()
}
