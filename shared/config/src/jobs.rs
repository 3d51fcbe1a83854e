//! The `[jobs]` table.

use crate::connector::Connector;
use crate::connectors::named;
use crate::digest::digest;
use crate::guards;
use crate::mappings::{self, Mapped};
use crate::nearest::suggest;
use crate::reads::Read;
use crate::table::Table;
use crate::{Absence, Job, Schemas, matching, scope};
use planning::{OutOfScope, Rules};
use record::TargetSchema;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;

/// Connectors by name; `None` for one whose type is not known.
pub(crate) type Connectors = BTreeMap<String, Option<Connector>>;

/// What is known about a job's attributes even if something else in it is wrong.
pub(crate) struct Owned {
    /// The job.
    pub(crate) job: String,
    /// Its target.
    pub(crate) target: String,
    /// The target's attributes that it maps, with their places.
    pub(crate) attributes: Vec<(String, Range<usize>)>,
}

/// Reads every job. A job with mistakes is left out; the report has them.
pub(crate) fn read(
    root: &Table<'_>,
    connectors: &Connectors,
    schemas: Schemas<'_>,
) -> (BTreeMap<String, Job>, Vec<Owned>) {
    let (mut jobs, mut owned) = (BTreeMap::new(), Vec::new());
    let Some(table) = root.table("jobs") else {
        if root.get("jobs").is_none() {
            let hint = "begin with `[jobs.hr-to-entra]`".to_owned();
            root.report.missing(root.span.clone(), "there are no jobs", Some(hint));
        }
        return (jobs, owned);
    };
    for entry in table.entries() {
        named(root.report, "job", &entry);
        let Some(table) = Table::of(root.report, entry.value, format!("job `{}`", entry.key)) else { continue };
        if let Some(job) = job(table, entry.key, connectors, schemas, &mut owned) {
            jobs.insert(entry.key.to_owned(), job);
        }
    }
    (jobs, owned)
}

fn job(
    table: Table<'_>,
    name: &str,
    connectors: &Connectors,
    schemas: Schemas<'_>,
    owned: &mut Vec<Owned>,
) -> Option<Job> {
    let source = source(&table, connectors);
    let target = connector(&table, "target", connectors);
    let schema = target.as_ref().and_then(|(name, connector)| schema(&table, name, *connector, schemas));
    let mut settings = settings(&table);
    let (input_scope, mut reads) = scope::read(&table, "input_scope");
    let (scope, more) = scope::read(&table, "scope");
    reads.extend(more);
    let known = source.as_ref().and_then(|name| connectors.get(name)?.as_ref());
    let mapped = mapped(&table, schema, known.and_then(Connector::key), &mut reads);
    let matching = matching::read(&table, schema, &mapped);
    matching::complete(&table, schema, &mapped);
    let guards = guards::read(&table, schema, &mapped);
    let default_domain = domain(&table, &mapped);
    let written = |key| table.get(key).map(Spanned::get_ref);
    let (scope_written, input_written) = (written("scope"), written("input_scope"));
    if let Some((target, _)) = &target {
        let attributes = mapped.iter().map(|mapped| (mapped.target.clone(), mapped.span.clone())).collect();
        owned.push(Owned { job: name.to_owned(), target: target.get_ref().clone(), attributes });
    }
    let mut rules = Rules {
        input_scope,
        scope,
        out_of_scope: settings.out_of_scope,
        mappings: mapped.into_iter().filter_map(|mapped| mapped.mapping).collect(),
        matching,
        schema: schema?,
        default_domain,
        protected: std::mem::take(&mut settings.protected),
        namespace: settings.namespace.take(),
        guards,
        hash: [0; 16],
    };
    rules.hash = digest(&rules, scope_written, input_written);
    let line = table.report.place(table.span.start).0;
    table.finish();
    let (source, target) = (source?, target?.0.into_inner());
    let Settings { every, batch_size, absence, .. } = settings;
    Some(Job { name: name.to_owned(), source, target, rules, every, batch_size, absence, reads, line })
}

/// The keys of a job that need nothing else to be read.
struct Settings {
    out_of_scope: OutOfScope,
    every: Option<Duration>,
    batch_size: usize,
    absence: Absence,
    protected: Vec<String>,
    namespace: Option<String>,
}

fn settings(table: &Table<'_>) -> Settings {
    let words = [("disable", OutOfScope::Disable), ("leave", OutOfScope::Leave), ("delete", OutOfScope::Delete)];
    let batch_size = table.whole("batch_size", 1..=1000).and_then(|size| usize::try_from(size).ok());
    Settings {
        out_of_scope: table.word("out_of_scope", &words).unwrap_or(OutOfScope::Disable),
        every: every(table),
        batch_size: batch_size.unwrap_or(500),
        absence: table.word("absence", &[("report", Absence::Report)]).unwrap_or_default(),
        protected: table.texts("protected").into_iter().map(Spanned::into_inner).collect(),
        namespace: table.text("namespace").map(Spanned::into_inner),
    }
}

/// A connector that the job names. The outer `None` means that a mistake was noted.
fn connector<'c>(
    table: &Table<'_>,
    key: &'static str,
    connectors: &'c Connectors,
) -> Option<(Spanned<String>, Option<&'c Connector>)> {
    let name = table.need_text(key)?;
    if let Some(connector) = connectors.get(name.get_ref()) {
        return Some((name, connector.as_ref()));
    }
    let hint = suggest(name.get_ref(), connectors.keys().map(String::as_str));
    table.report.error(name.span(), format!("there is no connector `{}`", name.get_ref()), hint);
    None
}

fn source(table: &Table<'_>, connectors: &Connectors) -> Option<String> {
    let (name, connector) = connector(table, "source", connectors)?;
    if let Some(connector) = connector.filter(|connector| !connector.is_source()) {
        let message = format!("connector `{}` ({}) cannot be a source", name.get_ref(), connector.kind());
        table.report.error(name.span(), message, Some("sources are connectors of type files".to_owned()));
    }
    Some(name.into_inner())
}

fn schema(
    table: &Table<'_>,
    name: &Spanned<String>,
    connector: Option<&Connector>,
    schemas: Schemas<'_>,
) -> Option<&'static TargetSchema> {
    let connector = connector?;
    let schema = schemas(connector);
    if schema.is_none() {
        let message = format!("connector `{}` ({}) cannot be a target", name.get_ref(), connector.kind());
        table.report.error(
            name.span(),
            message,
            Some("targets are connectors of type graph or active-directory".to_owned()),
        );
    }
    schema
}

fn every(table: &Table<'_>) -> Option<Duration> {
    let text = table.text("every")?;
    let duration = text.get_ref().parse::<jiff::SignedDuration>().ok();
    let duration = duration.and_then(|duration| Duration::try_from(duration).ok()).filter(|d| d.as_secs() > 0);
    if duration.is_none() {
        let hint = "write hours, minutes and seconds, for instance 40m, 1h 30m or 24h".to_owned();
        table.report.error(text.span(), format!("`every` is no duration: `{}`", text.get_ref()), Some(hint));
    }
    duration
}

/// Reads the mappings; an attribute that is mapped again is a mistake and left out.
fn mapped(table: &Table<'_>, schema: Option<&TargetSchema>, key: Option<&str>, reads: &mut Vec<Read>) -> Vec<Mapped> {
    let mut all: Vec<Mapped> = Vec::new();
    for entry in table.tables("mappings", "the mapping") {
        let Some(mapped) = mappings::read(entry, schema, key, reads) else { continue };
        if let Some(first) = all.iter().find(|other| other.target == mapped.target) {
            let line = table.report.place(first.span.start).0;
            let hint = format!("it is mapped in line {line} already; leave one of them out");
            table.report.error(mapped.span, format!("`{}` is mapped twice", mapped.target), Some(hint));
        } else {
            all.push(mapped);
        }
    }
    let nothing =
        table.get("mappings").is_none_or(|value| value.get_ref().as_array().is_some_and(|all| all.is_empty()));
    if nothing {
        let hint = "begin each with `[[jobs.….mappings]]`".to_owned();
        table.report.missing(table.span.clone(), format!("{} has no mappings", table.what), Some(hint));
    }
    all
}

fn domain(table: &Table<'_>, mapped: &[Mapped]) -> Option<String> {
    let domain = table.text("default_domain").map(Spanned::into_inner);
    let uses = |mapped: &&Mapped| {
        let text = mapped.mapping.as_ref().map_or("", |mapping| mapping.expression.text());
        text.to_ascii_lowercase().contains("defaultdomain(")
    };
    if let Some(mapped) = mapped.iter().find(uses).filter(|_| domain.is_none()) {
        let message = format!("`{}` uses DefaultDomain(), but the job has no `default_domain`", mapped.target);
        let hint = r#"write default_domain = "…" in the job"#.to_owned();
        table.report.missing(mapped.span.clone(), message, Some(hint));
    }
    domain
}
