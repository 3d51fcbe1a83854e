//! Plays an example, and says what came out otherwise than it expects.

use crate::example::{Example, Expect, Step, Wanted};
use crate::stage::{Passed, Stage};
use jiff::Timestamp;
use planning::{Rules, Verdict, same_content};
use record::{Account, Record, RecordKey, Value};

/// What came of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// What came out otherwise, each with its line; none for an example that holds.
    pub failures: Vec<Failure>,
}

/// One thing that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Failure {
    /// Line of the step.
    pub line: usize,
    /// What came, and what was expected. It shows values, which are those of an example.
    pub what: String,
}

/// Plays an example against rules; `key` is the source attribute that is the record's key.
pub fn play(example: &Example, rules: &Rules, key: &str) -> Played {
    let mut stage = Stage::new(rules);
    for account in &example.accounts {
        stage.put_account(account.clone());
    }
    for (attribute, names) in &example.taken {
        for name in names {
            stage.take_name(attribute, name);
        }
    }
    let mut failures = Vec::new();
    for step in &example.steps {
        let Some(record) = record_of(step, key) else {
            let what = format!("the record has no {key}, which is the key of the source; write it under [person]");
            failures.push(Failure { line: step.line, what });
            break;
        };
        let passed = stage.pass(record, step.times, step.now);
        failures.extend(judge(&step.expect, &passed, rules).into_iter().map(|what| Failure { line: step.line, what }));
    }
    Played { failures }
}

/// The record of a step; none without a key.
pub(crate) fn record_of(step: &Step, key: &str) -> Option<Record> {
    let stated = step.attributes.get(key).map(Value::text).filter(|stated| !stated.is_empty())?;
    let record = Record::new(RecordKey::from(stated));
    Some(step.attributes.iter().fold(record, |record, (name, value)| record.with(name, value.clone())))
}

fn judge(expect: &Expect, passed: &Passed, rules: &Rules) -> Vec<String> {
    let mut failures = Vec::new();
    let came = passed.word();
    let reason = match &passed.decision.verdict {
        Verdict::Skip(reason) | Verdict::Escrow(reason) => Some(reason.to_string()),
        Verdict::Nothing | Verdict::Change(_) => None,
    };
    let why = reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    if let Some(change) = expect.change.as_ref().filter(|change| change.as_str() != came) {
        failures.push(format!("expected {change}, came {came}{why}"));
    }
    if let Some(words) = expect.reason.as_ref().filter(|words| !reason.as_ref().is_some_and(|it| it.contains(*words))) {
        let came = reason.as_deref().unwrap_or("none");
        failures.push(format!("expected a reason with {words:?}, came {came}"));
    }
    let account = passed.account.as_ref();
    for (name, wanted) in &expect.attributes {
        let has = account.and_then(|account| account.attributes.get(name));
        failures.extend(differs(rules, name, wanted, has).map(|what| format!("{what}{why}")));
    }
    for name in &expect.without {
        if let Some(has) = account.and_then(|account| account.attributes.get(name)) {
            failures.push(format!("expected no {name}, came {}", shown(Some(has))));
        }
    }
    if let Some(changed) = &expect.changed {
        let mut wanted: Vec<&str> = changed.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        let written: Vec<&str> = passed.written().into_iter().collect();
        if written != wanted {
            let list = |names: &[&str]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            failures.push(format!("expected to be written: {}; came: {}", list(&wanted), list(&written)));
        }
    }
    let adopts = passed.decision.change().is_some_and(|change| change.adopts);
    if expect.adopts.is_some_and(|wanted| wanted != adopts) {
        let came = if adopts { "an account that is there is taken over" } else { "no account is taken over" };
        failures.push(format!("adopts: {came}"));
    }
    if let Some(day) = expect.revisit {
        let at = passed.decision.revisit.and_then(|second| Timestamp::from_second(second).ok());
        let came = at.map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date());
        if came != Some(day) {
            let came = came.map_or_else(|| "never".to_owned(), |came| came.to_string());
            failures.push(format!("expected the rules to say something else on {day}, came {came}"));
        }
    }
    failures
}

fn differs(rules: &Rules, name: &str, wanted: &Wanted, has: Option<&Value>) -> Option<String> {
    let (same, wanted) = match wanted {
        Wanted::Exactly(value) => {
            let alike = match rules.schema.attribute(name) {
                // Instants are written in several ways; all else has to be as it is written, case included.
                Some(attribute) if attribute.kind == record::AttributeKind::Instant => {
                    same_content(attribute, has, Some(value))
                }
                _ => has.is_some_and(|has| has.values() == value.values()),
            };
            (alike || (has.is_none() && value.is_empty()), shown(Some(value)))
        }
        Wanted::Matches(pattern) => {
            let values = has.map(Value::values).unwrap_or_default();
            (!values.is_empty() && values.iter().all(|one| pattern.is_match(one)), format!("/{pattern}/"))
        }
    };
    (!same).then(|| format!("{name}: expected {wanted}, came {}", shown(has)))
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let quoted: Vec<String> = value.values().iter().map(|text| format!("\"{}\"", text.escape_debug())).collect();
    quoted.join(", ")
}

impl Played {
    /// Whether everything came as expected.
    pub fn holds(&self) -> bool {
        self.failures.is_empty()
    }
}

/// What an account shows, for callers that print one.
pub fn describe(account: &Account) -> Vec<String> {
    account.attributes.iter().map(|(name, value)| format!("{name}: {}", shown(Some(value)))).collect()
}
