//! One attribute mapping.

use crate::ImportError;
use crate::constant::{self, SOFT_DELETED};
use crate::naming::Target;
use crate::node::Node;
use crate::note::Notes;
use crate::source::{self, Said, Source};
use mapping::{Apply, Expression};
use record::{AttributeKind, TargetAttribute, TargetSchema};

/// A mapping as it will stand in the configuration, possibly as a comment.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Where it stands in the file.
    pub(crate) path: String,
    /// The target's attribute, by its name here where it has one.
    pub(crate) target: String,
    /// What it is made of; `None` where there is nothing.
    pub(crate) said: Option<Said>,
    /// When it is written.
    pub(crate) apply: Apply,
    /// What it gets when there is nothing else.
    pub(crate) default: Option<String>,
    /// Whether nothing clears it.
    pub(crate) clear: bool,
    /// Its place among the matching attributes, 0 for none.
    pub(crate) priority: u64,
    /// Why it stands in a comment.
    pub(crate) left_out: Option<String>,
}

/// What a row is read against.
pub(crate) struct Place<'a> {
    /// The target.
    pub(crate) target: Target,
    /// What it takes.
    pub(crate) schema: &'static TargetSchema,
    /// The attributes of the source's object whose definition says whether null flows.
    pub(crate) nulls: &'a dyn Fn(&str) -> Option<bool>,
}

impl Row {
    /// Its expression, for constants as well.
    pub(crate) fn expression(&self) -> Option<Expression> {
        match self.said.as_ref()? {
            Said::Expression(text) => Expression::parse(text).ok(),
            Said::Constant(text) => Expression::parse(&crate::tree::quoted(text)).ok(),
        }
    }

    /// Turns it into a comment and says so.
    pub(crate) fn leave_out(&mut self, why: impl Into<String>, todo: Option<String>, notes: &mut Notes) {
        let why = why.into();
        let what = format!("the mapping of `{}` was left out: {why}", crate::note::plain(&self.target));
        notes.left_out(&self.path, what, todo);
        self.left_out = Some(why);
    }
}

/// Reads a mapping.
pub(crate) fn read(node: &Node<'_>, place: &Place<'_>, notes: &mut Notes) -> Result<Row, ImportError> {
    let there = node.text("targetAttributeName")?.unwrap_or_default().trim().to_owned();
    let here = if there == planning::OBJECT_FILTER { None } else { place.target.attribute(place.schema, &there) };
    let attribute = here.and_then(|name| place.schema.attribute(name));
    let mut row = Row {
        path: node.path.clone(),
        target: here.map_or_else(|| there.clone(), str::to_owned),
        said: None,
        apply: apply(node, notes)?,
        default: None,
        clear: false,
        priority: node.whole("matchingPriority")?.unwrap_or(0),
        left_out: None,
    };
    let known = attribute.is_some() || there == planning::OBJECT_FILTER;
    let refused = match source::read(node)? {
        Source::Stored(said) => said_of(&mut row, said),
        Source::Columns(said) => {
            notes.changed(
                &row.path,
                "an attribute that picks one of several values became a column, with dots for brackets",
            );
            said_of(&mut row, said)
        }
        Source::Rebuilt(said) => {
            notes.changed(
                &row.path,
                "the expression was put together from its parse tree; compare it with the portal's",
            );
            said_of(&mut row, said)
        }
        Source::Nothing => Some("there is neither a source nor a default value".to_owned()),
        Source::Refused { text, why } => {
            row.said = text.map(Said::Expression);
            Some(why)
        }
    };
    if node.flag("enabled")? == Some(false) {
        row.leave_out("it is switched off there", None, notes);
    } else if !known {
        let (why, todo) = unknown(&there, place.schema);
        row.leave_out(why, todo, notes);
    } else if let Some(why) = refused {
        row.leave_out(why, Some("write it anew with `tenure expr`, and take away the comment signs".to_owned()), notes);
    } else {
        if row.target != there {
            notes.changed(&row.path, format!("`{}` is called `{}` here", crate::note::plain(&there), row.target));
        }
        soft_deleted(&mut row, notes);
        rest(node, &mut row, attribute, place, notes)?;
    }
    Ok(row)
}

fn said_of(row: &mut Row, said: Said) -> Option<String> {
    row.said = Some(said);
    None
}

fn apply(node: &Node<'_>, notes: &mut Notes) -> Result<Apply, ImportError> {
    Ok(match node.filled("flowType")?.as_deref() {
        None | Some("Always") => Apply::Always,
        Some("ObjectAddOnly") => Apply::OnCreate,
        Some("AttributeAddOnly") => Apply::WhenEmpty,
        Some("MultiValueAddOnly") => Apply::WhenAdding,
        Some("ValueAddOnly") => Apply::AddOnly,
        Some(_) => {
            let todo = "say with `apply` when it is written, if not always";
            notes.decide(&format!("{}.flowType", node.path), "the flow type is not known here", todo);
            Apply::Always
        }
    })
}

/// Why an attribute is not mapped here, and what to do.
fn unknown(there: &str, schema: &TargetSchema) -> (String, Option<String>) {
    let lower = there.to_ascii_lowercase();
    if there.is_empty() {
        return ("it names no target attribute".to_owned(), None);
    }
    if lower.contains("password") {
        return ("passwords are drawn by the connector and never mapped".to_owned(), None);
    }
    if lower.contains("photo") {
        return ("photos are not written".to_owned(), None);
    }
    if lower == SOFT_DELETED.to_ascii_lowercase() {
        return ("deleting softly is not an attribute here".to_owned(), Some("see `out_of_scope`".to_owned()));
    }
    let near = config::nearest(there, schema.attributes.iter().map(|attribute| attribute.name));
    let todo = near.map(|near| format!("if `{near}` is meant, change its `target` and take away the comment signs"));
    (format!("the target ({}) has no such attribute in this version", schema.target), todo)
}

/// What `IsSoftDeleted` stands for is `out_of_scope` here.
fn soft_deleted(row: &mut Row, notes: &mut Notes) {
    let Some(expression) = row.expression().filter(|expression| expression.attributes().contains(SOFT_DELETED)) else {
        return;
    };
    if let Some(text) = constant::in_scope(&expression) {
        notes.changed(&row.path, "`IsSoftDeleted` is computed by Entra; here `out_of_scope` disables, and the mapping became what it gives for people in scope");
        row.said = Some(Said::Constant(text));
    } else {
        let todo = "take it out of the expression; `out_of_scope` disables who falls out of scope";
        notes.decide(&row.path, "`IsSoftDeleted` is computed by Entra, and no file of HR has it", todo);
    }
}

/// Default, clearing, and what has no counterpart.
fn rest(
    node: &Node<'_>,
    row: &mut Row,
    attribute: Option<&TargetAttribute>,
    place: &Place<'_>,
    notes: &mut Notes,
) -> Result<(), ImportError> {
    let sourced = node.get("source").is_some_and(|source| source.value.as_object().is_some_and(|all| !all.is_empty()));
    if let Some(default) = node.text("defaultValue")?.filter(|text| sourced && !text.is_empty()) {
        if attribute.is_some_and(|attribute| attribute.kind == AttributeKind::Reference) {
            notes.left_out(
                &format!("{}.defaultValue", node.path),
                "a reference to another account has no default",
                None,
            );
        } else {
            let what = "the default is written here whenever there is no value; Entra writes it on create only";
            notes.changed(&format!("{}.defaultValue", node.path), what);
            row.default = Some(default.into_owned());
        }
    }
    if node.flag("flowNullValues")? == Some(true) {
        let direct = row.expression().and_then(|expression| expression.direct().and_then(place.nulls));
        let path = format!("{}.flowNullValues", node.path);
        if attribute.is_none_or(|attribute| !attribute.clearable) {
            notes.left_out(&path, format!("`{}` cannot be cleared in the target", row.target), None);
        } else if direct == Some(false) {
            let todo = "write clear = true in the mapping if it is to be cleared".to_owned();
            notes.left_out(
                &path,
                "the source attribute lets no null flow, so that Entra clears nothing either",
                Some(todo),
            );
        } else {
            row.clear = true;
        }
    }
    if node.filled("flowBehavior")?.as_deref() == Some("FlowAlways") {
        let what = "FlowAlways has no counterpart: what differs from the account's last state is written, nothing else";
        notes.left_out(&format!("{}.flowBehavior", node.path), what, None);
    }
    if node.flag("exportMissingReferences")? == Some(true) {
        let what = "exportMissingReferences has no counterpart: a reference waits until the other account is there";
        notes.left_out(&format!("{}.exportMissingReferences", node.path), what, None);
    }
    Ok(())
}
