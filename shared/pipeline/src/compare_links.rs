//! Where the table is older than the accounts, what links say is brought up to date from the accounts.

use crate::lookup::selected;
use crate::state::{Cycle, link_item, link_key};
use crate::{Environment, Job, StepError};
use planning::{Link, Mark, Status, Subject, fingerprint};
use ports::{Condition, Field, Table, TargetRead};
use record::{Account, Anchor, AttributeKind, Secret, Value};
use std::collections::BTreeMap;

/// Compares the links of a batch with their accounts, and stores those that say something else. References are not known
/// afterwards: they are written again. An account that is gone shows when it is written.
pub(crate) async fn compare_links<E: Environment, T: TargetRead>(
    env: &E,
    target: &T,
    job: &Job<'_>,
    cycle: &Cycle,
    batch: u64,
    subjects: &mut [Subject],
) -> Result<(), StepError> {
    let anchors: Vec<Anchor> =
        subjects.iter().filter_map(|subject| Some(subject.link.as_ref()?.anchor.clone())).collect();
    if anchors.is_empty() {
        return Ok(());
    }
    let accounts = target.read(&anchors, &selected(job)).await?;
    let accounts: BTreeMap<&Anchor, &Account> = accounts.iter().map(|account| (&account.anchor, account)).collect();
    for subject in subjects {
        let Some(link) = &subject.link else { continue };
        let Some(account) = accounts.get(&link.anchor) else { continue };
        let Some(new) = as_account(job, env.secret(), link, account, (cycle.number, batch)) else { continue };
        let unmoved = Condition::Equals("version", Field::Number(i64::try_from(link.version).unwrap_or(i64::MAX)));
        // A conflict: the writer was at it. The message comes again and finds the newer link.
        env.table().put(&link_key(job.name, link.record), link_item(&new), unmoved).await?;
        let changed = new.marks.iter().filter(|(name, mark)| link.marks.get(name) != Some(mark));
        let known = changed.filter_map(|(name, _)| Some((name.to_owned(), account.attributes.get(name)?.clone())));
        subject.before.extend(known);
        subject.link = Some(new);
    }
    Ok(())
}

/// The link as the account is; `None` where it says so already.
fn as_account(job: &Job<'_>, secret: &Secret, link: &Link, account: &Account, by: (u64, u64)) -> Option<Link> {
    let schema = job.rules.schema;
    let mut new = link.clone();
    for (name, mark) in new.marks.iter_mut() {
        let mapped = job.rules.mappings.iter().any(|mapping| mapping.target == *name) || name == schema.enabled;
        let Some(attribute) = schema.attribute(name).filter(|_| mapped) else { continue };
        let print = match attribute.kind {
            AttributeKind::Reference => Mark::UNKNOWN,
            _ => fingerprint(secret, attribute, account.attributes.get(name)),
        };
        if print != mark.fingerprint {
            *mark = Mark { fingerprint: print, cycle: by.0, batch: by.1 };
        }
    }
    if new.marks == link.marks {
        return None;
    }
    if let (Some(flag), true) = (account.attributes.get(schema.enabled), link.status != Status::Enabling) {
        new.status = if Value::text(flag) == schema.disabling { Status::Disabled } else { Status::Enabled };
    }
    new.version += 1;
    new.cycle = by.0;
    Some(new)
}
