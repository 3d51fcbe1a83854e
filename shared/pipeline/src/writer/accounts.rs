//! The first half of a batch: accounts and their attributes.

use super::standing::{Standing, is_under_way, standing};
use super::{ATTEMPTS_MAX, LAG_ATTEMPTS, Progress, Work, Writer};
use crate::blob::Outcome;
use crate::replies::{distrust, sends, under_way};
use crate::state::{get_links, link_item, link_key};
use crate::{Environment, Jobs, StepError};
use futures_util::future::try_join_all;
use planning::{Change, Decision, Kind, Link, Mark, Reason, Status, link_after};
use ports::{Clock, Condition, Field, PortError, Reply, Table, TargetWrite, WriteRequest};
use record::{Anchor, RecordId};
use std::collections::BTreeMap;
use std::time::Duration;

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
            let one = Todo { decision, change, link };
            if self.is_open(work, &one, &mut progress).await? {
                todo.push(one);
            }
        }
        // Leavers first: whatever happens to the rest, nobody keeps an access for it.
        todo.sort_by_key(|todo| !matches!(todo.change.kind, Kind::Disable | Kind::Delete));
        let (links_only, todo): (Vec<_>, Vec<_>) = todo.into_iter().partition(|todo| todo.change.is_link_only());
        for todo in links_only {
            let anchor = todo.change.anchor.clone().ok_or(StepError::Missing { what: "an anchor in a plan" })?;
            self.record_done(work, &todo, &anchor, &mut progress).await?;
        }
        self.send_all(work, todo, urgent, &mut progress).await?;
        Ok(progress)
    }

    /// Whether a change is still to be sent; if not, what became of it is noted.
    async fn is_open(&self, work: &Work<'_>, todo: &Todo<'_>, progress: &mut Progress) -> Result<bool, StepError> {
        let record = todo.decision.record;
        match (standing(work.cycle.number, todo.decision.read_in, todo.change, todo.link.as_ref()), &todo.link) {
            (Standing::Open, _) => return Ok(true),
            (Standing::Done, link) => progress.done(record, link.as_ref().map(|link| link.anchor.clone())),
            (Standing::Adopted, _) => progress.fail(record, Reason::Adopted),
            (Standing::Superseded, Some(link)) => {
                // Half of this change may have reached the account before the later one was made.
                let older = |mark: Option<&Mark>| mark.is_none_or(|mark| mark.cycle <= work.cycle.number);
                self.take_back(work, todo.change, link, older).await?;
                progress.fail(record, Reason::Superseded);
            }
            (Standing::Stale, Some(link)) => {
                self.take_back(work, todo.change, link, |_| false).await?;
                progress.fail(record, Reason::Stale);
            }
            (Standing::Stale | Standing::Superseded, None) => progress.fail(record, Reason::Stale),
        }
        Ok(false)
    }

    /// A change will not be carried on with: the link must not claim what it may have left undone.
    async fn take_back(
        &self,
        work: &Work<'_>,
        change: &Change,
        link: &Link,
        by: impl Fn(Option<&Mark>) -> bool,
    ) -> Result<(), StepError> {
        let mut later = link.clone();
        later.deleting |= change.kind == Kind::Delete && link.is_live();
        if distrust(&mut later, work.plan, change, by) || later.deleting != link.deleting {
            later.version += 1;
            self.put_link(work, &later, link.version).await?;
        }
        Ok(())
    }

    /// What is still to be sent after other work came between.
    async fn still_open<'p>(
        &self,
        work: &Work<'p>,
        rest: Vec<Todo<'p>>,
        progress: &mut Progress,
    ) -> Result<Vec<Todo<'p>>, StepError> {
        let ids = rest.iter().map(|todo| todo.decision.record);
        let mut links = get_links(self.env.table(), work.job.name, ids).await?;
        let mut open = Vec::with_capacity(rest.len());
        for todo in rest {
            let one = Todo { link: links.remove(&todo.decision.record), ..todo };
            if self.is_open(work, &one, progress).await? {
                open.push(one);
            }
        }
        Ok(open)
    }

    async fn send_all(
        &mut self,
        work: &Work<'_>,
        todo: Vec<Todo<'_>>,
        urgent: Jobs<'_, '_>,
        progress: &mut Progress,
    ) -> Result<(), StepError> {
        let group_max = self.target.group_max().max(1);
        let mut rest = todo;
        loop {
            // Urgent work that came between may have sent something for the same records.
            rest.retain(|todo| {
                let creates = todo.change.kind == Kind::Create;
                let until = self.may_go_at(work, todo.decision.record, creates);
                progress.later.extend(until.map(|until| (todo.decision.record, until)));
                until.is_none()
            });
            if rest.is_empty() {
                break;
            }
            let granted = self.admit(rest.len().min(group_max), work.ready.priority == 0, urgent).await?;
            if granted == 0 {
                progress.out_of_time = true;
                return Ok(());
            }
            if std::mem::take(&mut self.interrupted) {
                rest = self.still_open(work, rest, progress).await?;
                continue;
            }
            let others = rest.split_off(granted.min(rest.len()));
            let group = std::mem::replace(&mut rest, others);
            if !self.send_group(work, &group, progress).await? {
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
            if todo.change.kind == Kind::Create && self.is_doubtful() {
                match self.is_there(work, todo).await {
                    // Sent often enough, long ago, and certainly without effect.
                    Ok(false) if work.ready.attempts >= ATTEMPTS_MAX => {
                        let reason = Reason::Unanswered { attempts: work.ready.attempts };
                        progress.fail(todo.decision.record, reason);
                        continue;
                    }
                    Ok(false) => {}
                    Ok(true) => {
                        self.resolve_taken(work, todo, progress).await?;
                        continue;
                    }
                    Err(error) if error.is_transient() => {
                        let at = self.again_at(work.ready.attempts, self.target.request_life());
                        progress.put_off(group.iter().map(|todo| todo.decision.record), at);
                        progress.down |= work.ready.attempts > 0;
                        return Ok(false);
                    }
                    Err(error) => return Err(error.into()),
                }
            }
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
        let sent_at = self.secure().await?;
        let report = self.target.write(&requests).await;
        self.note_unanswered(sent_at, sent.iter().map(|todo| todo.decision.record).zip(&report.replies));
        let creates = sent.iter().zip(&report.replies).filter(|(todo, _)| todo.change.kind == Kind::Create);
        self.note_creates(work, sent_at, creates.map(|(todo, reply)| (todo.decision.record, reply)));
        let silent = report.replies.iter().all(|reply| *reply == Reply::Unknown);
        self.take_replies(work, &sent, &report.replies, progress).await?;
        self.wait_for_target(&report).await?;
        progress.down |= silent && sent.len() > 1 && work.ready.attempts > 0;
        Ok(!silent && progress.denied.is_none())
    }

    /// Whether an account with the record's stamp is there already: an earlier plan of it may have been sent under another
    /// name, and two names make two accounts.
    async fn is_there(&self, work: &Work<'_>, todo: &Todo<'_>) -> Result<bool, PortError> {
        for attribute in &work.job.rules.matching {
            let stamp = todo.change.attributes.get(attribute).and_then(|change| change.after.as_ref());
            let Some(stamp) = stamp else { continue };
            if !self.target.find(attribute, &[stamp.text().to_owned()], &[]).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
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
                // Neither says whether it was carried out.
                Reply::Throttled(wait) => {
                    self.pace.throttled(self.env.clock().now());
                    progress.later.insert(record, self.again_at(0, (*wait).max(life)));
                    self.record_unsure(work, todo).await?;
                }
                Reply::Unknown => {
                    progress.later.insert(record, self.again_at(attempts, life));
                    self.record_unsure(work, todo).await?;
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
            } else if let (Kind::Delete, Some(anchor)) = (todo.change.kind, &todo.change.anchor) {
                // Nobody has seen it for a while: an earlier request landed, or somebody else was faster.
                self.record_done(work, todo, anchor, progress).await?;
            } else if todo.link.as_ref().is_some_and(|link| link.deleting || !link.is_live()) {
                self.record_deleted(work, todo).await?;
                progress.fail(todo.decision.record, Reason::Stale);
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
        let mut link = instead
            .unwrap_or_else(|| link_after(work.plan, todo.decision, todo.change, todo.link.as_ref(), anchor, schema));
        let enabling = todo.change.kind == Kind::Enable;
        let mut before = todo.change.link_version;
        // What somebody else planned while this was under way knew less than the link says now.
        if enabling || is_under_way(work.cycle.number, todo.change, todo.link.as_ref()) {
            before += 1;
            link.version = before + 1;
        }
        self.put_link(work, &link, before).await
    }

    /// A change of an account was sent and not answered: the link moves on and says that what it touched is not known,
    /// so that nobody builds on what may no longer be so.
    async fn record_unsure(&self, work: &Work<'_>, todo: &Todo<'_>) -> Result<(), StepError> {
        let Some(anchor) = &todo.change.anchor else { return Ok(()) };
        let schema = work.job.rules.schema;
        let enabling = todo.change.kind == Kind::Enable;
        let before = if enabling || is_under_way(work.cycle.number, todo.change, todo.link.as_ref()) {
            todo.change.link_version + 1
        } else {
            todo.change.link_version
        };
        let after = link_after(work.plan, todo.decision, todo.change, todo.link.as_ref(), anchor, schema);
        let mut link = under_way(after, todo.link.as_ref());
        if enabling {
            link.status = Status::Enabling;
        }
        link.deleting |= todo.change.kind == Kind::Delete;
        distrust(&mut link, work.plan, todo.change, |_| true);
        self.put_link(work, &link, before).await.map(|_| ())
    }

    /// Puts a link over the version that it is built on. A lost reply makes one's own write look like a conflict, so
    /// what stands there is read before it is believed.
    pub(super) async fn put_link(&self, work: &Work<'_>, link: &Link, before: u64) -> Result<bool, StepError> {
        // A successor may be at the record already: what this writer knows is no longer all there is to know.
        if !self.lease.covers(self.env.clock().now(), Duration::ZERO) {
            let why = "the lease ran out before the outcome was recorded";
            return Err(PortError::transient("the link was not written", why).into());
        }
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

    /// A deletion that was not answered came after all, and now the record is to have an account: it is planned again,
    /// and gets a new one.
    async fn record_deleted(&self, work: &Work<'_>, todo: &Todo<'_>) -> Result<bool, StepError> {
        let Some(link) = &todo.link else { return Ok(false) };
        // A change that enables has moved the link on before it was sent.
        let moves = todo.change.kind == Kind::Enable && !is_under_way(work.cycle.number, todo.change, Some(link));
        let before = link.version + u64::from(moves);
        let gone = Link { version: before + 1, status: Status::Deleted, deleting: false, ..link.clone() };
        self.put_link(work, &gone, before).await
    }

    async fn record_enabling(&self, work: &Work<'_>, todo: &Todo<'_>) -> Result<bool, StepError> {
        if is_under_way(work.cycle.number, todo.change, todo.link.as_ref()) {
            return Ok(true);
        }
        let Some(anchor) = &todo.change.anchor else { return Ok(false) };
        let after =
            link_after(work.plan, todo.decision, todo.change, todo.link.as_ref(), anchor, work.job.rules.schema);
        let enabling = Link { status: Status::Enabling, ..under_way(after, todo.link.as_ref()) };
        self.put_link(work, &enabling, todo.change.link_version).await
    }
}
