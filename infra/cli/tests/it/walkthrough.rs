//! What README.md tells a newcomer to do, done.

use crate::company::Company;
use std::process::Command;

#[test]
fn the_walk_through_the_readme_works_as_it_says() {
    let company = Company::new();
    let (code, text) = company.run(&["check"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = company.run(&["plan"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("248 creates"), "{text}");
    assert!(!company.path(".tenure/graph-simulator.jsonl").exists() || company.accounts().is_empty());
    let (code, text) = company.run(&["run"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("248 created"), "{text}");
    let accounts = company.accounts();
    assert_eq!(accounts.len(), 248);
    assert_eq!(accounts.values().filter(|user| user.contains_key("manager")).count(), 247);
    let (code, text) = company.run(&["run", "--full"]);
    assert_eq!((code, company.accounts() == accounts), (0, true), "{text}");
    assert!(text.contains("nothing to do"), "{text}");

    company.set("00033", "Department", "Logistics");
    let (_, text) = company.run(&["plan"]);
    assert!(text.contains("~ update  00033") && text.contains("→ \"Logistics\""), "{text}");
    let (code, text) = company.run(&["run"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = company.run(&["explain", "00033", "department"]);
    assert!(code == 0 && text.contains("→ \"Logistics\", by the mapping in line"), "{text}");
    let (code, text) = company.run(&["log", "00033"]);
    assert!(code == 0 && text.contains("update 00033: done"), "{text}");
    let (code, text) = company.run(&["status"]);
    assert!(code == 0 && text.contains("linked and in scope: 248"), "{text}");

    company.set("00044", "LastName", "Adler");
    let (code, text) = company.run(&["run", "--on-demand", "00044"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(company.accounts()["00044"]["surname"], "Adler");
}

#[test]
fn a_file_that_is_cut_off_is_held_and_a_word_decides() {
    let company = Company::new();
    company.run(&["run"]);
    let (whole, accounts) = (company.people(), company.accounts());
    let half = whole.lines().take(120).collect::<Vec<_>>().join("\n") + "\n";
    company.write_people(&half);
    let (code, text) = company.run(&["plan"]);
    assert_eq!(code, 2, "{text}");
    let (code, text) = company.run(&["run"]);
    assert!(code == 2 && text.contains("HELD the read"), "{text}");
    assert_eq!(company.accounts(), accounts);
    let hash = text.split("tenure approve ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let (code, text) = company.run(&["reject", &hash]);
    assert!(code == 0 && text.contains("is dropped"), "{text}");
    let (code, text) = company.run(&["approve", &hash]);
    assert!(code == 1 && text.contains("nothing is held"), "{text}");
    company.write_people(&whole);
    let (code, text) = company.run(&["run"]);
    assert_eq!((code, company.accounts() == accounts), (0, true), "{text}");
}

#[test]
fn disables_over_the_limit_wait_until_they_are_approved() {
    let company = Company::new();
    company.run(&["run"]);
    let text = company.people();
    let gone = text.lines().enumerate().map(|(row, line)| {
        if (200..230).contains(&row) { line.replace(",Active,", ",Terminated,") } else { line.to_owned() }
    });
    company.write_people(&(gone.collect::<Vec<_>>().join("\n") + "\n"));
    let (code, text) = company.run(&["run"]);
    assert!(code == 2 && text.contains("HELD"), "{text}");
    let enabled = || company.accounts().values().filter(|user| user["accountEnabled"] == true).count();
    let before = enabled();
    let hash = text.split("tenure approve ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let (code, text) = company.run(&["approve", &hash]);
    assert_eq!(code, 0, "{text}");
    assert!((25..=30).contains(&(before - enabled())), "{text}");
    let (code, text) = company.run(&["run", "--full"]);
    assert!(code == 0 && text.contains("nothing to do"), "{text}");
}

#[test]
fn the_demo_ends_by_itself_and_says_the_same_twice() {
    let demo = || {
        let output = Command::new(env!("CARGO_BIN_EXE_tenure")).arg("demo").env_remove("TABLE_NAME").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        text
    };
    let (one, other) = (demo(), demo());
    for text in [&one, &other] {
        assert!(text.contains("248 created"), "{text}");
        assert!(text.contains("0 looked at: nothing to do"), "{text}");
        assert!(text.contains("1 created, 2 updated, 1 enabled, 1 disabled"), "{text}");
        assert!(text.contains("HELD the read"), "{text}");
        assert!(text.contains("disables, at most 5 %"), "{text}");
    }
}
