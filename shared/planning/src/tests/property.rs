//! Applying a plan to a model of the target and deciding again gives an empty plan.

use super::*;
use crate::Change;
use proptest::prelude::*;

/// A link and an account as the writer would leave them.
fn apply(change: &Change, link: Option<Link>, has: &mut BTreeMap<String, Value>, record: &Record) -> Link {
    let mark = |fingerprint| Mark { fingerprint, cycle: 4, batch: 1 };
    let mut marks = link.map(|link| link.marks).unwrap_or_default();
    marks.extend(change.equal.iter().map(|(name, fingerprint)| (name.clone(), mark(*fingerprint))));
    for (name, one) in &change.attributes {
        marks.insert(name.clone(), mark(one.fingerprint));
        match &one.after {
            Some(value) => has.insert(name.clone(), value.clone()),
            None => has.remove(name),
        };
    }
    marks.extend(change.references.iter().map(|one| (one.attribute.clone(), mark(one.fingerprint))));
    Link {
        record: RecordId::of(&secret(), &record.key),
        key: record.key.clone(),
        anchor: Anchor("a-1".to_owned()),
        version: change.link_version + 1,
        cycle: 4,
        read_in: crate::Read::at(2),
        status: Status::Enabled,
        in_scope: change.in_scope,
        deleting: false,
        marks,
    }
}

fn with_link(rules: &Rules, record: &Record, link: Option<Link>) -> Subject {
    let now = Timestamp::from_second(NOW).unwrap();
    let names = crate::name_questions(rules, &secret(), record, link.as_ref(), now, &[0; 16]);
    Subject {
        names: names.into_iter().map(|one| (one.attribute, Name::Reserved(one.candidates[0].clone()))).collect(),
        link,
        ..subject(rules, record.clone())
    }
}

fn records() -> impl Strategy<Value = Record> {
    let text = |texts: &'static [&'static str]| proptest::sample::select(texts);
    (
        text(&["E1", "E1b", "e1"]),
        text(&["Ada Muster", "ADA MUSTER", "Ada Neu"]),
        text(&["", "Weaving", "weaving", "Dyeing"]),
        text(&["active", "leaver"]),
        text(&["Loom", "Loom", "Other"]),
        text(&["", "E1", "E2", "E3"]),
    )
        .prop_map(|(id, name, department, status, company, manager)| {
            let record = ada().with("id", id).with("name", name).with("department", department);
            record.with("status", status).with("company", company).with("manager", manager)
        })
}

fn applies() -> impl Strategy<Value = Apply> {
    proptest::sample::select(&[Apply::Always, Apply::OnCreate, Apply::WhenEmpty][..])
}

proptest! {
    #[test]
    fn what_was_done_is_not_planned_again(
        states in proptest::collection::vec(records(), 1..6),
        department in applies(),
        clear in any::<bool>(),
        there in any::<bool>(),
    ) {
        let mut rules = rules();
        rules.mappings[2].apply = department;
        rules.mappings[2].clear = clear;
        let mut has: BTreeMap<String, Value> = BTreeMap::new();
        let mut link: Option<Link> = None;
        for record in &states {
            let mut one = with_link(&rules, record, link.clone());
            if link.is_none() && there {
                has = account(&[("employeeId", "E1"), ("department", "Old")]).attributes;
                one.matches = Matches::One {
                    attribute: "employeeId".to_owned(),
                    account: Account { anchor: Anchor("a-1".to_owned()), attributes: has.clone() },
                    claimed: false,
                };
            }
            let plan = decide(&rules, vec![one.clone()]);
            prop_assert_eq!(&plan, &decide(&rules, vec![one]), "the same inputs give the same plan");
            if let Some(change) = plan.decisions[0].change() {
                link = Some(apply(change, link, &mut has, record));
            }
            let again = decide(&rules, vec![with_link(&rules, record, link.clone())]);
            if link.is_some() {
                prop_assert!(again.decisions[0].change().is_none(), "{}", Shown(&again));
            }
            for (name, mark) in link.iter().flat_map(|link| link.marks.iter()).filter(|(name, _)| *name != "manager") {
                let attribute = rules.schema.attribute(name).unwrap();
                prop_assert_eq!(mark.fingerprint, fingerprint(&secret(), attribute, has.get(name)), "{}", name);
            }
        }
    }
}
