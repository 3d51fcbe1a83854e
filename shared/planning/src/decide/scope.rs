//! Who falls out of scope and comes back, and that nothing is to be changed.

use super::{Deciding, empty_change};
use crate::change::{AttributeChange, Change, Kind, Verdict};
use crate::compare::fingerprint;
use crate::link::Link;
use crate::protect::is_protected;
use crate::reason::Reason;
use crate::rules::OutOfScope;
use record::{TargetAttribute, Value};

impl Deciding<'_> {
    /// A linked record that fell out of scope loses its access, if the rules want that; one that never had an account is skipped.
    pub(super) fn out_of_scope(&self) -> Result<Verdict, Reason> {
        let skip = Ok(Verdict::Skip(Reason::OutOfScope));
        let (Some(link), Some(enabled)) = (self.subject.live_link(), self.enabled()) else { return skip };
        let kind = match self.rules.out_of_scope {
            OutOfScope::Leave => return skip,
            OutOfScope::Disable if self.has(link, enabled, self.disabling()) => return skip,
            OutOfScope::Disable => Kind::Disable,
            OutOfScope::Delete => Kind::Delete,
        };
        if is_protected(self.rules, self.secret, self.subject, &self.matchable_flows()) {
            return Err(Reason::Protected);
        }
        let mut whole = empty_change(kind);
        whole.anchor = Some(link.anchor.clone());
        whole.link_version = link.version;
        whole.in_scope = false;
        whole.attributes.insert(enabled.name.to_owned(), self.scope_change(link, enabled, self.disabling()));
        Ok(Verdict::Change(whole))
    }

    /// The flag set because of the scope, without a mapping.
    fn scope_change(&self, link: &Link, enabled: &'static TargetAttribute, to: &str) -> AttributeChange {
        let after = Value::from(to);
        AttributeChange {
            before: self.before(link, enabled.name),
            fingerprint: fingerprint(self.secret, enabled, Some(&after)),
            after: Some(after),
            rule: "out-of-scope".to_owned(),
            line: 0,
            redacted: false,
        }
    }

    /// Where no mapping says who may sign in, an account that was disabled for its scope is enabled with its return.
    pub(super) fn back_in_scope(&self, link: &Link, change: &mut Change) {
        let Some(enabled) = self.enabled() else { return };
        let mapped = self.rules.mappings.iter().any(|mapping| mapping.target == enabled.name);
        if !link.in_scope && !mapped && self.has(link, enabled, self.disabling()) {
            let change_back = self.scope_change(link, enabled, self.rules.schema.enabling());
            change.attributes.insert(enabled.name.to_owned(), change_back);
        }
    }

    /// That nothing is to be changed, as a change of the link alone where older work may still be under way. Where there is
    /// no account nothing is noted: one may be in the making, and whoever makes it has to link it.
    pub(super) fn noted(&self, verdict: Verdict) -> Verdict {
        let link = self.subject.live_link().filter(|_| self.subject.contested);
        match (verdict, link) {
            (verdict @ (Verdict::Nothing | Verdict::Skip(Reason::OutOfScope)), Some(link)) => {
                let mut note = empty_change(Kind::Update);
                note.anchor = Some(link.anchor.clone());
                note.link_version = link.version;
                note.in_scope = matches!(verdict, Verdict::Nothing);
                Verdict::Change(note)
            }
            (verdict, _) => verdict,
        }
    }
}
