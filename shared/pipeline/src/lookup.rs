//! Who in the target might be this record, and which names are free. Linked records are never looked up.

mod names;

use crate::blob::{Stored, paths};
use crate::state::{Cycle, Owner, claim_key, owner_of, promise, reserve, stamp_key};
use crate::{Environment, Job, StepError};
use futures_util::future::try_join;
use jiff::SignedDuration;
use planning::{Matches, Subject, matching_values, wants_lookup};
use ports::{Account, Anchor, Table, TargetRead};
use std::collections::{BTreeMap, BTreeSet};

/// With more unknown records than this, the target is read once as a whole instead.
const FEW: u64 = 1_000;

/// Values of matching and unique attributes to the accounts that have them, values without case.
type Index = BTreeMap<String, BTreeMap<String, Vec<Anchor>>>;

/// The lookups of one batch.
pub(crate) struct Lookup<'a, E, T> {
    env: &'a E,
    target: &'a T,
    job: &'a Job<'a>,
    cycle: &'a Cycle,
    index: Option<Index>,
    select: Vec<String>,
}

impl<'a, E: Environment, T: TargetRead> Lookup<'a, E, T> {
    pub async fn begin(
        env: &'a E,
        target: &'a T,
        job: &'a Job<'a>,
        cycle: &'a Cycle,
        base: &str,
    ) -> Result<Self, StepError> {
        let select = selected(job);
        let mut lookup = Self { env, target, job, cycle, index: None, select };
        if cycle.unknown > FEW {
            lookup.index = Some(lookup.read_index(&paths::index(base)).await?);
        }
        Ok(lookup)
    }

    /// One read of the whole target, made by whoever comes first.
    async fn read_index(&self, path: &str) -> Result<Index, StepError> {
        const WHAT: &str = "the index of the target";
        if let Some(index) = Stored::find(self.env, path, WHAT).await? {
            return Ok(index);
        }
        let schema = self.job.rules.schema;
        let unique = schema.attributes.iter().filter(|attribute| attribute.unique).map(|one| one.name.to_owned());
        let names: BTreeSet<String> = self.job.rules.matching.iter().cloned().chain(unique).collect();
        let select: Vec<String> = names.into_iter().collect();
        let mut index = Index::new();
        let mut next: Option<String> = None;
        loop {
            let page = self.target.read_all(&select, next.as_deref()).await?;
            for account in page.accounts {
                for (name, value) in account.attributes {
                    let values = index.entry(name).or_default();
                    values.entry(value.text().to_lowercase()).or_default().push(account.anchor.clone());
                }
            }
            next = page.next;
            if next.is_none() {
                return Stored::put_or_get(self.env, path, index, WHAT).await;
            }
        }
    }

    /// Finds the account of each record that has no link, by the first matching attribute that hits.
    async fn matches(&self, subjects: &mut [Subject]) -> Result<(), StepError> {
        let mut wanted: Vec<(usize, Vec<(String, String)>)> = Vec::new();
        for (at, subject) in subjects.iter_mut().enumerate() {
            if subject.live_link().is_none() && subject.times == 1 && self.is_wanted(subject) {
                subject.matches = Matches::None;
                let values = matching_values(self.job.rules, &subject.record, self.cycle.now, &self.cycle.seed);
                wanted.push((at, values));
            }
        }
        for attribute in &self.job.rules.matching {
            let asked: Vec<(usize, String)> = wanted
                .iter()
                .filter(|(at, _)| subjects[*at].matches == Matches::None)
                .filter_map(|(at, values)| {
                    values.iter().find(|(name, _)| name == attribute).map(|(_, value)| (*at, value.clone()))
                })
                .collect();
            let found = self.accounts(attribute, asked.iter().map(|(_, value)| value.clone()).collect()).await?;
            for (at, value) in asked {
                let hits = found.get(&self.folded(attribute, &value)).map_or(&[][..], Vec::as_slice);
                subjects[at].matches = match hits {
                    [] => continue,
                    [account] => {
                        let claimed = !self.claim(account, &subjects[at]).await?;
                        Matches::One { attribute: attribute.clone(), account: account.clone(), claimed }
                    }
                    several => Matches::Several {
                        attribute: attribute.clone(),
                        anchors: several.iter().map(|account| account.anchor.clone()).collect(),
                    },
                };
            }
        }
        self.promises(subjects, &wanted).await
    }

    /// Two records of one cycle with the same stamp would make two accounts for it. Where the stamp is the record's own
    /// key, that cannot be; elsewhere the first one takes it.
    async fn promises(
        &self,
        subjects: &mut [Subject],
        values: &[(usize, Vec<(String, String)>)],
    ) -> Result<(), StepError> {
        let expires_at = self.cycle.now + SignedDuration::from_hours(30 * 24);
        for (at, values) in values {
            let subject = &mut subjects[*at];
            let Some((attribute, stamp)) = values.first() else { continue };
            if subject.matches != Matches::None || stamp == subject.record.key.as_str() {
                continue;
            }
            let key = stamp_key(
                self.env.secret(),
                self.job.name,
                self.cycle.number,
                attribute,
                &self.folded(attribute, stamp),
            );
            if !promise(self.env.table(), &key, self.job.name, subject.id, expires_at).await? {
                subject.matches = Matches::Promised { attribute: attribute.clone() };
            }
        }
        Ok(())
    }

    /// A value as the target compares it.
    fn folded(&self, attribute: &str, value: &str) -> String {
        let exact = self.job.rules.schema.attribute(attribute).is_some_and(|one| one.case_exact);
        if exact { value.to_owned() } else { value.to_lowercase() }
    }

    /// Accounts by the value of an attribute, values as the target compares them.
    async fn accounts(
        &self,
        attribute: &str,
        values: BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<Account>>, StepError> {
        if values.is_empty() {
            return Ok(BTreeMap::new());
        }
        let accounts = if let Some(index) = &self.index {
            let known = index.get(attribute);
            let anchors: Vec<Anchor> =
                values.iter().filter_map(|value| known?.get(&value.to_lowercase())).flatten().cloned().collect();
            if anchors.is_empty() { Vec::new() } else { self.target.read(&anchors, &self.select).await? }
        } else {
            let values: Vec<String> = values.into_iter().collect();
            self.target.find(attribute, &values, &self.select).await?
        };
        let mut by_value: BTreeMap<String, Vec<Account>> = BTreeMap::new();
        for account in accounts {
            if let Some(value) = account.attributes.get(attribute) {
                by_value.entry(self.folded(attribute, value.text())).or_default().push(account);
            }
        }
        Ok(by_value)
    }

    fn is_wanted(&self, subject: &Subject) -> bool {
        wants_lookup(self.job.rules, &subject.record, self.cycle.now, &self.cycle.seed)
    }

    /// Takes the account for the record; false if another record has it: by a claim, or, where we made the account, by
    /// the names that were reserved for it.
    async fn claim(&self, account: &Account, subject: &Subject) -> Result<bool, StepError> {
        let unique = self.job.rules.schema.attributes.iter().filter(|attribute| attribute.unique);
        let held = unique.filter_map(|one| Some((one.name, account.attributes.get(one.name)?.text())));
        let keys: BTreeSet<ports::Key> =
            held.map(|(name, text)| self.job.name_key(self.env.secret(), name, text)).collect();
        let keys: Vec<ports::Key> = keys.into_iter().collect();
        let items = if keys.is_empty() { BTreeMap::new() } else { self.env.table().get_many(&keys).await? };
        for item in items.values() {
            if let Owner::Record { job, record } = owner_of(Some(item))?
                && job == self.job.names_owner()
                && record != subject.id
            {
                return Ok(false);
            }
        }
        let key = claim_key(self.job.target, &account.anchor);
        reserve(self.env.table(), &key, &account.anchor.0, self.job.name, Some(subject.id)).await
    }

    /// Reserves names alone.
    pub async fn name(&self, subjects: &mut [Subject]) -> Result<(), StepError> {
        let questions = self.questions(subjects);
        let known = self.first_candidates(&questions).await?;
        self.names(subjects, questions, &known).await
    }

    /// Finds accounts and reserves names.
    pub async fn look_up(&self, subjects: &mut [Subject]) -> Result<(), StepError> {
        if !self.cycle.urgent {
            self.matches(subjects).await?;
            return self.name(subjects).await;
        }
        // Who is waited for has both looked up at one time; most have no account yet.
        let questions = self.questions(subjects);
        let ((), known) = try_join(self.matches(subjects), self.first_candidates(&questions)).await?;
        let questions = self.questions(subjects);
        self.names(subjects, questions, &known).await
    }
}

/// Attributes that are compared when an account is adopted: everything mapped but references, what matches, and names.
pub(crate) fn selected(job: &Job<'_>) -> Vec<String> {
    let schema = job.rules.schema;
    let mapped = job.rules.mappings.iter().filter_map(|mapping| schema.attribute(&mapping.target));
    let names: BTreeSet<String> = mapped
        .filter(|attribute| attribute.kind != record::AttributeKind::Reference)
        .map(|attribute| attribute.name.to_owned())
        .chain(job.rules.matching.iter().cloned())
        .chain(schema.attributes.iter().filter(|attribute| attribute.unique).map(|one| one.name.to_owned()))
        .collect();
    names.into_iter().collect()
}
