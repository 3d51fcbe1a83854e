//! Invented people and the rules of an invented company.

use fakes::graph_like_schema;
use mapping::{Apply, Clause, Expression, Filter, Group, Mapping};
use planning::{Counted, Guards, Limit, OutOfScope, Rules};
use record::{Record, Secret};

/// So many disables, and so many deletions, of one plan are released without a word of a person.
pub const DISABLES_MAX: u64 = 2;

/// What HR says about somebody at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Counts up over the whole history: which statement this is.
    pub version: u64,
    /// The last name: two people may have the same.
    pub last: u64,
    /// Whether the person works here.
    pub active: bool,
    /// The manager's number.
    pub manager: Option<u64>,
    /// Somebody from outside, of whom the rules' scope knows nothing.
    pub outside: bool,
}

/// The key and employee id of a person.
pub fn key_of(person: u64) -> String {
    format!("E{person:04}")
}

impl Statement {
    /// The row of the source.
    pub fn record(&self, person: u64) -> Record {
        let record = Record::new(key_of(person))
            .with("id", key_of(person))
            .with("first", ["Ada", "Bela"][usize::from(person.is_multiple_of(2))])
            .with("last", format!("Muster{}", self.last))
            .with("version", self.version.to_string())
            .with("status", if self.active { "active" } else { "leaver" });
        let record = if self.outside { record.with("outside", "yes") } else { record };
        match self.manager {
            Some(manager) if manager != person => record.with("manager", key_of(manager)),
            _ => record,
        }
    }
}

fn mapping(target: &str, expression: &str) -> Mapping {
    Mapping {
        target: target.to_owned(),
        expression: Expression::parse(expression).expect(expression),
        default: None,
        apply: Apply::Always,
        clear: true,
        line: 1,
    }
}

/// The rules; the second edition shows names the other way round. `jobTitle` carries the version of the statement.
pub fn rules(edition: usize, out_of_scope: OutOfScope) -> Rules {
    let full = r#"ToLower(Join(".", [first], [last]))"#;
    let names: Vec<String> = (1..=24).map(|n| format!(r#"Append({full}, "{n}@example.com")"#)).collect();
    let shown = [r#"Join(" ", [first], [last])"#, r#"Join(" ", [last], [first])"#][edition];
    let mappings = vec![
        mapping("accountEnabled", r#"Switch([status], "True", "leaver", "False")"#),
        mapping("displayName", shown),
        mapping("surname", "[last]"),
        mapping("jobTitle", "[version]"),
        mapping("mailNickname", full),
        mapping("userPrincipalName", &format!("SelectUniqueValue({})", names.join(", "))),
        mapping("employeeId", "[id]"),
        mapping("manager", "[manager]"),
    ];
    let clause = |attribute: &str, operator: &str| Clause {
        attribute: attribute.to_owned(),
        operator: operator.parse().expect("an operator"),
        value: None,
    };
    let clauses = vec![clause("id", "IS NOT NULL"), clause("outside", "IS NULL")];
    let scope = Filter { groups: vec![Group { name: "everybody of ours".to_owned(), clauses }] };
    let limit =
        |counted| Limit { counted, count: Some(DISABLES_MAX), percent: None, at_least: 0, per_day: None, line: 1 };
    let mut hasher = Secret::new(b"rules").hasher("rules");
    hasher.part(&[u8::from(edition > 0)]);
    Rules {
        input_scope: mapping::Filter::default().compile().expect("an empty filter"),
        scope: scope.compile().expect("a filter"),
        out_of_scope,
        mappings,
        matching: vec!["employeeId".to_owned()],
        schema: graph_like_schema(),
        default_domain: Some("example.com".to_owned()),
        protected: Vec::new(),
        namespace: None,
        guards: Guards {
            limits: vec![limit(Counted::Disable), limit(Counted::Delete)],
            rows_min: 0.9,
            missing_max: (5, 0.05),
        },
        hash: hasher.finish(),
    }
}
