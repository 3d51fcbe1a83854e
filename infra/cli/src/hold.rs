//! `tenure approve` and `tenure reject`: a person's word on what is held.

use crate::args::HoldArgs;
use crate::cycles::unreadable;
use crate::error::{CommandError, Exit};
use crate::print;
use crate::rest::wait;
use crate::run::report;
use crate::session::{Needs, Session};
use pipeline::Approval;
use pipeline::state::JobState;

/// Releases a hold and waits until its changes are done.
pub(crate) async fn approve(args: &HoldArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::Functions).await?;
    let done = approve_in(&session, args).await;
    session.close().await;
    done
}

async fn approve_in(session: &Session, args: &HoldArgs) -> Result<Exit, CommandError> {
    let name = session.job_name(args.job.as_deref())?;
    let job = session.runtime.expect_job(&name).map_err(|error| CommandError::failed("no such job", error))?;
    let state = JobState::get(&session.ports().table, &name).await.map_err(|error| unreadable(&error))?;
    let answer = pipeline::approve(session.ports(), &job, &args.hash).await.map_err(|error| unreadable(&error))?;
    let first = match answer {
        Approval::Reading { cycle } => {
            print::line(format!("approved: the read of cycle {cycle} goes ahead; nobody counts as missing in it"));
            cycle - 1
        }
        Approval::Plan { cycle, changes } => {
            print::line(format!("approved: {changes} changes of cycle {cycle} go ahead"));
            state.last_cycle
        }
        other => return refused(&other, &args.hash),
    };
    let rest = wait(session, &name, job.target, |_| {}).await?;
    report(session, &name, first, &rest, false).await
}

/// Drops a hold.
pub(crate) async fn reject(args: &HoldArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::State).await?;
    let done = reject_in(&session, args).await;
    session.close().await;
    done
}

async fn reject_in(session: &Session, args: &HoldArgs) -> Result<Exit, CommandError> {
    let name = session.job_name(args.job.as_deref())?;
    let job = session.runtime.expect_job(&name).map_err(|error| CommandError::failed("no such job", error))?;
    match pipeline::reject(session.ports(), &job, &args.hash).await.map_err(|error| unreadable(&error))? {
        Approval::Reading { cycle } => print::line(format!("rejected: the read of cycle {cycle} is dropped")),
        Approval::Plan { cycle, changes } => {
            let later = "they are planned again only when their records change";
            print::line(format!("rejected: {changes} changes of cycle {cycle} are dropped; {later}"));
        }
        other => return refused(&other, &args.hash),
    }
    Ok(Exit::Done)
}

fn refused(answer: &Approval, hash: &str) -> Result<Exit, CommandError> {
    Err(CommandError::because(match answer {
        Approval::Ambiguous { hashes } => format!("several holds begin with {hash}: {}", hashes.join(", ")),
        _ => format!("nothing is held under {hash}: it was approved, rejected or replaced; see tenure status"),
    }))
}
