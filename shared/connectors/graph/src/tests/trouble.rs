//! Outages, slowness and replies that say nothing: whether a write happened is then unknown, and nothing leaks.

use super::servers::{Server, json, reply};
use super::world::{TestClock, World, connected, create, names, options, update};
use crate::GraphTarget;
use ports::{Anchor, ErrorChain, PortError, Reply, TargetRead, TargetWrite, WriteAction, WriteRequest};
use simulators::graph::{Faults, Options};
use std::time::{Duration, Instant};

fn target(server: &Server) -> GraphTarget {
    connected(options(&server.url), TestClock::of(None))
}

async fn send(target: &GraphTarget, actions: Vec<WriteAction>) -> Vec<Reply> {
    let requests: Vec<WriteRequest> = actions.into_iter().map(|action| WriteRequest { action }).collect();
    target.write(&requests).await.replies
}

#[tokio::test]
async fn lost_and_dropped_and_late_requests_are_unknown() {
    for (faults, made) in [
        (Faults { lost_reply: 1.0, ..Faults::default() }, 1),
        (Faults { dropped: 1.0, ..Faults::default() }, 0),
        (Faults { late: 1.0, ..Faults::default() }, 1),
        (Faults { down: true, ..Faults::default() }, 0),
        (Faults { garbage: true, ..Faults::default() }, 0),
    ] {
        let world = World::with(Options { faults, ..Options::default() }).await;
        assert_eq!(world.send(create("zoe", &[])).await, Reply::Unknown, "{faults:?}");
        world.simulator.advance(Duration::from_secs(1));
        assert_eq!(world.simulator.users().len(), made, "{faults:?}");
    }
}

#[tokio::test]
async fn reads_of_a_graph_that_is_down_or_talks_nonsense_may_be_tried_again() {
    for faults in [Faults { down: true, ..Faults::default() }, Faults { garbage: true, ..Faults::default() }] {
        let world = World::start().await;
        world.create("zoe").await;
        world.simulator.set_faults(faults);
        for failed in [
            world.target.read(&[Anchor("1".to_owned())], &[]).await.map(|_| ()),
            world.target.find("employeeId", &names(&["zoe"]), &[]).await.map(|_| ()),
            world.target.read_all(&[], None).await.map(|_| ()),
        ] {
            assert!(failed.is_err_and(|error| error.is_transient()), "{faults:?}");
        }
    }
}

#[tokio::test]
async fn a_write_takes_no_longer_than_one_timeout() {
    let world = World::start().await;
    world.create("zoe").await;
    let slow = Some(Duration::from_millis(700));
    world.simulator.set_faults(Faults { slow, ..Faults::default() });
    let begun = Instant::now();
    // Two requests of 0.7 s each, of which the second has 0.3 s left.
    let anchor = Anchor(world.simulator.users()[0]["id"].as_str().unwrap().to_owned());
    assert_eq!(world.send(update(&anchor, &[("employeeOrgData/division", Some("N"))])).await, Reply::Unknown);
    let taken = begun.elapsed();
    assert!(taken < Duration::from_millis(1_300), "{taken:?}");
    assert_eq!(world.target.request_life(), Duration::from_secs(6));
}

#[tokio::test]
async fn whole_batches_that_fail_are_judged_as_a_whole() {
    let throttled = Reply::Throttled(Duration::from_secs(7));
    let denied = Reply::Denied { code: "Authorization_RequestDenied".to_owned() };
    let refusal = r#"{"error":{"code":"Authorization_RequestDenied","message":"zoe"}}"#;
    for (answer, expected) in [
        (reply(429, "Retry-After: 7\r\n", ""), throttled),
        (reply(429, "", ""), Reply::Throttled(Duration::from_secs(10))),
        (reply(403, "", refusal), denied),
        (reply(400, "", "{}"), Reply::Unknown),
        (reply(503, "", ""), Reply::Unknown),
        (reply(302, "location: http://127.0.0.1:1/\r\n", ""), Reply::Unknown),
        (reply(200, "", "<html>"), Reply::Unknown),
        (reply(200, "", r#"{"responses":[{"id":"1"},{"id":"2","status":"204"},7]}"#), Reply::Unknown),
        (reply(200, "", r#"{"responses":[{"id":"3","status":204},{"id":1,"status":204}]}"#), Reply::Unknown),
        ("HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{".to_owned(), Reply::Unknown),
        ("no http".to_owned(), Reply::Unknown),
        (String::new(), Reply::Unknown),
    ] {
        let text = answer.clone();
        let server = Server::start(move |_, _| answer.clone()).await;
        let replies = send(&target(&server), vec![create("a", &[]), create("b", &[])]).await;
        assert_eq!(replies, [expected.clone(), expected], "{text}");
    }
}

#[tokio::test]
async fn a_wait_that_comes_with_an_outage_is_handed_on() {
    let server = Server::start(|_, _| reply(503, "Retry-After: 9\r\n", "")).await;
    let report = target(&server).write(&[WriteRequest { action: create("a", &[]) }]).await;
    assert_eq!((report.replies, report.wait), (vec![Reply::Unknown], Some(Duration::from_secs(9))));
}

#[tokio::test]
async fn a_part_without_a_reply_is_unknown_and_the_others_are_not() {
    let body = serde_json::json!({ "responses": [
        { "id": "3", "status": 204, "headers": { "X-Ms-Throttle-Limit-Percentage": "0.91" } },
        { "id": "1", "status": 429, "headers": { "retry-after": "4" } },
    ]});
    let server = Server::start(move |_, _| json(200, &body)).await;
    let anchor = Anchor("1".to_owned());
    let actions = ["a", "b", "c"].map(|city| WriteRequest { action: update(&anchor, &[("city", Some(city))]) });
    let report = target(&server).write(&actions).await;
    assert_eq!(report.replies, [Reply::Throttled(Duration::from_secs(4)), Reply::Unknown, Reply::Done(anchor)]);
    assert_eq!((report.wait, report.budget_used), (Some(Duration::from_secs(4)), Some(0.91)));
}

#[tokio::test]
async fn a_part_whose_token_is_refused_is_sent_once_more_and_the_others_are_not() {
    let refused = serde_json::json!({ "responses": [
        { "id": "1", "status": 204 }, { "id": "2", "status": 401, "body": { "error": { "code": "InvalidAuthenticationToken" } } },
    ]});
    let done = serde_json::json!({ "responses": [{ "id": "1", "status": 204 }] });
    let server = Server::start(move |number, _| json(200, if number == 0 { &refused } else { &done })).await;
    let anchor = Anchor("1".to_owned());
    let actions = vec![update(&anchor, &[("city", Some("a"))]), update(&anchor, &[("city", Some("b"))])];
    assert_eq!(send(&target(&server), actions).await, [Reply::Done(anchor.clone()), Reply::Done(anchor)]);
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].contains(r#""city":"b""#) && !asked[1].contains(r#""city":"a""#));
}

#[tokio::test]
async fn a_next_link_to_another_address_is_not_followed() {
    let elsewhere = Server::start(|_, _| json(200, &serde_json::json!({ "value": [] }))).await;
    for link in [
        format!("{}/v1.0/users?$skiptoken=1", elsewhere.url),
        "/v1.0/users".to_owned(),
        "http://user@127.0.0.1/v1.0/users".to_owned(),
        String::new(),
    ] {
        let page = serde_json::json!({ "value": [{ "id": "1" }], "@odata.nextLink": link });
        let batch = serde_json::json!({ "responses": [{ "id": "1", "status": 200, "body": page }] });
        let server =
            Server::start(move |_, request| json(200, if request.contains("$batch") { &batch } else { &page })).await;
        let target = target(&server);
        let next = target.read_all(&[], None).await.unwrap().next;
        let followed = target.read_all(&[], next.as_deref()).await;
        assert!(matches!(followed, Err(PortError::Permanent { .. })));
        let found = target.find("employeeId", &names(&["1"]), &[]).await;
        assert!(matches!(found, Err(PortError::Permanent { .. })));
        assert!(elsewhere.asked().is_empty());
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let elsewhere = Server::start(|_, _| json(200, &serde_json::json!({ "value": [], "responses": [] }))).await;
    let location = format!("location: {}/v1.0/users\r\n", elsewhere.url);
    let server = Server::start(move |_, _| reply(307, &location, "")).await;
    let target = target(&server);
    assert!(target.read_all(&[], None).await.is_err_and(|error| error.is_transient()));
    assert_eq!(send(&target, vec![create("a", &[])]).await, [Reply::Unknown]);
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn a_read_that_takes_too_long_may_be_tried_again() {
    let world = World::start().await;
    world.create("zoe").await;
    let slow = Some(Duration::from_secs(5));
    world.simulator.set_faults(Faults { slow, ..Faults::default() });
    let begun = Instant::now();
    assert!(world.target.read_all(&[], None).await.is_err_and(|error| error.is_transient()));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn next_links_in_a_circle_come_to_an_end() {
    let server = Server::start(|_, request| {
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let page =
            serde_json::json!({ "value": [{ "id": "1" }], "@odata.nextLink": format!("http://{host}/v1.0/users?x") });
        let batch = serde_json::json!({ "responses": [{ "id": "1", "status": 200, "body": page }] });
        json(200, if request.contains("$batch") { &batch } else { &page })
    });
    let found = target(&server.await).find("employeeId", &names(&["1"]), &[]).await;
    assert!(found.is_err_and(|error| error.is_transient()));
}

#[tokio::test]
async fn a_reply_without_users_is_not_taken_for_nobody() {
    for body in [serde_json::json!({}), serde_json::json!({ "value": [{ "displayName": "x" }] }), serde_json::json!([])]
    {
        let server = Server::start(move |_, _| json(200, &body)).await;
        assert!(target(&server).read_all(&[], None).await.is_err_and(|error| error.is_transient()));
    }
}

#[tokio::test]
async fn no_error_repeats_a_value_an_address_or_a_token() {
    let secrets = ["4711", "Bearer", "127.0.0.1", "simulated-secret", "zoe", "filter"];
    let refusal = r#"{"error":{"code":"zoe@contoso.example","message":"zoe 4711 is wrong"}}"#;
    for answer in [reply(400, "", refusal), reply(403, "", refusal), reply(500, "", refusal), String::new()] {
        let server = Server::start(move |_, _| answer.clone()).await;
        let target = target(&server);
        let found = target.find("employeeId", &names(&["4711"]), &[]).await.map(|_| ()).unwrap_err();
        let all = target.read_all(&[], None).await.map(|_| ()).unwrap_err();
        for error in [found, all] {
            let text = format!("{} {error:?}", ErrorChain(&error));
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
        }
        let replies = format!("{:?}", send(&target, vec![create("zoe", &[])]).await);
        assert!(secrets.iter().all(|secret| !replies.contains(secret)), "{replies}");
    }
}

#[tokio::test]
async fn each_create_has_a_password_of_its_own() {
    let server = Server::start(|_, _| json(200, &serde_json::json!({ "responses": [] }))).await;
    send(&target(&server), vec![create("a", &[]), create("b", &[])]).await;
    let asked = server.asked();
    let body: serde_json::Value = serde_json::from_str(asked[0].split_once("\r\n\r\n").unwrap().1).unwrap();
    let profile = |at: usize| &body["requests"][at]["body"]["passwordProfile"];
    assert_eq!(profile(0)["forceChangePasswordNextSignIn"], true);
    assert_ne!(profile(0)["password"], profile(1)["password"]);
    assert_eq!(body["requests"][1]["headers"]["Content-Type"], "application/json");
}
