//! The first load, cycles without a change, adoption and names.

use super::driver::{Company, JOB};
use super::people::{mapping, person, report, rules, team, with};
use fakes::FakeTarget;
use mapping::Apply;
use messages::Mode;
use pipeline::FetchOutcome;

#[test]
fn a_first_load_makes_exactly_one_account_each_and_sets_managers() {
    let mut company = Company::of(team(200));
    company.full();
    let accounts = company.accounts();
    assert_eq!(accounts.len(), 200);
    assert!(accounts.iter().all(|(id, one)| id == "E0001" || one["manager"] == "E0001"));
    assert_eq!(company.target.received().creates, 200);
    assert_eq!(company.target.received().refers, 199);
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn a_full_cycle_without_a_change_costs_two_state_writes() {
    let mut company = Company::of(team(20));
    company.full();
    company.world.table.reset_units();
    assert!(matches!(company.full(), FetchOutcome::Settled { .. }));
    let units = company.world.table.units();
    assert_eq!((units.puts, units.updates, units.deletes, units.transacts), (0, 1, 0, 1));
}

#[test]
fn a_new_record_costs_little_more_than_its_name_and_its_link() {
    let mut company = Company::of((1..=1_000).map(person).collect());
    company.batch_size = 250;
    company.full();
    let units = company.world.table.units().write;
    // Two each for the name and the link. The rest is spent on the cycle: 4 headers, 4 marks planned and 4 written,
    // pieces of work put and taken away, two transactions of the judgement and one of the end, and the lease.
    println!("write units for 1,000 new records: {units}");
    assert!(units <= 2_100, "{units}");
    assert!(company.world.blobs.puts() <= 20, "{}", company.world.blobs.puts());
    company.assert_quiet();
}

#[test]
fn a_load_of_more_than_a_thousand_reads_the_target_once() {
    let mut company = Company::of((1..=1_200).map(person).collect());
    company.batch_size = 400;
    company.target.insert([
        ("employeeId", "E0007"),
        ("userPrincipalName", "hugo.muster7@example.com"),
        ("department", "Old"),
    ]);
    company.full();
    assert_eq!(company.target.received().creates, 1_199);
    assert_eq!((company.target.received().finds, company.target.received().read_alls), (0, 1));
    assert_eq!(company.has("E0007", "department"), "Weaving");
    company.assert_quiet();
}

#[test]
fn two_people_with_one_name_get_two_names() {
    let twin = |number| person(number).with("first", "Jo").with("last", "Same");
    let mut company = Company::of(vec![twin(1), twin(2), twin(3)]);
    company.batch_size = 2;
    company.full();
    let mut names: Vec<String> = (1..=3).map(|n| company.has(&format!("E000{n}"), "userPrincipalName")).collect();
    names.sort();
    assert_eq!(names, ["jo.same2@example.com", "jo.same3@example.com", "jo.same@example.com"]);
    company.assert_quiet();
}

#[test]
fn a_fourth_person_of_the_name_is_kept_until_there_is_a_name() {
    let twin = |number| person(number).with("first", "Jo").with("last", "Same");
    let mut company = Company::of((1..=4).map(twin).collect());
    company.full();
    assert_eq!(company.accounts().len(), 3);
    assert_eq!(company.open().len(), 1);
    company.source.upsert(twin(4).with("last", "Other"));
    company.full();
    assert_eq!(company.accounts().len(), 4);
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn a_name_that_a_foreign_account_has_is_not_taken() {
    let mut company = Company::of(vec![person(1)]);
    company.target.insert([("employeeId", "X1"), ("userPrincipalName", "bela.muster1@example.com")]);
    company.full();
    assert_eq!(company.has("E0001", "userPrincipalName"), "bela.muster12@example.com");
}

/// An account that was there before us.
fn found(target: &FakeTarget, id: &str, name: &str, department: &str) {
    target.insert([
        ("accountEnabled", "True"),
        ("displayName", "Bela Muster1"),
        ("givenName", "Bela"),
        ("surname", "Muster1"),
        ("department", department),
        ("mailNickname", "bela.muster1"),
        ("userPrincipalName", name),
        ("employeeId", id),
    ]);
}

#[test]
fn an_account_that_is_there_is_taken_over_and_only_differences_are_written() {
    let mut company = Company::of(vec![person(1), report(2, 1)]);
    found(&company.target, "E0001", "bela.muster1@example.com", "Spinning");
    company.full();
    assert_eq!(company.target.received().creates, 1);
    assert_eq!(company.target.received().updates, 1);
    assert_eq!(company.has("E0001", "department"), "Weaving");
    assert_eq!(company.has("E0002", "manager"), "E0001");
    assert_eq!(company.newest_cycle().summary.done["adopt"], 1);
    company.assert_quiet();
}

#[test]
fn an_equal_account_is_taken_over_without_a_write() {
    let mut company = Company::of(vec![person(1)]);
    found(&company.target, "E0001", "bela.muster1@example.com", "Weaving");
    company.full();
    assert_eq!(company.target.received().writes(), 0);
    assert_eq!(company.links().len(), 1);
    company.assert_quiet();
    company.source.upsert(person(1).with("department", "Dyeing"));
    company.full();
    assert_eq!(company.has("E0001", "userPrincipalName"), "bela.muster1@example.com");
    assert_eq!(company.target.received().updates, 1);
    company.assert_quiet();
}

#[test]
fn an_account_keeps_a_later_candidate_as_its_name_when_it_is_taken_over() {
    let mut company = Company::of(vec![person(1)]);
    found(&company.target, "E0001", "Bela.Muster12@example.com", "Weaving");
    company.full();
    assert_eq!(company.target.received().writes(), 0);
    company.source.upsert(person(1).with("department", "Dyeing"));
    company.full();
    assert_eq!(company.has("E0001", "userPrincipalName"), "Bela.Muster12@example.com");
    company.assert_quiet();
}

#[test]
fn an_account_keeps_any_name_when_names_are_given_on_create_only() {
    let mut rules = rules();
    for mapping in &mut rules.mappings {
        if mapping.target == "userPrincipalName" {
            mapping.apply = Apply::OnCreate;
        }
    }
    let mut company = Company::with_rules(vec![person(1)], rules);
    found(&company.target, "E0001", "the.old.one@example.com", "Spinning");
    company.full();
    assert_eq!(company.has("E0001", "userPrincipalName"), "the.old.one@example.com");
    company.assert_quiet();
}

#[test]
fn an_account_that_two_records_claim_goes_to_one_and_the_other_is_kept() {
    let other = person(2).with("id", "E0001");
    let mut company = Company::of(vec![person(1), other]);
    found(&company.target, "E0001", "bela.muster1@example.com", "Weaving");
    company.full();
    assert_eq!(company.target.accounts().len(), 1);
    assert_eq!(company.open().len(), 1);
    let reason = company.open().into_values().next().unwrap().reason;
    assert!(matches!(reason, planning::Reason::AccountClaimed { .. }), "{reason:?}");
}

#[test]
fn an_account_that_we_made_for_another_record_is_not_taken_over() {
    let mut company = Company::of(vec![person(1)]);
    company.full();
    company.source.upsert(person(2).with("id", "E0001"));
    company.full();
    assert_eq!(company.target.accounts().len(), 1);
    let reason = company.open().into_values().next().unwrap().reason;
    assert!(matches!(reason, planning::Reason::AccountClaimed { .. }), "{reason:?}");
}

#[test]
fn two_new_records_with_one_stamp_do_not_make_two_accounts() {
    let stamped = |number| person(number).with("id", "S1");
    let mut company = Company::of(vec![stamped(1), person(2), stamped(3)]);
    company.batch_size = 1;
    company.full();
    assert_eq!(company.accounts().len(), 2);
    let reason = company.open().into_values().next().unwrap().reason;
    assert!(matches!(reason, planning::Reason::AccountClaimed { .. }), "{reason:?}");
}

#[test]
fn several_accounts_that_match_are_never_guessed() {
    let mut company = Company::of(vec![person(1)]);
    found(&company.target, "E0001", "one@example.com", "Weaving");
    found(&company.target, "E0001", "two@example.com", "Weaving");
    company.full();
    assert_eq!(company.target.received().writes(), 0);
    let reason = company.open().into_values().next().unwrap().reason;
    assert!(matches!(reason, planning::Reason::SeveralAccounts { count: 2, .. }), "{reason:?}");
}

#[test]
fn new_rules_look_at_everybody_and_write_only_differences() {
    let mut company = Company::of(team(30));
    company.full();
    let before = company.target.received();
    company.rules = with(rules(), mapping("jobTitle", r#"Switch([id], "", "E0003", "Lead")"#));
    company.cycle(Mode::Incremental);
    assert_eq!(company.newest_cycle().summary.evaluated, 30, "new rules are applied to everybody");
    assert_eq!(company.target.received().writes() - before.writes(), 1);
    assert_eq!(company.has("E0003", "jobTitle"), "Lead");
    company.assert_quiet();
}

#[test]
fn a_read_in_many_invocations_has_the_same_end() {
    let mut one = Company::of(team(45));
    one.full();
    let mut many = Company::of(team(45));
    many.source.set_page_size(7);
    (many.fetch_seconds, many.batch_size) = (0, 10);
    many.full();
    assert!(many.fetched.iter().filter(|one| matches!(one, FetchOutcome::Continues { .. })).count() >= 6);
    assert_eq!(many.accounts(), one.accounts());
    assert_eq!(many.state().population, Some(45));
    assert_eq!(
        many.world.blobs.paths().iter().filter(|path| path.starts_with(&format!("jobs/{JOB}/manifests"))).count(),
        1
    );
    many.fetch_seconds = 600;
    many.assert_quiet();
}

#[test]
fn the_writer_sends_nothing_that_has_not_changed() {
    let mut company = Company::of(team(10));
    company.full();
    company.source.upsert(report(5, 1).with("department", "Dyeing"));
    company.full();
    let last = company.target.history().pop().unwrap();
    let ports::WriteAction::Update { attributes, .. } = last else { panic!("{last:?}") };
    assert_eq!(attributes.keys().collect::<Vec<_>>(), ["department"]);
    company.assert_quiet();
}
