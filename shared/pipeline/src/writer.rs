//! Writes one piece of released work: groups, paces, sends, records.

mod accounts;
mod conduct;
mod piece;
mod references;
mod standing;

pub(crate) use accounts::Todo;
use piece::Next;
pub(crate) use piece::{BatchEnd, Progress, Work};

use crate::blob::{Outcome, Outcomes, Phase, Stored, paths};
use crate::cycle::{leave_cycle, priority, put_ready, ready_of};
use crate::settle::{close_approved, settle, settle_cycle};
use crate::state::{Cycle, Intent, Lease, Ready, open_set};
use crate::{Environment, Job, Jobs, Pace, StepError};
use jiff::{SignedDuration, Timestamp};
use planning::{Kind, Plan, Reason};
use ports::{Clock, Condition, Edit, Put, Table, TargetWrite, Write};
use record::RecordId;
use std::collections::{BTreeMap, BTreeSet};

/// After so many tries without a usable answer a change is escrowed; later cycles try again.
const ATTEMPTS_MAX: u32 = 12;
/// After so many tries a contradiction of the target is taken for real and not for a replica that lags.
const LAG_ATTEMPTS: u32 = 4;

/// The holder of a target's lease.
pub(crate) struct Writer<'a, E, T> {
    env: &'a E,
    target: &'a T,
    name: &'a str,
    lease: Lease,
    pace: Pace,
    deadline: Timestamp,
    /// Until when requests that were not answered may still take effect.
    in_flight: BTreeMap<RecordId, Timestamp>,
    /// Urgent work came between: what was read about the work at hand may be out of date.
    interrupted: bool,
    /// The target was paused; the first success ends that.
    recovers: bool,
    /// Some piece of work was tried before: what it sent may have taken effect.
    retries: bool,
    /// Records that a cycle of one record is at, and that cycle.
    promised: BTreeMap<RecordId, u64>,
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
        Self {
            env,
            target,
            name,
            lease,
            pace,
            deadline,
            in_flight: BTreeMap::new(),
            interrupted: false,
            recovers,
            retries: false,
            promised: BTreeMap::new(),
        }
    }

    pub fn env(&self) -> &'a E {
        self.env
    }

    pub fn target(&self) -> &'a T {
        self.target
    }

    /// Notes whether some work was tried before without an answer.
    pub fn note_retries(&mut self, retries: bool) {
        self.retries = retries;
    }

    /// Notes whom a cycle of one record is at: what that cycle read is newer, and what it sent may not be known yet.
    pub fn note_promised(&mut self, ready: &[Ready]) {
        self.promised = ready.iter().filter_map(|ready| Some((ready.only?, ready.cycle))).collect();
    }

    /// Nothing is left that an earlier holder may have begun.
    pub fn end_doubt(&mut self) {
        self.lease.is_doubtful = false;
    }

    /// Whether an account may have been made that no link knows.
    fn is_doubtful(&self) -> bool {
        self.lease.is_doubtful || self.retries || !self.in_flight.is_empty()
    }

    /// True when there is no time left for another request.
    pub fn is_late(&self) -> bool {
        self.env.clock().now() >= self.deadline
    }

    /// Gives the lease up; a successor waits for what may still land.
    pub async fn release(self) -> Result<(), StepError> {
        let now = self.env.clock().now();
        let drained = self.in_flight.values().max().copied().filter(|until| *until > now);
        self.lease.release(self.env.table(), now, drained, &self.pace).await
    }

    /// Does one piece of work. `job` gives the jobs of urgent work that comes between.
    pub async fn process(&mut self, job: &Job<'_>, ready: Ready, urgent: Jobs<'_, '_>) -> Result<BatchEnd, StepError> {
        let cycle = Cycle::get(self.env.table(), job.name, ready.cycle).await?;
        let cycle = cycle.ok_or(StepError::Missing { what: "the cycle" })?;
        if ready.approved && !cycle.state.is_over() {
            // What was released comes first: only a settled cycle knows what it holds.
            let not_before = self.env.clock().now() + SignedDuration::from_secs(10);
            put_ready(self.env, self.name, &Ready { not_before, ..ready }).await?;
            return Ok(BatchEnd::Later);
        }
        self.both_halves(job, &cycle, ready.clone(), Some(&ready), urgent).await
    }

    /// Does the cycle that stands with the lease.
    pub async fn process_intent(&mut self, job: &Job<'_>, intent: &Intent) -> Result<BatchEnd, StepError> {
        let ready = ready_of(intent, self.env.clock().now());
        self.both_halves(job, &intent.cycle, ready, None, &|_| None).await
    }

    /// Accounts, and at once the references where nothing else is to go before them.
    async fn both_halves(
        &mut self,
        job: &Job<'_>,
        cycle: &Cycle,
        mut ready: Ready,
        stands: Option<&Ready>,
        urgent: Jobs<'_, '_>,
    ) -> Result<BatchEnd, StepError> {
        let base = paths::cycle(job.name, cycle.number, &cycle.token);
        let plan: Plan = Stored::get(self.env, &paths::plan(&base, ready.batch), "a batch's plan").await?;
        loop {
            let still_held = match (ready.approved, ready.phase) {
                (false, _) => BTreeSet::new(),
                (true, Phase::Accounts) => self.still_held(job, cycle).await?,
                // Whose account was written has its references due, whatever else was decided since: the link claims them already.
                (true, Phase::References) => {
                    let accounts = crate::settle::outcomes(self.env, &base, ready.batch, Phase::Accounts, true).await?;
                    accounts.into_keys().collect()
                }
            };
            let work = Work { job, ready: &ready, stands, cycle, plan: &plan, base: base.clone(), still_held };
            let settled = self.all_outcomes(&work, ready.phase).await?;
            let progress = match ready.phase {
                Phase::Accounts => self.accounts(&work, &settled, urgent).await?,
                Phase::References => self.references(&work, &settled, urgent).await?,
            };
            match self.conclude(&work, settled, progress).await? {
                Next::End(end) => return Ok(end),
                Next::References(next) => ready = next,
            }
        }
    }

    /// Outcomes of every try at one half of the piece.
    async fn all_outcomes(&self, work: &Work<'_>, phase: Phase) -> Result<BTreeMap<RecordId, Outcome>, StepError> {
        crate::settle::outcomes(self.env, &work.base, work.ready.batch, phase, work.ready.approved).await
    }

    /// The records that a cycle holds and no later one has decided anew.
    async fn still_held(&self, job: &Job<'_>, cycle: &Cycle) -> Result<BTreeSet<RecordId>, StepError> {
        let open = open_set(self.env.table(), job.name).await?;
        let by_this =
            |reason: &Reason| matches!(reason, Reason::Held { hash, .. } if Some(hash) == cycle.hold_hash.as_ref());
        Ok(open
            .into_iter()
            .filter(|(_, one)| one.cycle == cycle.number && by_this(&one.reason))
            .map(|(id, _)| id)
            .collect())
    }

    /// Stores what was found out and moves the piece on: done, once more later, or its second half.
    async fn conclude(
        &mut self,
        work: &Work<'_>,
        mut settled: BTreeMap<RecordId, Outcome>,
        mut progress: Progress,
    ) -> Result<Next, StepError> {
        let now = self.env.clock().now();
        let ready = work.ready;
        if ready.attempts >= ATTEMPTS_MAX && progress.denied.is_none() {
            // An account that may be there is not given up: no link knows it yet, and older work would take it for its own.
            let may_be_there = |record: &RecordId| {
                let mut changes = work.changes();
                ready.phase == Phase::Accounts
                    && changes.any(|(decision, change)| decision.record == *record && change.kind == Kind::Create)
            };
            let (open, over) = std::mem::take(&mut progress.later).into_iter().partition(|(id, _)| may_be_there(id));
            progress.later = open;
            let over: BTreeMap<RecordId, Timestamp> = over;
            for record in over.into_keys() {
                progress.fail(record, Reason::Unanswered { attempts: ready.attempts + 1 });
            }
        }
        if ready.phase == Phase::References {
            self.forget_failed(work, &progress).await?;
        }
        self.store_outcomes(work, &progress).await?;
        settled.extend(progress.outcomes);
        let open = progress.later.values().min().copied();
        if open.is_some() || progress.out_of_time || progress.denied.is_some() {
            let mut again = ready.clone();
            // A target that refuses everybody is nobody's fault, and neither is a lack of time.
            again.attempts += u32::from(open.is_some() && progress.denied.is_none());
            again.not_before = if progress.out_of_time { now } else { open.unwrap_or(now) };
            self.put_again(work, &again).await?;
        }
        if let Some(why) = progress.denied {
            let until = self.pause(&why).await?;
            return Ok(Next::End(BatchEnd::Paused { until, why }));
        }
        if progress.down {
            let until = self.pause("the target does not answer").await?;
            let why = "the target does not answer".to_owned();
            return Ok(Next::End(BatchEnd::Paused { until, why }));
        }
        if progress.out_of_time {
            return Ok(Next::End(BatchEnd::OutOfTime));
        }
        if open.is_some() {
            return Ok(Next::End(BatchEnd::Later));
        }
        self.finish(work, &settled).await
    }

    /// Stores work that is to be tried again, in the place of what stands there.
    async fn put_again(&self, work: &Work<'_>, again: &Ready) -> Result<(), StepError> {
        match work.stands {
            Some(stands) if stands.key(self.name) != again.key(self.name) => {
                let over = Write::Delete(stands.key(self.name), Condition::Always);
                let put = Write::Put(again.key(self.name), again.item(), Condition::Always);
                Ok(self.env.table().transact(vec![over, put]).await?)
            }
            Some(_) => put_ready(self.env, self.name, again).await,
            None => leave_cycle(self.env, work.job.name, work.cycle, again, self.name).await,
        }
    }

    /// Stores outcomes after those of earlier tries. A try that found out nothing leaves nothing.
    async fn store_outcomes(&self, work: &Work<'_>, progress: &Progress) -> Result<(), StepError> {
        if progress.outcomes.is_empty() {
            return Ok(());
        }
        let records = progress.outcomes.values().cloned().collect();
        let outcomes = Outcomes { at: self.env.clock().now(), records };
        for attempt in 0.. {
            if Stored::put(self.env, &work.outcomes_path(work.ready.phase, attempt), &outcomes).await? == Put::Created {
                break;
            }
        }
        Ok(())
    }

    /// The piece is done: its references come next, or it counts as written.
    async fn finish(&mut self, work: &Work<'_>, settled: &BTreeMap<RecordId, Outcome>) -> Result<Next, StepError> {
        let (ready, job, table) = (work.ready, work.job, self.env.table());
        let refers = ready.phase == Phase::Accounts
            && work.changes().any(|(decision, change)| {
                !change.references.is_empty()
                    && settled.get(&decision.record).is_some_and(|outcome| outcome.reason.is_none())
            });
        if refers {
            let is_urgent = ready.priority == 0;
            let priority = priority(is_urgent, false, Phase::References);
            let not_before = self.env.clock().now();
            let next = Ready { priority, phase: Phase::References, attempts: 0, not_before, ..ready.clone() };
            if is_urgent {
                return Ok(Next::References(next));
            }
            self.put_again(work, &next).await?;
            return Ok(Next::End(BatchEnd::Finished));
        }
        let Some(stands) = work.stands else {
            settle(self.env, job, work.cycle, false).await?;
            return Ok(Next::End(BatchEnd::Finished));
        };
        // The piece itself goes last: until then a redelivery finds it and ends what a crash left half done.
        if ready.approved {
            close_approved(self.env, job, work.cycle, work.plan, ready).await?;
        } else {
            let key = Cycle::key(job.name, ready.cycle);
            let item = table.update(&key, vec![Edit::Include("written", ready.batch)], Condition::Present).await?;
            let cycle = Cycle::from_item(ready.cycle, &item)?;
            if cycle.released && cycle.written.len() as u64 >= cycle.to_write {
                settle_cycle(self.env, job, ready.cycle).await?;
            }
        }
        table.delete(&stands.key(self.name), Condition::Always).await?;
        Ok(Next::End(BatchEnd::Finished))
    }
}
