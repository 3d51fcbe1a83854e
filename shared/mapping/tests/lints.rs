//! What is worth a look in an expression, and what is not.

use mapping::{Expression, Lint, LintKind};

fn lints(text: &str) -> Vec<Lint> {
    Expression::parse(text).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:#?}")).lints()
}

/// The one lint of an expression, as the place that it is about and its message.
fn only(text: &str, kind: LintKind) -> (&str, String) {
    let found = lints(text);
    let [lint] = found.as_slice() else { panic!("{text}: {found:#?}") };
    assert_eq!(lint.kind, kind, "{text}");
    (&text[lint.start..lint.end], lint.message.clone())
}

#[track_caller]
fn doubted(text: &str, place: &str, words: &str) {
    let (found, message) = only(text, LintKind::Doubtful);
    assert_eq!(found, place, "{text}");
    assert!(message.contains(words), "{text}: {message}");
}

#[track_caller]
fn disputed(text: &str, place: &str) {
    assert_eq!(only(text, LintKind::Disputed).0, place, "{text}");
}

#[test]
fn functions_of_constants_give_everybody_the_same() {
    doubted("Join(\" \", \"a\", ToLower(\"B\"))", "Join(\" \", \"a\", ToLower(\"B\"))", "everybody the same");
    for text in ["[a]", "\"a\"", "Now()", "Join(\"@\", \"x\", DefaultDomain())", "Error(\"no\")", "Left(Guid(), 3)"] {
        assert_eq!(lints(text), [], "{text}");
    }
}

#[test]
fn days_compared_with_zero_are_a_day_off() {
    for (condition, words) in [
        ("DateDiff(\"d\", Now(), CDate([a])) <= 0", "this is true from nearly a day before on"),
        ("DateDiff(\"d\", Now(), CDate([a])) > 0", "the opposite is true from nearly a day before on"),
        ("DateDiff(\"d\", Now(), CDate([a])) >= 0", "this is true until nearly a day after"),
        ("DateDiff(\"d\", Now(), CDate([a])) < \"0\"", "the opposite is true until nearly a day after"),
        ("DateDiff(\"d\", CDate([a]), Now()) >= 0", "this is true from nearly a day before on"),
        ("0 >= DateDiff(\"d\", Now(), CDate([a]))", "this is true from nearly a day before on"),
        ("DateDiff(\"d\", DateAdd(\"h\", 9, Now()), CDate([a])) <= 0", "this is true from nearly a day before on"),
        ("DateDiff(\"d\", [a], [b]) <= 0", "from nearly a day before until nearly a day after"),
        ("DateDiff(\"d\", Now(), CDate([a])) = 0", "from nearly a day before until nearly a day after"),
    ] {
        doubted(&format!("IIF({condition}, \"x\", \"y\")"), condition, words);
    }
    for text in [
        "IIF(DateDiff(\"h\", Now(), CDate([a])) <= 0, \"x\", \"y\")",
        "IIF(DateDiff(\"d\", Now(), CDate([a])) <= 14, \"x\", \"y\")",
        "IIF(DateDiff(\"m\", Now(), CDate([a])) > 0, \"x\", \"y\")",
    ] {
        assert_eq!(lints(text), [], "{text}");
    }
}

#[test]
fn dates_are_not_to_be_compared_as_texts_or_read_by_another_format() {
    doubted("IIF(CDate([a]) > Now(), \"x\", \"y\")", "CDate([a]) > Now()", "compared as texts");
    assert_eq!(lints("IIF(CDate([a]) = CDate([b]), \"x\", \"y\")"), []);
    doubted(
        "FormatDateTime(DateAdd(\"yyyy\", 5, CDate([a])), , \"yyyy-MM-dd\", \"yyyy\")",
        "\"yyyy-MM-dd\"",
        "reading them fails",
    );
    doubted("FormatDateTime(Now(), \"MM/dd/yyyy hh:mm:ss tt\", \"yyyy\")", "\"MM/dd/yyyy hh:mm:ss tt\"", "fails");
    assert_eq!(lints("FormatDateTime(Now(), , \"M/d/yyyy h:mm:ss tt\", \"yyyy\")"), []);
    assert_eq!(lints("FormatDateTime([a], , \"yyyy-MM-dd\", \"yyyy\")"), []);
}

#[test]
fn letters_of_formats_are_not_to_be_taken_for_each_other() {
    let reads = |format: &str| format!("FormatDateTime([a], , \"{format}\", \"yyyy\")");
    let writes = |format: &str| format!("FormatDateTime([a], , \"yyyy-MM-dd\", \"{format}\")");
    for (format, message) in [
        ("yyyy-mm-dd", "`mm` are minutes"),
        ("yyyy-MM-ddTHH:MM:ssZ", "`MM` behind the hours are months"),
        ("YYYY-MM-dd", "`Y` means nothing"),
        ("dd.MM.yyyy hh:mm", "`hh` ends at 12"),
    ] {
        let place = format!("\"{format}\"");
        doubted(&reads(format), &place, message);
        doubted(&writes(format), &place, message);
    }
    for format in ["yyyy-MM-ddTHH:mm:ssZ", "M/d/yyyy h:mm:ss tt", "'YYYY' MM", "\\\\Y yyyy", "HH:mm dd.MM.yyyy", "m"] {
        assert_eq!(lints(&writes(format)), [], "{format}");
    }
    doubted("FormatDateTime([a], \"yyyy-mm-dd\", \"yyyy\")", "\"yyyy-mm-dd\"", "`mm` are minutes");
}

#[test]
fn a_switch_compares_with_case() {
    doubted("Switch([state], \"none\", \"QLD\", \"Brisbane\")", "[state]", "with case");
    doubted("Switch(Trim([state]), \"none\", \"QLD\", \"Brisbane\")", "Trim([state])", "with case");
    for text in [
        "Switch(ToLower([state], ), \"none\", \"qld\", \"Brisbane\")",
        "Switch([active], , \"0\", \"True\", \"1\", \"False\")",
        "Switch([state], [state], \"\", \"none\")",
        "Switch([state], \"none\", \"QLD\", \"Brisbane\", \"qld\", \"Brisbane\")",
        "Switch(IIF([a]=1, \"A\", \"B\"), \"x\", \"A\", [b])",
    ] {
        assert_eq!(lints(text), [], "{text}");
    }
}

#[test]
fn keys_of_a_switch_that_nothing_meets_are_found() {
    doubted("Switch(ToLower([a], ), , \"QLD\", \"x\")", "\"QLD\"", "never found");
    doubted("Switch(Left(ToUpper([a]), 3), , \"qld\", \"x\")", "\"qld\"", "never found");
    doubted("Switch([a], , \"1\", \"x\", \"1\", \"y\")", "\"1\"", "only the first");
    doubted("Switch([a], , \"k\", \"x\", \"K\", \"y\")", "\"K\"", "in case only");
    doubted("Switch([a], \"1\", \"1\", \"x\", \"2\", \"y\")", "\"1\"", "wrong place");
    let text = "Switch([a], \"x\", \"1\", \"x\", \"2\", \"x\")";
    doubted(text, text, "change nothing");
    assert_eq!(lints("Switch([a], \"x\", \"1\", \"x\", \"2\", \"y\")"), []);
    doubted("Switch(CBool([a]=1), , \"true\", \"x\")", "\"true\"", "never meets");
    doubted("Switch(\"a\", , \"a\", [b])", "\"a\"", "always taken");
}

#[test]
fn comparisons_and_branches_that_are_always_the_same_are_found() {
    doubted("IIF([a] = [a], \"x\", \"y\")", "[a] = [a]", "both sides are the same");
    doubted("IIF(Trim([a]) = Trim( [a] ), \"x\", \"y\")", "Trim([a]) = Trim( [a] )", "both sides are the same");
    doubted("IIF(\"a\" = \"b\", [x], [y])", "\"a\" = \"b\"", "constants");
    doubted("IIF([a] = \"1\", [x], [x])", "IIF([a] = \"1\", [x], [x])", "both branches");
    doubted("IIF(\"True\", [x], [y])", "\"True\"", "always taken");
    doubted("IIF(ToLower([a]) = \"Active\", [x], [y])", "\"Active\"", "never found");
    doubted("IIF(Not([a]) = \"true\", [x], [y])", "\"true\"", "True or False");
    doubted("Coalesce([a], \"x\", [b])", "[b]", "never asked for");
    doubted("Coalesce(Join(\" \", [a], [b]), [c])", "[c]", "never asked for");
    doubted("Switch([a], \"x\")", "Switch([a], \"x\")", "no key");
    assert_eq!(lints("Coalesce([a], Trim([b]), Join(\" \", [c]))"), []);
    assert_eq!(lints("IIF([a] = \"1\", Guid(), Guid())"), []);
    assert_eq!(lints("IIF(DateDiff(\"h\", Now(), CDate(\"2030-01-01\")) > 0, [x], [y])"), []);
}

#[test]
fn a_text_that_cannot_be_found_is_not_replaced() {
    doubted("Replace(ToLower([a]), \"Corp\", , , \"\", , )", "\"Corp\"", "never found");
    doubted("Replace([a], \"x\", , , \"x\", , )", "Replace([a], \"x\", , , \"x\", , )", "by itself");
    doubted("Replace([a], \"<x>\", , , , , \"<y>@corp\")", "\"<x>\"", "template");
    doubted("InStr(ToUpper([a]), \"x\")", "\"x\"", "never found");
    for text in [
        "Replace(ToLower([a]), \"corp\", , , \"Corp\", , )",
        "Replace([a], \"@Corp.example\", , , \"\", , )",
        "Replace([a], \"<x>\", , , , , \"<x>@corp\")",
        "InStr(ToUpper([a]), \"x\", 1, vbTextCompare)",
    ] {
        assert_eq!(lints(text), [], "{text}");
    }
}

#[test]
fn candidates_are_offered_once_and_without_diacritics() {
    let plain = "NormalizeDiacritics([a])";
    doubted(&format!("SelectUniqueValue({plain}, [lastName])"), "[lastName]", "diacritics");
    let text = format!("SelectUniqueValue({plain}, {plain})");
    assert_eq!(lints(&text).len(), 1);
    assert_eq!(lints(&text)[0].start, text.rfind(plain).expect("it stands there twice"));
}

#[test]
fn what_the_documentation_tells_in_two_ways_is_named() {
    for condition in ["IsNullOrEmpty([a])", "IsPresent([a])", "IsNull([a])", "[a] = \"\"", "[a] <> \"\""] {
        disputed(&format!("IIF({condition}, [b], [c])"), condition);
    }
    disputed("Switch(IsPresent([a]), , \"True\", [b])", "IsPresent([a])");
    disputed("PCase([a])", "PCase([a])");
    assert_eq!(lints("PCase([a], \" -\")"), []);
    let fifth = "Replace([a], , \"(?<n>.*)\", \"n\", , [b], )";
    disputed(fifth, fifth);
}

/// The rules that come with the project.
#[test]
fn the_bundled_rules_are_clean() {
    let table = include_str!("../../../infra/cli/company/tenure.toml");
    let mut found = Vec::new();
    for (index, _) in table.match_indices("expression = ") {
        let rest = &table[index + "expression = ".len()..];
        let quote = if rest.starts_with("'''") { "'''" } else { &rest[..1] };
        let text = rest[quote.len()..].split(quote).next().expect("split gives a piece");
        found.extend(lints(text));
    }
    assert_eq!(found, []);
}
