//! Names that are free: in the ledger and in the target, reserved before they are planned.

use super::Lookup;
use crate::state::{Owner, owner_of, reserve};
use crate::{Environment, StepError};
use futures_util::future::try_join_all;
use planning::{Matches, Name, NameQuestion, Subject, name_questions};
use ports::{Anchor, Table, TargetRead};
use std::collections::{BTreeMap, BTreeSet};

/// Names that are reserved at one time.
const SIDE_BY_SIDE: usize = 16;

/// A question, and the place of whom it is about.
type Asked = (usize, NameQuestion);

/// What the ledger and the target say about names.
type Known = (BTreeMap<ports::Key, Owner>, Holders);

/// Values of unique attributes to the accounts that have them.
type Holders = BTreeMap<(String, String), Vec<Anchor>>;

impl<E: Environment, T: TargetRead> Lookup<'_, E, T> {
    /// Which unique attributes of whom need a name, and what it may be.
    pub(super) fn questions(&self, subjects: &[Subject]) -> Vec<Asked> {
        let mut questions: Vec<Asked> = Vec::new();
        for (at, subject) in subjects.iter().enumerate() {
            let undecided = matches!(
                subject.matches,
                Matches::One { claimed: true, .. } | Matches::Several { .. } | Matches::Promised { .. }
            );
            if subject.times > 1 || undecided {
                continue;
            }
            let asked = name_questions(
                self.job.rules,
                self.env.secret(),
                &subject.record,
                subject.live_link(),
                self.cycle.now,
                &self.cycle.seed,
            );
            let needed = asked.into_iter().filter(|question| self.is_needed(subject, question));
            questions.extend(needed.map(|question| (at, own_first(subject, question))));
        }
        questions
    }

    /// Reserves a name for each question, side by side; those who would like the same one after each other.
    pub(super) async fn names(
        &self,
        subjects: &mut [Subject],
        questions: Vec<Asked>,
        known: &Known,
    ) -> Result<(), StepError> {
        let mut rivals: BTreeMap<(String, Option<String>), Vec<Asked>> = BTreeMap::new();
        for (at, question) in questions {
            let first = question.candidates.first().map(|first| first.to_lowercase());
            rivals.entry((question.attribute.clone(), first)).or_default().push((at, question));
        }
        let rivals: Vec<_> = rivals.into_values().collect();
        let mut answers = Vec::with_capacity(rivals.len());
        for some in rivals.chunks(SIDE_BY_SIDE) {
            let some = some.iter().map(|rivals| self.after_each_other(subjects, rivals, known));
            answers.extend(try_join_all(some).await?.into_iter().flatten());
        }
        for (at, attribute, name) in answers {
            subjects[at].names.insert(attribute, name);
        }
        Ok(())
    }

    async fn after_each_other(
        &self,
        subjects: &[Subject],
        questions: &[Asked],
        known: &Known,
    ) -> Result<Vec<(usize, String, Name)>, StepError> {
        let mut answers = Vec::with_capacity(questions.len());
        for (at, question) in questions {
            let name = self.answer(&subjects[*at], question, known).await?;
            answers.push((*at, question.attribute.clone(), name));
        }
        Ok(answers)
    }

    /// What the ledger and the target say about everybody's first candidate, in two grouped calls.
    pub(super) async fn first_candidates(&self, questions: &[Asked]) -> Result<Known, StepError> {
        let mut keys = BTreeSet::new();
        let mut values: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (_, question) in questions {
            if let Some(first) = question.candidates.first() {
                keys.insert(self.job.name_key(self.env.secret(), &question.attribute, first));
                values.entry(&question.attribute).or_default().insert(first.clone());
            }
        }
        let keys: Vec<ports::Key> = keys.into_iter().collect();
        let items = if keys.is_empty() { BTreeMap::new() } else { self.env.table().get_many(&keys).await? };
        let mut ledger = BTreeMap::new();
        for key in keys {
            let owner = owner_of(items.get(&key))?;
            ledger.insert(key, owner);
        }
        let mut taken = BTreeMap::new();
        for (attribute, values) in &values {
            taken.extend(values.iter().map(|value| (((*attribute).to_owned(), value.to_lowercase()), Vec::new())));
        }
        let asked = values.into_iter().map(|(attribute, values)| async move {
            let found = self.holders(attribute, values).await?;
            Ok::<_, StepError>(found.into_iter().map(|(value, anchors)| ((attribute.to_owned(), value), anchors)))
        });
        taken.extend(try_join_all(asked).await?.into_iter().flatten());
        Ok((ledger, taken))
    }

    /// Which accounts of the target have the values, values without case.
    async fn holders(
        &self,
        attribute: &str,
        values: BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<Anchor>>, StepError> {
        if let Some(index) = &self.index {
            let known = index.get(attribute);
            let values = values.into_iter().map(|value| value.to_lowercase());
            return Ok(values.filter_map(|value| Some((value.clone(), known?.get(&value)?.clone()))).collect());
        }
        let values: Vec<String> = values.into_iter().collect();
        let accounts = self.target.find(attribute, &values, &[attribute.to_owned()]).await?;
        let mut holders: BTreeMap<String, Vec<Anchor>> = BTreeMap::new();
        for account in accounts {
            if let Some(value) = account.attributes.get(attribute) {
                holders.entry(value.text().to_lowercase()).or_default().push(account.anchor);
            }
        }
        Ok(holders)
    }

    /// The first candidate that is nobody else's, reserved.
    async fn answer(
        &self,
        subject: &Subject,
        question: &NameQuestion,
        (ledger, taken): &Known,
    ) -> Result<Name, StepError> {
        let holder = self.job.names_owner();
        let mine = Owner::Record { job: holder.clone().into_owned(), record: subject.id };
        for candidate in &question.candidates {
            let key = self.job.name_key(self.env.secret(), &question.attribute, candidate);
            let owner = match ledger.get(&key) {
                Some(owner) => owner.clone(),
                None => owner_of(self.env.table().get(&key).await?.as_ref())?,
            };
            if owner == mine {
                return Ok(Name::Reserved(candidate.clone()));
            }
            if owner != Owner::Nobody {
                continue;
            }
            let known = (question.attribute.clone(), candidate.to_lowercase());
            let looked_up;
            let holders = if let Some(holders) = taken.get(&known) {
                holders
            } else {
                let mut found = self.holders(&question.attribute, BTreeSet::from([candidate.clone()])).await?;
                looked_up = found.remove(&known.1).unwrap_or_default();
                &looked_up
            };
            let elsewhere = holders.iter().any(|holder| Some(holder) != own_anchor(subject));
            if !elsewhere && reserve(self.env.table(), &key, candidate, &holder, Some(subject.id)).await? {
                return Ok(Name::Reserved(candidate.clone()));
            }
        }
        Ok(Name::Exhausted)
    }

    /// An account that is taken over gets another name only where the mapping is always applied.
    fn is_needed(&self, subject: &Subject, question: &NameQuestion) -> bool {
        let Matches::One { account, .. } = &subject.matches else { return true };
        let has = account.attributes.get(&question.attribute).map(|value| value.text().to_lowercase());
        let keeps = has.is_some_and(|has| question.candidates.iter().any(|one| one.to_lowercase() == has));
        keeps
            || self
                .job
                .rules
                .mappings
                .iter()
                .any(|mapping| mapping.target == question.attribute && mapping.apply == mapping::Apply::Always)
    }
}

/// The account that the record has, or takes over.
fn own_anchor(subject: &Subject) -> Option<&Anchor> {
    match (subject.live_link(), &subject.matches) {
        (Some(link), _) => Some(&link.anchor),
        (None, Matches::One { account, .. }) => Some(&account.anchor),
        _ => None,
    }
}

/// An account that is taken over keeps its name if that is any of the candidates.
fn own_first(subject: &Subject, mut question: NameQuestion) -> NameQuestion {
    if let Matches::One { account, .. } = &subject.matches
        && let Some(has) = account.attributes.get(&question.attribute)
    {
        let has = has.text().to_lowercase();
        question.candidates.sort_by_key(|candidate| candidate.to_lowercase() != has);
    }
    question
}
