//! `$filter` over HTTP.

use crate::client::{Tenant, tenant};
use serde_json::json;

async fn found(tenant: &Tenant, filter: &str) -> Vec<String> {
    let url = reqwest::Url::parse_with_params(&format!("{}/v1.0/users", tenant.simulator.url()), [("$filter", filter)]);
    let seen = tenant.get(url.unwrap().as_str()).await;
    assert_eq!(seen.status, 200, "{filter}: {}", seen.body);
    seen.names().into_iter().map(str::to_owned).collect()
}

async fn company() -> Tenant {
    let tenant = tenant().await;
    let extension = |value: &str| json!({ "extensionAttribute3": value });
    tenant.simulator.seed_users(vec![
        json!({ "displayName": "Ada O'Brien", "employeeId": "A1", "mail": "ada@contoso.example", "accountEnabled": true }),
        json!({ "displayName": "Bob & Co", "employeeId": "b2", "userPrincipalName": "bob@contoso.example", "accountEnabled": false }),
        json!({ "displayName": "Zoë", "mailNickname": "zoe", "employeeId": "b2", "onPremisesExtensionAttributes": extension("x#y") }),
    ]);
    tenant
}

#[tokio::test]
async fn users_are_found_by_value() {
    let tenant = company().await;
    let cases: &[(&str, &[&str])] = &[
        ("employeeId eq 'a1'", &["Ada O'Brien"]),
        ("employeeId in ('A1','B2','c3')", &["Ada O'Brien", "Bob & Co", "Zoë"]),
        ("userPrincipalName eq 'BOB@contoso.example'", &["Bob & Co"]),
        ("mail eq 'ada@contoso.example'", &["Ada O'Brien"]),
        ("mailNickname eq 'zoe'", &["Zoë"]),
        ("displayName eq 'Ada O''Brien'", &["Ada O'Brien"]),
        ("displayName eq 'Bob & Co'", &["Bob & Co"]),
        ("startswith(displayName,'zoë')", &["Zoë"]),
        ("accountEnabled eq true", &["Ada O'Brien"]),
        ("employeeId eq 'b2' and accountEnabled eq false", &["Bob & Co"]),
        ("accountEnabled eq false or startsWith(displayName, 'A')", &["Ada O'Brien", "Bob & Co"]),
        ("onPremisesExtensionAttributes/extensionAttribute3 eq 'x#y'", &["Zoë"]),
        ("employeeId eq 'nobody'", &[]),
        ("mail eq null and accountEnabled eq false", &["Bob & Co"]),
    ];
    for (filter, names) in cases {
        assert_eq!(found(&tenant, filter).await, *names, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_finds_the_new_value_and_not_the_old_one() {
    let tenant = company().await;
    let id = tenant.made("dan").await;
    tenant.patched(&id, json!({ "employeeId": "d4" })).await;
    assert!(found(&tenant, "employeeId eq 'dan'").await.is_empty());
    assert_eq!(found(&tenant, "employeeId eq 'd4'").await, ["Invented dan"]);
    tenant.ask("DELETE", &format!("/users/{id}"), None).await;
    assert!(found(&tenant, "employeeId eq 'd4'").await.is_empty());
}

#[tokio::test]
async fn sixteen_values_are_too_many() {
    let tenant = company().await;
    let values = |count: usize| vec!["'a1'"; count].join(",");
    assert_eq!(found(&tenant, &format!("employeeId in ({})", values(15))).await.len(), 1);
    let seen = tenant.get(&format!("/users?$filter=employeeId in ({})", values(16))).await;
    assert_eq!(seen.status, 400);
    assert!(seen.message().contains("Max allowed: 15"));
}
