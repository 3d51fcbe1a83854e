//! Budgets over HTTP: what a request costs, when it is throttled, and for how long.

use crate::client::{Tenant, person, tenant, tenant_with};
use serde_json::json;
use simulators::graph::{Budget, Options, Window};
use std::time::Duration;

async fn limited(budget: Budget) -> Tenant {
    tenant_with(Options { budget, ..Options::default() }).await
}

async fn create(tenant: &Tenant, name: &str) -> (u16, Option<u64>) {
    let seen = tenant.ask("POST", "/users", Some(&person(name))).await;
    (seen.status, seen.header("retry-after").map(|seconds| seconds.parse().unwrap()))
}

#[tokio::test]
async fn requests_cost_their_documented_units() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    for (path, units) in [
        ("/users".to_owned(), "2"),
        ("/users?$select=id".to_owned(), "1"),
        ("/users?$select=id&$top=5".to_owned(), "1"),
        ("/users?$top=20".to_owned(), "2"),
        ("/users?$top=19".to_owned(), "1"),
        ("/users?$expand=manager".to_owned(), "3"),
        ("/users?$expand=manager&$select=id".to_owned(), "2"),
        (format!("/users/{id}"), "1"),
        (format!("/users/{id}?$select=id"), "1"),
        ("/users/delta".to_owned(), "2"),
        ("/organization".to_owned(), "1"),
    ] {
        let seen = tenant.get(&path).await;
        assert_eq!((seen.status, seen.header("x-ms-resource-unit")), (200, Some(units)), "{path}");
        assert_eq!(seen.header("x-ms-throttle-limit-percentage"), None);
    }
    let seen = tenant.patched(&id, json!({ "department": "Weaving" })).await;
    assert_eq!(seen.header("x-ms-resource-unit"), Some("1"));
    assert_eq!(tenant.simulator.counts().resource_units, 19);
}

#[tokio::test]
async fn a_sliding_window_lets_a_write_in_when_the_oldest_has_left() {
    let tenant = limited(Budget { writes: 3, ..Budget::default() }).await;
    for name in ["a", "b"] {
        assert_eq!(create(&tenant, name).await, (201, None));
    }
    tenant.simulator.advance(Duration::from_secs(100));
    assert_eq!(create(&tenant, "c").await.0, 201);
    let (status, wait) = create(&tenant, "d").await;
    assert_eq!(status, 429);
    let wait = wait.unwrap();
    assert!((45..=50).contains(&wait), "{wait}");
    tenant.simulator.advance(Duration::from_secs(wait));
    assert_eq!(create(&tenant, "d").await.0, 201, "honouring Retry-After is enough");
    assert_eq!(tenant.simulator.counts().asked_writes, 5);
}

#[tokio::test]
async fn a_bucket_lets_a_write_in_when_one_has_dropped_in() {
    let tenant = limited(Budget { writes: 3, reading: Window::TokenBucket, ..Budget::default() }).await;
    for name in ["a", "b", "c"] {
        assert_eq!(create(&tenant, name).await.0, 201);
    }
    let (status, wait) = create(&tenant, "d").await;
    assert_eq!((status, wait), (429, Some(50)));
    tenant.simulator.advance(Duration::from_secs(50));
    assert_eq!(create(&tenant, "d").await.0, 201);
    assert_eq!(create(&tenant, "e").await.0, 429);
}

#[tokio::test]
async fn a_budget_that_is_nearly_used_up_is_announced() {
    let tenant = limited(Budget { writes: 10, ..Budget::default() }).await;
    for n in 0..8 {
        assert_eq!(create(&tenant, &format!("p{n}")).await.0, 201);
    }
    assert_eq!(tenant.get("/users").await.header("x-ms-throttle-limit-percentage"), None, "0.8 is not above 0.8");
    let seen = tenant.ask("POST", "/users", Some(&person("p8"))).await;
    assert_eq!(seen.header("x-ms-throttle-limit-percentage"), Some("0.90"));
}

#[tokio::test]
async fn a_throttled_answer_says_which_budget_and_whose() {
    let tenant = limited(Budget { resource_units: 4, ..Budget::default() }).await;
    assert_eq!(tenant.get("/users").await.status, 200);
    assert_eq!(tenant.get("/users").await.status, 200);
    let seen = tenant.get("/users").await;
    assert_eq!((seen.status, seen.header("x-ms-throttle-information")), (429, Some("ResourceUnitLimitExceeded")));
    let options = Options::default();
    let scope = format!("Tenant_Application/ReadWrite/{}/{}", options.client_id, options.tenant);
    assert_eq!(seen.header("x-ms-throttle-scope"), Some(scope.as_str()));
    assert!((9..=10).contains(&seen.header("retry-after").unwrap().parse::<u64>().unwrap()));
    tenant.simulator.advance(Duration::from_secs(11));
    assert_eq!(tenant.get("/users").await.status, 200);
}

#[tokio::test]
async fn the_tenant_has_a_budget_of_its_own() {
    let tenant = limited(Budget { tenant_writes: 1, ..Budget::default() }).await;
    assert_eq!(create(&tenant, "a").await.0, 201);
    let seen = tenant.ask("POST", "/users", Some(&person("b"))).await;
    assert!(seen.header("x-ms-throttle-scope").unwrap().starts_with("Tenant/Write/"));
    tenant.simulator.advance(Duration::from_mins(5));
    assert_eq!(create(&tenant, "b").await.0, 201);
}
