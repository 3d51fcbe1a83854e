//! The attributes by which accounts are recognised, and whether the mappings are complete.

use crate::mappings::Mapped;
use crate::nearest::suggest;
use crate::table::Table;
use record::TargetSchema;
use toml::Spanned;

/// Reads `matching`: each attribute is mapped, is one that the target finds accounts by, and has one value.
pub(crate) fn read(job: &Table<'_>, schema: Option<&TargetSchema>, mappings: &[Mapped]) -> Vec<String> {
    let names = job.texts("matching");
    let empty = job.get("matching").is_none_or(|value| value.get_ref().as_array().is_some_and(|all| all.is_empty()));
    if empty {
        let hint = r#"for instance matching = ["employeeId"]; without it every record makes a new account"#.to_owned();
        job.report.missing(job.span_of("matching"), format!("{} has no `matching` attribute", job.what), Some(hint));
    }
    for name in &names {
        if let Some((message, hint)) = mistake(name.get_ref(), schema, mappings) {
            job.report.error(name.span(), message, hint);
        }
    }
    names.into_iter().map(Spanned::into_inner).collect()
}

fn mistake(name: &str, schema: Option<&TargetSchema>, mappings: &[Mapped]) -> Option<(String, Option<String>)> {
    if let Some(schema) = schema {
        let matchable = || schema.attributes.iter().filter(|known| known.matchable).map(|known| known.name);
        match schema.attribute(name) {
            None => {
                let hint = suggest(name, matchable());
                return Some((format!("the target ({}) has no attribute `{name}`", schema.target), hint));
            }
            Some(attribute) if !attribute.matchable => {
                let hint = format!("it finds them by {}", matchable().collect::<Vec<_>>().join(", "));
                return Some((format!("the target does not find accounts by `{name}`"), Some(hint)));
            }
            Some(_) => {}
        }
    }
    let Some(mapped) = mappings.iter().find(|mapped| mapped.target == name) else {
        let hint = format!("add a mapping for `{name}`");
        return Some((format!("the matching attribute `{name}` is not mapped"), Some(hint)));
    };
    if mapped.mapping.as_ref().is_some_and(|mapping| mapping.expression.unique()) {
        let hint = "match by an attribute with one value, for instance the record's key".to_owned();
        return Some((format!("the matching attribute `{name}` uses SelectUniqueValue"), Some(hint)));
    }
    None
}

/// What the target refuses accounts without has to be mapped; without its flag nobody can be disabled.
pub(crate) fn complete(job: &Table<'_>, schema: Option<&TargetSchema>, mappings: &[Mapped]) {
    let Some(schema) = schema.filter(|_| !mappings.is_empty()) else { return };
    let mapped = |name: &str| mappings.iter().any(|mapped| mapped.target == name);
    for attribute in schema.attributes.iter().filter(|attribute| attribute.required && !mapped(attribute.name)) {
        let message = format!("the target makes no account without `{}`, which is not mapped", attribute.name);
        job.report.missing(job.span.clone(), message, Some(format!("add a mapping for `{}`", attribute.name)));
    }
    let required = schema.attribute(schema.enabled).is_some_and(|attribute| attribute.required);
    if !required && !mapped(schema.enabled) {
        let message = format!("`{}` is not mapped, so that this job disables and enables nobody", schema.enabled);
        let hint = format!("add a mapping for `{}` if leavers are to be disabled", schema.enabled);
        job.report.warn(job.span.clone(), message, Some(hint));
    }
}
