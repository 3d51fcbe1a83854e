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
    let mut names: [BTreeSet<String>; 2] = Default::default();
    for (id, mut user) in killed {
        let mut other = calm[&id].clone();
        // Who of several people of one name gets which name depends on who is planned first.
        for (user, names) in [&mut user, &mut other].into_iter().zip(&mut names) {
            let name = user.remove("userPrincipalName").unwrap();
            assert!(names.insert(name.to_string()), "a name twice");
        }
        assert_eq!(user, other, "{id}");
    }
    assert_eq!(names[0], names[1]);
}
