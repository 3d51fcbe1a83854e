//! `tenure plan`: the steps of the next cycle over memory that lies on the real state. Nothing is written anywhere.

mod links;

use crate::args::PlanArgs;
use crate::cycles::{plans, unreadable};
use crate::dry::Dry;
use crate::error::{CommandError, Exit};
use crate::session::{Needs, Session};
use crate::{print, summary};
use jiff::Timestamp;
use links::Links;
use messages::Mode;
use pipeline::state::{Cycle, Held};
use pipeline::{FetchOutcome, Job, StepError};
use planning::{Plan, Shown, Verdict};
use ports::QueueName;
use serde_json::json;

/// Runs the command.
pub(crate) async fn run(args: &PlanArgs) -> Result<Exit, CommandError> {
    let session = Session::open(&args.config.config, Needs::Target).await?;
    let planned = in_session(&session, args).await;
    session.close().await;
    planned
}

async fn in_session(session: &Session, args: &PlanArgs) -> Result<Exit, CommandError> {
    let name = session.writable_job(args.job.as_deref())?;
    let made = make(session, &name, if args.full { Mode::Full } else { Mode::Incremental }).await?;
    if args.json {
        show_json(&name, &made);
    } else {
        show(&made);
    }
    Ok(if made.holds.is_empty() { Exit::Done } else { Exit::Held })
}

/// Shows what the next cycle would do.
pub(crate) async fn show_next(session: &Session, job: &str, mode: Mode) -> Result<(), CommandError> {
    show(&make(session, job, mode).await?);
    Ok(())
}

/// What the next cycle would do.
struct Made {
    cycle: Cycle,
    plans: Vec<Plan>,
    holds: Vec<Held>,
}

async fn make(session: &Session, name: &str, mode: Mode) -> Result<Made, CommandError> {
    let runtime = &session.runtime;
    let failed = |error: StepError| CommandError::failed("the plan cannot be made", error);
    let start = |error: bootstrap::StartError| CommandError::failed("the plan cannot be made", error);
    let job = runtime.expect_job(name).map_err(start)?;
    let source = runtime.source_of(name).map_err(start)?;
    let target = runtime.target(job.target).await.map_err(start)?;
    let dry = session.dry();
    let fetch = messages::Fetch { v: 1, job: name.to_owned(), mode, cycle: None, continuation: 0 };
    let outcome = pipeline::fetch(&dry, &source, &job, &fetch, Timestamp::MAX).await.map_err(failed)?;
    let number = match outcome {
        FetchOutcome::Settled { cycle } | FetchOutcome::Planning { cycle, .. } | FetchOutcome::Held { cycle, .. } => {
            cycle
        }
        FetchOutcome::Busy { cycle } => {
            return Err(CommandError::because(format!("cycle {cycle} is still on; plan again when it has settled")));
        }
        FetchOutcome::Continues { .. } | FetchOutcome::Overtaken => {
            return Err(CommandError::because("the source was replaced while it was read; plan again"));
        }
    };
    transform_all(&dry, &target, &job).await.map_err(failed)?;
    let cycle = Cycle::get(&dry.table, name, number).await.map_err(failed)?;
    let cycle = cycle.ok_or_else(|| CommandError::because("the dry run left no cycle"))?;
    let plans = plans(&dry, name, &cycle).await?;
    let mut holds = Held::all(&dry.table, name).await.map_err(|error| unreadable(&error))?;
    holds.retain(|hold| hold.cycle == number);
    Ok(Made { cycle, plans, holds })
}

/// Plans every batch that the fetch sent on; the last one is judged with the rest.
async fn transform_all(dry: &Dry, target: &bootstrap::AnyTarget, job: &Job<'_>) -> Result<(), StepError> {
    for (queue, body) in dry.queue.take() {
        if queue == QueueName::Transform
            && let Ok(message) = messages::decode::<messages::Transform>(&body)
        {
            pipeline::transform(dry, target, job, message.cycle, message.batch).await?;
        }
    }
    Ok(())
}

fn show(made: &Made) {
    let Made { cycle, plans, holds } = made;
    for plan in plans {
        let text = Shown(plan).to_string();
        if !text.is_empty() {
            print::line(text.trim_end());
        }
    }
    let decisions = plans.iter().flat_map(|plan| &plan.decisions);
    let reasons = decisions.filter_map(|decision| match &decision.verdict {
        Verdict::Escrow(reason) | Verdict::Skip(reason) => Some(reason),
        _ => None,
    });
    for (count, reason) in summary::counted(reasons) {
        print::line(format!("{count} × {reason}"));
    }
    let mut census = planning::Census::default();
    for plan in plans {
        census.add(&planning::Census::of(plan));
    }
    let kinds: Vec<String> = census
        .iter()
        .filter(|(counted, _)| !matches!(counted, planning::Counted::Attribute(_)))
        .map(|(counted, count)| format!("{count} {counted}"))
        .collect();
    let kinds = if kinds.is_empty() { "nothing to do".to_owned() } else { kinds.join(", ") };
    let links = Links::of(plans);
    if !links.is_empty() {
        print::line(&links);
    }
    print::line(format!("plan: {} rows read, {} looked at: {kinds}", cycle.summary.rows, cycle.summary.evaluated));
    for hold in holds {
        print::line(format!("would be held: {}", hold.why.join("; ")));
    }
}

fn show_json(job: &str, made: &Made) {
    let Made { cycle, plans, holds } = made;
    let decisions: Vec<_> = plans.iter().flat_map(|plan| &plan.decisions).collect();
    let holds: Vec<_> = holds.iter().map(|hold| json!({ "changes": hold.changes, "why": hold.why })).collect();
    print::document(&json!({
        "job": job,
        "summary": cycle.summary,
        "decisions": decisions,
        "links": Links::of(plans),
        "held": holds,
    }));
}
