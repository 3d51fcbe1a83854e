//! Making users: what is required, what is refused, what must be unique.

use crate::client::{person, tenant};
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_is_made_and_shown_with_its_default_properties() {
    let tenant = tenant().await;
    let seen = tenant.ask("POST", "/users", Some(&person("ada"))).await;
    assert_eq!(seen.status, 201);
    let shown: Vec<&str> = seen.body.as_object().unwrap().keys().map(String::as_str).collect();
    let default = [
        "@odata.context",
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    ];
    assert_eq!(shown, default);
    assert_eq!((&seen.body["businessPhones"], &seen.body["mail"]), (&json!([]), &Value::Null));
    let user = &tenant.simulator.users()[0];
    assert_eq!((&user["employeeId"], &user["userType"]), (&"ada".into(), &"Member".into()));
    assert!(!user.to_string().contains("Invented-1"), "the password is not kept");
}

#[tokio::test]
async fn five_properties_are_required() {
    let tenant = tenant().await;
    for name in ["accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"] {
        let mut body = person("ada");
        body.as_object_mut().unwrap().remove(name);
        let seen = tenant.ask("POST", "/users", Some(&body)).await;
        assert_eq!((seen.status, seen.code()), (400, "Request_BadRequest"));
        assert!(seen.message().contains(name));
    }
    assert!(tenant.simulator.users().is_empty());
}

#[tokio::test]
async fn a_principal_name_belongs_to_one_user_whatever_its_case() {
    let tenant = tenant().await;
    tenant.made("ada").await;
    let mut body = person("other");
    body["userPrincipalName"] = "ADA@Contoso.Example".into();
    let seen = tenant.ask("POST", "/users", Some(&body)).await;
    assert_eq!((seen.status, seen.code()), (400, "Request_BadRequest"));
    assert_eq!(seen.message(), "Another object with the same value for property userPrincipalName already exists.");
    let detail = &seen.body["error"]["details"][0];
    assert_eq!((&detail["code"], &detail["target"]), (&"ObjectConflict".into(), &"userPrincipalName".into()));
}

#[tokio::test]
async fn employee_ids_and_nicknames_may_be_shared() {
    let tenant = tenant().await;
    tenant.made("ada").await;
    let mut body = person("ada2");
    body["employeeId"] = "ada".into();
    body["mailNickname"] = "ada".into();
    assert_eq!(tenant.ask("POST", "/users", Some(&body)).await.status, 201);
}

#[tokio::test]
async fn a_mail_address_belongs_to_one_user() {
    let tenant = tenant().await;
    let with_mail = |name: &str| {
        let mut body = person(name);
        body["mail"] = "desk@contoso.example".into();
        body
    };
    assert_eq!(tenant.ask("POST", "/users", Some(&with_mail("ada"))).await.status, 201);
    assert_eq!(tenant.simulator.users()[0]["proxyAddresses"], json!(["SMTP:desk@contoso.example"]));
    let seen = tenant.ask("POST", "/users", Some(&with_mail("bob"))).await;
    assert_eq!((seen.status, &seen.body["error"]["details"][0]["target"]), (400, &"proxyAddresses".into()));
}

#[tokio::test]
async fn values_that_graph_refuses_are_refused() {
    let tenant = tenant().await;
    let cases = [
        json!({ "userPrincipalName": "ada@elsewhere.example" }),
        json!({ "userPrincipalName": "ada" }),
        json!({ "userPrincipalName": "zoë@contoso.example" }),
        json!({ "userPrincipalName": "ada.@contoso.example" }),
        json!({ "userPrincipalName": format!("{}@contoso.example", "a".repeat(65)) }),
        json!({ "mailNickname": "a b" }),
        json!({ "mailNickname": "" }),
        json!({ "displayName": "" }),
        json!({ "displayName": "x".repeat(257) }),
        json!({ "department": "" }),
        json!({ "department": "x".repeat(65) }),
        json!({ "employeeId": "x".repeat(17) }),
        json!({ "usageLocation": "Austria" }),
        json!({ "userType": "Robot" }),
        json!({ "businessPhones": ["1", "2"] }),
        json!({ "otherMails": ["x".repeat(251)] }),
        json!({ "employeeHireDate": "2026-01-05" }),
        json!({ "accountEnabled": "true" }),
        json!({ "department": 7 }),
        json!({ "createdDateTime": "2026-01-05T00:00:00Z" }),
        json!({ "id": "0" }),
        json!({ "mailNicname": "x" }),
        json!({ "passwordProfile": { "password": "weak" } }),
        json!({ "passwordProfile": { "forceChangePasswordNextSignIn": true } }),
        json!({ "employeeOrgData": { "cost": "1" } }),
        json!({ "onPremisesExtensionAttributes": { "extensionAttribute16": "x" } }),
    ];
    for case in cases {
        let mut body = person("ada");
        body.as_object_mut().unwrap().extend(case.as_object().unwrap().clone());
        let seen = tenant.send("POST", "/users", Some(&body)).await.unwrap();
        assert_eq!((seen.status, seen.code()), (400, "Request_BadRequest"), "{case}");
    }
    assert!(tenant.simulator.users().is_empty());
    let domain = json!({ "userPrincipalName": "ada@elsewhere.example" });
    let mut body = person("ada");
    body.as_object_mut().unwrap().extend(domain.as_object().unwrap().clone());
    let seen = tenant.ask("POST", "/users", Some(&body)).await;
    assert!(seen.message().starts_with("The domain portion of the userPrincipalName property is invalid."));
}

#[tokio::test]
async fn every_length_is_taken_to_its_end() {
    let tenant = tenant().await;
    let mut body = person("ada");
    body["displayName"] = "é".repeat(256).into();
    body["department"] = "漢".repeat(64).into();
    body["employeeId"] = "x".repeat(16).into();
    body["userPrincipalName"] = format!("{}@contoso.example", "a".repeat(64)).into();
    body["employeeHireDate"] = "2026-01-05T01:00:00+01:00".into();
    assert_eq!(tenant.ask("POST", "/users", Some(&body)).await.status, 201);
    assert_eq!(tenant.simulator.users()[0]["employeeHireDate"], "2026-01-05T00:00:00Z");
}
