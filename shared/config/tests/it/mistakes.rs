//! Every mistake is reported at once, each at its place.

use crate::example::{GOOD, changed, load, only_mistake};

const WRONG: &str = include_str!("wrong.toml");

#[test]
fn all_mistakes_of_a_file_are_reported_at_once_each_in_its_line() {
    let mistakes = load(WRONG).expect_err("a file full of mistakes");
    let mut expected = 0;
    for (index, line) in WRONG.lines().enumerate().skip(1) {
        let Some((_, expectations)) = line.split_once("# expect: ") else { continue };
        for expectation in expectations.split(" | ") {
            expected += 1;
            let here: Vec<String> =
                mistakes.iter().filter(|mistake| mistake.line == index + 1).map(ToString::to_string).collect();
            let found = here.iter().any(|shown| expectation.split(" + ").all(|part| shown.contains(part)));
            assert!(found, "line {}: {expectation}: {here:#?}", index + 1);
        }
    }
    let shown: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), expected, "{shown:#?}");
    assert!(expected >= 40);
}

#[test]
fn a_secret_that_was_written_down_is_never_repeated() {
    let mistakes = load(WRONG).expect_err("a file full of mistakes");
    assert!(mistakes.iter().all(|mistake| !mistake.to_string().contains("hunter2")));
}

#[test]
fn a_mistake_shows_file_line_column_and_hint() {
    assert_eq!(
        only_mistake(&changed("on-create", "on-crate")),
        "tenure.toml:40:9: error: unknown `apply`: `on-crate`\n  hint: did you mean `on-create`?"
    );
}

#[test]
fn columns_count_characters_and_not_bytes() {
    let text = changed("{ attribute = \"Country\"", "{ attribute = \"Länderkürzel\", operater = \"\"");
    let mistakes = load(&text).expect_err("a mistake");
    let shown: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(
        shown.iter().any(|shown| shown.starts_with("tenure.toml:28:35: error: a clause has an unknown key")),
        "{shown:#?}"
    );
}

#[test]
fn several_syntax_errors_are_reported_and_nothing_that_only_follows_from_them() {
    let text = changed("url = \"people.csv\"", "url = people.csv").replacen("every = \"40m\"", "every = ", 1);
    let mistakes = load(&text).expect_err("syntax errors");
    let lines: Vec<usize> = mistakes.iter().map(|mistake| mistake.line).collect();
    assert!(lines.contains(&3) && lines.contains(&21), "{mistakes:#?}");
    assert!(lines.iter().all(|line| [3, 21].contains(line)), "{mistakes:#?}");
}

#[test]
fn other_mistakes_are_reported_beside_a_syntax_error() {
    let text = changed("on-create", "on-crate").replacen("every = \"40m\"", "every = ", 1);
    let mistakes = load(&text).expect_err("mistakes");
    assert!(mistakes.iter().any(|mistake| mistake.line == 40), "{mistakes:#?}");
}

#[test]
fn a_key_that_stands_twice_is_a_mistake() {
    let shown = only_mistake(&changed("every = \"40m\"", "every = \"40m\"\nevery = \"50m\""));
    assert_eq!(shown, "tenure.toml:22:1: error: duplicate key");
}

#[test]
fn an_empty_file_lacks_connectors_and_jobs() {
    let mistakes = load("").expect_err("nothing in it");
    let messages: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
    assert_eq!(messages, ["there are no connectors", "there are no jobs"]);
}

#[test]
fn a_default_domain_is_needed_where_an_expression_uses_it() {
    let shown = only_mistake(&changed("default_domain = \"contoso.example\"\n", ""));
    assert!(shown.contains("uses DefaultDomain(), but the job has no `default_domain`"), "{shown}");
}

#[test]
fn an_attribute_that_cannot_be_empty_is_not_cleared() {
    let text = changed("target = \"displayName\"\n", "target = \"displayName\"\nclear = true\n");
    assert!(only_mistake(&text).starts_with("tenure.toml:44:9: error: the target refuses an empty `displayName`"));
}

#[test]
fn a_matching_attribute_has_one_value() {
    let shown = only_mistake(&changed("[\"employeeId\"]", "[\"userPrincipalName\"]"));
    assert!(shown.contains("the matching attribute `userPrincipalName` uses SelectUniqueValue"), "{shown}");
}

#[test]
fn a_flag_takes_true_or_false_only() {
    let shown = only_mistake(&changed("constant = true", "constant = \"yes\""));
    assert!(shown.contains("`accountEnabled` takes true or false"), "{shown}");
}

#[test]
fn text_that_makes_no_sense_at_all_is_no_panic() {
    for text in ["[[[", "a = [1, {", "\u{0}", "'''", "[a]\n[a]\n[[a]]", "jobs = 3\nconnectors = []", "[jobs]\nx = 1"] {
        assert!(load(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_file_that_ends_too_early_or_lacks_a_character_is_no_panic() {
    let places: Vec<usize> = GOOD.char_indices().map(|(at, _)| at).step_by(3).collect();
    for at in places {
        let _ = load(&GOOD[..at]);
        let _ = load(&format!("{}{}", &GOOD[..at], &GOOD[at + 1..]));
    }
}

#[test]
fn of_very_many_mistakes_a_hundred_are_told() {
    let mistakes = config::load(&"\r".repeat(20_000), "tenure.toml", &|_| None).expect_err("no line ends");
    assert_eq!(mistakes.len(), 100);
    let unknown: Vec<String> = (0..200).map(|number| format!("a{number} = 1")).collect();
    let mistakes = config::load(&unknown.join("\n"), "tenure.toml", &|_| None).expect_err("unknown keys");
    assert!(mistakes.len() == 100 && mistakes.is_sorted_by_key(|mistake| mistake.line));
}
