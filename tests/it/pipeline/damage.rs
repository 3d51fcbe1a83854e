//! A manifest that is missing, torn, older, or somebody else's never hides anybody and never changes everybody.

use super::driver::{Company, JOB};
use super::people::{report, team};
use super::recovery::{holds, release};
use fakes::run_ready;
use pipeline::state::{JobState, Recovery};
use ports::{Blobs, Condition, Edit, Field, Table};

/// A company whose second manifest is in place, with the paths of both.
fn company() -> (Company, String, String) {
    let mut company = Company::of(team(6));
    company.full();
    let first = company.state().manifest.unwrap();
    company.source.upsert(report(3, 1).with("department", "Dyeing"));
    company.full();
    let second = company.state().manifest.unwrap();
    assert_ne!(first, second);
    (company, first, second)
}

fn bytes(company: &Company, path: &str) -> Vec<u8> {
    run_ready(company.ports.blobs.get(path)).unwrap().unwrap().to_vec()
}

fn name(company: &Company, path: &str) {
    let edits = vec![Edit::Set("manifest", Field::Text(path.to_owned()))];
    run_ready(company.ports.table.update(&JobState::key(JOB), edits, Condition::Present)).unwrap();
}

/// Somebody moves while the manifest is damaged: that change is not hidden, and it is the only one.
fn read_anew(mut company: Company) {
    company.source.upsert(report(4, 1).with("department", "Spinning"));
    let writes = company.target.received().writes();
    company.full();
    assert_eq!(company.target.received().writes(), writes, "nothing before the word");
    assert_eq!(company.state().recovery, Some(Recovery::Manifest));
    assert!(holds(&company)[0].why[0].contains("manifest"), "{:?}", holds(&company));
    release(&mut company);
    assert_eq!(company.has("E0004", "department"), "Spinning");
    assert_eq!(company.has("E0003", "department"), "Dyeing");
    assert_eq!(company.accounts().len(), 6);
    company.assert_quiet();
}

#[test]
fn a_missing_manifest_is_made_anew() {
    let (company, _, path) = company();
    run_ready(company.ports.blobs.delete(&path)).unwrap();
    read_anew(company);
}

#[test]
fn a_torn_manifest_is_made_anew() {
    for kept in [0, 7, 40, 48, 56 + 33] {
        let (company, _, path) = company();
        let torn = bytes(&company, &path)[..kept].to_vec();
        company.world.blobs.overwrite(&path, torn);
        read_anew(company);
    }
}

#[test]
fn a_manifest_with_one_other_bit_is_made_anew() {
    let (company, _, path) = company();
    let mut other = bytes(&company, &path);
    let last = other.len() - 1;
    other[last - 20] ^= 1;
    company.world.blobs.overwrite(&path, other);
    read_anew(company);
}

#[test]
fn an_older_manifest_in_the_place_of_the_newest_is_made_anew() {
    let (company, first, path) = company();
    company.world.blobs.overwrite(&path, bytes(&company, &first));
    read_anew(company);
}

#[test]
fn a_manifest_of_another_job_is_made_anew() {
    let (company, _, path) = company();
    let elsewhere = path.replace(JOB, "other-to-graph");
    company.world.blobs.overwrite(&elsewhere, bytes(&company, &path));
    name(&company, &elsewhere);
    read_anew(company);
}

#[test]
fn an_older_manifest_that_the_job_names_shows_when_the_next_one_is_stored() {
    let (mut company, first, _) = company();
    name(&company, &first);
    let before = company.accounts();
    company.full();
    assert_eq!(company.accounts(), before, "who is looked at again needs nothing");
    assert_eq!(company.state().recovery, Some(Recovery::Restored));
    company.full();
    if !holds(&company).is_empty() {
        release(&mut company);
    }
    company.full();
    assert_eq!(company.accounts(), before);
    company.assert_quiet();
}

#[test]
fn a_manifest_that_is_damaged_while_a_cycle_is_on_hides_nobody() {
    let (mut company, _, path) = company();
    company.source.upsert(report(4, 1).with("department", "Spinning"));
    company.start(messages::Mode::Full);
    company.deliver_once(ports::QueueName::Fetch);
    company.world.blobs.overwrite(&path, b"nothing".to_vec());
    company.rest();
    assert_eq!(company.has("E0004", "department"), "Spinning");
    assert_eq!(company.state().recovery, Some(Recovery::Manifest));
    company.full();
    if !holds(&company).is_empty() {
        release(&mut company);
    }
    company.full();
    company.assert_quiet();
}
