//! Changing users.

use crate::client::{Tenant, tenant};
use serde_json::{Value, json};

async fn user(tenant: &Tenant, id: &str, select: &str) -> Value {
    let seen = tenant.get(&format!("/users/{id}?$select={select}")).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    seen.body
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_clears_what_is_null() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    let change = json!({ "department": "Weaving", "jobTitle": "Weaver", "accountEnabled": false });
    assert_eq!(tenant.patched(&id, change).await.status, 204);
    assert_eq!(tenant.patched("ada@contoso.example", json!({ "department": null })).await.status, 204);
    let body = user(&tenant, &id, "department,jobTitle,accountEnabled").await;
    assert_eq!(
        (&body["department"], &body["jobTitle"], &body["accountEnabled"]),
        (&Value::Null, &"Weaver".into(), &false.into())
    );
    assert_eq!(tenant.simulator.counts().updates, 2);
}

#[tokio::test]
async fn what_must_be_there_cannot_be_cleared() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    tenant.patched(&id, json!({ "mail": "ada@contoso.example" })).await;
    for name in [
        "displayName",
        "accountEnabled",
        "userPrincipalName",
        "mailNickname",
        "mail",
        "businessPhones",
        "usageLocation",
    ] {
        let body = json!({ name: null });
        let seen = tenant.send("PATCH", &format!("/users/{id}"), Some(&body)).await.unwrap();
        assert_eq!(seen.status, 400, "{name}");
    }
    let seen = tenant.patched(&id, json!({ "department": "" })).await;
    assert_eq!(seen.message(), "Invalid value specified for property 'department' of resource 'User'.");
}

#[tokio::test]
async fn one_refused_property_fails_the_whole_update() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    let change = json!({ "department": "Weaving", "employeeId": "x".repeat(17) });
    assert_eq!(tenant.patched(&id, change).await.status, 400);
    assert_eq!(user(&tenant, &id, "department").await["department"], Value::Null);
}

#[tokio::test]
async fn an_unknown_user_is_not_found() {
    let tenant = tenant().await;
    let seen = tenant.patched("nobody@contoso.example", json!({ "department": "Weaving" })).await;
    assert_eq!((seen.status, seen.code()), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn organization_data_is_replaced_and_extension_attributes_are_merged() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    tenant.patched(&id, json!({ "employeeOrgData": { "costCenter": "1", "division": "North" } })).await;
    tenant.patched(&id, json!({ "employeeOrgData": { "costCenter": "2" } })).await;
    tenant
        .patched(
            &id,
            json!({ "onPremisesExtensionAttributes": { "extensionAttribute1": "a", "extensionAttribute2": "b" } }),
        )
        .await;
    tenant.patched(&id, json!({ "onPremisesExtensionAttributes": { "extensionAttribute2": null } })).await;
    let body = user(&tenant, &id, "employeeOrgData,onPremisesExtensionAttributes").await;
    assert_eq!(body["employeeOrgData"], json!({ "costCenter": "2", "division": null }));
    let attributes = body["onPremisesExtensionAttributes"].as_object().unwrap();
    assert_eq!((attributes.len(), &attributes["extensionAttribute1"]), (15, &"a".into()));
    assert_eq!(attributes["extensionAttribute2"], Value::Null);
}

#[tokio::test]
async fn a_new_principal_name_must_be_free_and_frees_the_old_one() {
    let tenant = tenant().await;
    let (ada, bob) = (tenant.made("ada").await, tenant.made("bob").await);
    let taken = tenant.patched(&bob, json!({ "userPrincipalName": "Ada@contoso.example" })).await;
    assert_eq!((taken.status, &taken.body["error"]["details"][0]["code"]), (400, &"ObjectConflict".into()));
    assert_eq!(tenant.patched(&ada, json!({ "userPrincipalName": "ADA@contoso.example" })).await.status, 204);
    assert_eq!(tenant.patched(&ada, json!({ "userPrincipalName": "ada.l@contoso.example" })).await.status, 204);
    assert_eq!(tenant.patched(&bob, json!({ "userPrincipalName": "ada@contoso.example" })).await.status, 204);
    assert_eq!(tenant.get("/users/ada@contoso.example").await.id(), bob);
}

#[tokio::test]
async fn a_new_mail_address_keeps_the_old_one_as_a_further_one() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    tenant.patched(&id, json!({ "mail": "one@contoso.example" })).await;
    tenant.patched(&id, json!({ "mail": "two@contoso.example" })).await;
    let body = user(&tenant, &id, "proxyAddresses").await;
    assert_eq!(body["proxyAddresses"], json!(["SMTP:two@contoso.example", "smtp:one@contoso.example"]));
}

#[tokio::test]
async fn users_from_on_premises_are_mastered_there() {
    let tenant = tenant().await;
    tenant.simulator.seed_users(vec![json!({ "id": "1", "displayName": "Invented", "onPremisesSyncEnabled": true })]);
    let seen = tenant.patched("1", json!({ "department": "Weaving" })).await;
    assert_eq!(seen.status, 400);
    assert!(seen.message().contains("on-premises mastered"));
    assert_eq!(tenant.patched("1", json!({ "usageLocation": "AT" })).await.status, 204);
}

#[tokio::test]
async fn users_of_restricted_management_are_out_of_reach() {
    let tenant = tenant().await;
    tenant.simulator.seed_users(vec![json!({ "id": "1", "displayName": "Invented", "isManagementRestricted": true })]);
    for (method, body) in [("PATCH", Some(json!({ "department": "Weaving" }))), ("DELETE", None)] {
        let seen = tenant.ask(method, "/users/1", body.as_ref()).await;
        assert_eq!((seen.status, seen.code()), (403, "Authorization_RequestDenied"));
    }
}

#[tokio::test]
async fn a_body_must_be_json_and_say_so() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    let url = format!("{}/v1.0/users/{id}", tenant.simulator.url());
    for (kind, text) in [("application/json", "{\"department\":"), ("text/plain", "{}")] {
        let request = tenant.http.patch(&url).bearer_auth(&tenant.token).header("Content-Type", kind).body(text);
        assert_eq!(request.send().await.unwrap().status(), 400);
    }
    assert_eq!(tenant.send("PATCH", &format!("/users/{id}"), None).await.unwrap().status, 400);
    assert_eq!(tenant.send("PUT", &format!("/users/{id}"), Some(&json!({}))).await.unwrap().status, 405);
    assert_eq!(tenant.send("GET", "/groups", None).await.unwrap().status, 400);
}
