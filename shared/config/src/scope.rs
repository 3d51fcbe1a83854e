//! Who belongs to a job: the groups under `scope` and `input_scope`.

use crate::reads::Read;
use crate::table::Table;
use mapping::{Clause, CompiledFilter, Filter, Group, Operator};
use std::ops::Range;
use toml::Spanned;

/// The compiled filter, and the source attributes it reads.
pub(crate) fn read(job: &Table<'_>, key: &'static str) -> (CompiledFilter, Vec<Read>) {
    let mut groups = Vec::new();
    let mut spans: Vec<Vec<Range<usize>>> = Vec::new();
    let mut reads = Vec::new();
    for (number, table) in job.tables(key, &format!("a group of `{key}`")).into_iter().enumerate() {
        let name = table.text_or("name", &format!("group {}", number + 1));
        let clauses = table.tables("clauses", "a clause");
        let empty = clauses.is_empty();
        if table.get("clauses").is_none() {
            let hint = r#"write clauses = [{ attribute = "…", operator = "…", value = "…" }]"#.to_owned();
            table.report.missing(table.span.clone(), format!("{} has no `clauses`", table.what), Some(hint));
        } else if empty && table.get("clauses").is_some_and(|value| value.get_ref().is_array()) {
            let hint = "leave the group out to take in everybody".to_owned();
            table.report.error(table.span_of("clauses"), "a group needs at least one clause", Some(hint));
        }
        let (clauses, places) = clauses.into_iter().filter_map(|table| clause(table, &mut reads)).unzip();
        table.finish();
        groups.push(Group { name, clauses });
        spans.push(places);
    }
    (compile(job, groups, spans), reads)
}

fn clause(table: Table<'_>, reads: &mut Vec<Read>) -> Option<(Clause, Range<usize>)> {
    let attribute = table.need_text("attribute");
    let operator = table.need_text("operator").and_then(|text| operator(&table, &text));
    let value = value(&table);
    let span = table.span.clone();
    if let Some(attribute) = &attribute {
        reads.push(Read::at(table.report, attribute.get_ref(), attribute.span().start));
    }
    table.finish();
    Some((Clause { attribute: attribute?.into_inner(), operator: operator?, value }, span))
}

fn operator(table: &Table<'_>, text: &Spanned<String>) -> Option<Operator> {
    let operator = text.get_ref().parse();
    if operator.is_err() {
        let hint = match crate::nearest(&text.get_ref().replace([' ', '_'], "-"), OPERATORS.map(Operator::name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", OPERATORS.map(Operator::name).join(", ")),
        };
        table.report.error(text.span(), format!("unknown operator `{}`", text.get_ref()), Some(hint));
    }
    operator.ok()
}

/// A value is a text, but a bare number or flag is plain enough.
fn value(table: &Table<'_>) -> Option<String> {
    use toml::de::DeValue;
    match table.get("value")?.get_ref() {
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(if *flag { "True" } else { "False" }.to_owned()),
        _ => table.text("value").map(Spanned::into_inner),
    }
}

/// Compiles what could be read; groups that lost all their clauses to mistakes are not complained about twice.
fn compile(job: &Table<'_>, groups: Vec<Group>, spans: Vec<Vec<Range<usize>>>) -> CompiledFilter {
    let (groups, spans): (Vec<_>, Vec<_>) =
        groups.into_iter().zip(spans).filter(|(group, _)| !group.clauses.is_empty()).unzip();
    Filter { groups }.compile().unwrap_or_else(|mistakes| {
        for mistake in mistakes {
            let place = mistake.clause.and_then(|clause| spans.get(mistake.group)?.get(clause));
            job.report.error(place.unwrap_or(&job.span).clone(), mistake.message, None);
        }
        everybody()
    })
}

/// The filter that lets everybody pass.
pub(crate) fn everybody() -> CompiledFilter {
    Filter::default().compile().expect("a filter without clauses has no mistakes")
}

/// Every operator.
pub(crate) const OPERATORS: [Operator; 14] = [
    Operator::Equals,
    Operator::NotEquals,
    Operator::IsTrue,
    Operator::IsFalse,
    Operator::IsNull,
    Operator::IsNotNull,
    Operator::RegexMatch,
    Operator::NotRegexMatch,
    Operator::GreaterThan,
    Operator::GreaterThanOrEquals,
    Operator::Includes,
    Operator::EndsWith,
    Operator::HasFlags,
    Operator::HasNotFlags,
];
