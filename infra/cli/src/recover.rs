//! `tenure recover`: a person says that the table is older than the accounts.

use crate::args::RecoverArgs;
use crate::cycles::unreadable;
use crate::error::{CommandError, Exit};
use crate::print;
use crate::session::{Needs, Session};

/// Lets a job start over; what it finds is held.
pub(crate) async fn run(args: &RecoverArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::State).await?;
    let done = in_session(&session, args).await;
    session.close().await;
    done
}

async fn in_session(session: &Session, args: &RecoverArgs) -> Result<Exit, CommandError> {
    let name = session.job_name(args.job.as_deref())?;
    let job = session.runtime.expect_job(&name).map_err(|error| CommandError::failed("no such job", error))?;
    if pipeline::recover(session.ports(), &job).await.map_err(|error| unreadable(&error))? {
        print::line(format!("{name}: the next cycle reads everybody and compares every account; its plan is held"));
        print::line("     tenure run, look at what it holds, then tenure approve");
    } else {
        print::line(format!("{name}: the table knows nothing of it; its next cycle finds out whether it was lost"));
    }
    Ok(Exit::Done)
}
