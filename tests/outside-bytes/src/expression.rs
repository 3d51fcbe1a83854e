//! Expressions: the text of one, then after bytes that no text has (`ff`) the values of a record's attributes.

use crate::VALUE;
use jiff::Timestamp;
use mapping::{Apply, Context, EvaluateError, Expression, Flow, FlowRef, Mapping, Offer, Outcome};
use record::{Record, Value};
use std::borrow::Cow;

/// No text that is made is longer.
const TEXT_MAX: usize = 1 << 20;
/// No list that is made has more values.
const LIST_MAX: usize = 100_000;

/// An expression and a record: what is wrong stands where it is said to stand, and an outcome depends on nothing but
/// what the expression says that it reads.
pub fn expression(bytes: &[u8]) {
    let mut parts = bytes.split(|byte| *byte == 0xff).map(String::from_utf8_lossy);
    let text = parts.next().unwrap_or_default();
    let expression = match Expression::parse(&text) {
        Ok(expression) => expression,
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "refused without a reason");
            assert!(mistakes.is_sorted_by_key(|mistake| mistake.start), "mistakes out of order");
            for mistake in &mistakes {
                assert!(text.get(mistake.start..mistake.end).is_some(), "a place outside of the text: {mistake:?}");
                assert!(mistake.to_string().len() < 1_000, "a message that repeats the text");
            }
            assert_eq!(Expression::parse(&text).expect_err("refused once"), mistakes, "other mistakes another time");
            return;
        }
    };
    assert_eq!(expression.text(), text);
    assert!(mapping::outline(&text).is_ok(), "no tree of what is sound");
    for lint in expression.lints() {
        assert!(text.get(lint.start..lint.end).is_some(), "a place outside of the text: {lint:?}");
    }
    let values: Vec<String> = parts.map(Cow::into_owned).collect();
    let record = record_of(&values);
    let first = evaluate(&expression, &record, "2026-01-05T06:00:00Z", b"seed");
    check(&expression, &text, &first);
    check_flow(&expression, &record);

    assert!(first == evaluate(&expression, &record, "2026-01-05T06:00:00Z", b"seed"), "another outcome another time");
    let again = Expression::parse(&text).expect("parsed once");
    assert!(first == evaluate(&again, &record, "2026-01-05T06:00:00Z", b"seed"), "another outcome parsed again");
    let read = expression.attributes().iter().filter_map(|name| Some((name, record.get(name)?)));
    let needed = read.fold(Record::new("1"), |record, (name, value)| record.with(name, value.to_value()));
    assert!(first == evaluate(&expression, &needed, "2026-01-05T06:00:00Z", b"seed"), "it reads more than it says");
    if !expression.draws() {
        assert!(
            first == evaluate(&expression, &record, "2026-01-05T06:00:00Z", b"other"),
            "it draws and does not say so"
        );
    }
    if !text.contains("Now") {
        assert!(
            first == evaluate(&expression, &record, "2031-11-30T23:00:00Z", b"seed"),
            "the outcome depends on the time"
        );
    }
}

/// Where the first candidate is enough, it is the first of all; what a mapping sets is never empty.
fn check_flow(expression: &Expression, record: &Record) {
    let mapping = Mapping {
        target: "displayName".to_owned(),
        expression: expression.clone(),
        default: None,
        apply: Apply::Always,
        clear: true,
        line: 1,
    };
    let now = "2026-01-05T06:00:00Z".parse::<Timestamp>().expect("an instant");
    let context = Context { record, now, seed: b"seed", default_domain: Some("northwind.example") };
    let flow = |offer| mapping.evaluate_ref(&context, offer).map(FlowRef::into_flow);
    match (flow(Offer::All), flow(Offer::First)) {
        (Ok(Flow::Candidates(all)), Ok(Flow::Candidates(first))) => {
            assert_eq!(all.first(), first.first(), "another first candidate");
        }
        // What fails behind the first candidate is not looked at.
        (Err(_), Ok(Flow::Candidates(first))) => assert!(!first.is_empty(), "no candidate, and no failure"),
        (all, first) => {
            assert!(all == first, "another flow where the first candidate is enough");
            if let Ok(Flow::Set(value)) = all {
                assert!(value.values().iter().any(|text| !text.is_empty()), "an empty value is set");
            }
        }
    }
}

/// `a`, `b` and `c` are texts, `list` has the rest; an attribute that has no part is absent.
fn record_of(values: &[String]) -> Record {
    let names = ["a", "b", "c"];
    let record = Record::new(VALUE).with("name", VALUE).with("date", "2026-02-28");
    let record = names.iter().zip(values).fold(record, |record, (name, text)| record.with(name, text.as_str()));
    match values.get(names.len()..) {
        Some(list) => record.with("list", Value::Many(list.to_vec())),
        None => record,
    }
}

fn evaluate(expression: &Expression, record: &Record, now: &str, seed: &[u8]) -> Result<Outcome, EvaluateError> {
    let now = now.parse::<Timestamp>().expect("an instant");
    expression.evaluate(&Context { record, now, seed, default_domain: Some("northwind.example") })
}

/// An outcome is bounded, and a failure names a place and no value.
fn check(expression: &Expression, text: &str, outcome: &Result<Outcome, EvaluateError>) {
    match outcome {
        Ok(Outcome::Value(value)) => {
            assert!(value.values().len() <= LIST_MAX && value.values().iter().all(|text| text.len() <= TEXT_MAX));
            let is_direct = expression.direct().is_some();
            assert!(is_direct || value.values().iter().all(|text| !text.is_empty()), "an empty value in a list");
        }
        Ok(Outcome::Candidates(candidates)) => {
            assert!(expression.unique(), "candidates that nobody asked for");
            let mut sorted = candidates.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), candidates.len(), "a candidate twice");
            assert!(candidates.iter().all(|candidate| !candidate.is_empty()), "an empty candidate");
        }
        Ok(Outcome::Null | Outcome::IgnoreAttribute | Outcome::IgnoreObject) => {}
        Err(error) => {
            assert!(
                text.get(error.position()..).is_some_and(|rest| rest.starts_with(error.function()))
                    || error.function() == "attribute",
                "a failure without a place: {error}"
            );
            let shown = error.to_string();
            assert!(shown.len() < 300 && (text.contains(VALUE) || !shown.contains(VALUE)), "a failure with a value");
        }
    }
    assert!(!format!("{outcome:?}").contains(VALUE) || text.contains(VALUE), "debug output with a value");
}
