//! Rules of the language that the documented examples do not show, and the mistakes that parsing reports.

use jiff::Timestamp;
use mapping::{Context, EvaluateError, Expression, Mistake, Outcome, functions};
use record::{Record, Value};

fn evaluate(text: &str, record: &Record) -> Result<Outcome, EvaluateError> {
    let expression = Expression::parse(text).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:#?}"));
    let now = "2025-07-30T12:00:00Z".parse::<Timestamp>().expect("an instant");
    expression.evaluate(&Context { record, now, seed: b"seed", default_domain: Some("example.com") })
}

fn text(expression: &str) -> String {
    let record = Record::new("1").with("name", "Jo").with("empty", "").with("one", "1").with("date", "2025-08-01");
    let record = record.with("list", vec!["b".to_owned(), String::new(), "a".to_owned()]);
    match evaluate(expression, &record) {
        Ok(Outcome::Value(Value::One(text))) => text,
        Ok(Outcome::Value(Value::Many(texts))) => texts.join("|"),
        Ok(Outcome::Null) => "null".to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(_) => "error".to_owned(),
    }
}

fn mistakes(text: &str) -> Vec<Mistake> {
    Expression::parse(text).expect_err(text)
}

#[test]
fn null_stays_null_where_there_is_nothing_to_work_on() {
    for expression in ["Trim([no])", "ToLower([no])", "Append([no], \"x\")", "Replace([no], \"a\", , , \"b\")"] {
        assert_eq!(text(expression), "null", "{expression}");
    }
    for expression in ["Left([no], 1)", "Mid([no], 1, 1)", "Word([no], 1, \" \")", "Join(\",\", [no], [empty])"] {
        assert_eq!(text(expression), "", "{expression}");
    }
    assert_eq!(text("Coalesce([no], [empty], \"x\")"), "");
    assert_eq!(text("Count([no])"), "0");
    assert_eq!(text("Replace([no], , \"(?<n>.*)\", \"n\", , [name], )"), "Jo");
}

#[test]
fn a_date_function_without_a_date_fails() {
    for expression in
        ["CDate([no])", "CDate([empty])", "CDate([name])", "DateDiff(\"d\", Now(), [no])", "NumFromDate([no])"]
    {
        assert_eq!(text(expression), "error", "{expression}");
    }
    assert_eq!(text("FormatDateTime([no], \"yyyy\", \"yy\")"), "null");
    assert_eq!(text("FormatDateTime([date], \"yyyy-MM-dd\", \"d.M.yy\", )"), "1.8.25");
    assert_eq!(text("FormatDateTime([date], \"d.M.yyyy\", \"yy\")"), "error");
    assert_eq!(text("FormatDateTime([empty], , \"d.M.yyyy\", \"yy\")"), "error");
}

#[test]
fn comparisons_are_of_texts_except_with_integers() {
    for (comparison, holds) in [
        ("[one]=1", true),
        ("[one]=\"1\"", true),
        ("[one]=\"01\"", false),
        ("[one]=01", true),
        ("[one]<10", true),
        ("\"9\"<\"10\"", true),
        ("\"b\">=\"a\"", true),
        ("[name]=\"jo\"", false),
        ("[name]<>\"jo\"", true),
        ("[no]=\"\"", true),
        ("[no]<>\"x\"", true),
        ("[list]=\"a\"", false),
        ("\"10.5\">9", true),
        ("\"10.5\">\"9.75\"", true),
        ("[one]=\"1.0\"", false),
        ("\"1.0\"=1", true),
        ("\"99999999999999999999\">\"9\"", true),
        ("\"0.5\"", true),
        ("\"0.0\"", false),
        ("-1", true),
    ] {
        assert_eq!(text(&format!("CBool({comparison})")), if holds { "True" } else { "False" }, "{comparison}");
    }
}

#[test]
fn only_the_chosen_branch_is_evaluated() {
    assert_eq!(text("IIF([one]=1, \"x\", Error(\"y\"))"), "x");
    assert_eq!(text("Switch([name], Error(\"x\"), \"Jo\", \"y\", \"Jo\", Error(\"z\"))"), "y");
    assert_eq!(text("Coalesce([name], Error(\"x\"))"), "Jo");
    assert_eq!(text("Trim(Error(\"x\"))"), "error");
}

#[test]
fn lists_keep_their_order_and_lose_empty_values_on_the_way_out() {
    assert_eq!(text("Trim([list])"), "b|a");
    assert_eq!(text("Item([list], 3)"), "a");
    assert_eq!(text("Item([list], 0)"), "error");
    assert_eq!(text("Join(\"-\", [list])"), "b-a");
    assert_eq!(text("Split(\"a; b;;a\", \";\")"), "a|b|a");
    assert_eq!(text("RemoveDuplicates(Split(\"a,b,a\", \",\"))"), "a|b");
    assert_eq!(text("Left([list], 1)"), "error");
}

#[test]
fn an_empty_text_is_a_value() {
    assert_eq!(text("Count([empty])"), "1");
    assert_eq!(text("Item([empty], 1)"), "");
    assert_eq!(text("Item(Trim([empty]), 1)"), "");
    assert_eq!(text("Item(Trim([empty]), 2)"), "error");
    assert_eq!(text("IsNull([empty])"), "False");
}

#[test]
fn one_role_is_the_first_and_all_are_as_they_are() {
    assert_eq!(text("SingleAppRoleAssignment([list])"), "b");
    assert_eq!(text("SingleAppRoleAssignment([name])"), "Jo");
    assert_eq!(text("SingleAppRoleAssignment([no])"), "null");
    for name in ["AppRoleAssignments", "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex"] {
        assert_eq!(text(&format!("{name}([list])")), "b|a", "{name}");
        assert_eq!(text(&format!("{name}([no])")), "null", "{name}");
    }
}

#[test]
fn parts_are_taken_by_character_not_by_byte() {
    assert_eq!(text("Mid(\"Zoë Ümit\", 3, 3)"), "ë Ü");
    assert_eq!(text("InStr(\"Zoë Ümit\", \"mit\")"), "6");
    assert_eq!(text("Left(\"ëëë\", 2)"), "ëë");
    assert_eq!(text("Mid(\"abc\", 9, 1)"), "abc");
    assert_eq!(text("Word(\"a, b\", 2, \", \")"), "b");
}

#[test]
fn a_draw_depends_on_the_seed_and_the_place_only() {
    let record = Record::new("1");
    let draw = |text: &str| evaluate(text, &record).expect("a text");
    assert_eq!(draw("RandomString(20, 1, 1, 1, 1)"), draw("RandomString(20, 1, 1, 1, 1)"));
    let Outcome::Value(value) = draw("Join(\" \", Guid(), Guid())") else { panic!("a text") };
    let (first, second) = value.text().split_once(' ').expect("two texts");
    assert_ne!(first, second);
}

#[test]
fn an_error_tells_function_and_place_but_no_value() {
    let record = Record::new("1").with("name", "Secretname");
    let error = evaluate("Append(\"x\", CDate([name]))", &record).expect_err("no date");
    assert_eq!((error.function(), error.position()), ("CDate", 12));
    assert!(!error.to_string().contains("Secretname"), "{error}");
    let error = evaluate("Error([name])", &record).expect_err("asked for");
    assert!(!error.to_string().contains("Secretname"), "{error}");
}

#[test]
fn parsing_reports_what_is_wrong_and_where() {
    for (text, words, at) in [
        ("toLower([a])", "there is no function toLower", "toLower"),
        ("Left([a])", "needs at least 2 arguments", "Left([a])"),
        ("Trim([a], [b])", "at most 1 argument and", "Trim([a], [b])"),
        ("Append( , \"x\")", "must not be left out", "Append( , \"x\")"),
        ("Trim(\"a)", "never closed", "\"a)"),
        ("Trim([a)", "never closed", "[a)"),
        ("Trim([a]", "never closed", "Trim"),
        ("Trim([a]))", "nothing may follow", ")"),
        ("Replace([a], , \"(\", , \"\", , )", "does not parse", "\"(\""),
        ("Replace([a], , \"(?=a)\", , \"\", , )", "look-around", "\"(?=a)\""),
        ("Replace([a], , \"(?<x>a)\", \"y\", \"\", , )", "no group", "\"y\""),
        ("Replace([a], \"b\")", "choice of arguments", "Replace([a], \"b\")"),
        ("Trim(SelectUniqueValue([a], [b]))", "outermost", "SelectUniqueValue"),
        ("Switch([a], \"x\", \"k\")", "even number", "Switch([a], \"x\", \"k\")"),
        ("DateAdd(\"q\", 1, [a])", "no interval", "\"q\""),
        ("FormatDateTime([a], , \"'x\", \"yyyy\")", "never closed", "\"'x\""),
        ("Mid([a], \"x\", 1)", "must be an integer", "\"x\""),
        ("CDate(\"tomorrow\")", "no date", "\"tomorrow\""),
        ("IIF([a]=1 And [b]=1, \"\", \"\")", "comma", "And"),
        ("[a]=[b]", "a comparison alone", "[a]=[b]"),
        ("Trim(true)", "means nothing", "true"),
        ("", "is empty", ""),
        ("Trim(“a”)", "straight", "“a”"),
    ] {
        let found = mistakes(text);
        let first = &found[0];
        assert!(first.message.contains(words), "{text}: {found:#?}");
        assert_eq!(&text[first.start..first.end], at, "{text}: {found:#?}");
    }
}

#[test]
fn a_slip_of_the_pen_is_met_with_the_right_name() {
    let hint = |text: &str| mistakes(text)[0].hint.clone().unwrap_or_default();
    assert_eq!(hint("StripSpace([a])"), "did you mean StripSpaces?");
    assert_eq!(hint("Trim(IgnoreAtributeFlow)"), "did you mean IgnoreAttributeFlow?");
    assert_eq!(hint("Trim(now)"), "write Now(...) to call the function");
}

#[test]
fn all_mistakes_of_an_expression_are_reported_in_order() {
    let found = mistakes("Join(\",\", Trim(), Nope([a]), Mid([b], 1), \"x)");
    let starts: Vec<usize> = found.iter().map(|mistake| mistake.start).collect();
    assert!(found.len() >= 4, "{found:#?}");
    assert!(starts.is_sorted(), "{found:#?}");
}

#[test]
fn an_expression_tells_about_itself() {
    let direct = Expression::parse(" [urn:x:User:department] ").expect("an attribute");
    assert_eq!(direct.direct(), Some("urn:x:User:department"));
    let unique = Expression::parse("SelectUniqueValue([b], [a])").expect("a call");
    assert!(unique.unique() && unique.direct().is_none() && !unique.redacted());
    assert_eq!(unique.attributes().iter().collect::<Vec<_>>(), ["a", "b"]);
    assert!(Expression::parse("Redact([a])").expect("a call").redacted());
    assert_eq!(format!("{unique:?}"), unique.text());
}

#[test]
fn every_function_describes_itself() {
    let functions = functions();
    assert!(functions.len() >= 45 && functions.is_sorted_by_key(|function| function.name));
    for function in functions {
        assert!(function.signature.starts_with(&format!("{}(", function.name)), "{}", function.name);
        assert!(function.summary.ends_with('.'), "{}", function.name);
    }
}

#[test]
fn what_is_never_closed_is_told_alone() {
    for (text, start) in [("Append(\"a", 7), ("Join(\",\", [a", 10), ("Switch([a], \"b", 12)] {
        let found = mistakes(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!((found[0].start, found[0].end), (start, text.len()), "{text}");
    }
}
