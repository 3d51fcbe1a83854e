//! What other rules would do to the same people: every record is decided by the old rules as if it were new, and then by
//! the new ones as the next cycle would.

use jiff::Timestamp;
use planning::{
    Before, Census, Change, Decision, Inputs, Link, Matches, Name, Plan, Read, Rules, Subject, Verdict, link_after,
    name_questions, plan,
};
use record::{Anchor, Record, RecordId, Secret, Value};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const SEED: [u8; 16] = [7; 16];

/// How often one attribute changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Accounts where it gets another value.
    pub changed: u64,
    /// Accounts where it had none.
    pub set: u64,
    /// Accounts where it has none afterwards.
    pub cleared: u64,
}

/// The effect of new rules on the accounts as the old ones have made them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Difference {
    /// Records that were looked at.
    pub records: u64,
    /// Records in scope by the old rules.
    pub in_scope_before: u64,
    /// Records in scope by the new rules.
    pub in_scope_after: u64,
    /// Records with an account by the old rules.
    pub accounts: u64,
    /// Accounts that would be made, changed, disabled or enabled.
    pub changed: u64,
    /// The same by kind and attribute, as guards count it.
    #[serde(skip)]
    pub census: Census,
    /// By target attribute, how often it changes.
    pub attributes: BTreeMap<String, Counts>,
    /// By target attribute, how many people would have another value if they were hired today: existing accounts keep theirs.
    pub new_only: BTreeMap<String, u64>,
    /// Attributes that the new rules no longer write; accounts keep what they have.
    pub left: BTreeSet<String>,
    /// Records that can no longer be decided, by reason.
    pub escrowed: BTreeMap<String, u64>,
    /// By source attribute and its value, how many changes there are.
    pub slices: BTreeMap<String, BTreeMap<String, u64>>,
    /// The first changes as [`planning::Shown`] prints them. They show values.
    pub samples: Vec<String>,
}

/// Two sets of rules and how they are compared.
pub struct Compared<'a> {
    /// The rules as they are.
    pub old: &'a Rules,
    /// The rules as they would be.
    pub new: &'a Rules,
    /// What `Now()` says.
    pub now: Timestamp,
    /// Source attributes by whose values changes are counted.
    pub slices: &'a [String],
    /// So many changes are shown.
    pub samples: usize,
}

impl Compared<'_> {
    /// Compares some records. `read_by_new` are the same records as the new configuration reads them, where that differs.
    pub fn of(&self, records: Vec<Record>, read_by_new: Option<Vec<Record>>) -> Difference {
        let secret = Secret::new(b"a rehearsal");
        let count = records.len() as u64;
        let subjects = records.into_iter().map(|record| self.subject(self.old, &secret, record, None)).collect();
        let (old, subjects) = self.plan(self.old, &secret, subjects);
        let links: Vec<Option<Link>> = old.decisions.iter().map(|decision| self.link(&old, decision)).collect();
        let records: Vec<Record> =
            read_by_new.unwrap_or_else(|| subjects.into_iter().map(|subject| subject.record).collect());
        let only_new = self.differ_on_create();
        let fresh = if only_new.is_empty() { None } else { Some(records.clone()) };
        let mut subjects = Vec::with_capacity(records.len());
        for (record, (decision, link)) in records.into_iter().zip(old.decisions.iter().zip(links)) {
            let before = decision.change().filter(|_| link.is_some()).map(values).unwrap_or_default();
            subjects.push(Subject { before, ..self.subject(self.new, &secret, record, link) });
        }
        let (new, subjects) = self.plan(self.new, &secret, subjects);
        let mut difference = Difference { records: count, census: Census::of(&new), ..self.nothing() };
        for (at, subject) in subjects.iter().enumerate() {
            difference.in_scope_before += u64::from(self.old.scope.verdict(&subject.record).in_scope);
            difference.in_scope_after += u64::from(self.new.scope.verdict(&subject.record).in_scope);
            difference.accounts += u64::from(subject.link.is_some());
            self.count(&mut difference, &old.decisions[at], &new.decisions[at], &subject.record);
        }
        if let Some(records) = fresh {
            let subjects = records.into_iter().map(|record| self.subject(self.new, &secret, record, None)).collect();
            let (fresh, _) = self.plan(self.new, &secret, subjects);
            for (before, after) in old.decisions.iter().zip(&fresh.decisions) {
                count_new_only(&mut difference, before, after, &only_new);
            }
        }
        difference
    }

    fn plan(&self, rules: &Rules, secret: &Secret, subjects: Vec<Subject>) -> (Plan, Vec<Subject>) {
        let cycle = if std::ptr::eq(rules, self.old) { 1 } else { 2 };
        let (job, now, seed) = (String::new(), self.now, SEED);
        let inputs = Inputs { job, cycle, batch: 1, now, seed, rules: String::new(), subjects };
        (plan(&inputs, rules, secret), inputs.subjects)
    }

    /// A record that matches nothing, or its link; each name is the first of its candidates.
    fn subject(&self, rules: &Rules, secret: &Secret, record: Record, link: Option<Link>) -> Subject {
        let questions = name_questions(rules, secret, &record, link.as_ref(), self.now, &SEED);
        let named = |question: planning::NameQuestion| {
            let name = question.candidates.into_iter().next().map_or(Name::Exhausted, Name::Reserved);
            (question.attribute, name)
        };
        Subject {
            id: RecordId::of(secret, &record.key),
            content: [0; 16],
            read_in: Read::at(if link.is_some() { 2 } else { 1 }),
            times: 1,
            matches: if link.is_some() { Matches::NotLooked } else { Matches::None },
            link,
            names: questions.into_iter().map(named).collect(),
            before: BTreeMap::new(),
            before_sought: true,
            contested: false,
            record,
        }
    }

    fn link(&self, old: &Plan, decision: &Decision) -> Option<Link> {
        let anchor = Anchor(decision.key.as_str().to_owned());
        Some(link_after(old, decision, decision.change()?, None, &anchor, self.old.schema))
    }

    fn count(&self, difference: &mut Difference, before: &Decision, after: &Decision, record: &Record) {
        if let (Verdict::Escrow(reason), false) = (&after.verdict, matches!(before.verdict, Verdict::Escrow(_))) {
            *difference.escrowed.entry(reason.to_string()).or_default() += 1;
        }
        let Some(change) = after.change() else { return };
        difference.changed += 1;
        for (name, one) in &change.attributes {
            let counts = difference.attributes.entry(name.clone()).or_default();
            match (&one.before, &one.after) {
                (_, None) => counts.cleared += 1,
                (Before::Nothing, Some(_)) => counts.set += 1,
                _ => counts.changed += 1,
            }
        }
        for reference in &change.references {
            let counts = difference.attributes.entry(reference.attribute.clone()).or_default();
            if reference.to.is_some() { counts.changed += 1 } else { counts.cleared += 1 }
        }
        for (name, counts) in &mut difference.slices {
            let value = record.get(name).map(|value| value.values().collect::<Vec<_>>().join(", "));
            *counts.entry(value.unwrap_or_default()).or_default() += 1;
        }
        if difference.samples.len() < self.samples {
            difference.samples.push(shown(after));
        }
    }

    /// Attributes for which new accounts may be given something else than existing ones.
    fn differ_on_create(&self) -> BTreeSet<&str> {
        let same = |new: &&mapping::Mapping| {
            self.old
                .mappings
                .iter()
                .any(|old| old.target == new.target && old.expression == new.expression && old.default == new.default)
        };
        let on_create = self.new.mappings.iter().filter(|mapping| mapping.apply != mapping::Apply::Always);
        on_create.filter(|new| !same(new)).map(|mapping| mapping.target.as_str()).collect()
    }

    fn left(&self) -> BTreeSet<String> {
        let written = |name: &str| self.new.mappings.iter().any(|mapping| mapping.target == name);
        self.old.mappings.iter().map(|old| &old.target).filter(|name| !written(name)).cloned().collect()
    }

    /// The difference of no records, to which others are added; it knows which slices are asked for.
    pub fn nothing(&self) -> Difference {
        let slices = self.slices.iter().map(|name| (name.clone(), BTreeMap::new())).collect();
        Difference { slices, left: self.left(), ..Difference::default() }
    }

    /// Adds the difference of other records.
    pub fn add(&self, sum: &mut Difference, more: Difference) {
        sum.records += more.records;
        sum.in_scope_before += more.in_scope_before;
        sum.in_scope_after += more.in_scope_after;
        sum.accounts += more.accounts;
        sum.changed += more.changed;
        sum.census.add(&more.census);
        for (name, counts) in more.attributes {
            let all = sum.attributes.entry(name).or_default();
            all.changed += counts.changed;
            all.set += counts.set;
            all.cleared += counts.cleared;
        }
        add_counts(&mut sum.new_only, more.new_only);
        add_counts(&mut sum.escrowed, more.escrowed);
        for (name, values) in more.slices {
            add_counts(sum.slices.entry(name).or_default(), values);
        }
        let room = self.samples.saturating_sub(sum.samples.len());
        sum.samples.extend(more.samples.into_iter().take(room));
    }
}

fn add_counts(sum: &mut BTreeMap<String, u64>, more: BTreeMap<String, u64>) {
    for (name, count) in more {
        *sum.entry(name).or_default() += count;
    }
}

/// What an account has once a change was made.
fn values(change: &Change) -> BTreeMap<String, Value> {
    let set = change.attributes.iter().filter_map(|(name, one)| Some((name.clone(), one.after.clone()?)));
    set.collect()
}

fn shown(decision: &Decision) -> String {
    let decisions = vec![decision.clone()];
    let plan = Plan { job: String::new(), cycle: 2, batch: 1, rules: String::new(), decisions };
    planning::Shown(&plan).to_string()
}

/// Counts attributes that both sets of rules give to a new account, but not alike.
fn count_new_only(difference: &mut Difference, before: &Decision, after: &Decision, attributes: &BTreeSet<&str>) {
    let (Some(before), Some(after)) = (before.change(), after.change()) else { return };
    for name in attributes {
        let (old, new) = (before.attributes.get(*name), after.attributes.get(*name));
        if old.map(|one| one.fingerprint) != new.map(|one| one.fingerprint) {
            *difference.new_only.entry((*name).to_owned()).or_default() += 1;
        }
    }
}
