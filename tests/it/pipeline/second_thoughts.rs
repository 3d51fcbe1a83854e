//! HR states something, takes it back, and states it again, while what it said first is still on its way.

use super::driver::Company;
use super::people::{person, report, rules, team};
use fakes::Fault;
use messages::Mode;
use planning::{OutOfScope, Reason, Rules};
use ports::QueueName;

fn deleting() -> Rules {
    Rules { out_of_scope: OutOfScope::Delete, ..rules() }
}

#[test]
fn what_hr_takes_back_during_a_full_cycle_is_not_carried_out_by_the_older_read() {
    let mut company = Company::of(team(10));
    company.full();
    company.source.upsert(report(5, 1).with("status", "leaver"));
    company.start(Mode::Full);
    company.deliver_once(QueueName::Fetch);
    company.deliver_once(QueueName::Transform);
    // Planned and not yet written; now HR says that it was a mistake, and nothing is to be changed.
    company.source.upsert(report(5, 1));
    company.ask("E0005");
    company.deliver_once(QueueName::OnDemand);
    let updates = company.target.received().updates;
    company.rest();
    assert_eq!(company.has("E0005", "accountEnabled"), "True");
    // Nobody knows whether some of the older plan was sent, so that what is right is said once more.
    assert_eq!(company.target.received().updates - updates, 1, "nobody is disabled for a moment either");
    company.full();
    assert_eq!(company.has("E0005", "accountEnabled"), "True");
    company.full();
    company.assert_quiet();
}

#[test]
fn nothing_to_change_is_only_noted_while_older_work_may_be_on_its_way() {
    let mut company = Company::of(team(3));
    company.full();
    let links = company.links();
    company.ask("E0002");
    company.rest();
    assert_eq!(company.links(), links);
    assert_eq!(company.newest_cycle().summary.unchanged, 1);
    company.source.upsert(report(3, 1).with("status", "leaver"));
    company.start(Mode::Full);
    company.deliver_once(QueueName::Fetch);
    company.ask("E0002");
    company.deliver_once(QueueName::OnDemand);
    let noted = &company.links()[&company.id("E0002")];
    assert_eq!(noted.version, links[&noted.record].version + 1);
    assert_eq!(noted.marks, links[&noted.record].marks);
    assert_eq!(company.newest_cycle().summary.unchanged, 1);
    company.rest();
    assert_eq!(company.has("E0003", "accountEnabled"), "False");
    company.full();
    company.assert_quiet();
}

#[test]
fn two_changes_of_an_account_that_is_gone_do_not_replace_each_other_for_ever() {
    let mut company = Company::of(team(3));
    company.source.upsert(report(2, 1).with("status", "leaver"));
    company.full();
    let gone = company.links()[&company.id("E0002")].anchor.clone();
    company.target.remove(&gone);
    for department in ["Weaving", "Dyeing", "Spinning"] {
        company.source.upsert(report(2, 1).with("department", department));
        company.ask("E0002");
        company.deliver_once(QueueName::OnDemand);
    }
    let sends = company.world.queue.sends();
    company.rest();
    assert!(company.world.queue.sends() - sends < 40, "{} messages", company.world.queue.sends() - sends);
    assert_eq!(company.open()[&company.id("E0002")].reason, Reason::AccountGone);
}

#[test]
fn a_deletion_that_came_late_makes_room_for_a_new_account() {
    for fault in [Fault::LostReply, Fault::Late(9)] {
        let mut company = Company::with_rules(team(3), deleting());
        company.full();
        let first = company.links()[&company.id("E0002")].anchor.clone();
        company.source.upsert(report(2, 1).with("company", "Other"));
        company.target.fail_next(1, fault);
        company.ask("E0002");
        company.deliver_once(QueueName::OnDemand);
        assert!(company.links()[&company.id("E0002")].deleting, "nobody knows");
        // Before anybody does, they are back.
        company.target.land_late();
        company.source.upsert(report(2, 1).with("department", "Dyeing"));
        company.ask("E0002");
        company.rest();
        company.full();
        company.full();
        assert_eq!(company.has("E0002", "department"), "Dyeing");
        let link = &company.links()[&company.id("E0002")];
        assert!(link.anchor != first && !link.deleting, "{link:?}");
        company.full();
        company.assert_quiet();
    }
}

#[test]
fn an_account_that_is_taken_over_after_another_was_deleted_is_not_the_deleted_one() {
    let mut company = Company::with_rules(team(3), deleting());
    company.full();
    company.source.upsert(report(2, 1).with("company", "Other"));
    company.full();
    assert_eq!(company.accounts().len(), 2);
    let name = ("userPrincipalName", "somebody@example.com");
    company.target.insert([("employeeId", "E0002"), name, ("accountEnabled", "True")]);
    company.source.upsert(report(2, 1).with("department", "Dyeing"));
    company.full();
    company.source.upsert(report(2, 1).with("department", "Spinning"));
    company.full();
    assert_eq!(company.has("E0002", "department"), "Spinning");
    assert_eq!(company.accounts().len(), 3);
    company.full();
    company.assert_quiet();
}

#[test]
fn who_waits_for_a_manager_that_never_comes_is_there_for_those_who_wait_for_them() {
    let mut company = Company::of(team(1));
    company.full();
    company.source.upsert(report(3, 2));
    company.ask("E0003");
    company.rest();
    company.source.upsert(report(2, 99));
    company.ask("E0002");
    company.rest();
    company.full();
    company.full();
    assert_eq!(company.has("E0003", "manager"), "E0002");
    assert_eq!(company.state().population, Some(3));
    let waiting: Vec<_> = company.open().into_values().map(|open| open.awaits()).collect();
    assert_eq!(waiting, [Some(company.id("E0099"))]);
    company.source.upsert(person(99));
    company.full();
    company.full();
    company.assert_quiet();
}
