//! Examples that hold, fail, and cannot be read.

use super::{examples, failures, rules};

#[test]
fn an_example_that_holds_says_nothing() {
    let text = r#"
[[example]]
name = "a joiner"
[example.expect]
change = "create"
attributes = { userPrincipalName = "ada@example.com", department = "Weaving", accountEnabled = true, manager = "E9" }
without = ["jobTitle"]
"#;
    assert_eq!(failures(&rules(), text), Vec::<String>::new());
}

#[test]
fn each_difference_is_told_with_what_came() {
    let text = r#"
[[example]]
name = "all wrong"
[example.expect]
change = "nothing"
attributes = { department = "Sales", userPrincipalName = { matches = "[a-z]+@example\\.org" } }
without = ["displayName"]
changed = ["department"]
adopts = true
revisit = 2026-02-01
"#;
    let failures = failures(&rules(), text);
    assert_eq!(failures.len(), 7, "{failures:#?}");
    assert_eq!(failures[0], "expected nothing, came create");
    assert_eq!(failures[1], r#"department: expected "Sales", came "Weaving""#);
}

#[test]
fn a_step_begins_with_the_record_and_the_account_of_the_step_before() {
    let text = r#"
[[example]]
name = "in, out of scope, and back"
[[example.steps]]
expect = { change = "create" }
[[example.steps]]
expect = { change = "nothing" }
[[example.steps]]
record = { company = "Other" }
expect = { change = "disable", changed = ["accountEnabled"], attributes = { accountEnabled = false, department = "Weaving" } }
[[example.steps]]
absent = ["department"]
expect = { change = "skip", reason = "out of scope" }
[[example.steps]]
record = { company = "Loom" }
expect = { change = "enable", attributes = { department = "Weaving" } }
"#;
    assert_eq!(failures(&rules(), text), Vec::<String>::new());
}

#[test]
fn an_account_is_deleted_and_made_anew_if_the_rules_say_so() {
    let text = r#"
[[example]]
name = "out of scope, out again, and back"
[[example.steps]]
expect = { change = "create", attributes = { userPrincipalName = "ada@example.com" } }
[[example.steps]]
record = { company = "Other" }
expect = { change = "delete", without = ["department"] }
[[example.steps]]
record = { name = "Ida" }
expect = { change = "skip" }
[[example.steps]]
record = { name = "Ada", company = "Loom" }
expect = { change = "create", attributes = { userPrincipalName = "ada@example.com", department = "Weaving" } }
[[example.steps]]
record = { department = "Sales" }
expect = { change = "update", changed = ["department"] }
"#;
    let rules = planning::Rules { out_of_scope: planning::OutOfScope::Delete, ..rules() };
    assert_eq!(failures(&rules, text), Vec::<String>::new());
}

#[test]
fn who_is_left_out_of_the_input_stays_as_it_is() {
    let text = r#"
[[example]]
name = "out of the input, with everything that changed"
[[example.steps]]
expect = { change = "create" }
[[example.steps]]
record = { company = "Other", department = "Sales" }
expect = { change = "skip", reason = "input_scope", attributes = { department = "Weaving", accountEnabled = true } }
"#;
    let before = rules();
    let rules = planning::Rules { input_scope: before.scope.clone(), ..before };
    assert_eq!(failures(&rules, text), Vec::<String>::new());
}

#[test]
fn names_and_accounts_of_others_are_not_taken() {
    let text = r#"
[[example]]
name = "the name is somebody else's"
accounts = [{ userPrincipalName = "ADA@example.com", employeeId = "E5" }]
expect = { change = "create", attributes = { userPrincipalName = "E1@example.com" } }

[[example]]
name = "the name was somebody else's, and so is the other one"
taken = { userPrincipalName = ["ada@example.com", "E1@example.com"] }
expect = { change = "escrow", reason = "every candidate" }

[[example]]
name = "the account is the record's own"
accounts = [{ userPrincipalName = "ada@example.com", employeeId = "E1" }]
expect = { adopts = true, attributes = { userPrincipalName = "ada@example.com", department = "Weaving" } }

[[example]]
name = "an account that another record has is not shared"
accounts = [{ employeeId = "E1" }]
[[example.steps]]
expect = { adopts = true }
[[example.steps]]
record = { id = "E2" }
expect = { change = "create", attributes = { userPrincipalName = "E2@example.com" } }
"#;
    assert_eq!(failures(&rules(), text), Vec::<String>::new());
}

#[test]
fn a_record_without_a_key_is_told() {
    let text = "[[example]]\nname = \"who\"\nabsent = [\"id\"]\nexpect = { change = \"create\" }\n";
    let failures = failures(&rules(), text);
    assert!(failures[0].contains("the record has no id"), "{failures:?}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    for (text, place, words) in [
        ("now = \"2026-01-05\"\n", (1, 1), "no examples"),
        ("[[example]]\nname = \"x\"\nexpect = { chnge = \"create\" }\n", (3, 12), "unknown field"),
        ("[[example]]\nname = \"x\"\nnow = \"soon\"\nexpect = { }\n", (3, 7), "no date"),
        ("[[example]]\nname = \"x\"\nexpect = { change = \"created\" }\n", (3, 21), "known are create"),
        ("[[example]]\nname = \"x\"\n", (1, 1), "either `expect` or `steps`"),
        ("now = \"2026-01-05\"\n[person]\nid = [[1]]\n[[example]]\nname = \"x\"\nexpect = {}\n", (3, 6), "a value is"),
        ("[[example]]\nname = \"x\"\nexpect = { attributes = { a = { matches = \"(\" } } }\n", (3, 31), "regular"),
        ("[[example]\n", (1, 11), "unclosed"),
    ] {
        let mistakes = crate::read(text).expect_err(text);
        let first = &mistakes[0];
        assert_eq!((first.line, first.column), place, "{text}: {first}");
        assert!(first.message.contains(words), "{text}: {first}");
    }
}

#[test]
fn a_date_is_its_first_moment_and_a_native_date_is_one() {
    let examples =
        examples("[[example]]\nname = \"x\"\nnow = 2026-03-01T05:00:00Z\nexpect = { revisit = 2026-04-01 }\n");
    assert_eq!(examples[0].steps[0].now.to_string(), "2026-03-01T05:00:00Z");
    assert_eq!(examples[0].steps[0].expect.revisit.unwrap().to_string(), "2026-04-01");
}
