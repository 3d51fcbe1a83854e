//! Writes one piece of released work: groups, paces, sends, records.

mod accounts;
mod references;

pub(crate) use accounts::Todo;

use crate::blob::{Outcome, Outcomes, Phase, Stored, paths};
use crate::cycle::{priority, put_ready};
use crate::judge::is_held;
use crate::settle::{close_approved, settle_cycle};
use crate::state::{Cycle, Lease, Ready};
use crate::{Environment, Job, Jobs, Pace, StepError};
use jiff::{SignedDuration, Timestamp};
use planning::{Change, Decision, Plan, Reason};
use ports::{Clock, Condition, Edit, Table, TargetWrite, Write};
use record::RecordId;
use std::collections::BTreeMap;
use std::time::Duration;

/// After so many tries without a usable answer a change is escrowed; later cycles try again.
const ATTEMPTS_MAX: u32 = 12;
/// After so many tries a contradiction of the target is taken for real and not for a replica that lags.
const LAG_ATTEMPTS: u32 = 4;
/// Waiting for tokens is cut into pieces of this length, so that the lease is kept.
const NAP: Duration = Duration::from_secs(5);

/// How the work on one piece ended.
pub(crate) enum BatchEnd {
    /// Everything in it is final.
    Finished,
    /// Something is to be tried again later.
    Later,
    /// The invocation's time is up.
    OutOfTime,
    /// The target takes nothing from anybody.
    Paused {
        /// Until when.
        until: Timestamp,
        /// Why.
        why: String,
    },
}

/// The holder of a target's lease.
pub(crate) struct Writer<'a, E, T> {
    env: &'a E,
    target: &'a T,
    name: &'a str,
    lease: Lease,
    pace: Pace,
    deadline: Timestamp,
    /// Until when something that was sent may still take effect.
    in_flight_until: Option<Timestamp>,
    /// The target was paused; the first success ends that.
    recovers: bool,
}

/// What one try at a piece of work found out.
#[derive(Default)]
pub(crate) struct Progress {
    /// Final outcomes by record; `None` is done.
    pub outcomes: BTreeMap<RecordId, Outcome>,
    /// Changes that are to be tried again, and not before when.
    pub later: BTreeMap<RecordId, Timestamp>,
    out_of_time: bool,
    /// The target refused everybody: its code.
    denied: Option<String>,
    /// The target did not answer a whole group.
    down: bool,
}

impl Progress {
    pub fn done(&mut self, record: RecordId, anchor: Option<record::Anchor>) {
        self.outcomes.insert(record, Outcome { record, anchor, reason: None });
    }

    pub fn fail(&mut self, record: RecordId, reason: Reason) {
        self.outcomes.insert(record, Outcome { record, anchor: None, reason: Some(reason) });
    }
}

/// One piece of work with what belongs to it.
pub(crate) struct Work<'p> {
    pub job: &'p Job<'p>,
    pub ready: &'p Ready,
    pub cycle: &'p Cycle,
    pub plan: &'p Plan,
    base: String,
}

impl<'p> Work<'p> {
    /// The changes of this piece: those that no guard holds, or, after an approval, those that one did.
    fn changes(&self) -> impl Iterator<Item = (&'p Decision, &'p Change)> + use<'p> {
        let (kinds, approved) = (self.ready.kinds.clone(), self.ready.approved);
        self.plan.changes().filter(move |(_, change)| is_held(change, &kinds) == approved)
    }

    fn outcomes_path(&self, phase: Phase, attempt: u32) -> String {
        paths::outcomes(&self.base, self.ready.batch, phase, self.ready.approved, attempt)
    }
}

impl<'a, E: Environment, T: TargetWrite> Writer<'a, E, T> {
    pub fn new(
        env: &'a E,
        target: &'a T,
        name: &'a str,
        lease: Lease,
        pace: Pace,
        deadline: Timestamp,
        recovers: bool,
    ) -> Self {
        Self { env, target, name, lease, pace, deadline, in_flight_until: None, recovers }
    }

    pub fn env(&self) -> &'a E {
        self.env
    }

    pub fn target(&self) -> &'a T {
        self.target
    }

    /// True when there is no time left for another request.
    pub fn is_late(&self) -> bool {
        self.env.clock().now() >= self.deadline
    }

    /// Gives the lease up; a successor waits for what may still land.
    pub async fn release(self) -> Result<(), StepError> {
        let now = self.env.clock().now();
        let drained = self.in_flight_until.filter(|until| *until > now);
        self.lease.release(self.env.table(), drained, &self.pace).await
    }

    /// Does one piece of work. `job` gives the jobs of urgent work that comes between.
    pub async fn process(
        &mut self,
        job: &Job<'_>,
        ready: Ready,
        urgent: Jobs<'_, '_>,
    ) -> Result<BatchEnd, StepError> {
        let cycle = Cycle::get(self.env.table(), job.name, ready.cycle).await?;
        let cycle = cycle.ok_or(StepError::Missing { what: "the cycle" })?;
        let base = paths::cycle(job.name, ready.cycle, &cycle.token);
        let plan: Plan = Stored::get(self.env, &paths::plan(&base, ready.batch), "a batch's plan").await?;
        let work = Work { job, ready: &ready, cycle: &cycle, plan: &plan, base };
        let settled = self.earlier_outcomes(&work, ready.phase, ready.attempts).await?;
        let progress = match ready.phase {
            Phase::Accounts => self.accounts(&work, &settled, urgent).await?,
            Phase::References => self.references(&work, &settled, urgent).await?,
        };
        self.conclude(&work, settled, progress).await
    }

    /// What earlier tries at the same piece found out.
    async fn earlier_outcomes(
        &self,
        work: &Work<'_>,
        phase: Phase,
        attempts: u32,
    ) -> Result<BTreeMap<RecordId, Outcome>, StepError> {
        let mut settled = BTreeMap::new();
        for attempt in 0..attempts {
            let path = work.outcomes_path(phase, attempt);
            if let Some(outcomes) = Stored::find::<Outcomes>(self.env, &path, "the outcomes of a batch").await? {
                settled.extend(outcomes.records.into_iter().map(|outcome| (outcome.record, outcome)));
            }
        }
        Ok(settled)
    }

    /// Stores what was found out and moves the piece on: done, once more later, or its second half.
    async fn conclude(
        &mut self,
        work: &Work<'_>,
        mut settled: BTreeMap<RecordId, Outcome>,
        mut progress: Progress,
    ) -> Result<BatchEnd, StepError> {
        let now = self.env.clock().now();
        let ready = work.ready;
        if ready.attempts >= ATTEMPTS_MAX {
            for (record, _) in std::mem::take(&mut progress.later) {
                progress.fail(record, Reason::Unanswered { attempts: ready.attempts + 1 });
            }
        }
        let records = progress.outcomes.values().cloned().collect();
        let path = work.outcomes_path(ready.phase, ready.attempts);
        Stored::put(self.env, &path, &Outcomes { at: now, records }).await?;
        settled.extend(progress.outcomes);
        let open = progress.later.values().min().copied();
        if open.is_some() || progress.out_of_time || progress.denied.is_some() {
            let mut again = ready.clone();
            again.attempts += 1;
            again.not_before = if progress.out_of_time { now } else { open.unwrap_or(now) };
            put_ready(self.env, self.name, &again).await?;
        }
        if let Some(why) = progress.denied {
            let until = self.pause(&why).await?;
            return Ok(BatchEnd::Paused { until, why });
        }
        if progress.down {
            let until = self.pause("the target does not answer").await?;
            return Ok(BatchEnd::Paused { until, why: "the target does not answer".to_owned() });
        }
        if progress.out_of_time {
            return Ok(BatchEnd::OutOfTime);
        }
        if open.is_some() {
            return Ok(BatchEnd::Later);
        }
        self.finish(work, &settled).await?;
        Ok(BatchEnd::Finished)
    }

    /// The piece is done: its references come next, or it counts as written.
    async fn finish(&mut self, work: &Work<'_>, settled: &BTreeMap<RecordId, Outcome>) -> Result<(), StepError> {
        let (ready, job, table) = (work.ready, work.job, self.env.table());
        let refers = ready.phase == Phase::Accounts
            && work.changes().any(|(decision, change)| {
                !change.references.is_empty()
                    && settled.get(&decision.record).is_some_and(|outcome| outcome.reason.is_none())
            });
        let over = Write::Delete(ready.key(self.name), Condition::Always);
        if refers {
            let next = Ready {
                priority: priority(ready.priority == 0, false, Phase::References),
                phase: Phase::References,
                attempts: 0,
                not_before: self.env.clock().now(),
                ..ready.clone()
            };
            let put = Write::Put(next.key(self.name), next.item(), Condition::Always);
            table.transact(vec![over, put]).await?;
            return Ok(());
        }
        if ready.approved {
            close_approved(self.env, job, work.cycle, work.plan, ready).await?;
            table.delete(&ready.key(self.name), Condition::Always).await?;
            return Ok(());
        }
        let key = Cycle::key(job.name, ready.cycle);
        let written = Write::Update(key, vec![Edit::Include("written", ready.batch)], Condition::Present);
        table.transact(vec![over, written]).await?;
        let cycle = Cycle::get(table, job.name, ready.cycle).await?.ok_or(StepError::Missing { what: "the cycle" })?;
        if cycle.released && cycle.written.len() as u64 >= cycle.to_write {
            settle_cycle(self.env, job, ready.cycle).await?;
        }
        Ok(())
    }

    /// Stops for a while, longer each time in a row.
    async fn pause(&self, why: &str) -> Result<Timestamp, StepError> {
        let failures = Lease::paused(self.env.table(), self.name).await?.map_or(0, |(_, _, failures)| failures) + 1;
        let seconds = 15_i64 << failures.min(6);
        let until = self.env.clock().now() + SignedDuration::from_secs(seconds);
        Lease::pause(self.env.table(), self.name, until, why, failures).await?;
        Ok(until)
    }

    /// Waits for the lease and for tokens; gives how many requests may go now, 0 when the time is up.
    /// Urgent work that turned up goes first.
    async fn admit(
        &mut self,
        wanted: usize,
        is_urgent: bool,
        urgent: Jobs<'_, '_>,
    ) -> Result<usize, StepError> {
        loop {
            let now = self.env.clock().now();
            if now >= self.deadline {
                return Ok(0);
            }
            self.lease.keep(self.env.table(), now, self.target.request_life(), &self.pace).await?;
            if !is_urgent {
                self.urgent_first(urgent).await?;
            }
            match self.pace.take(wanted, is_urgent, self.env.clock().now()) {
                Ok(granted) => return Ok(granted.max(1)),
                Err(seconds) => {
                    let wait = Duration::from_secs_f64(seconds).min(NAP);
                    self.env.clock().sleep(wait).await;
                }
            }
        }
    }

    /// Does what may not wait for the batch at hand.
    async fn urgent_first(&mut self, urgent: Jobs<'_, '_>) -> Result<(), StepError> {
        while let Some(ready) = Ready::urgent(self.env.table(), self.name, self.env.clock().now()).await? {
            let Some(job) = urgent(&ready.job) else { return Ok(()) };
            // Boxed because the work on urgent batches is the same function as the work on this one.
            let end = Box::pin(self.process(&job, ready, &|_| None)).await?;
            if !matches!(end, BatchEnd::Finished | BatchEnd::Later) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Notes that something was sent and when it can no longer take effect.
    fn sent(&mut self) {
        let life = SignedDuration::try_from(self.target.request_life()).unwrap_or(SignedDuration::MAX);
        self.in_flight_until = Some(self.env.clock().now() + life);
    }

    /// Notes that every request of the last group was answered.
    fn landed(&mut self) {
        self.in_flight_until = None;
    }

    /// The target took something: it is no longer paused.
    async fn recovered(&mut self) -> Result<(), StepError> {
        if std::mem::take(&mut self.recovers) {
            Lease::unpause(self.env.table(), self.name).await?;
        }
        Ok(())
    }

    /// When to try again after `attempts` tries that led nowhere.
    pub fn again_at(&self, attempts: u32, at_least: Duration) -> Timestamp {
        let backoff = Duration::from_secs(2_u64 << attempts.min(8));
        let wait = SignedDuration::try_from(at_least.max(backoff)).unwrap_or(SignedDuration::MAX);
        self.env.clock().now() + wait
    }
}
