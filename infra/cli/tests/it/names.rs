//! What the next hires would be called, whom a first run would take over, and who refers to whom in a circle.

use crate::company::Company;
use serde_json::Value;

fn next(company: &Company, first: &str, last: &str, count: &str) -> (i32, String) {
    company.run(&["names", "--first-name", first, "--last-name", last, "--next", count])
}

#[test]
fn the_next_hires_take_what_those_before_them_leave_and_nothing_is_reserved() {
    let company = Company::new();
    assert_eq!(company.run(&["run"]).0, 0);
    let (code, text) = next(&company, "Sören", "Hartmann", "3");
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains(" soren.hartmann@"), "somebody has it: {text}");
    assert!(text.contains("1  userPrincipalName    s.hartmann@northwind.example"), "{text}");
    assert_eq!(next(&company, "Sören", "Hartmann", "3").1, text);
    let (code, found) = company.run(&["names", "--first-name", "Nova", "--last-name", "Neu", "--next", "20", "--json"]);
    let found: Value = serde_json::from_str(&found).expect(&found);
    assert_eq!((code, found["next"].as_array().unwrap().len()), (0, 20));
    assert_eq!(found["next"][0]["userPrincipalName"], "nova.neu@northwind.example");
}

#[test]
fn who_would_wait_is_told_and_what_is_missing_is_named() {
    let company = Company::new();
    let rules = std::fs::read_to_string(company.path("tenure.toml")).unwrap();
    std::fs::write(company.path("tenure.toml"), rules.replace("[LatinLastName], [WorkerID]", "[LatinLastName]"))
        .unwrap();
    let (code, text) = next(&company, "Nova", "Neu", "4");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("hire 3 would wait: name more alternatives for userPrincipalName"), "{text}");
    std::fs::write(
        company.path("tenure.toml"),
        rules.replace("[LatinLastName], [WorkerID]", "[LatinLastName], [City]"),
    )
    .unwrap();
    let (code, text) = next(&company, "Nova", "Neu", "4");
    assert!(code == 1 && text.contains("--set City="), "{text}");
    let arguments = ["names", "--first-name", "Nova", "--last-name", "Neu", "--next", "3", "--set", "City=Bonn{n}"];
    assert!(company.run(&arguments).1.contains("nova.neu.bonn3@"));
}

#[test]
fn circles_of_managers_are_reported() {
    let company = Company::new();
    company.set("00001", "ManagerID", "00002");
    let (code, text) = company.run(&["check"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2 records are in a circle of manager references"), "{text}");
    let (code, text) = company.run(&["run"]);
    assert_eq!(code, 0, "{text}");
    assert!(company.run(&["run"]).1.contains("nothing to do"));
}
