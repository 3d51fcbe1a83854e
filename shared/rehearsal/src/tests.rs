//! Rules of a small company, and what examples say of them.

mod changes;
mod examples;
mod gaps;

use fakes::graph_like_schema;
use mapping::{Apply, Clause, Expression, Filter, Group, Mapping};
use planning::{Guards, OutOfScope, Rules};

fn mapping(target: &str, expression: &str) -> Mapping {
    let expression = Expression::parse(expression).expect(expression);
    Mapping { target: target.to_owned(), expression, default: None, apply: Apply::Always, clear: false, line: 5 }
}

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
            mapping("department", r#"IIF([department] = "W", "Weaving", [department])"#),
            mapping("mailNickname", "[id]"),
            Mapping {
                apply: Apply::OnCreate,
                ..mapping(
                    "userPrincipalName",
                    r#"SelectUniqueValue(Append(ToLower([name], ), "@example.com"), Append([id], "@example.com"))"#,
                )
            },
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

const PERSON: &str = r#"
now = "2026-01-05"
[person]
id = "E1"
name = "Ada"
department = "W"
status = "active"
company = "Loom"
manager = "E9"
"#;

/// Examples under the person above.
fn examples(text: &str) -> Vec<crate::Example> {
    crate::read(&format!("{PERSON}{text}")).expect("the examples can be read")
}

/// What of the examples fails.
fn failures(rules: &Rules, text: &str) -> Vec<String> {
    let examples = examples(text);
    let played = examples.iter().map(|example| crate::play(example, rules, "id"));
    played.flat_map(|played| played.failures).map(|failure| failure.what).collect()
}
