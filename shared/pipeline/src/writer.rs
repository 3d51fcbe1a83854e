//! Writes one piece of released work: groups, paces, sends, records.

mod accounts;
mod piece;
mod references;

pub(crate) use accounts::Todo;
pub(crate) use piece::{BatchEnd, Progress, Work};

use crate::blob::{Outcome, Outcomes, Phase, Stored, paths};
use crate::cycle::{priority, put_ready};
use crate::settle::{close_approved, settle_cycle};
use crate::state::{Cycle, Lease, Ready, open_set};
use crate::{Environment, Job, Jobs, Pace, StepError};
use jiff::{SignedDuration, Timestamp};
use planning::{Plan, Reason};
use ports::{Clock, Condition, Edit, Put, Reply, Table, TargetWrite, Write, WriteReport};
use record::RecordId;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// After so many tries without a usable answer a change is escrowed; later cycles try again.
const ATTEMPTS_MAX: u32 = 12;
/// After so many tries a contradiction of the target is taken for real and not for a replica that lags.
const LAG_ATTEMPTS: u32 = 4;
/// Work on a record that a cycle of one record is at is looked at again after this.
const PROMISED: SignedDuration = SignedDuration::from_secs(10);
/// Waiting for tokens is cut into pieces of this length, so that the lease is kept.
const NAP: Duration = Duration::from_secs(5);

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
        let base = paths::cycle(job.name, ready.cycle, &cycle.token);
        let plan: Plan = Stored::get(self.env, &paths::plan(&base, ready.batch), "a batch's plan").await?;
        let still_held = match (ready.approved, ready.phase) {
            (false, _) => BTreeSet::new(),
            (true, Phase::Accounts) => self.still_held(job, &cycle).await?,
            // Whose account was written has its references due, whatever else was decided since: the link claims them already.
            (true, Phase::References) => crate::settle::outcomes(self.env, &base, ready.batch, Phase::Accounts, true)
                .await?
                .into_keys()
                .collect(),
        };
        let work = Work { job, ready: &ready, cycle: &cycle, plan: &plan, base, still_held };
        let settled = self.all_outcomes(&work, ready.phase).await?;
        let progress = match ready.phase {
            Phase::Accounts => self.accounts(&work, &settled, urgent).await?,
            Phase::References => self.references(&work, &settled, urgent).await?,
        };
        self.conclude(&work, settled, progress).await
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
    ) -> Result<BatchEnd, StepError> {
        let now = self.env.clock().now();
        let ready = work.ready;
        if ready.attempts >= ATTEMPTS_MAX && progress.denied.is_none() {
            for (record, _) in std::mem::take(&mut progress.later) {
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
        table.delete(&ready.key(self.name), Condition::Always).await?;
        Ok(())
    }

    /// Stops for a while, longer each time in a row.
    async fn pause(&self, why: &str) -> Result<Timestamp, StepError> {
        Lease::pause(self.env.table(), self.name, self.env.clock().now(), why).await
    }

    /// Waits for the lease and for tokens; gives how many requests may go now, 0 when the time is up.
    /// Urgent work that turned up goes first.
    async fn admit(&mut self, wanted: usize, is_urgent: bool, urgent: Jobs<'_, '_>) -> Result<usize, StepError> {
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

    /// The last thing before requests are sent: what was looked up since the lease was kept may have taken any time, so it
    /// is looked at once more. Gives the instant that counts as their sending.
    async fn secure(&mut self) -> Result<Timestamp, StepError> {
        let life = self.target.request_life();
        for _ in 0..3 {
            let now = self.env.clock().now();
            if self.lease.covers(now, life) {
                return Ok(now);
            }
            self.lease.keep(self.env.table(), now, life, &self.pace).await?;
        }
        let why = "renewing it takes longer than it lasts";
        Err(ports::PortError::transient("the lease cannot be kept", why).into())
    }

    /// Does what may not wait for the batch at hand.
    async fn urgent_first(&mut self, urgent: Jobs<'_, '_>) -> Result<(), StepError> {
        while let Some(ready) = Ready::urgent(self.env.table(), self.name, self.env.clock().now()).await? {
            let Some(job) = urgent(&ready.job) else { return Ok(()) };
            // Boxed because the work on urgent batches is the same function as the work on this one.
            let end = Box::pin(self.process(&job, ready, &|_| None)).await?;
            self.interrupted = true;
            if !matches!(end, BatchEnd::Finished | BatchEnd::Later) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Notes which requests may still take effect although nobody knows: `sent_at` is when they were sent.
    fn note_unanswered<'r>(&mut self, sent_at: Timestamp, replies: impl Iterator<Item = (RecordId, &'r Reply)>) {
        let life = SignedDuration::try_from(self.target.request_life()).unwrap_or(SignedDuration::MAX);
        for (record, reply) in replies {
            if matches!(reply, Reply::Unknown | Reply::Throttled(_)) {
                self.in_flight.insert(record, sent_at + life);
            } else {
                self.in_flight.remove(&record);
            }
        }
    }

    /// Until when an earlier request for the record may still take effect: no two are ever under way.
    fn in_flight_until(&self, record: RecordId) -> Option<Timestamp> {
        self.in_flight.get(&record).copied().filter(|until| *until > self.env.clock().now())
    }

    /// Until when a request of this piece of work for a record has to wait.
    fn may_go_at(&self, work: &Work<'_>, record: RecordId, creates: bool) -> Option<Timestamp> {
        let now = self.env.clock().now();
        let hidden = if creates { self.lease.hidden.until(record, &work.piece(), now) } else { None };
        let promised = self.promised.get(&record).filter(|cycle| **cycle > work.cycle.number);
        let promised = promised.map(|_| now + PROMISED);
        self.in_flight_until(record).max(hidden).max(promised)
    }

    /// Notes which accounts may have been made without a word about it.
    fn note_creates<'r>(
        &mut self,
        work: &Work<'_>,
        sent_at: Timestamp,
        replies: impl Iterator<Item = (RecordId, &'r Reply)>,
    ) {
        let hidden_for = self.target.request_life() + self.target.replica_lag();
        let until = SignedDuration::try_from(hidden_for).ok().and_then(|life| sent_at.checked_add(life).ok());
        for (record, reply) in replies {
            match reply {
                Reply::Unknown | Reply::Throttled(_) => {
                    self.lease.hidden.insert(record, work.piece(), until.unwrap_or(Timestamp::MAX));
                }
                Reply::Done(_) => self.lease.hidden.remove(record),
                _ => {}
            }
        }
    }

    /// Waits as long as the target asked for. Where that is longer than this invocation, the target is paused.
    async fn wait_for_target(&mut self, report: &WriteReport) -> Result<(), StepError> {
        let Some(wait) = report.wait else { return Ok(()) };
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let until = self.env.clock().now() + wait;
        loop {
            let now = self.env.clock().now();
            if now >= until {
                return Ok(());
            }
            if now >= self.deadline {
                let failures = Lease::paused(self.env.table(), self.name).await?.map_or(0, |(_, _, failures)| failures);
                return Lease::pause_until(self.env.table(), self.name, until, "the target asked to wait", failures)
                    .await;
            }
            self.lease.keep(self.env.table(), now, self.target.request_life(), &self.pace).await?;
            let nap = until.min(self.deadline).duration_since(now);
            self.env.clock().sleep(Duration::try_from(nap).unwrap_or_default().min(NAP)).await;
        }
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
