//! The guards of a job: what the operator limits, and what is limited unless the operator says otherwise.

use crate::mappings::Mapped;
use crate::nearest::suggest;
use crate::table::{Entry, Table};
use planning::{Counted, Guards, Limit};
use record::TargetSchema;
use toml::Spanned;
use toml::de::DeValue;

/// Lifts a built-in limit.
const UNLIMITED: &str = "unlimited";

/// Reads the guards of a job. What is not named keeps its built-in limit, see [`crate::Job`].
pub(crate) fn read(job: &Table<'_>, schema: Option<&TargetSchema>, mappings: &[Mapped]) -> Guards {
    let mut limits = built_in(schema, mappings);
    let mut guards = Guards { limits: Vec::new(), rows_min: 0.9, missing_max: (5, 0.02) };
    if let Some(table) = job.table("guards") {
        let kinds = [
            ("create", Counted::Create),
            ("update", Counted::Update),
            ("disable", Counted::Disable),
            ("enable", Counted::Enable),
            ("delete", Counted::Delete),
            ("adopt", Counted::Adopt),
            ("clear", Counted::Clear),
        ];
        for (key, counted) in kinds {
            if let Some(value) = table.get(key) {
                replace(&mut limits, &table, key, value, counted);
            }
        }
        if let Some(attributes) = table.table("attributes") {
            for entry in attributes.entries() {
                mapped(&attributes, &entry, mappings);
                let counted = Counted::Attribute(entry.key.to_owned());
                replace(&mut limits, &attributes, entry.key, entry.value, counted);
            }
        }
        guards.rows_min = table.number("rows_min", 0.0..=1.0).unwrap_or(guards.rows_min);
        guards.missing_max = missing(&table).unwrap_or(guards.missing_max);
        table.finish();
    }
    guards.limits = limits;
    guards
}

fn built_in(schema: Option<&TargetSchema>, mappings: &[Mapped]) -> Vec<Limit> {
    let share = |counted, percent, at_least| Limit {
        counted,
        count: None,
        percent: Some(percent),
        at_least,
        per_day: None,
        line: 0,
    };
    let none = Limit { counted: Counted::Delete, count: Some(0), percent: None, at_least: 0, per_day: None, line: 0 };
    let mut limits = vec![share(Counted::Disable, 5.0, 5), none, share(Counted::Clear, 10.0, 20)];
    let attributes = schema.map_or(&[][..], |schema| schema.attributes);
    for attribute in attributes.iter().filter(|attribute| attribute.unique) {
        if mappings.iter().any(|mapped| mapped.target == attribute.name) {
            limits.push(share(Counted::Attribute(attribute.name.to_owned()), 2.0, 5));
        }
    }
    limits
}

fn mapped(table: &Table<'_>, entry: &Entry<'_>, mappings: &[Mapped]) {
    if !mappings.iter().any(|mapped| mapped.target == entry.key) {
        let hint = suggest(entry.key, mappings.iter().map(|mapped| mapped.target.as_str()));
        let message = format!("the guard's attribute `{}` is not mapped by this job", entry.key);
        table.report.error(entry.key_span.clone(), message, hint);
    }
}

fn replace(limits: &mut Vec<Limit>, guards: &Table<'_>, key: &str, value: &Spanned<DeValue<'_>>, counted: Counted) {
    if value.get_ref().as_str() == Some(UNLIMITED) {
        limits.retain(|limit| limit.counted != counted);
    } else if let Some(limit) = limit(guards, key, value, counted) {
        limits.retain(|other| other.counted != limit.counted);
        limits.push(limit);
    }
}

fn limit(guards: &Table<'_>, key: &str, value: &Spanned<DeValue<'_>>, counted: Counted) -> Option<Limit> {
    let table = Table::of(guards.report, value, format!("guard `{key}`"))?;
    let count = table.whole("count", 0..=u64::MAX);
    let percent = table.number("percent", 0.0..=100.0);
    let at_least = table.whole("at_least", 0..=u64::MAX);
    let per_day = table.whole("per_day", 0..=u64::MAX);
    let given = ["count", "percent", "per_day"].iter().any(|key| table.get(key).is_some());
    if !given {
        let hint = format!("give it `count`, `percent` or `per_day`, or write {key} = \"{UNLIMITED}\"");
        guards.report.missing(value.span(), format!("guard `{key}` has no limit"), Some(hint));
    } else if at_least.is_some() && table.get("percent").is_none() {
        let hint = "`at_least` is for `percent` only; the other limits hold from the first change on".to_owned();
        guards.report.warn(table.span_of("at_least"), "`at_least` has no effect without `percent`", Some(hint));
    }
    let line = guards.report.place(value.span().start).0;
    table.finish();
    Some(Limit { counted, count, percent, at_least: at_least.unwrap_or(0), per_day, line })
}

fn missing(guards: &Table<'_>) -> Option<(u64, f64)> {
    let table = guards.table("missing_max")?;
    let count = table.whole("count", 0..=u64::MAX);
    let percent = table.number("percent", 0.0..=100.0);
    if table.get("count").or(table.get("percent")).is_none() {
        let hint = "for instance missing_max = { count = 5, percent = 2 }".to_owned();
        table.report.missing(table.span.clone(), "`missing_max` has no limit", Some(hint));
    }
    table.finish();
    Some((count.unwrap_or(0), percent.unwrap_or(0.0) / 100.0))
}
