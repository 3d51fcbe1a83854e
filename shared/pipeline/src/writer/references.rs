//! The second half of a batch: references between accounts, once both are there.

use super::{LAG_ATTEMPTS, Progress, Work, Writer};
use crate::blob::{Outcome, Phase};
use crate::state::get_links;
use crate::{Environment, Jobs, StepError};
use planning::{Link, Reason, Reference};
use ports::{Clock, Reply, TargetWrite, WriteAction, WriteRequest};
use record::RecordId;
use std::collections::BTreeMap;

impl<E: Environment, T: TargetWrite> Writer<'_, E, T> {
    pub(super) async fn references(
        &mut self,
        work: &Work<'_>,
        settled: &BTreeMap<RecordId, Outcome>,
        urgent: Jobs<'_, '_>,
    ) -> Result<Progress, StepError> {
        // A try at the accounts may have had any number of attempts; their outcomes are in a row.
        let accounts = self.all_outcomes(work, Phase::Accounts).await?;
        let wanted: Vec<(RecordId, &Reference)> = work
            .changes()
            .filter(|(decision, _)| accounts.get(&decision.record).is_some_and(|outcome| outcome.reason.is_none()))
            .flat_map(|(decision, change)| change.references.iter().map(|reference| (decision.record, reference)))
            .filter(|(record, _)| !settled.contains_key(record))
            .collect();
        let ids = wanted.iter().flat_map(|(record, reference)| [Some(*record), reference.to]).flatten();
        let links = get_links(self.env.table(), work.job.name, ids).await?;
        let mut progress = Progress::default();
        let mut requests: Vec<(RecordId, &Reference, WriteRequest)> = Vec::new();
        for (record, reference) in wanted {
            match request(record, reference, &links) {
                Ok(action) => requests.push((record, reference, WriteRequest { action })),
                Err(reason) => progress.fail(record, reason),
            }
        }
        let group_max = self.target.group_max().max(1);
        let mut rest = requests.as_slice();
        while !rest.is_empty() {
            let granted = self.admit(rest.len().min(group_max), work.ready.priority == 0, urgent).await?;
            if granted == 0 {
                progress.out_of_time = true;
                return Ok(progress);
            }
            let (group, others) = rest.split_at(granted.min(rest.len()));
            rest = others;
            if !self.send_references(work, group, &mut progress).await {
                let at = self.again_at(work.ready.attempts, self.target.request_life());
                progress.later.extend(rest.iter().map(|(record, ..)| (*record, at)));
                return Ok(progress);
            }
        }
        Ok(progress)
    }

    /// Sends one group; false when it makes no sense to go on with the next.
    async fn send_references(
        &mut self,
        work: &Work<'_>,
        group: &[(RecordId, &Reference, WriteRequest)],
        progress: &mut Progress,
    ) -> bool {
        let requests: Vec<WriteRequest> = group.iter().map(|(.., request)| request.clone()).collect();
        self.sent();
        let report = self.target.write(&requests).await;
        if !report.replies.contains(&Reply::Unknown) {
            self.landed();
        }
        let silent = report.replies.iter().all(|reply| *reply == Reply::Unknown);
        for ((record, reference, _), reply) in group.iter().zip(&report.replies) {
            let attempts = work.ready.attempts;
            match reply {
                Reply::Done(anchor) => progress.done(*record, Some(anchor.clone())),
                Reply::Missing if attempts < LAG_ATTEMPTS => {
                    progress.later.insert(*record, self.again_at(attempts, self.target.request_life()));
                }
                Reply::Missing => progress.fail(*record, pending(reference)),
                Reply::Throttled(wait) => {
                    self.pace.throttled(self.env.clock().now());
                    progress.later.insert(*record, self.again_at(0, (*wait).max(self.target.request_life())));
                }
                Reply::Unknown | Reply::Taken => {
                    progress.later.insert(*record, self.again_at(attempts, self.target.request_life()));
                }
                Reply::Refused { code } => progress.fail(*record, Reason::Refused { code: code.clone() }),
                Reply::Denied { code } => {
                    progress.denied = Some(code.clone());
                    progress.later.insert(*record, self.env.clock().now());
                }
            }
        }
        if let Some(wait) = report.wait {
            self.env.clock().sleep(wait).await;
        }
        progress.down |= silent && group.len() > 1 && work.ready.attempts > 0;
        !silent && progress.denied.is_none()
    }

    /// Outcomes of every try at one half of the batch.
    pub(super) async fn all_outcomes(
        &self,
        work: &Work<'_>,
        phase: Phase,
    ) -> Result<BTreeMap<RecordId, Outcome>, StepError> {
        crate::settle::outcomes(self.env, &work.base, work.ready.batch, phase, work.ready.approved).await
    }
}

fn pending(reference: &Reference) -> Reason {
    let to = reference.to.unwrap_or(RecordId([0; 16]));
    Reason::ReferencePending { attribute: reference.attribute.clone(), to }
}

/// The request for a reference, or why there is none.
fn request(
    record: RecordId,
    reference: &Reference,
    links: &BTreeMap<RecordId, Link>,
) -> Result<WriteAction, Reason> {
    let link = links.get(&record).ok_or(Reason::Stale)?;
    let to = match reference.to {
        None => None,
        Some(to) => Some(links.get(&to).ok_or_else(|| pending(reference))?.anchor.clone()),
    };
    Ok(WriteAction::Refer { anchor: link.anchor.clone(), attribute: reference.attribute.clone(), to })
}
