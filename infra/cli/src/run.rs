//! `tenure run`: one cycle now, or one record, from the source to the target.

use crate::args::RunArgs;
use crate::cycles::{newest, unreadable};
use crate::error::{CommandError, Exit};
use crate::rest::{Rest, wait};
use crate::session::{Needs, Session};
use crate::{print, summary};
use messages::Mode;
use pipeline::state::{Cycle, CycleState, Held, JobState, Lease, open_set};
use ports::QueueName;
use record::RecordKey;
use serde_json::json;

/// Runs the command.
pub(crate) async fn run(args: &RunArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::Functions).await?;
    let ran = in_session(&session, args).await;
    session.close().await;
    ran
}

async fn in_session(session: &Session, args: &RunArgs) -> Result<Exit, CommandError> {
    let job = session.writable_job(args.job.as_deref())?;
    let before = last_cycle(session, &job).await?;
    // Whoever asks for a cycle now has mended what paused the target, or wants to see that it is still broken.
    let unpaused = Lease::unpause(&session.ports().table, &target_of(session, &job)).await;
    unpaused.map_err(|error| unreadable(&error))?;
    let rest = match &args.on_demand {
        Some(key) => on_demand(session, &job, key).await?,
        None => cycle(session, &job, if args.full { Mode::Full } else { Mode::Incremental }).await?,
    };
    report(session, &job, before, &rest, args.json).await
}

async fn last_cycle(session: &Session, job: &str) -> Result<u64, CommandError> {
    let state = JobState::get(&session.ports().table, job).await.map_err(|error| unreadable(&error))?;
    // A cycle that an earlier run left half-way is finished by this one, and shown.
    Ok(state.open.map_or(state.last_cycle, |open| open.number - 1))
}

fn target_of(session: &Session, job: &str) -> String {
    session.runtime.config.jobs[job].target.clone()
}

async fn on_demand(session: &Session, job: &str, key: &str) -> Result<Rest, CommandError> {
    let stored = pipeline::store_hint(session.ports(), job, &RecordKey::from(key)).await;
    stored.map_err(|error| unreadable(&error))?;
    wait(session, job, &target_of(session, job), |_| {}).await
}

/// Runs a cycle to its rest. What an earlier run left half-way is finished first.
pub(crate) async fn cycle(session: &Session, job: &str, mode: Mode) -> Result<Rest, CommandError> {
    let target = target_of(session, job);
    let fetch = messages::Fetch { v: 1, job: job.to_owned(), mode, cycle: None, continuation: 0 };
    let wake = messages::Write { v: 1, target: target.clone(), continuation: 0 };
    for _ in 0..3 {
        let answer = session.send(QueueName::Fetch, &fetch).await?;
        let busy = answer.get("outcome").and_then(serde_json::Value::as_str) == Some("busy");
        if busy {
            // The fetch gave the half-finished cycle a push; a writer may be needed too.
            session.send(QueueName::Write, &wake).await?;
        }
        let rest = wait(session, job, &target, |_| {}).await?;
        if !busy || rest != Rest::Done {
            return Ok(rest);
        }
    }
    Ok(Rest::Stuck)
}

/// Shows every cycle since `before`, what is held and what is kept; gives the exit code.
pub(crate) async fn report(
    session: &Session,
    job: &str,
    before: u64,
    rest: &Rest,
    as_json: bool,
) -> Result<Exit, CommandError> {
    let table = &session.ports().table;
    let mut cycles: Vec<Cycle> = newest(session, job, 50).await?;
    cycles.retain(|cycle| cycle.number > before && cycle.state != CycleState::Superseded);
    cycles.reverse();
    let holds = Held::all(table, job).await.map_err(|error| unreadable(&error))?;
    let open = open_set(table, job).await.map_err(|error| unreadable(&error))?;
    let kept = summary::counted(open.values().map(|open| &open.reason));
    if as_json {
        let cycles: Vec<_> = cycles.iter().map(cycle_json).collect();
        let holds: Vec<_> = holds
            .iter()
            .map(|hold| json!({ "hash": hold.hash, "cycle": hold.cycle, "changes": hold.changes, "why": hold.why }))
            .collect();
        let kept: Vec<_> = kept.iter().map(|(count, reason)| json!({ "count": count, "reason": reason })).collect();
        print::document(
            &json!({ "job": job, "cycles": cycles, "holds": holds, "open": kept, "rest": format!("{rest:?}") }),
        );
    } else {
        for cycle in &cycles {
            print::line(format!("cycle {} {}: {}", cycle.number, summary::state(cycle), summary::line(cycle)));
            crate::log::show_rejected(session, job, cycle, 5).await?;
        }
        show_holds(&holds);
        for (count, reason) in kept {
            print::line(format!("  open: {count} × {reason}"));
        }
    }
    Ok(exit(rest, &holds))
}

/// What waits for a word, with what to type.
pub(crate) fn show_holds(holds: &[Held]) {
    for hold in holds {
        let what = if hold.reading { "the read of".to_owned() } else { format!("{} changes of", hold.changes) };
        print::line(format!("HELD {what} cycle {}: {}", hold.cycle, hold.why.join("; ")));
        print::line(format!("     tenure approve {0}   or   tenure reject {0}", &hold.hash[..12]));
    }
}

fn exit(rest: &Rest, holds: &[Held]) -> Exit {
    match rest {
        Rest::Done | Rest::Held(_) if !holds.is_empty() => Exit::Held,
        Rest::Done => Exit::Done,
        Rest::Held(_) => Exit::Held,
        Rest::Paused { until, why } => {
            print::note(format_args!(
                "error: the target is paused until {until:.0}: {why}; what is left is kept and tried again then"
            ));
            Exit::Failed
        }
        Rest::Later(next) => {
            print::note(format_args!("some changes got no usable answer; they are kept and tried again at {next:.0}"));
            Exit::Failed
        }
        Rest::Stuck => {
            print::note("error: nothing moved for two minutes; see the logs in .tenure/logs, then run it again");
            Exit::Failed
        }
    }
}

/// A cycle for machines.
pub(crate) fn cycle_json(cycle: &Cycle) -> serde_json::Value {
    json!({
        "cycle": cycle.number,
        "state": cycle.state.name(),
        "at": cycle.now,
        "summary": cycle.summary,
        "held": cycle.hold_hash,
        "why": cycle.why,
    })
}
