//! The first half of a batch: accounts and their attributes.

use super::{LAG_ATTEMPTS, Progress, Work, Writer};
use crate::blob::Outcome;
use crate::replies::{enabling, link_after, sends};
use crate::state::{get_links, link_item, link_key};
use crate::{Environment, Jobs, StepError};
use futures_util::future::try_join_all;
use planning::{Change, Decision, Kind, Link, Reason, Status};
use ports::{Clock, Condition, Field, PortError, Reply, Table, TargetWrite, WriteRequest};
use record::{Anchor, RecordId};
use std::collections::BTreeMap;

/// A change that is to be sent, with the link as it is.
#[derive(Clone)]
pub(crate) struct Todo<'p> {
    pub decision: &'p Decision,
    pub change: &'p Change,
    pub link: Option<Link>,
}

impl<E: Environment, T: TargetWrite> Writer<'_, E, T> {
    pub(super) async fn accounts(
        &mut self,
        work: &Work<'_>,
        settled: &BTreeMap<RecordId, Outcome>,
        urgent: Jobs<'_, '_>,
    ) -> Result<Progress, StepError> {
        let mut progress = Progress::default();
        let open: Vec<_> = work.changes().filter(|(decision, _)| !settled.contains_key(&decision.record)).collect();
        let ids = open.iter().map(|(decision, _)| decision.record);
        let mut links = get_links(self.env.table(), work.job.name, ids).await?;
        let mut todo = Vec::new();
        for (decision, change) in open {
            let link = links.remove(&decision.record);
            match standing(work.cycle.number, change, link.as_ref()) {
                Standing::Open => todo.push(Todo { decision, change, link }),
                Standing::Done => progress.done(decision.record, link.map(|link| link.anchor)),
                Standing::Stale => progress.fail(decision.record, Reason::Stale),
            }
        }
        // Leavers first: whatever happens to the rest, nobody keeps an access for it.
        todo.sort_by_key(|todo| todo.change.kind != Kind::Disable);
        let (links_only, todo): (Vec<_>, Vec<_>) = todo.into_iter().partition(|todo| todo.change.is_link_only());
        for todo in links_only {
            let anchor = todo.change.anchor.clone().ok_or(StepError::Missing { what: "an anchor in a plan" })?;
            self.record_done(work, &todo, &anchor, &mut progress).await?;
        }
        self.send_all(work, &todo, urgent, &mut progress).await?;
        Ok(progress)
    }

    async fn send_all(
        &mut self,
        work: &Work<'_>,
        todo: &[Todo<'_>],
        urgent: Jobs<'_, '_>,
        progress: &mut Progress,
    ) -> Result<(), StepError> {
        let group_max = self.target.group_max().max(1);
        let mut rest = todo;
        while !rest.is_empty() {
            let granted = self.admit(rest.len().min(group_max), work.ready.priority == 0, urgent).await?;
            if granted == 0 {
                progress.out_of_time = true;
                return Ok(());
            }
            let (group, others) = rest.split_at(granted.min(rest.len()));
            rest = others;
            if !self.send_group(work, group, progress).await? {
                let at = self.again_at(work.ready.attempts, self.target.request_life());
                progress.later.extend(rest.iter().map(|todo| (todo.decision.record, at)));
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sends one group; false when it makes no sense to go on with the next.
    async fn send_group(
        &mut self,
        work: &Work<'_>,
        group: &[Todo<'_>],
        progress: &mut Progress,
    ) -> Result<bool, StepError> {
        let mut sent = Vec::with_capacity(group.len());
        for todo in group {
            // An account is enabled only after it is recorded that it may be: a crash forgets nobody.
            if todo.change.kind == Kind::Enable && !self.record_enabling(work, todo).await? {
                progress.fail(todo.decision.record, Reason::Stale);
            } else {
                sent.push(todo.clone());
            }
        }
        let requests: Vec<WriteRequest> = sent.iter().map(|todo| WriteRequest { action: sends(todo.change) }).collect();
        if requests.is_empty() {
            return Ok(true);
        }
        self.sent();
        let report = self.target.write(&requests).await;
        if !report.replies.contains(&Reply::Unknown) {
            self.landed();
        }
        let silent = report.replies.iter().all(|reply| *reply == Reply::Unknown);
        self.take_replies(work, &sent, &report.replies, progress).await?;
        if let Some(wait) = report.wait {
            self.env.clock().sleep(wait).await;
        }
        progress.down |= silent && sent.len() > 1 && work.ready.attempts > 0;
        Ok(!silent && progress.denied.is_none())
    }

    async fn take_replies(
        &mut self,
        work: &Work<'_>,
        sent: &[Todo<'_>],
        replies: &[Reply],
        progress: &mut Progress,
    ) -> Result<(), StepError> {
        let mut done: Vec<(&Todo<'_>, &Anchor)> = Vec::new();
        let mut contradicted: Vec<(&Todo<'_>, &Reply)> = Vec::new();
        let (attempts, life) = (work.ready.attempts, self.target.request_life());
        for (todo, reply) in sent.iter().zip(replies) {
            let record = todo.decision.record;
            match reply {
                Reply::Done(anchor) => done.push((todo, anchor)),
                Reply::Taken | Reply::Missing => contradicted.push((todo, reply)),
                Reply::Throttled(wait) => {
                    self.pace.throttled(self.env.clock().now());
                    progress.later.insert(record, self.again_at(0, (*wait).max(life)));
                }
                Reply::Unknown => {
                    progress.later.insert(record, self.again_at(attempts, life));
                }
                Reply::Refused { code } => progress.fail(record, Reason::Refused { code: code.clone() }),
                Reply::Denied { code } => {
                    progress.denied = Some(code.clone());
                    progress.later.insert(record, self.env.clock().now());
                }
            }
        }
        if !done.is_empty() {
            self.recovered().await?;
        }
        self.record_all(work, &done, progress).await?;
        for (todo, reply) in contradicted {
            if *reply == Reply::Taken {
                self.resolve_taken(work, todo, progress).await?;
            } else if attempts < LAG_ATTEMPTS {
                progress.later.insert(todo.decision.record, self.again_at(attempts, life));
            } else {
                progress.fail(todo.decision.record, Reason::AccountGone);
            }
        }
        Ok(())
    }

    /// Records a group's successes side by side: each is one small write.
    async fn record_all(
        &self,
        work: &Work<'_>,
        done: &[(&Todo<'_>, &Anchor)],
        progress: &mut Progress,
    ) -> Result<(), StepError> {
        let writes = done.iter().map(|(todo, anchor)| self.record_link(work, todo, anchor, None));
        let recorded = try_join_all(writes).await?;
        for ((todo, anchor), recorded) in done.iter().zip(recorded) {
            if recorded {
                progress.done(todo.decision.record, Some((*anchor).clone()));
            } else {
                progress.fail(todo.decision.record, Reason::Stale);
            }
        }
        Ok(())
    }

    pub(crate) async fn record_done(
        &self,
        work: &Work<'_>,
        todo: &Todo<'_>,
        anchor: &Anchor,
        progress: &mut Progress,
    ) -> Result<(), StepError> {
        self.record_all(work, &[(todo, anchor)], progress).await
    }

    /// Writes the link as it is after the change; false if somebody else changed it.
    pub(crate) async fn record_link(
        &self,
        work: &Work<'_>,
        todo: &Todo<'_>,
        anchor: &Anchor,
        instead: Option<Link>,
    ) -> Result<bool, StepError> {
        let schema = work.job.rules.schema;
        let link =
            instead.unwrap_or_else(|| link_after(work.plan, todo.decision, todo.change, todo.link.as_ref(), anchor, schema));
        let before = if todo.change.kind == Kind::Enable { link.version } else { todo.change.link_version };
        self.put_link(work, &link, before).await
    }

    /// Puts a link over the version that it is built on. A lost reply makes one's own write look like a conflict, so
    /// what stands there is read before it is believed.
    async fn put_link(&self, work: &Work<'_>, link: &Link, before: u64) -> Result<bool, StepError> {
        let key = link_key(work.job.name, link.record);
        let condition = if before == 0 {
            Condition::Absent
        } else {
            Condition::Equals("version", Field::Number(i64::try_from(before).unwrap_or(i64::MAX)))
        };
        match self.env.table().put(&key, link_item(link), condition).await {
            Ok(()) => Ok(true),
            Err(PortError::Conflict { .. }) => {
                let stands = get_links(self.env.table(), work.job.name, [link.record]).await?;
                Ok(stands.get(&link.record) == Some(link))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn record_enabling(&self, work: &Work<'_>, todo: &Todo<'_>) -> Result<bool, StepError> {
        if todo.link.as_ref().is_some_and(|link| link.status == Status::Enabling && link.cycle == work.cycle.number) {
            return Ok(true);
        }
        let Some(anchor) = &todo.change.anchor else { return Ok(false) };
        let after =
            link_after(work.plan, todo.decision, todo.change, todo.link.as_ref(), anchor, work.job.rules.schema);
        self.put_link(work, &enabling(after), todo.change.link_version).await
    }
}

enum Standing {
    Open,
    Done,
    Stale,
}

/// Where a change stands, by its link: open, done by an earlier try, or decided on what is no longer so.
fn standing(cycle: u64, change: &Change, link: Option<&Link>) -> Standing {
    let Some(link) = link else {
        return if change.link_version == 0 { Standing::Open } else { Standing::Stale };
    };
    if link.version == change.link_version {
        return Standing::Open;
    }
    if link.version != change.link_version + 1 || link.cycle != cycle {
        return Standing::Stale;
    }
    if link.status == Status::Enabling { Standing::Open } else { Standing::Done }
}
