//! Decisions about single people: one subject in, the shown plan out.

mod accounts;
mod clocked;
mod people;
mod property;
mod values;

use crate::{
    Guards, Inputs, Link, Mark, Marks, Matches, Name, OutOfScope, Plan, Reason, Rules, Shown, Status, Subject, Verdict,
};
use crate::{fingerprint, plan};
use fakes::graph_like_schema;
use jiff::Timestamp;
use mapping::{Apply, Clause, Expression, Filter, Group, Mapping};
use record::{Account, Anchor, Record, RecordId, Secret, Value};
use std::collections::BTreeMap;

/// 2026-01-05T06:00:00Z, a Monday.
const NOW: i64 = 1_767_592_800;

fn secret() -> Secret {
    Secret::new(b"of this stack")
}

fn mapping(target: &str, expression: &str) -> Mapping {
    Mapping {
        target: target.to_owned(),
        expression: Expression::parse(expression).expect(expression),
        default: None,
        apply: Apply::Always,
        clear: true,
        line: 7,
    }
}

/// What most tests map.
fn rules() -> Rules {
    let clause =
        Clause { attribute: "company".to_owned(), operator: "EQUALS".parse().unwrap(), value: Some("Loom".to_owned()) };
    let scope = Filter { groups: vec![Group { name: "company".to_owned(), clauses: vec![clause] }] };
    Rules {
        input_scope: mapping::Filter::default().compile().unwrap(),
        scope: scope.compile().unwrap(),
        out_of_scope: OutOfScope::Disable,
        mappings: vec![
            mapping("accountEnabled", r#"Switch([status], "True", "leaver", "False")"#),
            mapping("displayName", "[name]"),
            mapping("department", "[department]"),
            mapping("mailNickname", "[id]"),
            mapping(
                "userPrincipalName",
                r#"SelectUniqueValue(Append([id], "@example.com"), Append([id], ".2@example.com"))"#,
            ),
            mapping("employeeId", "[id]"),
            mapping("manager", "[manager]"),
        ],
        matching: vec!["employeeId".to_owned()],
        schema: graph_like_schema(),
        default_domain: None,
        protected: Vec::new(),
        namespace: None,
        guards: Guards::default(),
        hash: [3; 16],
    }
}

/// The rules with one mapping more, or instead.
fn with(mapping: Mapping) -> Rules {
    let mut rules = rules();
    rules.mappings.retain(|known| known.target != mapping.target);
    rules.mappings.push(mapping);
    rules
}

fn ada() -> Record {
    Record::new("E1")
        .with("id", "E1")
        .with("name", "Ada Muster")
        .with("department", "Weaving")
        .with("status", "active")
        .with("company", "Loom")
}

/// What is known about a record: no link, no match, the first candidate reserved.
fn subject(rules: &Rules, record: Record) -> Subject {
    let now = Timestamp::from_second(NOW).unwrap();
    let names = crate::name_questions(rules, &secret(), &record, None, now, &[0; 16]);
    Subject {
        id: RecordId::of(&secret(), &record.key),
        content: record.content_hash(&secret(), &rules.hash),
        read_in: crate::Read::at(3),
        times: 1,
        link: None,
        matches: Matches::None,
        names: names.into_iter().map(|one| (one.attribute, Name::Reserved(one.candidates[0].clone()))).collect(),
        before: BTreeMap::new(),
        before_sought: false,
        contested: false,
        record,
    }
}

fn decide(rules: &Rules, subjects: Vec<Subject>) -> Plan {
    let inputs = Inputs {
        job: "hr-to-graph".to_owned(),
        cycle: 4,
        batch: 1,
        now: Timestamp::from_second(NOW).unwrap(),
        seed: [0; 16],
        rules: "0303".to_owned(),
        subjects,
    };
    plan(&inputs, rules, &secret())
}

fn shown(rules: &Rules, subject: Subject) -> String {
    Shown(&decide(rules, vec![subject])).to_string()
}

fn verdict(rules: &Rules, subject: Subject) -> Verdict {
    decide(rules, vec![subject]).decisions.remove(0).verdict
}

fn reason(rules: &Rules, subject: Subject) -> Reason {
    match verdict(rules, subject) {
        Verdict::Escrow(reason) | Verdict::Skip(reason) => reason,
        Verdict::Nothing | Verdict::Change(_) => panic!("it was decided"),
    }
}

/// The link as it is once the plan for a record without one was carried out.
fn linked(rules: &Rules, record: Record) -> Link {
    let first = subject(rules, record.clone());
    let plan = decide(rules, vec![first]);
    let change = plan.decisions[0].change().expect("a create").clone();
    let mark = |fingerprint| Mark { fingerprint, cycle: 2, batch: 1 };
    let mut marks: Marks = change.attributes.iter().map(|(name, one)| (name.clone(), mark(one.fingerprint))).collect();
    marks.extend(change.references.iter().map(|one| (one.attribute.clone(), mark(one.fingerprint))));
    Link {
        record: plan.decisions[0].record,
        key: record.key,
        anchor: Anchor("a-1".to_owned()),
        version: 1,
        cycle: 2,
        read_in: crate::Read::at(2),
        status: Status::Enabled,
        in_scope: true,
        deleting: false,
        marks,
    }
}

/// A record that was as `before` and is now as `after`.
fn changed(rules: &Rules, before: Record, after: Record) -> Subject {
    let link = linked(rules, before);
    let now = Timestamp::from_second(NOW).unwrap();
    let names = crate::name_questions(rules, &secret(), &after, Some(&link), now, &[0; 16]);
    Subject {
        matches: Matches::NotLooked,
        names: names.into_iter().map(|one| (one.attribute, Name::Reserved(one.candidates[0].clone()))).collect(),
        link: Some(link),
        ..subject(rules, after)
    }
}

fn account(attributes: &[(&str, &str)]) -> Account {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    Account { anchor: Anchor("a-9".to_owned()), attributes }
}

/// A record for which one account was found.
fn found(rules: &Rules, record: Record, account: Account) -> Subject {
    let matches = Matches::One { attribute: "employeeId".to_owned(), account, claimed: false };
    Subject { matches, ..subject(rules, record) }
}
