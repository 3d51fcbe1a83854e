//! One object mapping of a rule becomes one job.

use crate::ImportError;
use crate::filter::{self, Groups};
use crate::naming::Target;
use crate::node::Node;
use crate::note::Notes;
use crate::row::{self, Place, Row};
use crate::settings::Settings;
use config::Schemas;
use mapping::Apply;
use record::TargetSchema;
use std::collections::BTreeSet;

/// A job as it will be written.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) path: String,
    pub(crate) name: String,
    /// What the source is called there: its directory, then its object.
    pub(crate) source: (String, String),
    pub(crate) target: Target,
    pub(crate) matching: Vec<String>,
    /// Who falls out of scope is left alone.
    pub(crate) leave: bool,
    pub(crate) scope: Groups,
    pub(crate) input_scope: Groups,
    pub(crate) category_scope: Groups,
    pub(crate) rows: Vec<Row>,
    /// Guards, each as `key = { … }`.
    pub(crate) guards: Vec<String>,
}

/// What is known beside the object mapping itself.
pub(crate) struct Beside<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) schemas: Schemas<'a>,
    pub(crate) nulls: &'a dyn Fn(&str) -> Option<bool>,
}

/// Reads an object mapping for accounts of a known target.
pub(crate) fn read(
    node: &Node<'_>,
    named: (String, (String, String), Target),
    beside: &Beside<'_>,
    notes: &mut Notes,
) -> Result<Option<Job>, ImportError> {
    let (name, source, target) = named;
    let Some(schema) = target.schema(beside.schemas) else { return Ok(None) };
    let place = Place { target, schema, nulls: beside.nulls };
    let mut rows = Vec::new();
    let mut taken = BTreeSet::new();
    for mapping in node.objects("attributeMappings")? {
        let mut row = row::read(&mapping, &place, notes)?;
        if row.left_out.is_none() && !taken.insert(row.target.clone()) {
            let todo = "join the two expressions, or take one of them".to_owned();
            row.leave_out("the attribute is mapped already", Some(todo), notes);
        }
        rows.push(row);
    }
    let filter = node.object("scope")?;
    let mut groups =
        |key| filter.as_ref().map_or_else(|| Ok(Groups::default()), |filter| filter::groups(filter, key, notes));
    let (scope, input_scope, category_scope) =
        (groups("groups")?, groups("inputFilterGroups")?, groups("categoryFilterGroups")?);
    let mut job = Job {
        path: node.path.clone(),
        name,
        source,
        target,
        matching: Vec::new(),
        leave: beside.settings.leave,
        scope,
        input_scope,
        category_scope,
        rows,
        guards: Vec::new(),
    };
    if job.scope.nobody() {
        let todo = "write a scope in its place";
        notes.decide(&node.path, "no group of the scope could be carried over, so that nobody is in scope", todo);
    }
    if node.flag("enabled")? == Some(false) {
        let what = "it is switched off there; the job has no `every`, so that it runs only when asked for";
        notes.changed(&format!("{}.enabled", node.path), what);
    }
    flows(node, &mut job, notes)?;
    limits(&mut job, beside.settings);
    match_by(&mut job, schema, notes);
    without_flag(&mut job, schema, notes);
    Ok(Some(job))
}

/// What an object mapping may not do is held for a person here.
fn flows(node: &Node<'_>, job: &mut Job, notes: &mut Notes) -> Result<(), ImportError> {
    let Some(flows) = node.filled("flowTypes")? else { return Ok(()) };
    let has = |word: &str| flows.split(',').any(|flow| flow.trim().eq_ignore_ascii_case(word));
    let path = format!("{}.flowTypes", node.path);
    if !has("Add") {
        let what = "nobody is to be created: became a guard that holds every create";
        notes.decide(&path, what, "reject what it holds, or narrow the scope to people who have accounts");
        job.guards.push("create = { count = 0 }".to_owned());
    }
    if !has("Update") {
        let what =
            "nobody is to be updated: became a guard that holds every update; every mapping is written on create only";
        notes.changed(&path, what);
        job.guards.push("update = { count = 0 }".to_owned());
        for row in job.rows.iter_mut().filter(|row| row.apply == Apply::Always) {
            row.apply = Apply::OnCreate;
        }
    }
    Ok(())
}

fn limits(job: &mut Job, settings: &Settings) {
    if let Some(max) = settings.deletes_max.filter(|max| i64::try_from(*max).is_ok()) {
        job.guards.push(format!("disable = {{ count = {max}, percent = 5, at_least = 5 }}"));
    }
}

/// The matching attributes, from the lowest priority up.
pub(crate) fn match_by(job: &mut Job, schema: &TargetSchema, notes: &mut Notes) {
    let mut wanted: Vec<&Row> = job.rows.iter().filter(|row| row.priority > 0).collect();
    wanted.sort_by_key(|row| row.priority);
    let usable = |row: &&&Row| {
        let matchable = schema.attribute(&row.target).is_some_and(|attribute| attribute.matchable);
        matchable && row.left_out.is_none() && row.expression().is_some_and(|expression| !expression.unique())
    };
    let carried: Vec<String> = wanted.iter().filter(usable).map(|row| row.target.clone()).collect();
    for row in wanted.iter().filter(|row| !carried.contains(&row.target)) {
        let known = schema.attributes.iter().filter(|attribute| attribute.matchable).map(|attribute| attribute.name);
        let todo = format!("accounts are found by {}", known.collect::<Vec<_>>().join(", "));
        notes.left_out(
            &row.path,
            format!("`{}` does not match accounts here", crate::note::plain(&row.target)),
            Some(todo),
        );
    }
    job.matching = carried;
    if job.matching.is_empty()
        && let Some(row) =
            schema.attributes.iter().filter(|attribute| attribute.matchable).find_map(|attribute| {
                job.rows.iter().filter(|row| row.target == attribute.name).find(|row| usable(&row))
            })
    {
        let what = format!("no attribute matches accounts, so `{}` was taken", row.target);
        notes.decide(&job.path, what, "name in `matching` what tells people apart in the target");
        job.matching = vec![row.target.clone()];
    }
}

/// Without a mapping of the flag nothing is disabled in Entra; here the scope alone would do it.
fn without_flag(job: &mut Job, schema: &TargetSchema, notes: &mut Notes) {
    if !job.leave && !job.rows.iter().any(|row| row.target == schema.enabled && row.left_out.is_none()) {
        let what =
            format!("`{}` is not mapped, so that nobody is disabled: became out_of_scope = \"leave\"", schema.enabled);
        notes.changed(&job.path, what);
        job.leave = true;
    }
}
