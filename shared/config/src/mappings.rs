//! The mappings of a job, each checked against what its target takes.

use crate::lints::Written;
use crate::nearest::suggest;
use crate::reads::{Read, offset};
use crate::report::Report;
use crate::table::{Table, kind};
use mapping::{Apply, Expression, Mapping};
use record::{AttributeKind, TargetAttribute, TargetSchema, Value};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// The words for [`Apply`]: ours, then those of Entra's synchronization schema.
pub(crate) const APPLY: [(&str, Apply); 10] = [
    ("always", Apply::Always),
    ("on-create", Apply::OnCreate),
    ("when-empty", Apply::WhenEmpty),
    ("when-adding", Apply::WhenAdding),
    ("add-only", Apply::AddOnly),
    ("Always", Apply::Always),
    ("ObjectAddOnly", Apply::OnCreate),
    ("AttributeAddOnly", Apply::WhenEmpty),
    ("MultiValueAddOnly", Apply::WhenAdding),
    ("ValueAddOnly", Apply::AddOnly),
];

/// One mapping as far as it could be read.
pub(crate) struct Mapped {
    /// Target attribute.
    pub(crate) target: String,
    /// Where its name stands.
    pub(crate) span: Range<usize>,
    /// The compiled mapping; `None` if its expression has mistakes.
    pub(crate) mapping: Option<Mapping>,
}

/// Reads one mapping. Without a schema (the target is not known) it is checked by itself.
/// `key` is the source attribute that every record has.
pub(crate) fn read(
    table: Table<'_>,
    schema: Option<&TargetSchema>,
    key: Option<&str>,
    reads: &mut Vec<Read>,
) -> Option<Mapped> {
    let target = table.need_text("target");
    let attribute = target.as_ref().and_then(|target| attribute(&table, target, schema?));
    let (expression, text) = expression(&table, attribute, reads).unzip();
    let apply = table.word("apply", &APPLY).unwrap_or_default();
    let clear = table.flag("clear", false);
    let default = default(&table, attribute);
    if let Some(attribute) = attribute {
        if clear && !attribute.clearable {
            let message = format!("the target refuses an empty `{}`", attribute.name);
            table.report.error(table.span_of("clear"), message, Some("leave `clear` out".to_owned()));
        }
        if let Some(expression) = &expression {
            fits(&table, attribute, expression);
        }
    }
    if let (Some(expression), Some(text)) = (&expression, text.flatten()) {
        let has_default = default.is_some();
        Written { report: table.report, expression, text: &text, has_default, key }.check(attribute);
    }
    let line = table.report.place(table.span.start).0;
    table.finish();
    let target = target?;
    let span = target.span();
    let target = target.into_inner();
    let compiled = |expression| Mapping { target: target.clone(), expression, default, apply, clear, line };
    let mapping = expression.map(compiled);
    Some(Mapped { target, span, mapping })
}

fn attribute(table: &Table<'_>, name: &Spanned<String>, schema: &TargetSchema) -> Option<&'static TargetAttribute> {
    let attribute = schema.attribute(name.get_ref());
    // A pseudo-attribute of Entra: its mapping says whom to leave alone, and is never written.
    if attribute.is_none() && name.get_ref() != planning::OBJECT_FILTER {
        let hint = suggest(name.get_ref(), schema.attributes.iter().map(|attribute| attribute.name));
        let message = format!("the target ({}) has no attribute `{}`", schema.target, name.get_ref());
        table.report.error(name.span(), message, hint);
    }
    attribute
}

/// The expression with its text, or the constant as one; exactly one of the two has to be there.
fn expression(
    table: &Table<'_>,
    attribute: Option<&TargetAttribute>,
    reads: &mut Vec<Read>,
) -> Option<(Expression, Option<Spanned<String>>)> {
    let constant = table.get("constant");
    let text = table.get("expression").and_then(|_| table.need_text("expression"));
    match (table.get("expression").is_some(), constant) {
        (true, Some(constant)) => {
            let hint = "leave one of them out".to_owned();
            let message = "a mapping has either an `expression` or a `constant`";
            table.report.error(constant.span(), message, Some(hint));
            None
        }
        (false, None) => {
            let hint = r"for instance expression = '[displayName]'".to_owned();
            table.report.missing(table.span.clone(), "the mapping has no `expression`", Some(hint));
            None
        }
        (false, Some(constant)) => {
            let text = plain(table, "constant", constant, attribute)?;
            let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            match Expression::parse(&quoted) {
                Ok(expression) => Some((expression, None)),
                Err(mistakes) => {
                    for mistake in mistakes {
                        table.report.error(constant.span(), mistake.message, mistake.hint);
                    }
                    None
                }
            }
        }
        (true, None) => {
            let text = text?;
            match Expression::parse(text.get_ref()) {
                Ok(expression) => {
                    reads.extend(Read::of(table.report, &expression, &text));
                    Some((expression, Some(text)))
                }
                Err(mistakes) => {
                    note(table.report, &text, mistakes);
                    None
                }
            }
        }
    }
}

fn note(report: &Report<'_>, text: &Spanned<String>, mistakes: Vec<mapping::Mistake>) {
    for mistake in mistakes {
        let start = offset(report, text, mistake.start);
        report.error(start..start, mistake.message, mistake.hint);
    }
}

/// A value that the configuration itself holds, checked against what the attribute takes.
fn plain(
    table: &Table<'_>,
    key: &str,
    value: &Spanned<DeValue<'_>>,
    attribute: Option<&TargetAttribute>,
) -> Option<String> {
    let refuse = |message: String, hint: Option<&str>| {
        table.report.error(value.span(), message, hint.map(str::to_owned));
        None
    };
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(flag) => if *flag { "True" } else { "False" }.to_owned(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        other => return refuse(format!("`{key}` must be a text, not {}", kind(other)), None),
    };
    if text.is_empty() {
        return refuse(format!("`{key}` is empty"), Some("leave the mapping out, or clear the attribute with `clear`"));
    }
    let Some(attribute) = attribute else { return Some(text) };
    match attribute.kind {
        AttributeKind::Flag if text.eq_ignore_ascii_case("true") => Some("True".to_owned()),
        AttributeKind::Flag if text.eq_ignore_ascii_case("false") => Some("False".to_owned()),
        AttributeKind::Flag => refuse(format!("`{}` takes true or false", attribute.name), None),
        AttributeKind::Reference => refuse(
            format!("`{}` refers to another account and cannot be a `{key}`", attribute.name),
            Some("write expression = '[attribute]' with the attribute that holds the other record's key"),
        ),
        AttributeKind::Instant if !instant(&text) => {
            refuse(format!("`{}` takes a date or an instant", attribute.name), Some("for instance 2030-12-31"))
        }
        _ if attribute.length_max > 0 && text.chars().count() > attribute.length_max => {
            refuse(format!("`{}` takes at most {} characters", attribute.name, attribute.length_max), None)
        }
        _ => Some(text),
    }
}

/// Whether a text is an instant or a date.
pub(crate) fn instant(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() || text.parse::<jiff::Timestamp>().is_ok()
}

fn default(table: &Table<'_>, attribute: Option<&TargetAttribute>) -> Option<Value> {
    let value = table.get("default")?;
    match value.get_ref() {
        DeValue::Array(values) if attribute.is_none_or(|attribute| attribute.kind == AttributeKind::Texts) => {
            let texts: Vec<_> = values.iter().filter_map(|value| plain(table, "default", value, attribute)).collect();
            Some(Value::Many(texts))
        }
        _ => plain(table, "default", value, attribute).map(Value::One),
    }
}

fn fits(table: &Table<'_>, attribute: &TargetAttribute, expression: &Expression) {
    let span = table.span_of("expression");
    if attribute.kind == AttributeKind::Reference && expression.direct().is_none() {
        let message = format!("`{}` refers to another account and takes one attribute as it is", attribute.name);
        let hint = "write '[attribute]' with the attribute that holds the other record's key".to_owned();
        table.report.error(span, message, Some(hint));
    } else if attribute.unique && !expression.unique() {
        let message = format!("`{}` must be unique in the target, but has one candidate only", attribute.name);
        let hint = "name alternatives with SelectUniqueValue(…, …), else the second of two namesakes waits".to_owned();
        table.report.warn(span, message, Some(hint));
    }
}
