//! `tenure up`: the local stack with its schedules, until it is interrupted.

use crate::args::StackArgs;
use crate::error::{CommandError, Exit};
use crate::print;
use crate::session::{Needs, Session};

/// Runs the command.
pub(crate) async fn run(args: &StackArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::Schedules).await?;
    if let Some(stack) = &session.stack {
        print::line(format!("table      {}", stack.dynamodb_url()));
        print::line(format!("queues     {}", stack.sqs_url()));
    }
    if let Some(simulator) = &session.simulator {
        print::line(format!("simulator  {}/v1.0", simulator.url()));
    }
    print::line(format!("state      {}", session.state.display()));
    for (name, job) in &session.runtime.config.jobs {
        let every =
            job.every.map_or_else(|| "only when asked for".to_owned(), |every| format!("every {} s", every.as_secs()));
        let unwritable = session.runtime.config.connectors.get(&job.target).and_then(config::Connector::unwritable);
        let when = unwritable.unwrap_or(&every);
        print::line(format!("job        {name}: {} → {}, {when}", job.source, job.target));
    }
    print::line("running; interrupt it (Ctrl-C) to stop");
    let waited = tokio::signal::ctrl_c().await;
    session.close().await;
    waited.map(|()| Exit::Done).map_err(|error| CommandError::failed("cannot wait for the interruption", error))
}
