//! `tenure explain`: why an account is as it is, attribute by attribute.

use crate::args::ExplainArgs;
use crate::cycles::{plans, unreadable};
use crate::error::{CommandError, Exit};
use crate::print;
use crate::session::{Needs, Session};
use pipeline::state::{Cycle, get_links, open_set};
use planning::{AttributeChange, Before, Link, Mark, Plan, Status};
use record::{RecordId, RecordKey, Value};
use serde_json::json;
use std::collections::BTreeMap;

/// Runs the command.
pub(crate) async fn run(args: &ExplainArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::State).await?;
    let done = in_session(&session, args).await;
    session.close().await;
    done
}

async fn in_session(session: &Session, args: &ExplainArgs) -> Result<Exit, CommandError> {
    let job = session.job_name(args.job.as_deref())?;
    show(session, &job, &args.record, args.attribute.as_deref(), args.json).await
}

/// Explains one record, or one of its attributes.
pub(crate) async fn show(
    session: &Session,
    job: &str,
    record: &str,
    attribute: Option<&str>,
    as_json: bool,
) -> Result<Exit, CommandError> {
    let table = &session.ports().table;
    let record = RecordId::of(&session.ports().secret, &RecordKey::from(record));
    let link = get_links(table, job, [record]).await.map_err(|error| unreadable(&error))?.remove(&record);
    let open = open_set(table, job).await.map_err(|error| unreadable(&error))?.remove(&record);
    if !as_json {
        match &link {
            Some(link) => show_link(link),
            None => print::line("this record has no account of this job"),
        }
        if let Some(open) = &open {
            print::line(format!("open since cycle {}: {}", open.cycle, open.reason));
        }
    }
    let Some(link) = link else {
        if as_json {
            print::document(&json!({ "link": null, "open": open.map(|open| open.reason) }));
        }
        return Ok(if as_json { Exit::Done } else { Exit::Failed });
    };
    let mut known: BTreeMap<u64, (Cycle, Vec<Plan>)> = BTreeMap::new();
    let mut explained = Vec::new();
    for (name, mark) in link.marks.iter() {
        if attribute.is_some_and(|only| only != name) {
            continue;
        }
        if let std::collections::btree_map::Entry::Vacant(slot) = known.entry(mark.cycle)
            && let Some(cycle) = Cycle::get(table, job, mark.cycle).await.map_err(|error| unreadable(&error))?
        {
            let plans = plans(session.ports(), job, &cycle).await?;
            slot.insert((cycle, plans));
        }
        let found = known.get(&mark.cycle).and_then(|(cycle, plans)| {
            let plan = plans.iter().find(|plan| plan.batch == mark.batch)?;
            let (_, change) = plan.changes().find(|(decision, _)| decision.record == record)?;
            Some((cycle, change))
        });
        let change = found.and_then(|(_, change)| change.attributes.get(name));
        let reference = found.and_then(|(_, change)| change.references.iter().find(|one| one.attribute == name));
        if as_json {
            explained.push(json!({ "attribute": name, "cycle": mark.cycle, "at": found.map(|(cycle, _)| cycle.now), "change": change, "reference": reference }));
            continue;
        }
        let what = match (change, reference) {
            (Some(change), _) => of_attribute(change),
            (None, Some(reference)) => {
                let to = reference.to_key.as_ref().map_or("nobody", RecordKey::as_str);
                format!("→ {to}, by the mapping in line {}", reference.line)
            }
            (None, None) => "was already so when the account was taken over (or its plan is no longer kept)".to_owned(),
        };
        print::line(format!("  {name:<28} {what}, {}", when(mark, found.map(|(cycle, _)| cycle))));
    }
    if as_json {
        print::document(&json!({ "link": link, "open": open.map(|open| open.reason), "attributes": explained }));
    } else if let Some(attribute) = attribute.filter(|name| !link.marks.contains_key(name)) {
        print::line(format!("  {attribute:<28} was never written by this job"));
    }
    Ok(Exit::Done)
}

fn show_link(link: &Link) {
    let status = match link.status {
        Status::Enabled => "enabled",
        Status::Disabled => "disabled",
        Status::Enabling => "being enabled",
        Status::Unmanaged => "as it was found",
        Status::Deleted => "deleted",
    };
    print::line(format!(
        "account {}: {status}, {} changes, the last in cycle {}",
        link.anchor.0, link.version, link.cycle
    ));
}

fn of_attribute(change: &AttributeChange) -> String {
    let after = if change.redacted {
        "[Redact]".to_owned()
    } else {
        change.after.as_ref().map_or_else(|| "nothing".to_owned(), text)
    };
    let before = match &change.before {
        Before::Was(value) if !change.redacted => format!("{} → ", text(value)),
        Before::SetIn(cycle) => format!("(set in cycle {cycle}) → "),
        _ => String::new(),
    };
    let rule = if change.line > 0 {
        format!("the mapping in line {}", change.line)
    } else {
        format!("the rule {}", change.rule)
    };
    format!("{before}{after}, by {rule}")
}

fn text(value: &Value) -> String {
    value.values().iter().map(|text| format!("\"{}\"", text.escape_debug())).collect::<Vec<_>>().join(", ")
}

fn when(mark: &Mark, cycle: Option<&Cycle>) -> String {
    cycle.map_or_else(
        || format!("in cycle {}", mark.cycle),
        |cycle| format!("in cycle {} at {:.0}", mark.cycle, cycle.now),
    )
}
