//! A table that is gone or a day older, on the local stack.

use crate::company::Company;

/// The files of the local table: the database and what it keeps beside it.
const TABLE: [&str; 3] = ["dynamodb.db", "dynamodb.db-wal", "dynamodb.db-shm"];

fn lose_table(company: &Company) {
    for name in TABLE {
        let _ = std::fs::remove_file(company.path(".tenure").join(name));
    }
}

fn keep_table(company: &Company) -> Vec<Option<Vec<u8>>> {
    TABLE.iter().map(|name| std::fs::read(company.path(".tenure").join(name)).ok()).collect()
}

fn restore_table(company: &Company, kept: Vec<Option<Vec<u8>>>) {
    lose_table(company);
    for (name, bytes) in TABLE.iter().zip(kept) {
        if let Some(bytes) = bytes {
            std::fs::write(company.path(".tenure").join(name), bytes).expect("a file that can be written");
        }
    }
}

fn hash_in(text: &str) -> String {
    text.split("tenure approve ").nth(1).expect(text).split_whitespace().next().expect(text).to_owned()
}

#[test]
fn after_a_lost_table_the_accounts_are_taken_over_once_a_person_says_so() {
    let company = Company::new();
    company.run(&["run"]);
    let accounts = company.accounts();
    lose_table(&company);
    let (code, text) = company.run(&["run"]);
    assert!(code == 2 && text.contains("HELD") && text.contains("the table was lost"), "{text}");
    let hash = hash_in(&text);
    let (code, text) = company.run(&["status"]);
    assert!(code == 2 && text.contains("READ-ONLY: the table was lost"), "{text}");
    assert_eq!(company.accounts(), accounts);
    let (code, text) = company.run(&["approve", &hash]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = company.run(&["run", "--full"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = company.run(&["run", "--full"]);
    assert!(code == 0 && text.contains("nothing to do"), "{text}");
    let (code, text) = company.run(&["status"]);
    assert!(code == 0 && text.contains("linked and in scope: 248") && !text.contains("READ-ONLY"), "{text}");
    assert_eq!(company.accounts(), accounts);
}

#[test]
fn after_a_restore_that_is_declared_what_the_table_forgot_is_held() {
    let company = Company::new();
    company.run(&["run"]);
    let kept = keep_table(&company);
    company.set("00033", "Department", "Logistics");
    company.run(&["run"]);
    assert_eq!(company.accounts()["00033"]["department"], "Logistics");
    restore_table(&company, kept);
    // HR takes it back: the restored table knows nothing else.
    std::fs::write(company.path("people.csv"), include_str!("../../company/people.csv")).unwrap();
    let (code, text) = company.run(&["recover"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = company.run(&["run"]);
    assert!(code == 2 && text.contains("an operator said that the table was restored"), "{text}");
    assert_eq!(company.accounts()["00033"]["department"], "Logistics");
    let (code, text) = company.run(&["approve", &hash_in(&text)]);
    assert_eq!(code, 0, "{text}");
    assert_ne!(company.accounts()["00033"]["department"], "Logistics");
    company.run(&["run", "--full"]);
    let (code, text) = company.run(&["run", "--full"]);
    assert!(code == 0 && text.contains("nothing to do"), "{text}");
}
