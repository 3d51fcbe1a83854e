//! Function by function: nothing, empty texts, lists, arguments that are left out, and numbers at the edge. Where
//! Microsoft's documentation is silent, what stands here is this project's choice.

use jiff::Timestamp;
use mapping::{Context, Expression, Outcome};
use record::{Record, Value};

/// What comes of an expression: `null`, `error`, `refused`, or the values with `|` between them.
fn outcome(text: &str) -> String {
    let Ok(expression) = Expression::parse(text) else { return "refused".to_owned() };
    let list = |texts: &[&str]| Value::Many(texts.iter().map(|text| (*text).to_owned()).collect());
    let record = Record::new("1")
        .with("name", "Jo")
        .with("empty", "")
        .with("blank", " ")
        .with("list", list(&["b", "a", "b"]))
        .with("one", list(&["x"]))
        .with("holes", list(&["", "z"]));
    let now = "2024-02-29T12:00:00Z".parse::<Timestamp>().expect("an instant");
    let context = Context { record: &record, now, seed: b"seed", default_domain: None };
    match expression.evaluate(&context) {
        Ok(Outcome::Value(Value::One(text))) => text,
        Ok(Outcome::Value(Value::Many(texts))) => texts.join("|"),
        Ok(Outcome::Null) => "null".to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(_) => "error".to_owned(),
    }
}

#[track_caller]
fn all(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(outcome(text), *expected, "{text}");
    }
}

#[test]
fn texts_are_changed_as_a_whole_and_value_by_value() {
    all(&[
        (r#"Append([no], "x")"#, "null"),
        (r#"Append([empty], "x")"#, "x"),
        ("Append([name], [no])", "Jo"),
        (r#"Append([list], "!")"#, "b!|a!|b!"),
        ("Append([name], [list])", "error"),
        (r#"Append(, "x")"#, "refused"),
        ("Trim([blank])", ""),
        ("Trim(\"\u{a0} x \t\n\")", "x"),
        (r#"StripSpaces(" a b	c ")"#, "ab\tc"),
        ("ToLower([no])", "null"),
        (r#"ToLower("İI", )"#, "İi"),
        (r#"ToLower("İI", "tr-TR")"#, "iı"),
        (r#"ToUpper("ıi", "az-Latn-AZ")"#, "Iİ"),
        (r#"ToUpper("ıi", "lt")"#, "II"),
        (r#"ToUpper("straße")"#, "STRAßE"),
        (r#"ToUpper("x", "no culture")"#, "refused"),
        (r#"PCase("JEAN-LUC o'NEIL (3rd)")"#, "Jean-Luc O'neil (3Rd)"),
        (r#"PCase("JEAN-LUC o'NEIL", " ")"#, "Jean-luc O'neil"),
        (r#"PCase("a b", "")"#, "A b"),
        (r#"PCase([no], " ")"#, "null"),
        (r#"NormalizeDiacritics("Þóra Ødegård Øster ßŁ")"#, "Þora OEdegard OEster ssL"),
        ("CStr([list])", "b|a|b"),
        ("Redact([no])", "null"),
    ]);
}

#[test]
fn parts_are_counted_from_1_and_never_fail_for_being_too_short() {
    all(&[
        (r#"Left("abc", 0)"#, ""),
        (r#"Left("abc", -1)"#, "abc"),
        (r#"Left("abc", 99999999999)"#, "abc"),
        (r#"Left("abc", "2")"#, "ab"),
        ("Left([empty], 2)", ""),
        ("Left([one], 2)", "x"),
        (r#"Left("abc", [no])"#, "error"),
        (r#"Left("abc", )"#, "refused"),
        (r#"Mid("abc", 1, 0)"#, ""),
        (r#"Mid("abc", 0, 2)"#, "abc"),
        (r#"Mid("abc", -4, 2)"#, "abc"),
        (r#"Mid("abc", 3, 9)"#, "c"),
        (r#"Mid("abc", 4, 1)"#, "abc"),
        (r#"Mid("abc", 2, -1)"#, "abc"),
        ("Mid([empty], 1, 1)", ""),
        (r#"InStr("abcabc", "c", 4)"#, "6"),
        (r#"InStr("abc", "c", 9)"#, "0"),
        (r#"InStr("abc", "")"#, "1"),
        (r#"InStr("", "")"#, "0"),
        (r#"InStr("abc", "B")"#, "0"),
        (r#"InStr("abc", "B", , vbTextCompare)"#, "2"),
        (r#"InStr("abc", "B", 1, "vbTextCompare")"#, "2"),
        (r#"InStr([no], "a")"#, "0"),
        (r#"InStr("abc", "a", 0)"#, "error"),
        (r#"InStr("abc", "a", 1, UTF8)"#, "refused"),
        (r#"Word("a, b;;c", 2, ",; ")"#, "b"),
        (r#"Word("a, b;;c", 3, ",; ")"#, "c"),
        (r#"Word("a b", 3, " ")"#, ""),
        (r#"Word("a b", -1, " ")"#, ""),
        (r#"Word("a b", 1, "")"#, "a b"),
        (r#"Word([no], 1, " ")"#, ""),
    ]);
}

#[test]
fn lists_are_joined_counted_and_taken_apart() {
    all(&[
        (r#"Join(",", [no], [empty], [list], "x")"#, "b,a,b,x"),
        (r#"Join([no], "a", "b")"#, "ab"),
        (r#"Join(",", "a", , "b", )"#, "a,b"),
        (r#"Join("", 007, &HF7, -1)"#, "007247-1"),
        (r#"Join(",", [no])"#, ""),
        (r#"Split("a, b ,,c", ",")"#, "a|b|c"),
        (r#"Count(Split("a, b ,,c", ","))"#, "4"),
        (r#"Split([no], ",")"#, "null"),
        (r#"Split("a", "")"#, "refused"),
        (r#"Split("a", [empty])"#, "error"),
        ("Item([list], 3)", "b"),
        ("Item([list], 4)", "error"),
        ("Item([list], -1)", "error"),
        ("Item([name], 1)", "Jo"),
        ("Item([no], 1)", "null"),
        ("Count([no])", "0"),
        ("Count([one])", "1"),
        ("Count([holes])", "2"),
        ("[holes]", "|z"),
        ("Trim([holes])", "z"),
        ("RemoveDuplicates([list])", "b|a"),
        ("RemoveDuplicates([name])", "Jo"),
        ("SingleAppRoleAssignment([holes])", "z"),
    ]);
}

#[test]
fn conditions_and_choices_know_null_and_numbers() {
    all(&[
        (r#"Switch([no], "d", "", "nothing")"#, "nothing"),
        (r#"Switch([empty], "d", "", "nothing")"#, "nothing"),
        (r#"Switch([no], "d", [no], "nothing")"#, "nothing"),
        (r#"Switch([name], , "jo", "x")"#, "null"),
        (r#"Switch([name], "d", "Jo", )"#, "null"),
        (r#"Switch([list], "d", "b", "x")"#, "d"),
        (r#"Switch([name], "d")"#, "d"),
        (r#"Switch("1", "d", 1, "x", )"#, "x"),
        (r#"Switch("01", "d", 1, "x")"#, "d"),
        (r#"Coalesce([no], , [empty], "x")"#, ""),
        ("Coalesce([no], )", "null"),
        (r#"IIF([no] = "", "x", "y")"#, "x"),
        (r#"IIF([no] <> "a", "x", "y")"#, "x"),
        (r#"IIF([no] = 0, "x", "y")"#, "y"),
        (r#"IIF("1.50" = 1.5, "x", "y")"#, "refused"),
        (r#"IIF("2" > "10", "x", "y")"#, "y"),
        (r#"IIF("-2" < -1, "x", "y")"#, "x"),
        (r#"IIF("b" > "a", "x", "y")"#, "x"),
        (r#"IIF([name], "x", "y")"#, "y"),
        (r#"IIF(2, "x", "y")"#, "x"),
        (r#"IIF("TRUE", "x", "y")"#, "x"),
        (r#"IIF([no], "x", )"#, "null"),
        (r#"IIF(IsPresent([empty]), "x", "y")"#, "y"),
        ("CBool([no])", "False"),
        (r#"CBool("-1")"#, "True"),
        ("CBool(&H0)", "False"),
        (r#"CBool([list] = "b")"#, "False"),
        ("Not([no])", "True"),
        (r#"Not("TRUE")"#, "False"),
        (r#"Not("yes")"#, "True"),
        ("IsNull([empty])", "False"),
        ("IsNullOrEmpty([blank])", "False"),
        ("IsString([list])", "False"),
        ("IsString([no])", "False"),
        (r#"BitAnd(&hff, "&H0F")"#, "15"),
        ("BitAnd(-1, 6)", "6"),
        ("BitAnd([no], 6)", "error"),
        ("IgnoreFlowIfNullOrEmpty([blank])", " "),
        ("IgnoreFlowIfNullOrEmpty([empty])", "IgnoreAttribute"),
        (r#"Join("", "a", IgnoreObjectFlow)"#, "IgnoreObject"),
        ("DefaultDomain()", "error"),
    ]);
}

#[test]
fn dates_are_added_and_compared_by_the_calendar() {
    all(&[
        (r#"DateAdd("m", 12, "2024-02-29")"#, "2/28/2025 12:00:00 AM"),
        (r#"DateAdd("m", -1, "2024-03-31")"#, "2/29/2024 12:00:00 AM"),
        (r#"DateAdd("yyyy", "-4", Now())"#, "2/29/2020 12:00:00 PM"),
        (r#"DateAdd("ww", 1, Now())"#, "3/7/2024 12:00:00 PM"),
        (r#"DateAdd("n", -721, Now())"#, "2/28/2024 11:59:00 PM"),
        (r#"DateAdd("s", 1, "2023-12-31T23:59:59.9")"#, "1/1/2024 12:00:00 AM"),
        (r#"DateAdd("d", 1.5, Now())"#, "refused"),
        (r#"DateAdd("d", [no], Now())"#, "error"),
        (r#"DateDiff("yyyy", "2023-12-31", "2024-01-01")"#, "1"),
        (r#"DateDiff("m", "2024-01-31", "2023-12-01")"#, "-1"),
        (r#"DateDiff("ww", "2024-03-02", "2024-03-03")"#, "1"),
        (r#"DateDiff("d", "2024-03-02T01:00", "2024-03-01T02:00")"#, "0"),
        (r#"DateDiff("h", "2024-03-02T01:00", "2024-03-01T01:30")"#, "-23"),
        (r#"DateDiff("n", "2024-03-02", "2024-03-02T00:01:59")"#, "1"),
        (r#"DateDiff("s", "2024-03-02+01:00", "2024-03-02Z")"#, "3600"),
        (r#"DateDiff("w", Now(), Now())"#, "refused"),
        (r#"CDate("2024-02-30")"#, "refused"),
        ("CDate([blank])", "error"),
        (r#"CDate(" 2024-02-29T24:00 ")"#, "refused"),
        (r#"NumFromDate("1601-01-01")"#, "0"),
        (r#"NumFromDate("1601-01-01T00:00:00.0000001Z")"#, "1"),
        (r#"NumFromDate("1600-12-31T23:59:59Z")"#, "error"),
        ("DateFromNum(0)", "1/1/1601 12:00:00 AM"),
        (r#"DateFromNum(NumFromDate("9999-12-31 23:59:59"))"#, "12/31/9999 11:59:59 PM"),
        ("DateFromNum(9223372036854775807)", "error"),
        ("DateFromNum(99999999999999999999)", "refused"),
        (r#"FormatDateTime([no], , "yyyy", "yy")"#, "null"),
        (r#"FormatDateTime([empty], , "yyyy", "yy")"#, "error"),
        (r#"FormatDateTime("2024-02-29", "yyyy-MM-dd", "d. MMMM yyyy")"#, "29. February 2024"),
        (r#"FormatDateTime("2024-02-29", , "yyyy-MM-dd", "ddd 'the' d \\t\\h")"#, "Thu the 29 th"),
        (r#"FormatDateTime("2024-02-29", , "yyyy-MM-dd", "H")"#, "refused"),
        (r#"FormatDateTime("2024-02-29", , "yyyy-MM-dd", "%H")"#, "0"),
        (r#"FormatDateTime("2024-02-29", , "yyyy-MM-dd", )"#, "refused"),
        (r#"FormatDateTime("1:02:03.5 pm", , "h:mm:ss.FFF tt", "HHmmss.fff")"#, "130203.500"),
    ]);
}

#[test]
fn other_alphabets_are_read_strictly() {
    all(&[
        ("ConvertToBase64([no])", "null"),
        ("ConvertToBase64([empty])", ""),
        (r#"ConvertFromBase64(ConvertToBase64("Zoë 😀"))"#, "Zoë 😀"),
        (r#"ConvertFromBase64("SGVs bG8", UTF8)"#, "Hello"),
        (r#"ConvertFromBase64("SGVsbG8=", "ASCII")"#, "Hello"),
        (r#"ConvertFromBase64("w6s=", ASCII)"#, "error"),
        (r#"ConvertFromBase64("SGVsbG8=")"#, "error"),
        (r#"ConvertFromBase64("?")"#, "error"),
        (r#"ConvertFromBase64("SGVsbG8=", UTF7)"#, "refused"),
        (r#"ConvertToUTF8Hex("ë")"#, "C3AB"),
        (r#"DNComponent("CN=Doe\\, Jo,OU=x", 1)"#, "Doe, Jo"),
        (r#"DNComponent("CN=Doe,OU=x", 3)"#, "error"),
        ("DNComponent([no], 1)", "null"),
        (r#"StringFromSid("AQEAAAAAAAUSAAAA")"#, "S-1-5-18"),
    ]);
}

#[test]
fn the_arguments_of_replace_say_what_it_does() {
    all(&[
        (r#"Replace([no], "a", , , "b", , )"#, "null"),
        (r#"Replace("aAa", "a", , , "", , )"#, "A"),
        (r#"Replace("aaa", "aa", , , "b", , )"#, "ba"),
        (r#"Replace("abc", "", , , "x", , )"#, "abc"),
        (r#"Replace("abc", "b", , , [no], , )"#, "ac"),
        (r#"Replace("Jo", "<u>", , , , , "<u>@x, <u>")"#, "Jo@x, Jo"),
        (r#"Replace([empty], "<u>", , , , , "<u>@x")"#, "@x"),
        (r#"Replace("a1b22", , "(?<n>\d+)", , "<${n}>", , )"#, "a<1>b<22>"),
        (r#"Replace("a1b22", , "(?<n>\\d+)", , "<$1$$>", , )"#, "a<1$>b<22$>"),
        (r#"Replace("abc", , "x", , "y", , )"#, "abc"),
        (r#"Replace("abc", , "x*", , "-", , )"#, "-a-b-c-"),
        (r#"Replace("5 St 7", , "(?<n>\d) St", "n", "9", , )"#, "9 St 7"),
        (r#"Replace("x", , "(?<n>\d)", "n", "9", , )"#, "x"),
        (r#"Replace([empty], , "(?<n>J)o", "n", , [name], )"#, "J"),
        (r#"Replace([blank], , "(?<n>J)o", "n", , [name], )"#, " "),
        (r#"Replace([no], , "(?<n>x)", "n", , [name], )"#, "null"),
        (r#"Replace("a", "a", "b", , "c", , )"#, "refused"),
        (r#"Replace("a", , , , "c", , )"#, "refused"),
        (r#"Replace([list], "a", , , "b", , )"#, "error"),
    ]);
}
