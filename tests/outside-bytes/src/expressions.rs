//! Expressions in Entra's language.

use jiff::Timestamp;
use mapping::{Context, Expression};
use record::Record;

/// The largest text that an expression of at most 10,000 characters may make of a small record.
const RESULT_MAX: usize = 64 << 20;

/// An expression: either every mistake has a place in its text, or it says the same each time it is asked, and its own text
/// gives the same expression again. No error repeats a value of the record.
pub fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "an expression is refused for a reason");
            for mistake in mistakes {
                let (start, end) = (mistake.start, mistake.end);
                assert!(start <= end && end <= text.len(), "a mistake stands in the text: {start}..{end}");
                assert!(text.is_char_boundary(start), "and begins with a character");
            }
            return;
        }
    };
    let record = person();
    let now = Timestamp::from_second(1_767_592_800).expect("a year that exists");
    let context = Context { record: &record, now, seed: b"a seed", default_domain: Some("example.com") };
    let first = expression.evaluate(&context);
    assert!(expression.evaluate(&context) == first, "asked twice, it says two things");
    match &first {
        Ok(mapping::Outcome::Value(value)) => {
            let size: usize = value.values().iter().map(String::len).sum();
            assert!(size <= RESULT_MAX, "a result of {size} bytes");
        }
        Err(error) => {
            let said = error.to_string();
            assert!(!said.contains("Quillfeather"), "an error repeats a value");
        }
        Ok(_) => {}
    }
    let again = Expression::parse(expression.text()).expect("its own text is an expression");
    assert!(again.evaluate(&context) == first, "its own text says something else");
}

/// One of everything that attributes hold. The last name is in no expression that anybody writes.
fn person() -> Record {
    Record::new("4711")
        .with("firstName", "Zoë")
        .with("lastName", "Quillfeather")
        .with("start", "2026-03-01T00:00:00Z")
        .with("number", "42")
        .with("empty", "")
        .with("blank", "  a  b ")
        .with("groups", vec!["one".to_owned(), "two".to_owned()])
}
