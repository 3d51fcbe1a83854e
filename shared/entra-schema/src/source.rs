//! What an attribute is made of: the stored text, or the text put together again from the stored tree.

use crate::ImportError;
use crate::column;
use crate::node::Node;
use crate::tree;
use mapping::{Expression, Mistake, NodeKind, outline};

/// What a mapping says, as far as it can be said here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// An expression.
    Expression(String),
    /// A text that is always the same.
    Constant(String),
}

/// How a mapping's source was read.
#[derive(Debug)]
pub(crate) enum Source {
    /// As it stands.
    Stored(Said),
    /// As it stands, but for attributes that are columns here.
    Columns(Said),
    /// Put together from its tree, because the stored text is missing or does not parse.
    Rebuilt(Said),
    /// Neither its text nor its tree is an expression here: the text, if there is one, and why.
    Refused {
        /// The text as it stands there.
        text: Option<String>,
        /// What is wrong with it.
        why: String,
    },
    /// There is neither an expression nor a value.
    Nothing,
}

/// Reads `source` and, where that is null, `defaultValue` of an attribute mapping.
pub(crate) fn read(mapping: &Node<'_>) -> Result<Source, ImportError> {
    let source = mapping.object("source")?.filter(|source| source.value.as_object().is_some_and(|all| !all.is_empty()));
    let Some(source) = source else {
        let constant = mapping.text("defaultValue")?.filter(|text| !text.is_empty());
        return Ok(constant.map_or(Source::Nothing, |text| Source::Stored(Said::Constant(text.into_owned()))));
    };
    let written = source.filled("expression")?;
    let columns = written.as_deref().and_then(column::in_expression);
    let changed = columns.is_some();
    let text = columns.map_or(written, |columns| Some(columns.into()));
    let mistakes = match text.as_deref().map(Expression::parse) {
        Some(Ok(expression)) if changed => return Ok(Source::Columns(said(expression.text()))),
        Some(Ok(expression)) => return Ok(Source::Stored(said(expression.text()))),
        Some(Err(mistakes)) => Some(mistakes),
        None => None,
    };
    let rebuilt = match source.filled("type")?.as_deref() {
        Some("Attribute" | "Constant" | "Function") => tree::text(&source)?,
        _ if source.filled("name")?.is_some() && source.get("parameters").is_some() => tree::text(&source)?,
        _ => Err("there is neither an `expression` nor a tree of one".to_owned()),
    };
    let refused = match (rebuilt, mistakes) {
        (Ok(rebuilt), mistakes) => match Expression::parse(&rebuilt) {
            Ok(_) => return Ok(Source::Rebuilt(said(&rebuilt))),
            // The mistakes of what somebody wrote are told, not those of what was made of it.
            Err(others) => (Some(rebuilt), why(&mistakes.unwrap_or(others))),
        },
        (Err(_), Some(mistakes)) => (None, why(&mistakes)),
        (Err(problem), None) => (None, problem),
    };
    let text = text.map(std::borrow::Cow::into_owned).or(refused.0);
    Ok(Source::Refused { text, why: refused.1 })
}

/// A text alone is a constant; an empty one is an expression, since it says something else than nothing.
fn said(text: &str) -> Said {
    match outline(text).map(|node| node.kind) {
        Ok(NodeKind::Text(constant)) if !constant.is_empty() => Said::Constant(constant),
        _ => Said::Expression(text.to_owned()),
    }
}

fn why(mistakes: &[Mistake]) -> String {
    let told = |mistake: &Mistake| {
        let hint = mistake.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
        format!("{} at position {}{hint}", mistake.message, mistake.start)
    };
    let told: Vec<String> = mistakes.iter().take(3).map(told).collect();
    format!("the expression does not parse: {}", told.join("; "))
}
