//! The token endpoint, and what a Graph call without a good token gets.

use crate::client::{tenant, tenant_with};
use serde_json::Value;
use simulators::graph::{Faults, Options};
use std::time::Duration;

async fn asked(tenant: &crate::client::Tenant, name: &str, changed: (&str, &str)) -> (u16, Value) {
    let options = Options::default();
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", &options.client_id),
        ("client_secret", &options.client_secret),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    for field in &mut form {
        if field.0 == changed.0 {
            field.1 = changed.1;
        }
    }
    let url = format!("{}/{name}/oauth2/v2.0/token", tenant.simulator.url());
    let answer = tenant.http.post(url).form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn the_right_secret_gives_a_token_for_an_hour() {
    let tenant = tenant().await;
    let (status, body) = asked(&tenant, "contoso.example", ("", "")).await;
    assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &Value::from("Bearer"), &Value::from(3599)));
    assert_eq!(tenant.simulator.counts().tokens, 2);
}

#[tokio::test]
async fn everything_else_gives_the_error_that_names_the_fault() {
    let tenant = tenant().await;
    let cases = [
        ("contoso.example", ("client_secret", "wrong"), 401, "invalid_client", 7_000_215),
        ("contoso.example", ("client_secret", ""), 401, "invalid_client", 7_000_216),
        ("contoso.example", ("client_id", "wrong"), 400, "unauthorized_client", 700_016),
        ("contoso.example", ("grant_type", "password"), 400, "unsupported_grant_type", 70_003),
        ("contoso.example", ("scope", "User.Read"), 400, "invalid_scope", 1_002_012),
        ("contoso.example", ("scope", ""), 400, "invalid_request", 900_144),
        ("fabrikam.example", ("", ""), 400, "invalid_request", 90_002),
    ];
    for (name, changed, status, error, code) in cases {
        let (found, body) = asked(&tenant, name, changed).await;
        assert_eq!((found, body["error"].as_str(), body["error_codes"][0].as_u64()), (status, Some(error), Some(code)));
        assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}")));
    }
}

#[tokio::test]
async fn a_call_needs_a_token_that_has_not_expired() {
    let mut tenant = tenant().await;
    assert_eq!(tenant.get("/users").await.status, 200);
    tenant.simulator.advance(Duration::from_hours(1));
    let seen = tenant.get("/users").await;
    assert_eq!((seen.status, seen.code()), (401, "InvalidAuthenticationToken"));
    tenant.sign_in().await;
    assert_eq!(tenant.get("/users").await.status, 200);
    tenant.token = "invented".to_owned();
    assert_eq!(tenant.get("/users").await.status, 401);
}

#[tokio::test]
async fn tokens_can_be_made_to_expire() {
    let tenant = tenant_with(Options::default()).await;
    tenant.simulator.set_faults(Faults { expired_tokens: true, ..Faults::default() });
    assert_eq!(tenant.get("/users").await.status, 401);
    tenant.simulator.set_faults(Faults::default());
    assert_eq!(tenant.get("/users").await.status, 200);
}

#[tokio::test]
async fn a_request_has_an_id_and_gives_the_clients_back() {
    let tenant = tenant().await;
    let seen = tenant.send_with("GET", "/users/nobody", None, &[("client-request-id", "mine")]).await.unwrap();
    assert_eq!((seen.status, seen.header("client-request-id")), (404, Some("mine")));
    assert_eq!(seen.body["error"]["innerError"]["client-request-id"], "mine");
    assert_eq!(seen.header("request-id").unwrap().len(), 36);
}

#[tokio::test]
async fn the_organization_has_one_verified_domain() {
    let tenant = tenant().await;
    let organization = tenant.get("/organization").await;
    assert_eq!(organization.body["value"][0]["verifiedDomains"][0]["name"], "contoso.example");
    let domains = tenant.get("/domains").await;
    assert_eq!(
        (&domains.body["value"][0]["id"], &domains.body["value"][0]["isVerified"]),
        (&"contoso.example".into(), &true.into())
    );
}
