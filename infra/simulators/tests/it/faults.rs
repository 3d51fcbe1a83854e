//! Everything that can go wrong between a client and Graph.

use crate::client::{Tenant, part, person, tenant, tenant_with};
use serde_json::{Value, json};
use simulators::graph::{Faults, Options};
use std::time::{Duration, Instant};

async fn broken(faults: Faults) -> Tenant {
    let tenant = tenant().await;
    tenant.simulator.set_faults(faults);
    tenant
}

async fn create(tenant: &Tenant) -> Result<u16, reqwest::Error> {
    tenant.send("POST", "/users", Some(&person("ada"))).await.map(|seen| seen.status)
}

fn there(tenant: &Tenant) -> usize {
    tenant.simulator.users().len()
}

#[tokio::test]
async fn a_lost_reply_hides_a_write_that_was_carried_out() {
    let tenant = broken(Faults { lost_reply: 1.0, ..Faults::default() }).await;
    assert!(create(&tenant).await.is_err());
    assert_eq!(there(&tenant), 1);
    assert_eq!(tenant.get("/users").await.names().len(), 1, "reads are answered");
    let parts: Vec<Value> =
        (0..3).map(|n| part(&n.to_string(), "POST", "/users", Some(person(&format!("p{n}"))))).collect();
    assert!(tenant.send("POST", "/$batch", Some(&json!({ "requests": parts }))).await.is_err());
    assert_eq!(there(&tenant), 4);
}

#[tokio::test]
async fn a_dropped_request_is_not_carried_out() {
    let tenant = broken(Faults { dropped: 1.0, ..Faults::default() }).await;
    assert!(create(&tenant).await.is_err());
    assert!(tenant.send("GET", "/users", None).await.is_err());
    assert_eq!(there(&tenant), 0);
}

#[tokio::test]
async fn a_late_request_is_carried_out_after_its_connection_is_gone() {
    let tenant = broken(Faults { late: 1.0, ..Faults::default() }).await;
    assert!(create(&tenant).await.is_err());
    assert_eq!(there(&tenant), 0);
    tenant.simulator.advance(Duration::from_millis(200));
    assert_eq!(there(&tenant), 1);
}

#[tokio::test]
async fn an_error_may_or_may_not_stand_for_a_write() {
    let cases = [
        (Faults { error_500: 1.0, ..Faults::default() }, 500, 0),
        (Faults { error_503_applied: 1.0, ..Faults::default() }, 503, 1),
        (Faults { throttle_429: 1.0, ..Faults::default() }, 429, 0),
        (Faults { throttle_429_applied: 1.0, ..Faults::default() }, 429, 1),
    ];
    for (faults, status, users) in cases {
        let tenant = broken(faults).await;
        let seen = tenant.ask("POST", "/users", Some(&person("ada"))).await;
        assert_eq!((seen.status, there(&tenant)), (status, users), "{faults:?}");
        assert_eq!(seen.header("retry-after").is_some(), status == 429);
        let reply = &tenant.batch(&[part("1", "POST", "/users", Some(person("bob")))]).await[0];
        assert_eq!((reply["status"].as_u64().unwrap(), there(&tenant)), (status.into(), 2 * users));
    }
}

#[tokio::test]
async fn a_lying_conflict_names_a_value_that_is_free() {
    let tenant = broken(Faults { lying_conflict: 1.0, ..Faults::default() }).await;
    let seen = tenant.ask("POST", "/users", Some(&person("ada"))).await;
    assert_eq!(seen.body["error"]["details"][0]["code"], "ObjectConflict");
    assert_eq!(there(&tenant), 0);
    tenant.simulator.set_faults(Faults::default());
    assert_eq!(create(&tenant).await.unwrap(), 201);
}

#[tokio::test]
async fn a_service_that_is_down_answers_nothing() {
    let tenant = broken(Faults { down: true, ..Faults::default() }).await;
    assert!(create(&tenant).await.is_err());
    assert!(tenant.http.post(format!("{}/x/oauth2/v2.0/token", tenant.simulator.url())).send().await.is_err());
    tenant.simulator.set_faults(Faults::default());
    assert_eq!(create(&tenant).await.unwrap(), 201);
}

#[tokio::test]
async fn replies_can_be_slow_or_no_json() {
    let tenant = broken(Faults { slow: Some(Duration::from_millis(150)), ..Faults::default() }).await;
    let began = Instant::now();
    tenant.get("/users").await;
    assert!(began.elapsed() >= Duration::from_millis(150));
    tenant.simulator.set_faults(Faults { garbage: true, ..Faults::default() });
    let url = format!("{}/v1.0/users", tenant.simulator.url());
    let text = tenant.http.get(url).bearer_auth(&tenant.token).send().await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err());
}

#[tokio::test]
async fn every_reply_takes_the_latency() {
    let tenant = tenant_with(Options { latency: Duration::from_millis(60), ..Options::default() }).await;
    let began = Instant::now();
    tenant.get("/users").await;
    assert!(began.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn one_seed_gives_one_course_of_events() {
    let mut courses = Vec::new();
    for seed in [7, 7, 8] {
        let faults = Faults { lost_reply: 0.2, error_500: 0.2, throttle_429: 0.2, ..Faults::default() };
        let tenant = tenant_with(Options { seed, faults, ..Options::default() }).await;
        let mut course = Vec::new();
        for n in 0..40 {
            let seen = tenant.send("POST", "/users", Some(&person(&format!("p{n}")))).await;
            course.push(seen.map_or(0, |seen| seen.status));
        }
        let ids: Vec<Value> = tenant.simulator.users().iter().map(|user| user["id"].clone()).collect();
        courses.push((course, ids));
    }
    assert_eq!(courses[0], courses[1]);
    assert_ne!(courses[0].0, courses[2].0);
}
