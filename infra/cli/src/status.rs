//! `tenure status`: how every job stands, and what waits for a word.

use crate::args::StatusArgs;
use crate::cycles::{newest, unreadable};
use crate::error::{CommandError, Exit};
use crate::run::{cycle_json, show_holds};
use crate::session::{Needs, Session};
use crate::{print, summary};
use pipeline::state::{Held, JobState, Lease, open_set};
use ports::Clock;
use serde_json::json;

/// Runs the command.
pub(crate) async fn run(args: &StatusArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::State).await?;
    let done = in_session(&session, args.json).await;
    session.close().await;
    done
}

async fn in_session(session: &Session, as_json: bool) -> Result<Exit, CommandError> {
    let table = &session.ports().table;
    let mut held = false;
    let mut jobs = Vec::new();
    for (name, job) in &session.runtime.config.jobs {
        let state = JobState::get(table, name).await.map_err(|error| unreadable(&error))?;
        let holds = Held::all(table, name).await.map_err(|error| unreadable(&error))?;
        let open = open_set(table, name).await.map_err(|error| unreadable(&error))?;
        let paused = Lease::paused(table, &job.target).await.map_err(|error| unreadable(&error))?;
        let paused = paused.filter(|(until, ..)| *until > session.ports().clock.now());
        let last = newest(session, name, 1).await?.into_iter().next();
        let kept = summary::counted(open.values().map(|open| &open.reason));
        held |= !holds.is_empty();
        if as_json {
            jobs.push(json!({
                "job": name,
                "population": state.population,
                "rows": state.rows,
                "settled_at": state.settled_at,
                "open_cycle": state.open.as_ref().map(|open| open.number),
                "last_cycle": last.as_ref().map(cycle_json),
                "holds": holds.iter().map(|hold| json!({ "hash": hold.hash, "changes": hold.changes, "why": hold.why })).collect::<Vec<_>>(),
                "open": kept.iter().map(|(count, reason)| json!({ "count": count, "reason": reason })).collect::<Vec<_>>(),
                "recovery": state.recovery.map(|recovery| json!({ "is": recovery.name(), "why": recovery.why() })),
                "paused": paused.as_ref().map(|(until, why, _)| json!({ "until": until, "why": why })),
            }));
            continue;
        }
        print::line(format!("{name}: {} → {}", job.source, job.target));
        let population = state.population.map_or_else(|| "not known yet".to_owned(), |count| count.to_string());
        print::line(format!("  linked and in scope: {population}"));
        match (&state.settled_at, last) {
            (_, None) => print::line("  it never ran; tenure run starts a cycle"),
            (settled, Some(last)) => {
                let at = settled.map_or_else(|| "never".to_owned(), |at| format!("{at:.0}"));
                print::line(format!("  last settled: {at}"));
                print::line(format!("  cycle {} {}: {}", last.number, summary::state(&last), summary::line(&last)));
            }
        }
        if let Some((until, why, _)) = paused {
            print::line(format!("  PAUSED until {until:.0}: {why}"));
        }
        if let Some(recovery) = state.recovery {
            print::line(format!("  READ-ONLY: {}", recovery.why()));
        }
        show_holds(&holds);
        for (count, reason) in kept {
            print::line(format!("  open: {count} × {reason}"));
        }
    }
    if as_json {
        print::document(&json!({ "jobs": jobs }));
    }
    Ok(if held { Exit::Held } else { Exit::Done })
}
