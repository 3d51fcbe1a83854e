//! The manager of a user.

use crate::client::{Tenant, tenant};
use serde_json::{Value, json};

async fn refer(tenant: &Tenant, id: &str, address: &str) -> u16 {
    tenant.ask("PUT", &format!("/users/{id}/manager/$ref"), Some(&json!({ "@odata.id": address }))).await.status
}

#[tokio::test]
async fn a_manager_is_set_shown_and_cleared() {
    let tenant = tenant().await;
    let (ada, bob) = (tenant.made("ada").await, tenant.made("bob").await);
    let path = format!("/users/{ada}/manager");
    assert_eq!(tenant.get(&path).await.status, 404);
    for kind in ["users", "directoryObjects"] {
        assert_eq!(refer(&tenant, &ada, &format!("{}/v1.0/{kind}/{bob}", tenant.simulator.url())).await, 204);
    }
    let seen = tenant.get(&path).await;
    assert_eq!((seen.id(), &seen.body["@odata.type"]), (bob.as_str(), &"#microsoft.graph.user".into()));
    let seen = tenant.get(&format!("{path}/$ref")).await;
    assert!(seen.body["@odata.id"].as_str().unwrap().ends_with(&format!("/directoryObjects/{bob}")));
    let seen = tenant.get(&format!("/users/{ada}?$select=id&$expand=manager($select=id)")).await;
    assert_eq!(seen.body["manager"], json!({ "@odata.type": "#microsoft.graph.user", "id": bob }));
    assert_eq!(tenant.simulator.users()[0]["manager"], bob.as_str());
    assert_eq!(tenant.ask("DELETE", &format!("{path}/$ref"), None).await.status, 204);
    let seen = tenant.ask("DELETE", &format!("{path}/$ref"), None).await;
    assert_eq!((seen.status, seen.code()), (404, "Request_ResourceNotFound"));
    assert_eq!(tenant.simulator.counts().references, 3);
}

#[tokio::test]
async fn a_manager_must_exist_and_be_named_by_an_address() {
    let tenant = tenant().await;
    let ada = tenant.made("ada").await;
    let graph = "https://graph.microsoft.com/v1.0";
    assert_eq!(refer(&tenant, &ada, &format!("{graph}/users/00000000-0000-4000-8000-00000000ffff")).await, 404);
    assert_eq!(refer(&tenant, "nobody", &format!("{graph}/users/{ada}")).await, 404);
    assert_eq!(refer(&tenant, &ada, &format!("{graph}/groups/{ada}")).await, 400);
    let bare = json!({ "@odata.id": ada });
    let seen = tenant.send("PUT", &format!("/users/{ada}/manager/$ref"), Some(&bare)).await.unwrap();
    assert_eq!(seen.status, 400);
}

#[tokio::test]
async fn a_deleted_manager_is_nobodys_manager_until_restored() {
    let tenant = tenant().await;
    let (ada, bob) = (tenant.made("ada").await, tenant.made("bob").await);
    refer(&tenant, &ada, &format!("{}/v1.0/users/{bob}", tenant.simulator.url())).await;
    tenant.ask("DELETE", &format!("/users/{bob}"), None).await;
    assert_eq!(tenant.get(&format!("/users/{ada}/manager")).await.status, 404);
    assert_eq!(tenant.simulator.users()[0].get("manager"), None::<&Value>);
    tenant.ask("POST", &format!("/directory/deletedItems/{bob}/restore"), None).await;
    assert_eq!(tenant.get(&format!("/users/{ada}/manager")).await.id(), bob);
}
