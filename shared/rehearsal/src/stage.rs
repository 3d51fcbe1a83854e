//! A company on paper: records are decided one after another, and what was decided is taken for done.

use jiff::Timestamp;
use planning::{
    Change, Decision, Inputs, Kind, Link, Matches, Name, Plan, Read, Rules, Subject, Verdict, link_after,
    matching_values, name_questions, plan, same_content,
};
use record::{Account, Anchor, Record, RecordId, RecordKey, Secret, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What random functions draw from here: the same in every rehearsal, so that examples can be relied on.
const SEED: [u8; 16] = [7; 16];

/// The rules, and everything on paper that they decide about.
pub struct Stage<'a> {
    rules: &'a Rules,
    secret: Secret,
    cycle: u64,
    accounts: Vec<OnPaper>,
    /// Accounts that were ever there: no anchor is given twice.
    anchors: usize,
    links: BTreeMap<RecordKey, Link>,
    /// Whom a name belongs to, by attribute and folded name; nobody we know for the names of foreign accounts.
    names: BTreeMap<(String, String), Option<RecordKey>>,
}

/// An account, and whose it is.
struct OnPaper {
    account: Account,
    owner: Option<RecordKey>,
}

/// What became of a record.
#[derive(Debug)]
pub struct Passed {
    /// The decision.
    pub decision: Decision,
    /// The record's account afterwards, references as the key of the record they name.
    pub account: Option<Account>,
}

impl<'a> Stage<'a> {
    /// An empty company.
    pub fn new(rules: &'a Rules) -> Self {
        let secret = Secret::new(b"a rehearsal");
        Self {
            rules,
            secret,
            cycle: 0,
            accounts: Vec::new(),
            anchors: 0,
            links: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }

    /// An account that is there before any record is read.
    pub fn put_account(&mut self, attributes: BTreeMap<String, Value>) {
        self.anchors += 1;
        let anchor = Anchor(format!("account {}", self.anchors));
        self.accounts.push(OnPaper { account: Account { anchor, attributes }, owner: None });
    }

    /// A name that somebody else has, or had: names are never given twice.
    pub fn take_name(&mut self, attribute: &str, name: &str) {
        self.names.insert((attribute.to_owned(), name.to_lowercase()), None);
    }

    /// Decides one record as the source states it at `now`, `times` times over, and takes the decision for done.
    pub fn pass(&mut self, record: Record, times: usize, now: Timestamp) -> Passed {
        self.cycle += 1;
        let key = record.key.clone();
        let subject = Subject { times, ..self.subject(record, now) };
        let inputs = Inputs {
            job: "rehearsal".to_owned(),
            cycle: self.cycle,
            batch: 1,
            now,
            seed: SEED,
            rules: String::new(),
            subjects: vec![subject],
        };
        let plan = plan(&inputs, self.rules, &self.secret);
        if let Some(change) = plan.decisions[0].change() {
            self.carry_out(&plan, change, &key);
        }
        let account = self.own(&key).map(|at| self.accounts[at].account.clone());
        let decision = plan.decisions.into_iter().next().expect("one decision for one subject");
        Passed { decision, account }
    }

    fn own(&self, key: &RecordKey) -> Option<usize> {
        self.accounts.iter().position(|one| one.owner.as_ref() == Some(key))
    }

    fn subject(&mut self, record: Record, now: Timestamp) -> Subject {
        let link = self.links.get(&record.key).cloned();
        let live = link.as_ref().filter(|link| link.is_live());
        let matches = if live.is_some() { Matches::NotLooked } else { self.matches(&record, now) };
        let own = match (live, &matches) {
            (Some(link), _) => Some(link.anchor.clone()),
            (None, Matches::One { account, .. }) => Some(account.anchor.clone()),
            _ => None,
        };
        let names = self.reserve(&record, live, own.as_ref(), now);
        let before = self.own(&record.key).map(|at| self.accounts[at].account.attributes.clone());
        Subject {
            id: RecordId::of(&self.secret, &record.key),
            content: record.content_hash(&self.secret, &self.rules.hash),
            read_in: Read::at(self.cycle),
            times: 1,
            link,
            matches,
            names,
            before: before.unwrap_or_default(),
            before_sought: true,
            contested: false,
            record,
        }
    }

    /// The accounts that match, by the first matching attribute that hits.
    fn matches(&self, record: &Record, now: Timestamp) -> Matches {
        for (name, value) in matching_values(self.rules, record, now, &SEED) {
            let hits: Vec<&OnPaper> =
                self.accounts.iter().filter(|one| self.has(&one.account, &name, &value)).collect();
            match hits.as_slice() {
                [] => {}
                [one] => {
                    let (account, claimed) = (one.account.clone(), one.owner.is_some());
                    return Matches::One { attribute: name, account, claimed };
                }
                several => {
                    let anchors = several.iter().map(|one| one.account.anchor.clone()).collect();
                    return Matches::Several { attribute: name, anchors };
                }
            }
        }
        Matches::None
    }

    fn has(&self, account: &Account, name: &str, value: &str) -> bool {
        let Some(attribute) = self.rules.schema.attribute(name) else { return false };
        let wanted = Value::from(value);
        account.attributes.get(name).is_some_and(|has| same_content(attribute, Some(has), Some(&wanted)))
    }

    /// Reserves the first candidate of each unique attribute that is nobody else's.
    fn reserve(
        &mut self,
        record: &Record,
        link: Option<&Link>,
        own: Option<&Anchor>,
        now: Timestamp,
    ) -> BTreeMap<String, Name> {
        let questions = name_questions(self.rules, &self.secret, record, link, now, &SEED);
        let mut names = BTreeMap::new();
        for question in questions {
            let attribute = question.attribute;
            let free = question.candidates.into_iter().find(|one| self.is_free(&attribute, one, &record.key, own));
            let name = match free {
                Some(name) => {
                    self.names.insert((attribute.clone(), name.to_lowercase()), Some(record.key.clone()));
                    Name::Reserved(name)
                }
                None => Name::Exhausted,
            };
            names.insert(attribute, name);
        }
        names
    }

    fn is_free(&self, attribute: &str, name: &str, key: &RecordKey, own: Option<&Anchor>) -> bool {
        match self.names.get(&(attribute.to_owned(), name.to_lowercase())) {
            Some(owner) => owner.as_ref() == Some(key),
            None => !self
                .accounts
                .iter()
                .any(|one| Some(&one.account.anchor) != own && self.has(&one.account, attribute, name)),
        }
    }

    fn carry_out(&mut self, plan: &Plan, change: &Change, key: &RecordKey) {
        let at = if let Some(anchor) = &change.anchor {
            let known = self.accounts.iter().position(|one| &one.account.anchor == anchor);
            known.expect("a plan names an account that is on paper")
        } else {
            self.put_account(BTreeMap::new());
            self.accounts.len() - 1
        };
        let one = &mut self.accounts[at];
        one.owner = Some(key.clone());
        write(change, &mut one.account.attributes);
        let (anchor, before) = (one.account.anchor.clone(), self.links.get(key));
        let link = link_after(plan, &plan.decisions[0], change, before, &anchor, self.rules.schema);
        self.links.insert(key.clone(), link);
        if change.kind == Kind::Delete {
            self.accounts.remove(at);
        }
    }
}

/// An account's attributes after a change.
fn write(change: &Change, attributes: &mut BTreeMap<String, Value>) {
    for (name, one) in &change.attributes {
        match &one.after {
            Some(value) => attributes.insert(name.clone(), value.clone()),
            None => attributes.remove(name),
        };
    }
    for reference in &change.references {
        match &reference.to_key {
            Some(to) => attributes.insert(reference.attribute.clone(), Value::from(to.as_str())),
            None => attributes.remove(&reference.attribute),
        };
    }
}

impl Passed {
    /// Everything that is written, references included.
    pub fn written(&self) -> BTreeSet<&str> {
        let Some(change) = self.decision.change() else { return BTreeSet::new() };
        let references = change.references.iter().map(|reference| reference.attribute.as_str());
        change.attributes.keys().map(String::as_str).chain(references).collect()
    }

    /// The word for what was decided: the kind of change, or `nothing`, `skip`, `escrow`.
    pub fn word(&self) -> &'static str {
        match &self.decision.verdict {
            Verdict::Nothing => "nothing",
            Verdict::Skip(_) => "skip",
            Verdict::Escrow(_) => "escrow",
            Verdict::Change(change) => change.kind.word(),
        }
    }
}
