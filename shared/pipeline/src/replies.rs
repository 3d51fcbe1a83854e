//! From a change to a request, and from a reply to the link as it is afterwards.

use crate::lookup::selected;
use crate::state::{claim_key, give_up, reserve};
use crate::writer::{Progress, Todo, Work, Writer};
use crate::{Environment, StepError};
use planning::{Change, Kind, Link, Mark, Plan, Reason, Status, link_after, same_content};
use ports::{Account, TargetWrite, WriteAction};
use record::{TargetSchema, Value};
use std::collections::BTreeMap;

/// A target that says *taken* and shows nobody is asked so often before it is believed.
const LAG_ATTEMPTS: u32 = 4;

/// What the target is asked to do.
pub(crate) fn sends(change: &Change) -> WriteAction {
    match &change.anchor {
        None => WriteAction::Create {
            attributes: change
                .attributes
                .iter()
                .filter_map(|(name, attribute)| attribute.after.clone().map(|value| (name.clone(), value)))
                .collect(),
        },
        Some(anchor) if change.kind == Kind::Delete => WriteAction::Delete { anchor: anchor.clone() },
        Some(anchor) => WriteAction::Update {
            anchor: anchor.clone(),
            attributes: change.attributes.iter().map(|(name, one)| (name.clone(), one.after.clone())).collect(),
        },
    }
}

/// The link while a change is under way whose outcome is not known: it is the next version already, so that nobody else
/// builds on the old one, but it claims nothing that is not so.
pub(crate) fn under_way(after: Link, before: Option<&Link>) -> Link {
    let marks = before.map(|link| link.marks.clone()).unwrap_or_default();
    let status = before.map_or(Status::Unmanaged, |link| link.status);
    // An account that we deleted and that is found again was restored, or is shown by a replica that lags.
    let deleting = before.is_some_and(|link| link.deleting || !link.is_live() && link.anchor == after.anchor);
    Link { marks, status, deleting, ..after }
}

/// Marks what a change touches as unknown, as far as `by` says that it may have been touched.
pub(crate) fn distrust(link: &mut Link, plan: &Plan, change: &Change, by: impl Fn(Option<&Mark>) -> bool) -> bool {
    let mut any = false;
    for name in change.attributes.keys() {
        if by(link.marks.get(name)) {
            let mark = Mark { fingerprint: Mark::UNKNOWN, cycle: plan.cycle, batch: plan.batch };
            any |= link.marks.insert(name.clone(), mark) != Some(mark);
        }
    }
    // The link claims a reference from the moment its account is written; this one was never sent.
    for reference in &change.references {
        let claimed = link
            .marks
            .get(&reference.attribute)
            .is_some_and(|mark| mark.cycle == plan.cycle && mark.fingerprint == reference.fingerprint);
        if claimed {
            let mark = Mark { fingerprint: Mark::UNKNOWN, cycle: plan.cycle, batch: plan.batch };
            any |= link.marks.insert(reference.attribute.clone(), mark) != Some(mark);
        }
    }
    any
}

impl<E: Environment, T: TargetWrite> Writer<'_, E, T> {
    /// The target says that a unique value is taken. Never the next name at once: first see whose it is. Ours means
    /// that an earlier request landed after all; somebody else's means that the record is planned again; nobody's means later.
    pub(crate) async fn resolve_taken(
        &mut self,
        work: &Work<'_>,
        todo: &Todo<'_>,
        progress: &mut Progress,
    ) -> Result<(), StepError> {
        let record = todo.decision.record;
        if todo.change.kind == Kind::Create {
            for attribute in &work.job.rules.matching {
                let Some(value) = after(todo.change, attribute) else { continue };
                let hits = self.target().find(attribute, &[value.text().to_owned()], &selected(work.job)).await?;
                match hits.as_slice() {
                    [] => {}
                    [account] => return self.adopt(work, todo, attribute, account, progress).await,
                    several => {
                        let anchors: Vec<_> = several.iter().map(|account| account.anchor.clone()).collect();
                        progress.fail(record, Reason::several(attribute, &anchors));
                        return Ok(());
                    }
                }
            }
        }
        let unique = work.job.rules.schema.attributes.iter().filter(|one| one.unique && one.matchable);
        for attribute in unique {
            let Some(value) = after(todo.change, attribute.name) else { continue };
            let holders = self.target().find(attribute.name, &[value.text().to_owned()], &selected(work.job)).await?;
            let Some(holder) = holders.first() else { continue };
            // Seen by its name before it is seen by its stamp: indexes of a target lag apart.
            let stamp = work.job.rules.matching.iter().find(|stamp| {
                let ours = after(todo.change, stamp);
                let one = work.job.rules.schema.attribute(stamp);
                ours.is_some() && one.is_some_and(|one| same_content(one, holder.attributes.get(*stamp), ours))
            });
            if let Some(stamp) = stamp.filter(|_| todo.change.kind == Kind::Create) {
                return self.adopt(work, todo, stamp, holder, progress).await;
            }
            if todo.change.anchor.as_ref() == Some(&holder.anchor) {
                return self.record_done(work, todo, &holder.anchor, progress).await;
            }
            let key = work.job.name_key(self.env().secret(), attribute.name, value.text());
            give_up(self.env().table(), &key, value.text(), record).await?;
            progress.fail(record, Reason::NameTaken { attribute: attribute.name.to_owned() });
            return Ok(());
        }
        if work.ready.attempts < LAG_ATTEMPTS {
            progress.later.insert(record, self.again_at(work.ready.attempts, self.target().request_life()));
        } else {
            progress.fail(record, Reason::TakenByNobody);
        }
        Ok(())
    }

    /// An account with our stamp: the create landed, or it was there all along.
    async fn adopt(
        &mut self,
        work: &Work<'_>,
        todo: &Todo<'_>,
        attribute: &str,
        account: &Account,
        progress: &mut Progress,
    ) -> Result<(), StepError> {
        let record = todo.decision.record;
        let key = claim_key(work.job.target, &account.anchor);
        if !reserve(self.env().table(), &key, &account.anchor.0, work.job.name, Some(record)).await? {
            progress.fail(record, Reason::AccountClaimed { attribute: attribute.to_owned() });
            return Ok(());
        }
        let schema = work.job.rules.schema;
        let mut link = link_after(work.plan, todo.decision, todo.change, todo.link.as_ref(), &account.anchor, schema);
        let differs = |name: &String| {
            let wanted = todo.change.attributes.get(name).and_then(|change| change.after.as_ref());
            schema.attribute(name).is_some_and(|one| !same_content(one, account.attributes.get(name), wanted))
        };
        let different: Vec<String> = todo.change.attributes.keys().filter(|name| differs(name)).cloned().collect();
        for name in &different {
            link.marks.remove(name);
        }
        if different.is_empty() {
            if self.record_link(work, todo, &account.anchor, Some(link)).await? {
                progress.done(record, Some(account.anchor.clone()));
            } else {
                progress.fail(record, Reason::Stale);
            }
            return Ok(());
        }
        // Not as we would have made it: it is linked with what is equal, and planned again for the rest.
        link.status = status_of(&account.attributes, schema);
        link.marks
            .retain(|name| schema.attribute(name).is_some_and(|one| one.kind != record::AttributeKind::Reference));
        if self.record_link(work, todo, &account.anchor, Some(link)).await? {
            progress.fail(record, Reason::Adopted);
        } else {
            progress.fail(record, Reason::Stale);
        }
        Ok(())
    }
}

fn after<'c>(change: &'c Change, attribute: &str) -> Option<&'c Value> {
    change.attributes.get(attribute)?.after.as_ref()
}

fn status_of(attributes: &BTreeMap<String, Value>, schema: &TargetSchema) -> Status {
    match attributes.get(schema.enabled).map(Value::text) {
        Some(flag) if flag == schema.disabling => Status::Disabled,
        Some(flag) if flag == schema.enabling() => Status::Enabled,
        _ => Status::Unmanaged,
    }
}
