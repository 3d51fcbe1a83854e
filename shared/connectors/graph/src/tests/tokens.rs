//! Tokens: kept, renewed, refused.

use super::world::{TestClock, World, connected, create, names, options};
use crate::GraphTarget;
use ports::{ErrorChain, PortError, Reply, TargetRead, TargetWrite, WriteRequest};
use secrecy::SecretString;
use simulators::graph::Faults;
use std::time::Duration;

#[tokio::test]
async fn one_token_serves_until_five_minutes_before_its_end() {
    let world = World::start().await;
    world.create("a").await;
    world.clock.advance(Duration::from_secs(3_290));
    world.create("b").await;
    assert_eq!(world.simulator.counts().tokens, 1);
    world.clock.advance(Duration::from_secs(20));
    world.create("c").await;
    assert_eq!(world.simulator.counts().tokens, 2);
}

#[tokio::test]
async fn those_who_need_a_token_at_once_share_one() {
    let world = World::start().await;
    let select = names(&["displayName"]);
    let read = || world.target.read_all(&select, None);
    let (one, two, three) = tokio::join!(read(), read(), read());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(world.simulator.counts().tokens, 1);
}

#[tokio::test]
async fn a_token_that_expires_early_is_renewed_and_the_request_is_sent_again() {
    let world = World::start().await;
    world.create("a").await;
    // The simulator's clock runs ahead of ours.
    world.simulator.advance(Duration::from_secs(4_000));
    world.create("b").await;
    assert_eq!(world.simulator.counts().tokens, 2);
    world.simulator.advance(Duration::from_secs(4_000));
    assert_eq!(world.target.read_all(&names(&["displayName"]), None).await.unwrap().accounts.len(), 2);
    assert_eq!(world.simulator.counts().tokens, 3);
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_a_denial() {
    let world = World::start().await;
    world.simulator.set_faults(Faults { expired_tokens: true, ..Faults::default() });
    let denied = Reply::Denied { code: "InvalidAuthenticationToken".to_owned() };
    assert_eq!(world.send(create("zoe", &[])).await, denied);
    assert_eq!(world.simulator.counts().tokens, 2);
    let read = world.target.read_all(&names(&["displayName"]), None).await;
    assert!(matches!(read, Err(PortError::Permanent { .. })));
}

#[tokio::test]
async fn a_wrong_secret_is_named_as_what_it_is_and_not_shown() {
    let world = World::start().await;
    let secret = SecretString::from("not-the-secret");
    let entropy = super::world::CountingEntropy::default();
    let target = GraphTarget::connect(options(&world.simulator.url()), secret, entropy, world.clock.clone()).unwrap();
    let error = target.read_all(&names(&["displayName"]), None).await.unwrap_err();
    let text = ErrorChain(&error).to_string();
    assert!(matches!(error, PortError::Permanent { .. }));
    let expected = "the token service refused the client secret: renew it and update the secret: AADSTS7000215";
    assert_eq!(text, expected);
    let report = target.write(&[WriteRequest { action: create("zoe", &[]) }]).await;
    assert_eq!(report.replies, [Reply::Denied { code: "AADSTS7000215".to_owned() }]);
    assert!(!format!("{target:?}").contains("secret"));
}

#[tokio::test]
async fn a_wrong_tenant_or_client_id_is_named_as_what_it_is() {
    let world = World::start().await;
    let mut tenant = options(&world.simulator.url());
    tenant.tenant = "fabrikam.example".to_owned();
    let mut client = options(&world.simulator.url());
    client.client_id = "another".to_owned();
    for (options, word) in [(tenant, "tenant"), (client, "client id")] {
        let target = connected(options, TestClock::of(None));
        let error = target.read_all(&names(&["displayName"]), None).await.unwrap_err();
        assert!(!error.is_transient() && error.to_string().contains(word), "{error}");
    }
}
