//! What is likely not meant in a mapping, and what its branches would give that the target refuses: found on the tree of
//! its expression, without a record.

use crate::reads::offset;
use crate::report::Report;
use mapping::{Expression, Node, NodeKind, outline};
use record::{AttributeKind, TargetAttribute};
use toml::Spanned;

/// Functions whose result is empty where their first argument is.
const TRANSFORMS: [&str; 9] =
    ["ToLower", "ToUpper", "Trim", "NormalizeDiacritics", "StripSpaces", "PCase", "Left", "Mid", "Replace"];

/// Functions that ask whether there is a value.
const ASKS: [&str; 4] = ["IsPresent", "IsNull", "IsNullOrEmpty", "IsString"];

/// What one branch of an expression gives.
enum Leaf<'n> {
    /// This text.
    Text(&'n Node, &'n str),
    /// Nothing.
    Nothing(&'n Node),
    /// Nothing, where this attribute has no value.
    Perhaps(&'n Node, &'n str),
}

/// The mapping as it is written.
pub(crate) struct Written<'a> {
    pub(crate) report: &'a Report<'a>,
    pub(crate) expression: &'a Expression,
    /// The expression's text with its place.
    pub(crate) text: &'a Spanned<String>,
    /// Whether something takes the place of an empty result.
    pub(crate) has_default: bool,
    /// The source attribute that every record has.
    pub(crate) key: Option<&'a str>,
}

impl Written<'_> {
    /// Notes what is odd about the expression itself, and what its branches would give that the attribute does not take.
    pub(crate) fn check(&self, attribute: Option<&TargetAttribute>) {
        for lint in self.expression.lints() {
            let start = offset(self.report, self.text, lint.start);
            self.report.warn(start..start, lint.message, lint.hint);
        }
        let (Some(attribute), Ok(tree)) = (attribute, outline(self.expression.text())) else { return };
        let mut leaves = Vec::new();
        collect(&tree, &mut Vec::new(), &mut leaves);
        for leaf in &leaves {
            self.judge(attribute, leaf);
        }
    }

    fn judge(&self, attribute: &TargetAttribute, leaf: &Leaf<'_>) {
        let name = attribute.name;
        let needed = attribute.required && !self.has_default;
        match leaf {
            Leaf::Text(node, text) => {
                if let Some((message, hint)) = refused(attribute, text) {
                    let start = offset(self.report, self.text, node.start);
                    self.report.error(start..start, message, Some(hint));
                }
            }
            Leaf::Nothing(node) if needed => {
                let message = format!("this branch gives nothing, and the target makes no account without `{name}`");
                self.warn(node, message, "write a text, or give the mapping a `default`");
            }
            Leaf::Perhaps(node, source) if needed && self.key != Some(*source) => {
                let message =
                    format!("where `{source}` is empty, `{name}` is, too, and the target makes no account without it");
                self.warn(node, message, "give the mapping a `default`, else such a record waits");
            }
            Leaf::Nothing(_) | Leaf::Perhaps(..) => {}
        }
    }

    fn warn(&self, node: &Node, message: String, hint: &str) {
        let start = offset(self.report, self.text, node.start);
        self.report.warn(start..start, message, Some(hint.to_owned()));
    }
}

/// Why the attribute takes no such text.
fn refused(attribute: &TargetAttribute, text: &str) -> Option<(String, String)> {
    let name = attribute.name;
    let flag = || text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    match attribute.kind {
        AttributeKind::Flag if !flag() => {
            Some((format!("`{name}` takes True or False, not this text"), "write \"True\" or \"False\"".to_owned()))
        }
        AttributeKind::Instant if !crate::mappings::instant(text) => {
            Some((format!("`{name}` takes a date or an instant, not this text"), "for instance 2030-12-31".to_owned()))
        }
        _ if attribute.length_max > 0 && text.chars().count() > attribute.length_max => {
            let message = format!("`{name}` takes at most {} characters", attribute.length_max);
            Some((message, "shorten the text".to_owned()))
        }
        _ => None,
    }
}

/// What the branches give. `asked` are attributes that were asked on the way whether they have a value.
fn collect<'n>(node: &'n Node, asked: &mut Vec<&'n str>, leaves: &mut Vec<Leaf<'n>>) {
    match &node.kind {
        NodeKind::Text(text) if text.is_empty() => leaves.push(Leaf::Nothing(node)),
        NodeKind::Text(text) | NodeKind::Number(text) => leaves.push(Leaf::Text(node, text)),
        NodeKind::Attribute(name) if !asked.contains(&name.as_str()) => leaves.push(Leaf::Perhaps(node, name)),
        NodeKind::Empty => leaves.push(Leaf::Nothing(node)),
        NodeKind::Call { name, arguments, .. } => {
            let known = asked.len();
            match (name.as_str(), arguments.as_slice()) {
                ("IIF", [condition, arms @ ..]) => {
                    ask(condition, asked);
                    for arm in arms {
                        collect(arm, asked, leaves);
                    }
                }
                ("Switch", [source, default, pairs @ ..]) => {
                    if pairs.chunks(2).any(|pair| matches!(&pair[0].kind, NodeKind::Text(text) if text.is_empty())) {
                        attributes(source, asked);
                    }
                    collect(default, asked, leaves);
                    for value in pairs.iter().skip(1).step_by(2) {
                        collect(value, asked, leaves);
                    }
                }
                ("Coalesce", [first @ .., last]) => {
                    for one in first {
                        collect_texts(one, asked, leaves);
                    }
                    collect(last, asked, leaves);
                }
                ("Redact" | "IgnoreFlowIfNullOrEmpty", [inner]) => collect(inner, asked, leaves),
                (name, [first, ..]) if TRANSFORMS.contains(&name) => {
                    let mut inner = Vec::new();
                    collect(first, asked, &mut inner);
                    leaves.extend(inner.into_iter().filter(|leaf| matches!(leaf, Leaf::Perhaps(..))));
                }
                _ => {}
            }
            asked.truncate(known);
        }
        _ => {}
    }
}

/// The texts alone: where there is nothing, the next argument counts.
fn collect_texts<'n>(node: &'n Node, asked: &mut Vec<&'n str>, leaves: &mut Vec<Leaf<'n>>) {
    let mut inner = Vec::new();
    collect(node, asked, &mut inner);
    leaves.extend(inner.into_iter().filter(|leaf| matches!(leaf, Leaf::Text(..))));
}

/// The attributes that a condition asks whether they have a value, or compares with something.
fn ask<'n>(condition: &'n Node, asked: &mut Vec<&'n str>) {
    match &condition.kind {
        NodeKind::Compare { left, right, .. } => {
            attributes(left, asked);
            attributes(right, asked);
        }
        NodeKind::Call { name, arguments, .. } if ASKS.contains(&name.as_str()) => {
            for argument in arguments {
                attributes(argument, asked);
            }
        }
        _ => condition.below().into_iter().for_each(|below| ask(below, asked)),
    }
}

fn attributes<'n>(node: &'n Node, found: &mut Vec<&'n str>) {
    if let NodeKind::Attribute(name) = &node.kind {
        found.push(name);
    }
    node.below().into_iter().for_each(|below| attributes(below, found));
}
