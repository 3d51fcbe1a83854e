//! Only what is reached is evaluated. A constant that its function cannot work with is told beforehand, yet the language
//! itself, which files of vectors test, fails only where it is reached.

use mapping::{Context, Expression, Outcome};
use record::{Record, Value};

/// What comes of an expression whose constants nobody looked at beforehand: the value, or `error`.
fn outcome(text: &str) -> String {
    let expression = Expression::parse_lazily(text).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"));
    let record = Record::new("1").with("name", "Jo");
    let now = jiff::Timestamp::UNIX_EPOCH;
    match expression.evaluate(&Context { record: &record, now, seed: b"", default_domain: None }) {
        Ok(Outcome::Value(Value::One(text))) => text,
        Ok(other) => format!("{other:?}"),
        Err(_) => "error".to_owned(),
    }
}

/// A call of each function that takes constants, with one that it cannot work with.
const IMPOSSIBLE: [&str; 21] = [
    r#"CDate("someday")"#,
    r#"CDate("")"#,
    r#"DateAdd("q", 1, "2025-01-01")"#,
    r#"DateAdd("d", "x", "2025-01-01")"#,
    r#"DateDiff("w", "2025-01-01", "2025-01-01")"#,
    r#"FormatDateTime([name], , "x", "yyyy")"#,
    r#"FormatDateTime("2025", , "yyyy", "x")"#,
    r#"DateFromNum("x")"#,
    r#"BitAnd("x", 1)"#,
    r#"Left([name], "x")"#,
    r#"Mid([name], 1, "x")"#,
    r#"Word([name], "x", " ")"#,
    r#"Item([name], "x")"#,
    r#"DNComponent("cn=a", "x")"#,
    r#"InStr([name], "o", "x")"#,
    r#"Split([name], "")"#,
    r#"ConvertFromBase64("AAAA", "UTF7")"#,
    r#"ToLower([name], "no culture")"#,
    r#"Replace([name], , "(", , "x")"#,
    r#"Replace([name], , "(?<n>J)", "m", "x")"#,
    "RandomString(257, 0, 0, 0, 0)",
];

#[test]
fn a_constant_that_cannot_work_fails_where_it_is_reached_and_nowhere_else() {
    for call in IMPOSSIBLE {
        assert_eq!(outcome(call), "error", "{call}");
        assert_eq!(outcome(&format!(r#"IIF([name] = "Jo", "taken", {call})"#)), "taken", "{call}");
        assert_eq!(outcome(&format!(r#"IIF([name] = "Al", {call}, "taken")"#)), "taken", "{call}");
        assert_eq!(outcome(&format!(r#"Switch([name], {call}, "Jo", "taken")"#)), "taken", "{call}");
        assert_eq!(outcome(&format!(r#"Switch([name], "taken", "Al", {call})"#)), "taken", "{call}");
        assert_eq!(outcome(&format!("Coalesce([name], {call})")), "Jo", "{call}");
        assert_eq!(outcome(&format!(r#"Switch([name], {call}, "Al", "taken")"#)), "error", "{call}");
    }
}

#[test]
fn a_constant_that_cannot_work_is_told_beforehand_in_whichever_branch_it_stands() {
    for call in IMPOSSIBLE {
        for text in [call.to_owned(), format!(r#"IIF([name] = "Jo", "taken", {call})"#)] {
            let mistakes = Expression::parse(&text).expect_err(&text);
            assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
            assert!(mistakes[0].start >= text.find(call).unwrap(), "{text}: {mistakes:?}");
        }
    }
}

#[test]
fn the_grammar_and_the_number_of_arguments_are_checked_in_every_branch() {
    for call in [
        "Nope([name])",
        "Mid([name], 1)",
        "Replace([name], \"a\")",
        "Trim([name]",
        "True",
        "InStr([name], \"o\", 1, vbNoCompare)",
        "Switch([a], , \"b\")",
    ] {
        assert!(Expression::parse_lazily(&format!(r#"IIF([name] = "Jo", "taken", {call})"#)).is_err(), "{call}");
    }
}

#[test]
fn of_very_many_mistakes_the_first_are_told() {
    let mistakes = Expression::parse(&"\u{1f600}".repeat(9_000)).expect_err("no expression");
    assert!(mistakes.len() <= 20 && mistakes[0].start == 0, "{mistakes:?}");
}
