//! The lease of a target: one active writer, and the pace that it hands to its successor.

use super::cycle::Cycle;
use super::fields::{Fields, count, json, text};
use super::hidden::Hidden;
use super::job::instant;
use crate::StepError;
use crate::pacing::Pace;
use jiff::{SignedDuration, Timestamp};
use ports::{Condition, Edit, Field, Key, PortError, Table};
use record::RecordId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a lease lasts without renewal.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How often its holder renews it.
const RENEWAL: SignedDuration = SignedDuration::from_secs(10);
/// Clocks of two functions may differ by this much.
const SKEW: SignedDuration = SignedDuration::from_secs(2);

/// A released cycle of one record that its function writes by itself, kept with the lease while it does: neither the cycle
/// nor its work stands anywhere else before it is over or left to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The job.
    pub job: String,
    /// The cycle.
    pub cycle: Cycle,
    /// The record.
    pub record: RecordId,
}

/// A lease that is held.
#[derive(Clone, Debug)]
pub struct Lease {
    target: String,
    holder: String,
    until: Timestamp,
    renewed_at: Timestamp,
    /// An earlier holder died, and what it sent may not all be known yet.
    pub(crate) is_doubtful: bool,
    /// Creates that may be there although no lookup shows them yet.
    pub(crate) hidden: Hidden,
    /// What its holder is at, or, when it was just taken, what the last one left behind.
    pub(crate) intent: Option<Intent>,
}

impl Lease {
    fn key(target: &str) -> Key {
        Key::new(format!("TARGET#{target}"), "LEASE")
    }

    /// Takes the lease if it is free or has run out; `None` if another writer holds it.
    /// The pace goes on where the last holder left it. With an intent it is only taken if nothing was left behind.
    pub async fn acquire(
        table: &impl Table,
        target: &str,
        holder: &str,
        now: Timestamp,
        pace: &mut Pace,
        lag: Duration,
        intent: Option<&Intent>,
    ) -> Result<Option<Self>, StepError> {
        let until = now + LEASE;
        let mut edits =
            vec![Edit::Set("holder", text(holder)), Edit::Set("until", Field::Number(until.as_millisecond()))];
        // Counts up until a holder gives the lease back with nothing left to do.
        edits.push(Edit::Add("unclean", 1));
        // A successor waits a little longer than the lease lasts: the last holder's clock may be behind.
        let over = (now - SKEW).as_millisecond();
        let mut free = Condition::Any(vec![Condition::Without("until"), Condition::AtMost("until", over)]);
        if let Some(intent) = intent {
            free = Condition::All(vec![free, Condition::Without("intent")]);
            edits.push(Edit::Set("intent", json(intent)));
        }
        let item = match table.update(&Self::key(target), edits, free).await {
            Ok(item) => item,
            Err(PortError::Conflict { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let fields = Fields::new(&item, "a lease");
        if let Some(tokens) = fields.number_if("tokens")? {
            pace.restore(tokens, instant(fields.number("tokens_at")?)?);
        }
        let unclean = fields.number("unclean")?;
        let mut hidden = Hidden::from_fields(&fields)?;
        // Nobody knows what a holder that died has sent.
        if unclean > 2 || (unclean > 1 && hidden.everybody.is_none()) {
            hidden.everybody = now.checked_add(lag).ok();
        }
        Ok(Some(Self {
            target: target.to_owned(),
            holder: holder.to_owned(),
            until,
            renewed_at: now,
            is_doubtful: unclean > 1,
            hidden,
            intent: fields.json("intent")?,
        }))
    }

    /// Makes sure that whatever is sent now, and takes at most `life` to land, lands within the lease; renews it when
    /// its time has come. An error means that the lease is lost: stop at once.
    pub async fn keep(
        &mut self,
        table: &impl Table,
        now: Timestamp,
        life: Duration,
        pace: &Pace,
    ) -> Result<(), StepError> {
        if now < self.renewed_at + RENEWAL && self.covers(now, life) {
            return Ok(());
        }
        let until = now + LEASE;
        let (tokens, tokens_at) = pace.state();
        let mut edits = vec![
            Edit::Set("until", Field::Number(until.as_millisecond())),
            Edit::Set("tokens", Field::Number(tokens)),
            Edit::Set("tokens_at", Field::Number(tokens_at.as_millisecond())),
        ];
        edits.extend(self.hidden.edits(now));
        table.update(&Self::key(&self.target), edits, self.mine()).await?;
        self.until = until;
        self.renewed_at = now;
        Ok(())
    }

    /// Whether what is sent now, and takes at most `life` to land, lands within the lease.
    pub fn covers(&self, now: Timestamp, life: Duration) -> bool {
        let life = SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX);
        now.checked_add(life).and_then(|lands| lands.checked_add(SKEW)).is_ok_and(|lands| lands < self.until)
    }

    /// Gives the lease up, once nothing is in flight any more. What may still land holds it until `drained_at`.
    pub async fn release(
        self,
        table: &impl Table,
        now: Timestamp,
        drained_at: Option<Timestamp>,
        pace: &Pace,
    ) -> Result<(), StepError> {
        let (tokens, tokens_at) = pace.state();
        let mut edits = vec![
            Edit::Set("tokens", Field::Number(tokens)),
            Edit::Set("tokens_at", Field::Number(tokens_at.as_millisecond())),
            Edit::Remove("holder"),
            // After a death the doubt stays while there is work that the dead one may have begun.
            if self.is_doubtful { Edit::Set("unclean", Field::Number(1)) } else { Edit::Remove("unclean") },
        ];
        edits.extend(self.hidden.edits(now));
        edits.extend(self.intent.is_some().then_some(Edit::Remove("intent")));
        edits.push(match drained_at {
            Some(at) => Edit::Set("until", Field::Number((at + SKEW).as_millisecond())),
            None => Edit::Remove("until"),
        });
        match table.update(&Self::key(&self.target), edits, self.mine()).await {
            Ok(_) | Err(PortError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn mine(&self) -> Condition {
        Condition::Equals("holder", text(&self.holder))
    }

    /// Stops work on a target for a while, longer each time in a row: its credentials are refused, or it is down.
    /// Gives until when.
    pub async fn pause(table: &impl Table, target: &str, now: Timestamp, why: &str) -> Result<Timestamp, StepError> {
        let failures = Self::paused(table, target).await?.map_or(0, |(_, _, failures)| failures) + 1;
        let until = now + SignedDuration::from_secs(15_i64 << failures.min(6));
        Self::pause_until(table, target, until, why, failures).await?;
        Ok(until)
    }

    /// Stops work on a target until it may be asked again.
    pub async fn pause_until(
        table: &impl Table,
        target: &str,
        until: Timestamp,
        why: &str,
        failures: u64,
    ) -> Result<(), StepError> {
        let edits = vec![
            Edit::Set("paused_until", Field::Number(until.as_millisecond())),
            Edit::Set("paused_why", text(why)),
            Edit::Set("failures", count(failures)),
        ];
        table.update(&Self::key(target), edits, Condition::Always).await?;
        Ok(())
    }

    /// Whether a holder is at a cycle of one record, or died while it was.
    pub async fn has_intent(table: &impl Table, target: &str) -> Result<bool, StepError> {
        Ok(table.get(&Self::key(target)).await?.is_some_and(|item| item.contains_key("intent")))
    }

    /// Until when and why the target is paused, and how often in a row it failed.
    pub async fn paused(table: &impl Table, target: &str) -> Result<Option<(Timestamp, String, u64)>, StepError> {
        let Some(item) = table.get(&Self::key(target)).await? else { return Ok(None) };
        let fields = Fields::new(&item, "a lease");
        let Some(until) = fields.number_if("paused_until")? else { return Ok(None) };
        Ok(Some((instant(until)?, fields.text("paused_why")?.to_owned(), fields.count("failures")?)))
    }

    /// Ends a pause: the target took something again.
    pub async fn unpause(table: &impl Table, target: &str) -> Result<(), StepError> {
        let edits = vec![Edit::Remove("paused_until"), Edit::Remove("paused_why"), Edit::Remove("failures")];
        table.update(&Self::key(target), edits, Condition::Always).await?;
        Ok(())
    }
}
