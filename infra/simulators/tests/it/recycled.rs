//! Deleted users: 30 days in the recycle bin.

use crate::client::tenant;
use std::time::Duration;

#[tokio::test]
async fn a_deleted_user_is_in_the_recycle_bin_and_can_be_restored() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    assert_eq!(tenant.ask("DELETE", &format!("/users/{id}"), None).await.status, 204);
    assert_eq!(tenant.get(&format!("/users/{id}")).await.status, 404);
    assert_eq!(tenant.ask("DELETE", &format!("/users/{id}"), None).await.status, 404);
    let bin =
        tenant.get("/directory/deletedItems/microsoft.graph.user?$select=id,deletedDateTime,userPrincipalName").await;
    let shown = &bin.body["value"][0];
    assert!(shown["deletedDateTime"].is_string());
    assert_eq!(shown["userPrincipalName"], format!("{}ada@contoso.example", id.replace('-', "")));
    assert_eq!(tenant.simulator.deleted().len(), 1);
    assert_eq!(tenant.get(&format!("/directory/deletedItems/{id}")).await.id(), id);
    let restored = tenant.ask("POST", &format!("/directory/deletedItems/{id}/restore"), None).await;
    assert_eq!((restored.status, restored.id()), (200, id.as_str()));
    assert_eq!(restored.body["userPrincipalName"], "ada@contoso.example");
    assert_eq!(tenant.get("/users/ada@contoso.example").await.id(), id);
}

#[tokio::test]
async fn deleting_frees_the_principal_name_and_restoring_wants_it_back() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    tenant.ask("DELETE", "/users/ada@contoso.example", None).await;
    let successor = tenant.made("ada").await;
    assert_ne!(id, successor);
    let seen = tenant.ask("POST", &format!("/directory/deletedItems/{id}/restore"), None).await;
    assert_eq!((seen.status, &seen.body["error"]["details"][0]["code"]), (400, &"ObjectConflict".into()));
}

#[tokio::test]
async fn what_is_deleted_for_good_does_not_come_back() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    assert_eq!(
        tenant.ask("DELETE", &format!("/directory/deletedItems/{id}"), None).await.status,
        404,
        "it is not deleted yet"
    );
    tenant.ask("DELETE", &format!("/users/{id}"), None).await;
    assert_eq!(tenant.ask("DELETE", &format!("/directory/deletedItems/{id}"), None).await.status, 204);
    assert_eq!(tenant.ask("POST", &format!("/directory/deletedItems/{id}/restore"), None).await.status, 404);
    assert!(tenant.simulator.deleted().is_empty());
}

#[tokio::test]
async fn the_recycle_bin_keeps_users_for_30_days() {
    let mut tenant = tenant().await;
    let id = tenant.made("ada").await;
    tenant.ask("DELETE", &format!("/users/{id}"), None).await;
    tenant.simulator.advance(Duration::from_hours(30 * 24 - 1));
    tenant.sign_in().await;
    assert_eq!(tenant.get(&format!("/directory/deletedItems/{id}")).await.status, 200);
    tenant.simulator.advance(Duration::from_hours(1));
    tenant.sign_in().await;
    assert_eq!(tenant.get(&format!("/directory/deletedItems/{id}")).await.status, 404);
}
