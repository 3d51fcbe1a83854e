//! `tenure log`: what was done, by cycle or by record.

use crate::args::LogArgs;
use crate::cycles::{newest, outcomes, plans, unreadable};
use crate::error::{CommandError, Exit};
use crate::run::cycle_json;
use crate::session::{Needs, Session};
use crate::{print, summary};
use pipeline::state::Cycle;
use pipeline::{Reading, Stored, paths};
use planning::{Decision, Plan, Shown, Verdict};
use record::{RecordId, RecordKey};
use serde_json::json;

/// Cycles that are shown, and searched for a record.
const CYCLES: u64 = 50;

/// Runs the command.
pub(crate) async fn run(args: &LogArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::State).await?;
    let done = in_session(&session, args).await;
    session.close().await;
    done
}

async fn in_session(session: &Session, args: &LogArgs) -> Result<Exit, CommandError> {
    let job = session.job_name(args.job.as_deref())?;
    let number = args.subject.as_deref().filter(|_| !args.record).and_then(|subject| subject.parse::<u64>().ok());
    let table = &session.ports().table;
    let cycle = match number {
        Some(number) => Cycle::get(table, &job, number).await.map_err(|error| unreadable(&error))?,
        None => None,
    };
    match (&args.subject, cycle) {
        (None, _) => {
            for cycle in newest(session, &job, CYCLES).await?.iter().rev() {
                if args.json {
                    print::json(&cycle_json(cycle));
                } else {
                    let at = format!("{:.0}", cycle.now);
                    print::line(format!(
                        "cycle {} {at} {}: {}",
                        cycle.number,
                        summary::state(cycle),
                        summary::line(cycle)
                    ));
                }
            }
            Ok(Exit::Done)
        }
        (Some(_), Some(cycle)) => {
            show_cycle(session, &job, &cycle, None, args.json).await?;
            if !args.json {
                show_rejected(session, &job, &cycle, usize::MAX).await?;
            }
            Ok(Exit::Done)
        }
        (Some(subject), None) => {
            let record = RecordId::of(&session.ports().secret, &RecordKey::from(subject.as_str()));
            let mut shown = 0;
            for cycle in newest(session, &job, CYCLES).await?.iter().rev() {
                shown += show_cycle(session, &job, cycle, Some(record), args.json).await?;
            }
            if shown > 0 {
                return Ok(Exit::Done);
            }
            Err(CommandError::because(format!("no cycle of the last {CYCLES} did anything about this record")))
        }
    }
}

/// Shows where rows stand that could not be read, at most so many.
pub(crate) async fn show_rejected(
    session: &Session,
    job: &str,
    cycle: &Cycle,
    most: usize,
) -> Result<(), CommandError> {
    if cycle.summary.rejected == 0 {
        return Ok(());
    }
    let path = paths::reading(&paths::cycle(job, cycle.number, &cycle.token));
    let reading =
        Stored::find::<Reading>(session.ports(), &path, "a read").await.map_err(|error| unreadable(&error))?;
    let rejected = reading.map(|reading| reading.rejected).unwrap_or_default();
    for row in rejected.iter().take(most) {
        print::line(format!("  {}", crate::source::rejection(row)));
    }
    if rejected.len() > most {
        print::line(format!("  … and {} more: tenure log {}", cycle.summary.rejected - most as u64, cycle.number));
    }
    Ok(())
}

/// Shows a cycle's decisions, all or those about one record; gives how many.
async fn show_cycle(
    session: &Session,
    job: &str,
    cycle: &Cycle,
    only: Option<RecordId>,
    as_json: bool,
) -> Result<usize, CommandError> {
    let mut shown = 0;
    for plan in plans(session.ports(), job, cycle).await? {
        let outcomes = outcomes(session, job, cycle, plan.batch).await?;
        for decision in &plan.decisions {
            if only.is_some_and(|only| only != decision.record)
                || (only.is_none() && decision.verdict == Verdict::Nothing)
            {
                continue;
            }
            shown += 1;
            let outcome = outcomes.get(&decision.record);
            let ended = match (&decision.verdict, outcome) {
                (Verdict::Change(change), _) if change.is_note() => "nothing to do".to_owned(),
                (Verdict::Change(_), Some(outcome)) => {
                    outcome.reason.as_ref().map_or_else(|| "done".to_owned(), ToString::to_string)
                }
                (Verdict::Change(_), None) => "not written (held, or not yet)".to_owned(),
                (Verdict::Nothing, _) => "nothing to do".to_owned(),
                (Verdict::Skip(reason) | Verdict::Escrow(reason), _) => reason.to_string(),
            };
            if as_json {
                print::json(&json!({ "cycle": cycle.number, "decision": decision, "outcome": ended }));
            } else {
                let at = format!("{:.0}", cycle.now);
                print::line(format!("cycle {} {at}  {}: {ended}", cycle.number, title(decision)));
                print::line(body(&plan, decision));
            }
        }
    }
    Ok(shown)
}

fn title(decision: &Decision) -> String {
    let word = match &decision.verdict {
        Verdict::Change(change) if !change.is_note() => change.kind.word(),
        Verdict::Change(_) | Verdict::Nothing => "unchanged",
        Verdict::Skip(_) => "skipped",
        Verdict::Escrow(_) => "kept",
    };
    format!("{word} {}", decision.key.as_str())
}

/// The change as the plan shows it.
fn body(plan: &Plan, decision: &Decision) -> String {
    let one = Plan { decisions: vec![decision.clone()], ..plan.clone() };
    let text = Shown(&one).to_string();
    text.lines().skip(1).collect::<Vec<_>>().join("\n")
}
