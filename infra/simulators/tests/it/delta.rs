//! Change tracking.

use crate::client::{Tenant, tenant};
use serde_json::{Value, json};
use std::time::Duration;

/// Follows a round to its end: what it showed, and the link of the next round.
async fn round(tenant: &Tenant, first: &str) -> (Vec<Value>, String) {
    let (mut link, mut shown) = (first.to_owned(), Vec::new());
    loop {
        let seen = tenant.get(&link).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        shown.extend(seen.body["value"].as_array().unwrap().iter().cloned());
        if let Some(last) = seen.body["@odata.deltaLink"].as_str() {
            return (shown, last.to_owned());
        }
        seen.body["@odata.nextLink"].as_str().unwrap().clone_into(&mut link);
    }
}

#[tokio::test]
async fn the_first_round_shows_everybody_and_the_next_what_has_changed() {
    let tenant = tenant().await;
    tenant.simulator.seed_users((0..230).map(|n| json!({ "displayName": format!("{n}") })).collect());
    let (shown, link) = round(&tenant, "/users/delta()?$select=displayName,department").await;
    assert_eq!(shown.len(), 230);
    assert_eq!(shown[0].get("department"), None, "what was never set is left out");
    let (shown, link) = round(&tenant, &link).await;
    assert!(shown.is_empty());
    let (ada, bob) = (tenant.made("ada").await, tenant.made("bob").await);
    tenant.patched(&ada, json!({ "department": "Weaving" })).await;
    tenant.patched(&ada, json!({ "department": null })).await;
    let (shown, link) = round(&tenant, &link).await;
    assert_eq!(shown[0], json!({ "id": ada, "displayName": "Invented ada", "department": null }));
    assert_eq!((shown.len(), &shown[1]["id"]), (2, &bob.as_str().into()));
    tenant.patched(&bob, json!({ "jobTitle": "Weaver" })).await;
    assert!(round(&tenant, &link).await.0.is_empty(), "it was not selected");
}

#[tokio::test]
async fn deleted_users_are_removed_and_restored_ones_come_back() {
    let tenant = tenant().await;
    let (ada, bob) = (tenant.made("ada").await, tenant.made("bob").await);
    let (_, link) = round(&tenant, "/users/delta").await;
    for id in [&ada, &bob] {
        tenant.ask("DELETE", &format!("/users/{id}"), None).await;
    }
    tenant.ask("DELETE", &format!("/directory/deletedItems/{bob}"), None).await;
    let (shown, link) = round(&tenant, &link).await;
    assert_eq!(shown[0], json!({ "id": ada, "@removed": { "reason": "changed" } }));
    assert_eq!(shown[1], json!({ "id": bob, "@removed": { "reason": "deleted" } }));
    tenant.ask("POST", &format!("/directory/deletedItems/{ada}/restore"), None).await;
    let (shown, _) = round(&tenant, &link).await;
    assert_eq!((shown.len(), &shown[0]["displayName"]), (1, &"Invented ada".into()));
}

#[tokio::test]
async fn many_changes_come_page_by_page() {
    let tenant = tenant().await;
    let (_, link) = round(&tenant, "/users/delta?$deltatoken=latest").await;
    tenant.simulator.seed_users((0..130).map(|n| json!({ "displayName": format!("{n}") })).collect());
    let seen = tenant.get(&link).await;
    assert_eq!(seen.body["value"].as_array().unwrap().len(), 100);
    assert_eq!(round(&tenant, &link).await.0.len(), 130);
}

#[tokio::test]
async fn a_new_manager_is_told_with_the_one_before() {
    let tenant = tenant().await;
    let ids = [tenant.made("ada").await, tenant.made("bob").await, tenant.made("cleo").await];
    let (_, mut link) = round(&tenant, "/users/delta?$select=manager").await;
    for (manager, told) in [(1, 1), (2, 2)] {
        let body = json!({ "@odata.id": format!("{}/v1.0/users/{}", tenant.simulator.url(), ids[manager]) });
        tenant.ask("PUT", &format!("/users/{}/manager/$ref", ids[0]), Some(&body)).await;
        let (shown, next) = round(&tenant, &link).await;
        let entries = shown[0]["manager@delta"].as_array().unwrap();
        assert_eq!((entries.len(), &entries[0]["id"]), (told, &ids[manager].as_str().into()));
        link = next;
    }
}

#[tokio::test]
async fn tokens_are_good_for_7_days() {
    let mut tenant = tenant().await;
    let (_, link) = round(&tenant, "/users/delta").await;
    tenant.simulator.advance(Duration::from_hours(7 * 24 + 1));
    tenant.sign_in().await;
    let seen = tenant.get(&link).await;
    assert_eq!(seen.status, 410);
    assert!(seen.header("location").unwrap().ends_with("/v1.0/users/delta"));
    assert_eq!(tenant.get("/users/delta?$deltatoken=invented").await.status, 400);
    assert_eq!(tenant.get("/users/delta?$top=5").await.status, 400);
}
