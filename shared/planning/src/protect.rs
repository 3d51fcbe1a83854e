//! Accounts that no plan may disable or rename, whatever the source says of them today.

use crate::compare::fingerprint;
use crate::inputs::{Matches, Subject};
use crate::rules::Rules;
use mapping::Flow;
use record::{Secret, Value};

/// Whether the record or its account is protected: by what the rules say now (`flows` of the attributes that name an
/// account), by what the link knows, or by what the account that is taken over has. A new name is no way out.
pub(crate) fn is_protected(rules: &Rules, secret: &Secret, subject: &Subject, flows: &[Flow]) -> bool {
    if rules.protected.is_empty() {
        return false;
    }
    let listed = |text: &str| rules.protected.iter().any(|one| one.to_lowercase() == text.to_lowercase());
    let said = flows.iter().any(|flow| match flow {
        Flow::Set(value) => value.values().iter().any(|text| listed(text)),
        Flow::Candidates(candidates) => candidates.iter().any(|candidate| listed(candidate)),
        _ => false,
    });
    said || is_linked_to_one(rules, secret, subject) || takes_one_over(rules, subject, listed)
}

fn is_linked_to_one(rules: &Rules, secret: &Secret, subject: &Subject) -> bool {
    let Some(link) = &subject.link else { return false };
    rules.schema.attributes.iter().filter(|one| one.matchable || one.unique).any(|attribute| {
        let mark = link.marks.get(attribute.name);
        mark.is_some_and(|mark| {
            let prints =
                rules.protected.iter().map(|one| fingerprint(secret, attribute, Some(&Value::from(one.as_str()))));
            prints.into_iter().any(|print| print == mark.fingerprint)
        })
    })
}

fn takes_one_over(rules: &Rules, subject: &Subject, listed: impl Fn(&str) -> bool) -> bool {
    let Matches::One { account, .. } = &subject.matches else { return false };
    account.attributes.iter().any(|(name, value)| {
        let names = rules.schema.attribute(name).is_some_and(|one| one.matchable || one.unique);
        names && value.values().iter().any(|text| listed(text))
    })
}
