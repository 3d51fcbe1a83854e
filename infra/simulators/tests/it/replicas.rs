//! Reads lag behind writes; writes are checked against what is true.

use crate::client::{Tenant, person, tenant_with};
use serde_json::json;
use simulators::graph::Options;
use std::time::Duration;

async fn lagging() -> Tenant {
    tenant_with(Options { replica_lag: Duration::from_mins(1), ..Options::default() }).await
}

#[tokio::test]
async fn a_new_user_is_not_found_until_the_replica_has_it() {
    let tenant = lagging().await;
    let id = tenant.made("ada").await;
    assert_eq!(tenant.get(&format!("/users/{id}")).await.status, 404);
    assert!(tenant.get("/users?$filter=employeeId eq 'ada'").await.names().is_empty());
    assert!(tenant.get("/users/delta").await.names().is_empty());
    assert_eq!(tenant.simulator.users().len(), 1, "the truth has it");
    tenant.simulator.advance(Duration::from_mins(1));
    assert_eq!(tenant.get(&format!("/users/{id}")).await.status, 200);
    assert_eq!(tenant.get("/users?$filter=employeeId eq 'ada'").await.names().len(), 1);
}

#[tokio::test]
async fn a_name_that_reads_do_not_show_yet_is_taken() {
    let tenant = lagging().await;
    tenant.made("ada").await;
    let seen = tenant.ask("POST", "/users", Some(&person("ada"))).await;
    assert_eq!((seen.status, &seen.body["error"]["details"][0]["code"]), (400, &"ObjectConflict".into()));
}

#[tokio::test]
async fn writes_reach_a_user_that_reads_do_not_show_yet() {
    let tenant = lagging().await;
    let (ada, bob) = (tenant.made("ada").await, tenant.made("bob").await);
    assert_eq!(tenant.patched(&ada, json!({ "department": "Weaving" })).await.status, 204);
    let body = json!({ "@odata.id": format!("{}/v1.0/users/{bob}", tenant.simulator.url()) });
    assert_eq!(tenant.ask("PUT", &format!("/users/{ada}/manager/$ref"), Some(&body)).await.status, 204);
}

#[tokio::test]
async fn old_values_are_read_until_the_replica_catches_up() {
    let tenant = lagging().await;
    tenant.simulator.seed_users(vec![json!({ "id": "1", "displayName": "Before" })]);
    assert_eq!(tenant.get("/users/1").await.body["displayName"], "Before", "seeded users are everywhere");
    tenant.patched("1", json!({ "displayName": "After" })).await;
    assert_eq!(tenant.get("/users/1").await.body["displayName"], "Before");
    tenant.simulator.advance(Duration::from_mins(1));
    assert_eq!(tenant.get("/users/1").await.body["displayName"], "After");
}

#[tokio::test]
async fn a_change_log_shows_what_the_replica_has_learnt() {
    let tenant = lagging().await;
    let link = tenant.get("/users/delta").await.body["@odata.deltaLink"].as_str().unwrap().to_owned();
    tenant.made("ada").await;
    assert!(tenant.get(&link).await.names().is_empty());
    tenant.simulator.advance(Duration::from_mins(1));
    assert_eq!(tenant.get(&link).await.names(), ["Invented ada"]);
}
