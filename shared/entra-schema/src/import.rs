//! From a file's bytes to the configuration and the report.

use crate::find::{self, Found};
use crate::job::{self, Beside, Job};
use crate::naming::{Fit, Target};
use crate::node::Node;
use crate::note::{ImportError, Note, Notes, plain};
use crate::write::{self, Document, SourceConnector};
use crate::{decode, left_out, settings};
use config::{Level, Schemas};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The configuration.
    pub toml: String,
    /// What was not carried over as it stands, the gravest first.
    pub report: Vec<Note>,
}

/// Every mistake that the configuration still has costs a mapping, so that so many rounds are enough for anything real.
const ROUNDS_MAX: usize = 20;

/// Makes a configuration of a schema's export. `schemas` says what the targets take.
pub fn import(bytes: &[u8], schemas: Schemas<'_>) -> Result<Import, ImportError> {
    let root = decode::json(bytes)?;
    let mut notes = Notes::default();
    let mut document = Document { knows: knows(), ..Document::default() };
    let mut refused = Vec::new();
    let mut fit = Fit::default();
    for found in find::schemas(&root)? {
        schema(&found, schemas, &mut fit, (&mut document, &mut refused), &mut notes)?;
    }
    if document.jobs.is_empty() {
        return Err(ImportError::NothingToCarry { rules: refused });
    }
    sources(&mut document, &root, &mut notes)?;
    unknown_scopes(&document, &mut notes);
    let toml = checked(&mut document, schemas, &mut notes);
    let mut report = notes.0;
    report.sort_by_key(|note| note.effect);
    Ok(Import { toml, report })
}

/// Whether this version's configuration has `input_scope` and `category_scope`.
fn knows() -> (bool, bool) {
    let schema = config::json_schema();
    let job = &schema["properties"]["jobs"]["additionalProperties"]["properties"];
    (job.get("input_scope").is_some(), job.get("category_scope").is_some())
}

fn schema(
    found: &Found<'_>,
    schemas: Schemas<'_>,
    fit: &mut Fit,
    (document, refused): (&mut Document, &mut Vec<String>),
    notes: &mut Notes,
) -> Result<(), ImportError> {
    let settings = settings::read(&found.around, notes)?;
    let mut rules = found.schema.objects("synchronizationRules")?;
    let priorities: Result<Vec<u64>, _> =
        rules.iter().map(|rule| Ok(rule.whole("priority")?.unwrap_or(u64::MAX))).collect();
    let mut order: Vec<usize> = (0..rules.len()).collect();
    let priorities = priorities?;
    order.sort_by_key(|index| priorities[*index]);
    for index in order {
        let rule = &mut rules[index];
        let (from, to) = (
            rule.text("sourceDirectoryName")?.unwrap_or_default(),
            rule.text("targetDirectoryName")?.unwrap_or_default(),
        );
        let name = rule.text("name")?.unwrap_or_default();
        for mapping in rule.objects("objectMappings")? {
            let object = mapping.text("targetObjectName")?.unwrap_or_default();
            let source =
                (from.trim().to_owned(), mapping.text("sourceObjectName")?.unwrap_or_default().trim().to_owned());
            let why = match Target::of(&to) {
                None => format!("this version has no rules for the target `{}`", plain(&to)),
                Some(_) if !object.trim().eq_ignore_ascii_case("user") => {
                    format!("this version makes accounts of people, and no `{}`", plain(&object))
                }
                Some(target) => {
                    let flags = null_flags(&found.schema, &source)?;
                    let nulls = |name: &str| flags.get(name).copied();
                    let otherwise = format!("hr-to-{}", target.connector());
                    let named = (fit.name(&name, &otherwise), source, target);
                    let beside = Beside { settings: &settings, schemas, nulls: &nulls };
                    if let Some(job) = job::read(&mapping, named, &beside, notes)? {
                        document.jobs.push(job);
                        continue;
                    }
                    format!("this program knows nothing of the target `{}`", plain(&to))
                }
            };
            notes.left_out(&mapping.path, format!("the object mapping was left out: {why}"), None);
            document.left_out.push(left_out::described(&mapping, &why)?);
            refused.push(format!("{} ({why})", mapping.path));
        }
    }
    Ok(())
}

/// The definition of an object of a directory.
fn definition<'a>(schema: &Node<'a>, (directory, object): &(String, String)) -> Result<Option<Node<'a>>, ImportError> {
    for known in schema.objects("directories")? {
        if known.text("name")?.unwrap_or_default().trim() != directory {
            continue;
        }
        for defined in known.objects("objects")? {
            if defined.text("name")?.unwrap_or_default().trim() == object {
                return Ok(Some(defined));
            }
        }
    }
    Ok(None)
}

/// Whether the source's attributes let null flow, as far as they are defined.
fn null_flags(schema: &Node<'_>, source: &(String, String)) -> Result<BTreeMap<String, bool>, ImportError> {
    let mut flags = BTreeMap::new();
    for attribute in
        definition(schema, source)?.map_or_else(|| Ok(Vec::new()), |object| object.objects("attributes"))?
    {
        if let Some(flag) = attribute.flag("flowNullValues")? {
            flags.insert(attribute.text("name")?.unwrap_or_default().into_owned(), flag);
        }
    }
    Ok(flags)
}

/// A connector for each source, with its key and columns.
fn sources(document: &mut Document, root: &serde_json::Value, notes: &mut Notes) -> Result<(), ImportError> {
    let mut fit = Fit::default();
    for target in [Target::Entra, Target::ActiveDirectory] {
        fit.name(target.connector(), "");
    }
    let found = find::schemas(root)?;
    let there: Vec<(String, String)> = document.jobs.iter().map(|job| job.source.clone()).collect();
    for (index, source) in there.iter().enumerate().filter(|(index, source)| !there[..*index].contains(source)) {
        let jobs: Vec<&Job> = document.jobs[index..].iter().filter(|job| job.source == *source).collect();
        let mut anchor = None;
        for schema in &found {
            let Some(object) = definition(&schema.schema, source)? else { continue };
            let mut paths = 0_usize;
            for attribute in object.objects("attributes")? {
                let name = attribute.text("name")?.unwrap_or_default().trim().to_owned();
                if anchor.is_none() && attribute.flag("anchor")? == Some(true) && !name.is_empty() {
                    anchor = Some(name);
                }
                paths += usize::from(!attribute.objects("metadata")?.is_empty());
            }
            if paths > 0 {
                let what = format!(
                    "{paths} source attributes say in `metadata` where they are found (XPath or JSONPath): not carried over"
                );
                notes.left_out(
                    &object.path,
                    what,
                    Some("give the columns of the file these attributes' names".to_owned()),
                );
            }
        }
        let mut columns: BTreeSet<String> = jobs.iter().flat_map(|job| read_by(job)).collect();
        let matched = || jobs.iter().find_map(|job| first_matched(job));
        // SuccessFactors names managers by the number that matches people, not by its anchor.
        let by_number =
            source.0.eq_ignore_ascii_case("SuccessFactors") || source.0.eq_ignore_ascii_case("SAP SuccessFactors");
        let key = if by_number { matched().or(anchor) } else { anchor.or_else(matched) };
        let key = key.or_else(|| columns.first().cloned()).unwrap_or_else(|| "id".to_owned());
        columns.insert(key.clone());
        let name = fit.name(&source.0.to_ascii_lowercase(), "hr");
        let what = format!("people come from the file {name}.csv, for there is no connector for this source yet");
        notes.decide(
            &jobs[0].path,
            what,
            &format!("fill it from there; its key is `{}`, by which managers are named too", plain(&key)),
        );
        let columns = columns.into_iter().collect();
        document.sources.push(SourceConnector { name, there: source.clone(), key, columns });
    }
    Ok(())
}

fn read_by(job: &Job) -> BTreeSet<String> {
    let rows = job.rows.iter().filter(|row| row.left_out.is_none()).filter_map(crate::row::Row::expression);
    let clauses = job.scope.carried.iter().chain(&job.input_scope.carried).flat_map(|group| &group.clauses);
    let mut read: BTreeSet<String> = clauses.map(|clause| clause.attribute.clone()).collect();
    read.extend(rows.flat_map(|expression| expression.attributes().clone()));
    read
}

/// The source attribute of the first matching attribute.
fn first_matched(job: &Job) -> Option<String> {
    let matched = job.matching.first()?;
    let row = job.rows.iter().find(|row| row.target == *matched && row.left_out.is_none())?;
    row.expression()?.attributes().first().cloned()
}

fn unknown_scopes(document: &Document, notes: &mut Notes) {
    for job in &document.jobs {
        let kinds = [
            ("inputFilterGroups", document.knows.0, &job.input_scope),
            ("categoryFilterGroups", document.knows.1, &job.category_scope),
        ];
        for (key, known, groups) in kinds {
            if !known && !groups.carried.is_empty() {
                let todo = "filter the file itself, or add its clauses to every group of `scope`, which also disables";
                notes.decide(
                    &format!("{}.scope.{key}", job.path),
                    "this version has no such filter; it was left out",
                    todo,
                );
            }
        }
    }
}

/// Checks the configuration and turns mappings that it refuses into comments; what else it refuses is told.
fn checked(document: &mut Document, schemas: Schemas<'_>, notes: &mut Notes) -> String {
    for round in 0.. {
        let written = write::write(document);
        let Err(mistakes) = config::load(&written.toml, "tenure.toml", schemas) else { return written.toml };
        let mut errors = mistakes.into_iter().filter(|mistake| mistake.level == Level::Error).peekable();
        let mut mended = false;
        let mut rest = Vec::new();
        for mistake in &mut errors {
            let place = written.places.iter().find(|(lines, _)| lines.contains(&mistake.line));
            let row = place.map(|(_, (job, row))| &mut document.jobs[*job].rows[*row]);
            match row.filter(|row| row.left_out.is_none()) {
                Some(row) if round < ROUNDS_MAX => {
                    row.leave_out(mistake.message, mistake.hint, notes);
                    mended = true;
                }
                _ => rest.push(mistake),
            }
        }
        if mended {
            for job in &mut document.jobs {
                let rows = &job.rows;
                job.matching.retain(|name| rows.iter().any(|row| row.target == *name && row.left_out.is_none()));
            }
            continue;
        }
        for mistake in rest {
            let todo = mistake.hint.unwrap_or_else(|| "mend it by hand".to_owned());
            notes.decide(&format!("tenure.toml:{}", mistake.line), mistake.message, &todo);
        }
        return written.toml;
    }
    String::new()
}
