//! Invented people and the rules of an invented company.

use fakes::graph_like_schema;
use mapping::{Apply, Clause, Expression, Filter, Group, Mapping};
use planning::{Counted, Guards, Limit, OutOfScope, Rules};
use record::{Record, Secret};

const FIRST: [&str; 8] = ["Ada", "Bela", "Cleo", "Dario", "Edda", "Fynn", "Greta", "Hugo"];

/// Somebody who works here; the number makes key and name.
pub fn person(number: usize) -> Record {
    let first = FIRST[number % FIRST.len()];
    Record::new(format!("E{number:04}"))
        .with("id", format!("E{number:04}"))
        .with("first", first)
        .with("last", format!("Muster{number}"))
        .with("department", "Weaving")
        .with("status", "active")
        .with("company", "Loom")
}

/// Somebody with a manager.
pub fn report(number: usize, manager: usize) -> Record {
    person(number).with("manager", format!("E{manager:04}"))
}

/// A team of `count`: the first leads everybody, everybody else leads nobody.
pub fn team(count: usize) -> Vec<Record> {
    let mut team = vec![person(1)];
    team.extend((2..=count).map(|number| report(number, 1)));
    team
}

/// One mapping, always applied; an empty result clears.
pub fn mapping(target: &str, expression: &str) -> Mapping {
    Mapping {
        target: target.to_owned(),
        expression: Expression::parse(expression).expect(expression),
        default: None,
        apply: Apply::Always,
        clear: true,
        line: 1,
    }
}

/// The rules that most tests use.
pub fn rules() -> Rules {
    let full = r#"Join(".", [first], [last])"#;
    let candidate = |number: &str| format!(r#"Append(ToLower({full}), "{number}@example.com")"#);
    let name = format!("SelectUniqueValue({}, {}, {})", candidate(""), candidate("2"), candidate("3"));
    let mappings = vec![
        mapping("accountEnabled", r#"Switch([status], "True", "leaver", "False")"#),
        mapping("displayName", r#"Join(" ", [first], [last])"#),
        mapping("givenName", "[first]"),
        mapping("surname", "[last]"),
        mapping("department", "[department]"),
        mapping("mailNickname", &format!("ToLower({full})")),
        mapping("userPrincipalName", &name),
        mapping("employeeId", "[id]"),
        mapping("manager", "[manager]"),
    ];
    let company =
        Clause { attribute: "company".to_owned(), operator: "EQUALS".parse().unwrap(), value: Some("Loom".to_owned()) };
    let scope = Filter { groups: vec![Group { name: "company".to_owned(), clauses: vec![company] }] };
    hashed(Rules {
        input_scope: mapping::Filter::default().compile().unwrap(),
        scope: scope.compile().unwrap(),
        out_of_scope: OutOfScope::Disable,
        mappings,
        matching: vec!["employeeId".to_owned()],
        schema: graph_like_schema(),
        default_domain: Some("example.com".to_owned()),
        protected: Vec::new(),
        namespace: None,
        guards: Guards { limits: Vec::new(), rows_min: 0.9, missing_max: (5, 0.05) },
        hash: [0; 16],
    })
}

/// The same rules with one more mapping, or another one for a target attribute.
pub fn with(mut rules: Rules, mapping: Mapping) -> Rules {
    rules.mappings.retain(|known| known.target != mapping.target);
    rules.mappings.push(mapping);
    hashed(rules)
}

/// At most so many disables in one plan.
pub fn at_most_disables(mut rules: Rules, count: u64) -> Rules {
    let counted = Counted::Disable;
    rules.guards.limits =
        vec![Limit { counted, count: Some(count), percent: None, at_least: 0, per_day: Some(1_000), line: 9 }];
    hashed(rules)
}

/// Rules with the digest of their mappings and limits.
pub fn hashed(mut rules: Rules) -> Rules {
    let text = format!("{:?} {:?} {:?}", rules.mappings, rules.guards, rules.protected);
    let mut hasher = Secret::new(b"rules").hasher("rules");
    hasher.part(text.as_bytes());
    rules.hash = hasher.finish();
    rules
}
