//! The effect of a change of rules, in lines, in Markdown or in JSON.

use crate::args::DiffArgs;
use crate::print;
use planning::{Breach, Counted};
use rehearsal::Difference;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So many values of a slice are told.
const VALUES_MAX: usize = 10;

/// What is known about every job.
#[derive(Default)]
pub(super) struct Report {
    compared: Vec<(String, Difference, Vec<Breach>)>,
    gone: Vec<String>,
    added: Vec<String>,
}

impl Report {
    /// A job that both configurations have.
    pub(super) fn compared(&mut self, job: &str, difference: Difference, breaches: Vec<Breach>) {
        self.compared.push((job.to_owned(), difference, breaches));
    }

    /// A job that the new configuration no longer has.
    pub(super) fn gone(&mut self, job: &str) {
        self.gone.push(job.to_owned());
    }

    /// A job that only the new configuration has.
    pub(super) fn added(&mut self, job: &str) {
        self.added.push(job.to_owned());
    }

    /// Whether a guard would hold any of it.
    pub(super) fn holds(&self) -> bool {
        self.compared.iter().any(|(_, _, breaches)| !breaches.is_empty())
    }

    /// Prints it as it was asked for.
    pub(super) fn print(&self, args: &DiffArgs) {
        if args.json {
            print::document(&self.json());
            return;
        }
        for (job, difference, breaches) in &self.compared {
            for line in lines(job, difference, breaches) {
                print::line(if args.markdown { markdown(&line) } else { plain(&line) });
            }
        }
        for job in &self.gone {
            print::line(format_args!("{job}: only in the old configuration; its accounts stay as they are"));
        }
        for job in &self.added {
            print::line(format_args!("{job}: only in the new configuration; see it with tenure plan {job}"));
        }
    }

    fn json(&self) -> Value {
        let jobs: serde_json::Map<String, Value> = self
            .compared
            .iter()
            .map(|(job, difference, breaches)| {
                let mut value = serde_json::to_value(difference).unwrap_or_default();
                let kinds = kinds(difference).into_iter().map(|(kind, count)| (kind, json!(count)));
                value["kinds"] = Value::Object(kinds.collect());
                value["would_be_held"] = breaches.iter().map(ToString::to_string).collect();
                (job.clone(), value)
            })
            .collect();
        json!({ "jobs": jobs, "only_in_old": self.gone, "only_in_new": self.added })
    }
}

/// A line of the report before it is laid out.
enum Line {
    Title(String),
    Text(String),
    Row(String, String),
    Sample(String),
}

fn plain(line: &Line) -> String {
    match line {
        Line::Title(text) => text.clone(),
        Line::Text(text) => format!("  {text}"),
        Line::Row(name, text) => format!("    {name:<28} {text}"),
        Line::Sample(text) => text.trim_end().to_owned(),
    }
}

fn markdown(line: &Line) -> String {
    match line {
        Line::Title(text) => format!("### {text}\n"),
        Line::Text(text) => format!("\n**{text}**\n"),
        Line::Row(name, text) => format!("- {}: {text}", escaped(name)),
        Line::Sample(text) => format!("```\n{}\n```", text.trim_end().replace("```", "'''")),
    }
}

/// Values of a source stand in a slice; none of them may be taken for markup.
fn escaped(text: &str) -> String {
    let special = |letter: char| "\\`*_{}[]<>()#+-!|~@".contains(letter);
    text.chars().flat_map(|letter| special(letter).then_some('\\').into_iter().chain([letter])).collect()
}

fn lines(job: &str, difference: &Difference, breaches: &[Breach]) -> Vec<Line> {
    let Difference { records, changed, in_scope_before, in_scope_after, .. } = difference;
    let mut lines = vec![Line::Title(format!("{job}: {changed} of {records} people change"))];
    if in_scope_before != in_scope_after {
        lines.push(Line::Text(format!("in scope: {in_scope_before} before, {in_scope_after} after")));
    }
    rows(&mut lines, "changes", kinds(difference).into_iter().map(|(kind, count)| (kind, count.to_string())));
    let attributes = difference.attributes.iter().map(|(name, counts)| {
        let parts = [(counts.changed, "changed"), (counts.set, "set"), (counts.cleared, "cleared")];
        let parts: Vec<_> =
            parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        (name.clone(), parts.join(", "))
    });
    rows(&mut lines, "attributes", attributes);
    rows(&mut lines, "for new accounts only", counted(&difference.new_only));
    if !difference.left.is_empty() {
        let names: Vec<&str> = difference.left.iter().map(String::as_str).collect();
        lines.push(Line::Text(format!("no longer written: {}; accounts keep what they have", names.join(", "))));
    }
    rows(&mut lines, "can no longer be decided", counted(&difference.escrowed));
    for (name, values) in &difference.slices {
        rows(&mut lines, &format!("by {name}"), slice(values));
    }
    for breach in breaches {
        lines.push(Line::Text(format!("would be held: {breach}")));
    }
    lines.extend(difference.samples.iter().cloned().map(Line::Sample));
    lines
}

fn rows(lines: &mut Vec<Line>, title: &str, rows: impl IntoIterator<Item = (String, String)>) {
    let rows: Vec<Line> = rows.into_iter().map(|(name, text)| Line::Row(name, text)).collect();
    if !rows.is_empty() {
        lines.push(Line::Text(title.to_owned()));
        lines.extend(rows);
    }
}

fn kinds(difference: &Difference) -> Vec<(String, u64)> {
    let kinds = difference.census.iter().filter(|(counted, _)| !matches!(counted, Counted::Attribute(_)));
    kinds.map(|(counted, count)| (counted.to_string(), count)).collect()
}

fn counted(counts: &BTreeMap<String, u64>) -> Vec<(String, String)> {
    counts.iter().map(|(name, count)| (name.clone(), count.to_string())).collect()
}

/// The values with the most changes, most first.
fn slice(values: &BTreeMap<String, u64>) -> Vec<(String, String)> {
    let mut all: Vec<(&String, &u64)> = values.iter().collect();
    all.sort_by_key(|(value, count)| (std::cmp::Reverse(**count), *value));
    let more = all.len().saturating_sub(VALUES_MAX);
    let told = all.into_iter().take(VALUES_MAX).map(|(value, count)| {
        let value = if value.is_empty() { "(none)".to_owned() } else { value.escape_debug().to_string() };
        (value, count.to_string())
    });
    let mut told: Vec<_> = told.collect();
    if more > 0 {
        told.push(("…".to_owned(), format!("{more} more")));
    }
    told
}
