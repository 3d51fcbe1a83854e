//! The second half of a batch: references between accounts, once both are there.

use super::{LAG_ATTEMPTS, Progress, Work, Writer};
use crate::blob::{Outcome, Phase};
use crate::state::get_links;
use crate::{Environment, Jobs, StepError};
use planning::{Link, Mark, Reason, Reference};
use ports::{Clock, Reply, TargetWrite, WriteAction, WriteRequest};
use record::RecordId;
use std::collections::{BTreeMap, BTreeSet};

/// A reference that is to be written.
#[derive(Clone)]
struct Wanted<'p> {
    record: RecordId,
    reference: &'p Reference,
    request: WriteRequest,
}

impl<E: Environment, T: TargetWrite> Writer<'_, E, T> {
    pub(super) async fn references(
        &mut self,
        work: &Work<'_>,
        settled: &BTreeMap<RecordId, Outcome>,
        urgent: Jobs<'_, '_>,
    ) -> Result<Progress, StepError> {
        // A try at the accounts may have had any number of attempts; their outcomes are in a row.
        let accounts = self.all_outcomes(work, Phase::Accounts).await?;
        let planned: Vec<(RecordId, &Reference)> = work
            .changes()
            .filter(|(decision, _)| accounts.get(&decision.record).is_some_and(|outcome| outcome.reason.is_none()))
            .flat_map(|(decision, change)| change.references.iter().map(|reference| (decision.record, reference)))
            .filter(|(record, _)| !settled.contains_key(record))
            .collect();
        let mut progress = Progress::default();
        let mut rest = self.wanted(work, planned, &mut progress).await?;
        let group_max = self.target.group_max().max(1);
        loop {
            // Urgent work that came between may have sent something for the same records.
            rest.retain(|one| {
                let until = self.may_go_at(work, one.record, false);
                progress.later.extend(until.map(|until| (one.record, until)));
                until.is_none()
            });
            if rest.is_empty() {
                break;
            }
            let granted = self.admit(rest.len().min(group_max), work.ready.priority == 0, urgent).await?;
            if granted == 0 {
                progress.out_of_time = true;
                for one in &rest {
                    progress.not_yet(one.record);
                }
                break;
            }
            if std::mem::take(&mut self.interrupted) {
                let planned = rest.iter().map(|one| (one.record, one.reference)).collect();
                rest = self.wanted(work, planned, &mut progress).await?;
                continue;
            }
            let (group, others) = next_group(rest, granted);
            rest = others;
            if !self.send_references(work, &group, &mut progress).await? {
                let at = self.again_at(work.ready.attempts, self.target.request_life());
                progress.later.extend(rest.iter().map(|one| (one.record, at)));
                break;
            }
        }
        let later: Vec<RecordId> = progress.later.keys().copied().collect();
        for record in later {
            progress.not_yet(record);
        }
        Ok(progress)
    }

    /// The requests for references that are still what the link says; what is not to be sent is noted.
    async fn wanted<'p>(
        &self,
        work: &Work<'_>,
        planned: Vec<(RecordId, &'p Reference)>,
        progress: &mut Progress,
    ) -> Result<Vec<Wanted<'p>>, StepError> {
        let ids = planned.iter().flat_map(|(record, reference)| [Some(*record), reference.to]).flatten();
        let links = get_links(self.env.table(), work.job.name, ids).await?;
        let mut wanted = Vec::with_capacity(planned.len());
        for (record, reference) in planned {
            match action(work.cycle.number, record, reference, &links) {
                Ok(action) => wanted.push(Wanted { record, reference, request: WriteRequest { action } }),
                Err(reason) => progress.fail(record, reason),
            }
        }
        Ok(wanted)
    }

    /// The link says what was planned; where a reference failed or waits, it must not claim that it is there.
    pub(super) async fn forget_failed(&self, work: &Work<'_>, progress: &Progress) -> Result<(), StepError> {
        let failed = |reason: &Reason| !matches!(reason, Reason::Superseded | Reason::Stale);
        let records: BTreeSet<RecordId> = progress
            .outcomes
            .values()
            .filter(|outcome| outcome.reason.as_ref().is_some_and(failed))
            .map(|outcome| outcome.record)
            .collect();
        if records.is_empty() {
            return Ok(());
        }
        let links = get_links(self.env.table(), work.job.name, records.iter().copied()).await?;
        for (decision, change) in work.changes().filter(|(decision, _)| records.contains(&decision.record)) {
            let Some(before) = links.get(&decision.record) else { continue };
            let mut link = Link { version: before.version + 1, cycle: work.cycle.number, ..before.clone() };
            let (cycle, batch) = (work.cycle.number, work.ready.batch);
            for reference in &change.references {
                let mark = Mark { fingerprint: Mark::UNKNOWN, cycle, batch };
                link.marks.insert(reference.attribute.clone(), mark);
            }
            self.put_link(work, &link, before.version).await?;
        }
        Ok(())
    }

    /// Sends one group; false when it makes no sense to go on with the next.
    async fn send_references(
        &mut self,
        work: &Work<'_>,
        group: &[Wanted<'_>],
        progress: &mut Progress,
    ) -> Result<bool, StepError> {
        let requests: Vec<WriteRequest> = group.iter().map(|one| one.request.clone()).collect();
        if requests.is_empty() {
            return Ok(true);
        }
        let sent_at = self.secure().await?;
        let report = self.target.write(&requests).await;
        self.note_unanswered(sent_at, group.iter().map(|one| one.record).zip(&report.replies));
        let silent = report.replies.iter().all(|reply| *reply == Reply::Unknown);
        if report.replies.iter().any(|reply| matches!(reply, Reply::Done(_))) {
            self.recovered().await?;
        }
        for (one, reply) in group.iter().zip(&report.replies) {
            self.take_reference_reply(work, one, reply, progress);
        }
        self.wait_for_target(&report).await?;
        progress.down |= silent && group.len() > 1 && work.ready.attempts > 0;
        Ok(!silent && progress.denied.is_none())
    }

    fn take_reference_reply(&mut self, work: &Work<'_>, one: &Wanted<'_>, reply: &Reply, progress: &mut Progress) {
        let (attempts, life) = (work.ready.attempts, self.target.request_life());
        match reply {
            Reply::Done(anchor) => progress.done_unless_failed(one.record, anchor.clone()),
            Reply::Missing if attempts < LAG_ATTEMPTS => {
                progress.later.insert(one.record, self.again_at(attempts, life));
            }
            Reply::Missing if one.reference.to.is_none() => progress.fail(one.record, Reason::AccountGone),
            Reply::Missing => progress.fail(one.record, pending(one.reference)),
            Reply::Throttled(wait) => {
                self.pace.throttled(self.env.clock().now());
                progress.later.insert(one.record, self.again_at(0, (*wait).max(life)));
            }
            Reply::Unknown | Reply::Taken => {
                progress.later.insert(one.record, self.again_at(attempts, life));
            }
            Reply::Refused { code } => progress.fail(one.record, Reason::Refused { code: code.clone() }),
            Reply::Denied { code } => {
                progress.denied = Some(code.clone());
                progress.later.insert(one.record, self.env.clock().now());
            }
        }
    }
}

/// The next `granted` requests, no two of them to one account, and the rest.
fn next_group(rest: Vec<Wanted<'_>>, granted: usize) -> (Vec<Wanted<'_>>, Vec<Wanted<'_>>) {
    let mut records = BTreeSet::new();
    rest.into_iter().partition(|one| records.len() < granted && records.insert(one.record))
}

fn pending(reference: &Reference) -> Reason {
    let to = reference.to.unwrap_or(RecordId([0; 16]));
    Reason::ReferencePending { attribute: reference.attribute.clone(), to }
}

/// What the target is asked for a reference, or why it is not asked.
fn action(
    cycle: u64,
    record: RecordId,
    reference: &Reference,
    links: &BTreeMap<RecordId, Link>,
) -> Result<WriteAction, Reason> {
    let link = links.get(&record).filter(|link| link.is_live()).ok_or(Reason::Stale)?;
    // The link knows the reference that was planned last: an older one must not come after it.
    if link.marks.get(&reference.attribute).is_none_or(|mark| mark.fingerprint != reference.fingerprint) {
        return Err(if link.cycle > cycle { Reason::Superseded } else { Reason::Stale });
    }
    let to = match reference.to {
        None => None,
        Some(to) => {
            let other = links.get(&to).filter(|link| link.is_live());
            Some(other.ok_or_else(|| pending(reference))?.anchor.clone())
        }
    };
    Ok(WriteAction::Refer { anchor: link.anchor.clone(), attribute: reference.attribute.clone(), to })
}
