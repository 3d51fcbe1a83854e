//! Connectors and jobs as the text of a `tenure.toml`.

use crate::filter::Groups;
use crate::job::Job;
use crate::naming::Target;
use crate::quote::{comment, line, list, text};
use crate::row::Row;
use crate::source::Said;
use mapping::{Apply, Group, Operator};
use std::fmt::Write;
use std::ops::Range;

/// A source as it will be written.
#[derive(Debug)]
pub(crate) struct SourceConnector {
    pub(crate) name: String,
    /// What it is called there: its directory, then its object.
    pub(crate) there: (String, String),
    pub(crate) key: String,
    /// Every attribute that is read from it.
    pub(crate) columns: Vec<String>,
}

/// Everything that is written.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) sources: Vec<SourceConnector>,
    pub(crate) jobs: Vec<Job>,
    /// Comments at the end.
    pub(crate) left_out: Vec<String>,
    /// Whether the configuration knows these keys: `input_scope`, `category_scope`.
    pub(crate) knows: (bool, bool),
}

/// The text, and the lines (from 1) of each job's mappings.
pub(crate) struct Written {
    pub(crate) toml: String,
    pub(crate) places: Vec<(Range<usize>, (usize, usize))>,
}

/// Writes the document.
pub(crate) fn write(document: &Document) -> Written {
    let mut written = Written { toml: String::new(), places: Vec::new() };
    written.toml += &comment(
        "Made from a synchronization schema of Microsoft Entra by `tenure import entra`. Its report says what was not\n\
         carried over; mappings that were left out stand here as comments. `tenure check` first, then `tenure plan`.",
    );
    for source in &document.sources {
        connector(&mut written.toml, source);
    }
    for target in [Target::Entra, Target::ActiveDirectory] {
        if document.jobs.iter().any(|job| job.target == target) {
            written.toml += match target {
                Target::Entra => ENTRA,
                Target::ActiveDirectory => ACTIVE_DIRECTORY,
            };
        }
    }
    for (number, one) in document.jobs.iter().enumerate() {
        job(&mut written, document, one, number);
    }
    for lines in &document.left_out {
        let _ = write!(written.toml, "\n{}", comment(lines));
    }
    written
}

/// Placeholders with which the configuration can be checked and tried at once.
const ENTRA: &str = r#"
[connectors.entra]
type = "graph"
base_url = "simulator" # leave this out, and Tenure talks to Microsoft Graph
tenant = "contoso.example" # your tenant's id or domain
client_id = "00000000-0000-0000-0000-000000000000" # your application's
client_secret = "env:GRAPH_CLIENT_SECRET"
"#;

/// The same for Active Directory.
const ACTIVE_DIRECTORY: &str = r#"
# This version checks and tests rules for Active Directory, and does not write to it yet.
[connectors.active-directory]
type = "active-directory"
domain = "corp.example" # your domain
container = "OU=People,DC=corp,DC=example" # where new accounts are made
"#;

fn connector(toml: &mut String, source: &SourceConnector) {
    let columns: Vec<String> = source.columns.iter().map(|column| line(column)).collect();
    let _ = write!(
        toml,
        "\n{}[connectors.{}]\ntype = \"files\"\nurl = {}\nkey = {}\n",
        comment(&format!(
            "{} ({}) is not read directly in this version: export its people into this file, with these columns:\n{}",
            source.there.0,
            source.there.1,
            columns.join(", ")
        )),
        source.name,
        line(&format!("{}.csv", source.name)),
        line(&source.key)
    );
}

fn job(written: &mut Written, document: &Document, job: &Job, number: usize) {
    let Job { name, target, .. } = job;
    let source = document.sources.iter().find(|source| source.there == job.source).map_or("", |source| &source.name);
    let toml = &mut written.toml;
    let _ = write!(toml, "\n[jobs.{name}]\nsource = {}\ntarget = {}\n", line(source), line(target.connector()));
    let uses = |row: &Row| {
        let text = row.expression().map_or_else(String::new, |expression| expression.text().to_ascii_lowercase());
        row.left_out.is_none() && text.contains("defaultdomain")
    };
    if job.rows.iter().any(uses) {
        let _ = writeln!(toml, "default_domain = \"contoso.example\" # your tenant's default domain");
    }
    let _ = writeln!(toml, "matching = {}", list(job.matching.iter().map(String::as_str)));
    let _ = writeln!(toml, "out_of_scope = \"{}\"", if job.leave { "leave" } else { "disable" });
    groups(toml, name, ("scope", true), &job.scope);
    if job.scope.nobody() {
        let key = document.sources.iter().find(|source| source.there == job.source).map_or("", |source| &source.key);
        let nobody = Group {
            name: "nobody, until somebody writes the scope".to_owned(),
            clauses: vec![mapping::Clause { attribute: key.to_owned(), operator: Operator::IsNull, value: None }],
        };
        *toml += &group(name, "scope", &nobody);
    }
    groups(toml, name, ("input_scope", document.knows.0), &job.input_scope);
    groups(toml, name, ("category_scope", document.knows.1), &job.category_scope);
    let (mut counted, mut lines_before) = (0, 0);
    for (index, row) in job.rows.iter().enumerate() {
        lines_before += written.toml[counted..].matches('\n').count();
        counted = written.toml.len();
        let from = lines_before + 1;
        let lines = mapping_table(name, row);
        match &row.left_out {
            None => {
                let _ = write!(written.toml, "\n{lines}");
                written.places.push((from..from + lines.lines().count() + 1, (number, index)));
            }
            Some(why) => {
                let _ = write!(
                    written.toml,
                    "\n{}",
                    comment(&format!("left out: {why} ({})\n{}", row.path, lines.trim_end()))
                );
            }
        }
    }
    if !job.guards.is_empty() {
        let _ = write!(written.toml, "\n[jobs.{name}.guards]\n{}\n", job.guards.join("\n"));
    }
}

fn groups(toml: &mut String, job: &str, (key, known): (&str, bool), groups: &Groups) {
    for one in &groups.carried {
        let lines = group(job, key, one);
        toml.push('\n');
        toml.push_str(&if known { lines.trim_start().to_owned() } else { comment(lines.trim()) });
    }
    for (why, said) in &groups.left_out {
        let _ = write!(toml, "\n{}", comment(&format!("left out of {key}: {why}\n{said}")));
    }
}

fn group(job: &str, key: &str, group: &Group) -> String {
    let clause = |clause: &mapping::Clause| {
        let value = clause.value.as_ref().map_or_else(String::new, |value| format!(", value = {}", line(value)));
        let attribute = line(&clause.attribute);
        format!("  {{ attribute = {attribute}, operator = \"{}\"{value} }},\n", clause.operator)
    };
    let clauses: String = group.clauses.iter().map(clause).collect();
    format!("\n[[jobs.{job}.{key}]]\nname = {}\nclauses = [\n{clauses}]\n", line(&group.name))
}

fn mapping_table(job: &str, row: &Row) -> String {
    let mut lines = format!("[[jobs.{job}.mappings]]\ntarget = {}\n", line(&row.target));
    let _ = match &row.said {
        Some(Said::Expression(expression)) => writeln!(lines, "expression = {}", text(expression)),
        Some(Said::Constant(constant)) => writeln!(lines, "constant = {}", line(constant)),
        None => Ok(()),
    };
    if let Some(default) = &row.default {
        let _ = writeln!(lines, "default = {}", line(default));
    }
    let apply = match row.apply {
        Apply::Always => None,
        Apply::OnCreate => Some("on-create"),
        Apply::WhenEmpty => Some("when-empty"),
        Apply::WhenAdding => Some("when-adding"),
        Apply::AddOnly => Some("add-only"),
    };
    if let Some(apply) = apply {
        let _ = writeln!(lines, "apply = \"{apply}\"");
    }
    if row.clear {
        lines += "clear = true\n";
    }
    lines
}
