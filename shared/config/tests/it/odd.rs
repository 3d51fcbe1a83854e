//! What can be used and is probably not meant, and what branches give that the target refuses.

use crate::example::{GOOD, changed, load, only_mistake};

/// The good configuration with another expression for an attribute that takes a text.
fn department(expression: &str) -> String {
    changed(
        "expression = \"[Department]\"\ndefault = \"unknown\"\nclear = false",
        &format!("expression = '{expression}'"),
    )
}

/// The same for the flag.
fn enabled(expression: &str) -> String {
    changed("constant = true", &format!("expression = '{expression}'"))
}

/// The same for an attribute without which the target makes no account.
fn displayed(expression: &str) -> String {
    changed(r#"expression = 'Join(" ", [First], [Last])'"#, &format!("expression = '{expression}'"))
}

#[test]
fn a_branch_that_gives_what_the_target_refuses_is_a_mistake_at_its_place() {
    let shown = only_mistake(&enabled(r#"Switch([Active], "yes", "0", "False")"#));
    assert!(shown.contains(":48:32: error: `accountEnabled` takes True or False"), "{shown}");
    let long = "x".repeat(65);
    let shown = only_mistake(&department(&format!(r#"IIF([a] = "b", "{long}", [Department])"#)));
    assert!(shown.contains("`department` takes at most 64 characters"), "{shown}");
}

#[test]
fn nothing_where_the_target_needs_something_is_told_unless_a_default_takes_its_place() {
    let shown = only_mistake(&displayed(r#"IIF([Kind] = "1", "Somebody", "")"#));
    assert!(shown.contains("warning: this branch gives nothing") && shown.contains("displayName"), "{shown}");
    let shown = only_mistake(&displayed("ToLower([First], )"));
    assert!(shown.contains("where `First` is empty, `displayName` is, too"), "{shown}");
    for fine in [
        "Switch([First], [First], \"\", \"Somebody\")",
        "IIF([First] = \"1\", \"True\", \"False\")",
        "[WorkerID]",
        "Coalesce([First], \"Somebody\")",
        "IIF([First] = \"1\", \"True\", [First])",
    ] {
        let mistakes = load(&displayed(fine)).map_or_else(|mistakes| mistakes, |config| config.warnings);
        assert_eq!(mistakes, [], "{fine}");
    }
    let text = displayed("[First]").replace("expression = '[First]'", "expression = '[First]'\ndefault = \"Somebody\"");
    assert_eq!(load(&text).expect("no mistake").warnings, []);
}

#[test]
fn a_lint_of_the_language_stands_at_its_place_in_the_file() {
    let shown = only_mistake(&department(r#"Append("a", "b")"#));
    assert!(shown.starts_with("tenure.toml:52:15: warning: "), "{shown}");
}

#[test]
fn a_constant_that_no_expression_can_hold_is_a_mistake_and_no_missing_mapping() {
    let filter = |constant: &str| {
        format!("{GOOD}\n[[jobs.hr-to-entra.mappings]]\ntarget = \"objectFilter\"\nconstant = \"{constant}\"\n")
    };
    assert!(load(&filter("False")).is_ok());
    let shown = only_mistake(&filter(&"x".repeat(10_001)));
    assert!(shown.contains("at most 10,000 characters"), "{shown}");
}
