//! What examples do not reach, and what they do not notice.

use super::{examples, rules};
use crate::{coverage, mutants, play};

const JOINER: &str = r#"
[[example]]
name = "a joiner"
expect = { change = "create", attributes = { department = "Weaving" } }
"#;

#[test]
fn an_arm_counts_once_an_example_took_it() {
    let rules = rules();
    let coverage = coverage(&rules, &examples(JOINER), "id");
    let unreached: Vec<_> =
        coverage.branches.iter().filter(|branch| !branch.reached).filter_map(|branch| branch.arm.as_deref()).collect();
    assert_eq!(unreached, [r#"Switch "leaver""#, "IIF false"]);
    assert_eq!(coverage.count(), (9, 11));
}

#[test]
fn who_is_out_of_scope_reaches_nothing() {
    let text = "[[example]]\nname = \"x\"\nrecord = { company = \"Other\" }\nexpect = { change = \"skip\" }\n";
    assert_eq!(coverage(&rules(), &examples(text), "id").count().0, 0);
}

#[test]
fn what_no_example_notices_is_left_over() {
    let rules = rules();
    let examples = examples(JOINER);
    let unnoticed: Vec<String> = mutants(&rules)
        .into_iter()
        .filter(|mutant| examples.iter().all(|example| play(example, &mutant.rules, "id").holds()))
        .map(|mutant| format!("{}: {}", mutant.place, mutant.change))
        .collect();
    let noticed = |what: &str| !unnoticed.iter().any(|one| one == what);
    assert!(noticed("department: the mapping left out"), "{unnoticed:#?}");
    assert!(noticed(r#"department: = is <> in [department] = "W""#), "{unnoticed:#?}");
    assert!(noticed(r#"department: "Weaving" is another text"#), "{unnoticed:#?}");
    assert!(!noticed("userPrincipalName: ToLower([name], ) does nothing"), "{unnoticed:#?}");
    assert!(!noticed(r#"accountEnabled: Switch without "leaver""#), "{unnoticed:#?}");
    assert!(!noticed("out_of_scope: leaves alone who falls out of scope"), "{unnoticed:#?}");
    assert!(!noticed("scope: without the clause company: company equals"), "{unnoticed:#?}");
}

#[test]
fn a_mutant_differs_from_the_rules_in_one_place() {
    let rules = rules();
    let mutants = mutants(&rules);
    assert!(mutants.len() > 30, "{}", mutants.len());
    for mutant in mutants {
        let other = mutant.rules.mappings.iter().zip(&rules.mappings);
        let changed = other.filter(|(one, was)| {
            one.target != was.target
                || one.expression != was.expression
                || one.apply != was.apply
                || one.clear != was.clear
        });
        let whole = mutant.rules.mappings.len() == rules.mappings.len();
        assert!(changed.count() <= usize::from(whole) || !whole, "{}: {}", mutant.place, mutant.change);
    }
}
