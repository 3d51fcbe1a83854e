//! What finally became of each record of a batch.

use crate::blob::Outcome;
use crate::judge::is_held;
use crate::state::Summary;
use planning::{Change, Counted, Decision, Kind, Plan, Read, Reason, Verdict};
use record::{RecordId, RecordKey};
use std::collections::BTreeMap;

/// What finally became of one record.
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by another part of the settlement")]
pub(super) struct Final {
    pub batch: u64,
    pub content: [u8; 16],
    /// When it was read.
    pub read_in: Read,
    /// Nothing was needed, as of this version of the link.
    pub as_of: Option<u64>,
    /// It was done, on this version of the link.
    pub built_on: Option<u64>,
    /// Done, or nothing was needed: the manifest takes the new hash.
    pub is_settled: bool,
    /// It has an account and is in scope (for `keeps_link`: unless the manifest knows better).
    pub linked: bool,
    /// It has an account since this cycle: who waited for that need not wait any more.
    pub is_new: bool,
    /// Nothing was done about the link: what the manifest knows stays.
    pub keeps_link: bool,
    /// What keeps it in the open set.
    pub open: Option<Open>,
    /// What was read of it is older than what its account shows: it has to be read anew. Its key.
    pub read_anew: Option<RecordKey>,
}

/// Why a record stays open.
pub(super) struct Open {
    pub reason: Reason,
    pub revisit: Option<i64>,
}

impl Open {
    /// When it is looked at again, in seconds since 1970; `None`: only when something changes.
    pub fn due(&self, now: i64, attempts: u32) -> Option<i64> {
        let backoff = 600_i64 << attempts.min(6);
        match &self.reason {
            // Planned again at once, and then ever less often.
            Reason::Stale | Reason::NameTaken { .. } | Reason::Adopted => {
                Some(if attempts < 3 { now } else { now + backoff })
            }
            Reason::AccountGone
            | Reason::Refused { .. }
            | Reason::TakenByNobody
            | Reason::Unanswered { .. }
            | Reason::SeveralAccounts { .. }
            | Reason::AccountClaimed { .. }
            | Reason::NamesExhausted { .. }
            | Reason::BatchFailed { .. } => Some(now + backoff),
            _ => self.revisit,
        }
    }
}

/// What became of each record of a batch, counted into `summary`.
pub(super) fn finals(
    plan: &Plan,
    accounts: &BTreeMap<RecordId, Outcome>,
    references: &BTreeMap<RecordId, Outcome>,
    held: &[Counted],
    why: &[String],
    hold_hash: Option<&str>,
    summary: &mut Summary,
) -> Vec<(RecordId, Final)> {
    let mut all = Vec::with_capacity(plan.decisions.len());
    for decision in &plan.decisions {
        let reason = match &decision.verdict {
            Verdict::Nothing | Verdict::Skip(_) => {
                summary.unchanged += 1;
                None
            }
            Verdict::Escrow(reason) => {
                summary.escrowed += 1;
                Some(reason.clone())
            }
            Verdict::Change(change) if is_held(change, held) => {
                summary.held += 1;
                Some(Reason::Held { why: why.to_vec(), hash: hold_hash.unwrap_or_default().to_owned() })
            }
            Verdict::Change(change) => written(decision, change, accounts, references, summary),
        };
        all.push((decision.record, conclude(plan.batch, decision, reason)));
    }
    all
}

/// Why a released change is not final; `None` when it is.
fn written(
    decision: &Decision,
    change: &Change,
    accounts: &BTreeMap<RecordId, Outcome>,
    references: &BTreeMap<RecordId, Outcome>,
    summary: &mut Summary,
) -> Option<Reason> {
    let missing = || Some(Reason::BatchFailed { message: "no outcome was recorded".to_owned() });
    let reason = match accounts.get(&decision.record) {
        None => missing(),
        Some(outcome) => outcome.reason.clone(),
    };
    if reason.is_some() {
        summary.escrowed += 1;
        return reason;
    }
    if change.is_note() {
        summary.unchanged += 1;
        return None;
    }
    let name = match (change.kind, change.adopts) {
        (_, true) => "adopt",
        (kind, _) => kind.word(),
    };
    *summary.done.entry(name.to_owned()).or_default() += 1;
    if change.references.is_empty() {
        return None;
    }
    let reason = match references.get(&decision.record) {
        None => missing(),
        Some(outcome) => outcome.reason.clone(),
    };
    match &reason {
        Some(Reason::ReferencePending { .. }) => summary.pending += 1,
        Some(_) => summary.escrowed += 1,
        None => {}
    }
    reason
}

fn conclude(batch: u64, decision: &Decision, reason: Option<Reason>) -> Final {
    let pending = matches!(reason, Some(Reason::ReferencePending { .. }));
    let is_settled = reason.is_none() || pending;
    let has_account = is_settled || matches!(reason, Some(Reason::Adopted));
    let is_new = has_account && decision.change().is_some_and(|change| change.kind == Kind::Create || change.adopts);
    let (linked, keeps_link) = match &decision.verdict {
        Verdict::Nothing => (true, false),
        Verdict::Skip(Reason::OutOfScope) => (false, false),
        Verdict::Change(change) if has_account => (change.in_scope, false),
        Verdict::Skip(_) | Verdict::Escrow(_) | Verdict::Change(_) => (false, true),
    };
    let due = || decision.revisit.map(|_| Reason::Due);
    // Something read later has been written; the hash in the manifest stays, so that the next full read looks again.
    let is_superseded = reason == Some(Reason::Superseded);
    let read_anew = is_superseded.then(|| decision.key.clone());
    let open = reason.or_else(due).filter(|_| !is_superseded).map(|reason| Open { reason, revisit: decision.revisit });
    let built_on = decision.change().filter(|_| is_settled).map(|change| change.link_version);
    let as_of = matches!(decision.verdict, Verdict::Nothing).then_some(decision.link_version);
    Final {
        batch,
        content: decision.content,
        read_in: decision.read_in,
        as_of,
        built_on,
        is_settled,
        linked,
        is_new,
        keeps_link,
        open,
        read_anew,
    }
}
