//! `kill -9` of the local stack at any moment: a clean run afterwards ends where a run without a kill does.

use crate::company::Company;
use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test takes its number of rounds from the environment")]
fn a_run_that_is_killed_again_and_again_ends_in_the_same_state() {
    let kills: u64 = std::env::var("TENURE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let calm = Company::new();
    let (code, text) = calm.run(&["run"]);
    assert_eq!(code, 0, "{text}");

    let company = Company::new();
    // The kills come at moments that differ from run to run; what they are is printed for a failure.
    let mut random = u64::from(std::process::id()).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    for round in 0..kills {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_millis((random >> 33) % if round % 2 == 0 { 600 } else { 2_500 });
        println!("kill {round} after {after:?}");
        let mut child = company.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        let _ = child.kill();
        child.wait().unwrap();
    }
    let (code, text) = company.run(&["run"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = company.run(&["run", "--full"]);
    assert!(code == 0 && text.contains("0 looked at: nothing to do"), "{text}");
    let (calm, killed) = (calm.accounts(), company.accounts());
    assert_eq!(killed.len(), 248, "nobody is lost");
    let mut names = BTreeSet::new();
    for (id, mut user) in killed {
        let mut other = calm[&id].clone();
        // Who of several people of one name gets which of the candidates depends on who is planned first, so names are
        // not compared: each must be one of the person's own candidates, and nobody else's.
        other.remove("userPrincipalName");
        let name = user.remove("userPrincipalName").unwrap().as_str().unwrap().replace('\'', "");
        let local = name.split('@').next().unwrap().to_owned();
        let nickname = user["mailNickname"].as_str().unwrap();
        let (first, last) = nickname.split_once('.').unwrap();
        let initial = &first[..1];
        let own = [nickname.to_owned(), format!("{initial}.{last}"), format!("{nickname}.{id}")];
        assert!(own.contains(&local), "{id}: {local}");
        assert!(names.insert(local), "a name twice");
        assert_eq!(user, other, "{id}");
    }
}
