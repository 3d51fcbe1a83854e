//! What an operator sees when something outside is broken, and that nothing is lost by it.

use crate::company::Company;

#[test]
fn a_refused_secret_is_said_at_once_and_nothing_is_lost() {
    let company = Company::new();
    let rules = std::fs::read_to_string(company.path("tenure.toml")).unwrap();
    std::fs::write(company.path("wrong"), "not the secret").unwrap();
    let wrong = rules.replace("\"env:GRAPH_CLIENT_SECRET\"", "\"file:wrong\"");
    assert_ne!(rules, wrong);
    std::fs::write(company.path("tenure.toml"), wrong).unwrap();
    let (code, text) = company.run(&["run"]);
    assert!(code == 1 && text.contains("renew it and update the secret"), "{text}");
    let (_, text) = company.run(&["status"]);
    assert!(text.contains("PAUSED"), "{text}");
    std::fs::write(company.path("tenure.toml"), rules).unwrap();
    let (code, text) = company.run(&["run"]);
    assert!(code == 0 && text.contains("248 created"), "{text}");
    assert_eq!(company.accounts().len(), 248);
}

#[test]
fn a_file_that_is_not_there_is_named_with_what_to_do() {
    let company = Company::new();
    std::fs::remove_file(company.path("people.csv")).unwrap();
    let (code, text) = company.run(&["plan"]);
    assert!(code == 1 && text.contains("the file is not there"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn rows_that_cannot_be_read_are_shown_with_their_place_and_the_rest_goes_on() {
    let company = Company::new();
    let text = company.people();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.insert(100, "00999,Nobody".to_owned());
    lines.insert(120, lines[119].replacen(&lines[119][..5], "00998", 1).replace("20", "20-13-"));
    company.write_people(&(lines.join("\n") + "\n"));
    let (code, text) = company.run(&["run"]);
    assert!(code == 0 && text.contains("248 created") && text.contains("rows unreadable"), "{text}");
    assert!(text.contains("people.csv:101: rejected"), "{text}");
    assert!(!text.contains("Nobody"), "{text}");
}
