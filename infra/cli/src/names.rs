//! `tenure names`: what the next hires of a name would get. Nothing is reserved.

use crate::args::NamesArgs;
use crate::error::{CommandError, Exit};
use crate::print;
use crate::session::{Needs, Session};
use mapping::Filter;
use pipeline::Job;
use planning::{Name, Rules};
use record::{Record, Value};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Runs the command.
pub(crate) async fn run(args: &NamesArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::Target).await?;
    let done = in_session(&session, args).await;
    session.close().await;
    done
}

async fn in_session(session: &Session, args: &NamesArgs) -> Result<Exit, CommandError> {
    let failed = |error: pipeline::StepError| CommandError::failed("the names cannot be found out", error);
    let name = session.writable_job(args.job.as_deref())?;
    let start = |error: bootstrap::StartError| CommandError::failed("the names cannot be found out", error);
    let job = session.runtime.expect_job(&name).map_err(start)?;
    let target = session.runtime.target(job.target).await.map_err(start)?;
    let rules = naming(job.rules)?;
    let job = Job { rules: &rules, ..job };
    let source = &session.runtime.config.jobs[&name].source;
    let key = session.runtime.config.connectors.get(source).and_then(config::Connector::key).unwrap_or_default();
    let records = records(&rules, key, args)?;
    // Reservations stay in memory.
    let dry = session.dry();
    let names = pipeline::names_to_come(&dry, target.as_ref(), &job, records).await.map_err(failed)?;
    if args.json {
        let shown: Vec<_> = names.iter().map(|names| names.iter().map(|(name, one)| (name, text(one)))).collect();
        let shown: Vec<BTreeMap<_, _>> = shown.into_iter().map(Iterator::collect).collect();
        print::document(&json!({ "job": name, "next": shown }));
    } else {
        show(&names);
    }
    Ok(Exit::Done)
}

/// The rules of names alone: whoever is asked about is in scope, and nobody waits for a day.
fn naming(rules: &Rules) -> Result<Rules, CommandError> {
    let everybody =
        || Filter::default().compile().map_err(|_| CommandError::because("a filter without clauses failed"));
    let is_name = |mapping: &&mapping::Mapping| {
        mapping.expression.unique() || rules.schema.attribute(&mapping.target).is_some_and(|one| one.unique)
    };
    let mappings: Vec<mapping::Mapping> = rules.mappings.iter().filter(is_name).cloned().collect();
    if mappings.is_empty() {
        return Err(CommandError::because("the job maps no attribute that has to be unique"));
    }
    Ok(Rules { scope: everybody()?, input_scope: everybody()?, mappings, ..rules.clone() })
}

/// The people who are asked about: what their names are made of, and a key that nobody has.
fn records(rules: &Rules, key: &str, args: &NamesArgs) -> Result<Vec<Record>, CommandError> {
    let mut set = BTreeMap::new();
    for pair in &args.set {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| CommandError::because("--set takes an attribute and a value: --set Country=DE"))?;
        set.insert(name, value);
    }
    let reads: BTreeSet<&String> = rules.mappings.iter().flat_map(|mapping| mapping.expression.attributes()).collect();
    let unknown: Vec<&str> = reads
        .iter()
        .map(|name| name.as_str())
        .filter(|name| *name != key && !set.contains_key(name) && meaning(name).is_none())
        .collect();
    if !unknown.is_empty() {
        let hint: Vec<String> = unknown.iter().map(|name| format!("--set {name}=…")).collect();
        let what = format!("the names are made of {} as well; say {}", unknown.join(", "), hint.join(" "));
        return Err(CommandError::because(what));
    }
    let one = |number: usize| {
        let id = format!("hire{number}");
        let mut record = Record::new(id.as_str());
        for name in &reads {
            let value = match (set.get(name.as_str()), meaning(name)) {
                (Some(value), _) => value.replace("{n}", &number.to_string()),
                (None, Some(Meaning::First)) => args.first_name.clone(),
                (None, Some(Meaning::Last)) => args.last_name.clone(),
                (None, Some(Meaning::Full)) => format!("{} {}", args.first_name, args.last_name),
                (None, _) => id.clone(),
            };
            record = record.with(name, Value::One(value));
        }
        record
    };
    Ok((1..=args.next).map(one).collect())
}

/// What a source attribute holds, as far as its name says.
#[derive(Clone, Copy)]
enum Meaning {
    First,
    Last,
    Full,
    Id,
}

fn meaning(name: &str) -> Option<Meaning> {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["first", "given", "vorname", "forename"]) {
        Some(Meaning::First)
    } else if has(&["last", "surname", "family", "nachname"]) || name == "sn" {
        Some(Meaning::Last)
    } else if name.ends_with("id") || has(&["number", "nummer"]) {
        Some(Meaning::Id)
    } else if name.contains("name") {
        Some(Meaning::Full)
    } else {
        None
    }
}

fn text(name: &Name) -> Option<&str> {
    match name {
        Name::Reserved(name) => Some(name),
        Name::Exhausted => None,
    }
}

fn show(names: &[BTreeMap<String, Name>]) {
    let mut waiting = None;
    for (at, names) in names.iter().enumerate() {
        for (attribute, name) in names {
            let shown = text(name).unwrap_or("(none: every candidate is taken)");
            print::line(format_args!("{:>4}  {attribute:<20} {}", at + 1, shown.escape_debug()));
            if text(name).is_none() {
                waiting = waiting.or(Some((at + 1, attribute)));
            }
        }
    }
    if let Some((number, attribute)) = waiting {
        print::line(format_args!("hire {number} would wait: name more alternatives for {attribute}"));
    }
}
