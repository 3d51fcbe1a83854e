//! How a writer goes about its work: with the lease, at its pace, urgent work first, and never two requests for a record
//! at one time.

use super::{BatchEnd, Work, Writer};
use crate::state::{Lease, Ready};
use crate::{Environment, Jobs, StepError};
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Reply, TargetWrite, WriteReport};
use record::RecordId;
use std::time::Duration;

/// Work on a record that a cycle of one record is at is looked at again after this.
const PROMISED: SignedDuration = SignedDuration::from_secs(10);
/// Waiting for tokens is cut into pieces of this length, so that the lease is kept.
const NAP: Duration = Duration::from_secs(5);
/// And into these while urgent work may turn up.
const LOOK_UP: Duration = Duration::from_millis(250);

impl<E: Environment, T: TargetWrite> Writer<'_, E, T> {
    /// Stops for a while, longer each time in a row.
    pub(super) async fn pause(&self, why: &str) -> Result<Timestamp, StepError> {
        Lease::pause(self.env.table(), self.name, self.env.clock().now(), why).await
    }

    /// Waits for the lease and for tokens; gives how many requests may go now, 0 when the time is up.
    /// Urgent work that turned up goes first.
    pub(super) async fn admit(
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
                    let wait = Duration::from_secs_f64(seconds).min(if is_urgent { NAP } else { LOOK_UP });
                    self.env.clock().sleep(wait).await;
                }
            }
        }
    }

    /// The last thing before requests are sent: what was looked up since the lease was kept may have taken any time, so it
    /// is looked at once more. Gives the instant that counts as their sending.
    pub(super) async fn secure(&mut self) -> Result<Timestamp, StepError> {
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
    pub(super) fn note_unanswered<'r>(
        &mut self,
        sent_at: Timestamp,
        replies: impl Iterator<Item = (RecordId, &'r Reply)>,
    ) {
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
    pub(super) fn may_go_at(&self, work: &Work<'_>, record: RecordId, creates: bool) -> Option<Timestamp> {
        let now = self.env.clock().now();
        let hidden = if creates { self.lease.hidden.until(record, &work.piece(), now) } else { None };
        // A cycle of the open set has a high number, and may be of what was read long ago.
        let read_in = || work.plan.decisions.iter().find(|one| one.record == record).map(|one| one.read_in.from);
        let promised = self.promised.get(&record).filter(|cycle| read_in().is_none_or(|read_in| **cycle > read_in));
        let promised = promised.map(|_| now + PROMISED);
        self.in_flight_until(record).max(hidden).max(promised)
    }

    /// Notes which accounts may have been made without a word about it.
    pub(super) fn note_creates<'r>(
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

    /// Heeds what the target says of its budget, and waits as long as it asked for. Where that is longer than this
    /// invocation, the target is paused.
    pub(super) async fn wait_for_target(&mut self, report: &WriteReport) -> Result<(), StepError> {
        if let Some(used) = report.budget_used {
            self.pace.used(used, self.env.clock().now());
        }
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
    pub(super) async fn recovered(&mut self) -> Result<(), StepError> {
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
