//! Every operation, once with success and once with an error: the statuses are documented, the bodies fit the metadata.

use crate::client::{Tenant, part, person, tenant};
use crate::schema::contract;
use serde_json::{Value, json};
use simulators::graph::{Faults, OPERATIONS};
use std::collections::BTreeSet;

/// A request with the status that it must have, and the code where that is an error.
struct Case {
    method: &'static str,
    path: String,
    body: Option<Value>,
    expected: (u16, &'static str),
}

fn case(method: &'static str, path: impl Into<String>, body: Option<Value>, expected: (u16, &'static str)) -> Case {
    Case { method, path: path.into(), body, expected }
}

const NOBODY: &str = "00000000-0000-4000-8000-0000000000ff";
const MISSING: (u16, &str) = (404, "Request_ResourceNotFound");
const BAD: (u16, &str) = (400, "BadRequest");
const REFUSED: (u16, &str) = (400, "Request_BadRequest");
const UNSUPPORTED: (u16, &str) = (400, "Request_UnsupportedQuery");

fn on_users(tenant: &Tenant, user: &str, boss: &str) -> Vec<Case> {
    let refer = |id: &str| Some(json!({ "@odata.id": format!("{}/v1.0/users/{id}", tenant.simulator.url()) }));
    vec![
        case("GET", "/users", None, (200, "")),
        case("GET", "/users?$select=id,manager&$top=2&$filter=employeeId eq 'a'", None, (200, "")),
        case("GET", "/users?$expand=manager($select=id)", None, (200, "")),
        case("GET", "/users?$orderby=displayName", None, UNSUPPORTED),
        case("GET", "/users?$top=1000", None, REFUSED),
        case("POST", "/users", Some(person("new")), (201, "")),
        case("POST", "/users", Some(person("new")), REFUSED),
        case("POST", "/users", Some(json!({ "displayName": "Nobody" })), REFUSED),
        case("GET", "/users/$count", None, REFUSED),
        case("GET", "/users/delta()", None, (200, "")),
        case("GET", "/users/delta()?$select=displayName,manager", None, (200, "")),
        case("GET", "/users/delta()?$deltatoken=latest", None, (200, "")),
        case("GET", "/users/delta()?$deltatoken=none", None, BAD),
        case("GET", format!("/users/{user}"), None, (200, "")),
        case("GET", format!("/users/{user}?$select=identities,employeeOrgData,proxyAddresses"), None, (200, "")),
        case("GET", format!("/users/{NOBODY}"), None, MISSING),
        case("PATCH", format!("/users/{user}"), Some(json!({ "department": "Weaving" })), (204, "")),
        case("PATCH", format!("/users/{user}"), Some(json!({ "displayName": null })), REFUSED),
        case("PATCH", format!("/users/{NOBODY}"), Some(json!({ "department": "Weaving" })), MISSING),
        case("GET", format!("/users/{user}/manager"), None, MISSING),
        case("GET", format!("/users/{user}/manager/$ref"), None, MISSING),
        case("DELETE", format!("/users/{user}/manager/$ref"), None, MISSING),
        case("PUT", format!("/users/{user}/manager/$ref"), refer(boss), (204, "")),
        case("PUT", format!("/users/{user}/manager/$ref"), refer(NOBODY), MISSING),
        case("PUT", format!("/users/{user}/manager/$ref"), Some(json!({ "@odata.id": "boss" })), BAD),
        case("GET", format!("/users/{user}/manager"), None, (200, "")),
        case("GET", format!("/users/{user}/manager/$ref"), None, (200, "")),
        case("DELETE", format!("/users/{user}/manager/$ref"), None, (204, "")),
        case("DELETE", format!("/users/{user}"), None, (204, "")),
        case("DELETE", format!("/users/{user}"), None, MISSING),
    ]
}

/// After the user has been deleted, and with the other one still there.
fn on_the_rest(user: &str, boss: &str) -> Vec<Case> {
    let batch = |parts: Vec<Value>| Some(json!({ "requests": parts }));
    let mixed = vec![
        part("1", "GET", "/users", None),
        part("2", "GET", &format!("/users/{NOBODY}"), None),
        part("3", "PATCH", &format!("/users/{boss}"), Some(json!({ "department": "Weaving" }))),
    ];
    let deleted = |id: &str| format!("/directory/deletedItems/{id}");
    vec![
        case("POST", "/$batch", batch(mixed), (200, "")),
        case("POST", "/$batch", batch(vec![part("1", "HEAD", "/users", None)]), BAD),
        case("GET", "/directory/deletedItems/graph.user", None, (200, "")),
        case("GET", "/directory/deletedItems/graph.user?$top=0", None, REFUSED),
        case("GET", deleted(user), None, (200, "")),
        case("GET", deleted(NOBODY), None, MISSING),
        case("POST", format!("{}/restore", deleted(user)), None, (200, "")),
        case("POST", format!("{}/restore", deleted(user)), None, MISSING),
        case("DELETE", format!("/users/{user}"), None, (204, "")),
        case("DELETE", deleted(user), None, (204, "")),
        case("DELETE", deleted(user), None, MISSING),
        case("GET", "/organization", None, (200, "")),
        case("GET", "/organization?$colour=red", None, BAD),
        case("GET", "/domains", None, (200, "")),
        case("GET", "/domains?$colour=red", None, BAD),
    ]
}

#[tokio::test]
async fn every_operation_has_a_success_and_an_error_that_fit_the_metadata() {
    let tenant = tenant().await;
    let (user, boss) = (tenant.made("user").await, tenant.made("boss").await);
    let mut seen = BTreeSet::new();
    for Case { method, path, body, expected } in
        on_users(&tenant, &user, &boss).into_iter().chain(on_the_rest(&user, &boss))
    {
        // The client holds every answer to the metadata, which is why it must know the operation.
        let template = contract().template(method, &path).unwrap_or_else(|| panic!("{method} {path} is no operation"));
        let answer = tenant.send(method, &path, body.as_ref()).await.unwrap();
        assert_eq!((answer.status, answer.code()), expected, "{method} {path}: {}", answer.body);
        seen.insert((method, template.to_owned(), answer.status < 400));
    }
    let counted = tenant.send_with("GET", "/users/$count", None, &[("ConsistencyLevel", "eventual")]).await.unwrap();
    assert_eq!((counted.status, &counted.body), (200, &json!(2)));
    seen.insert(("GET", "/users/$count".to_owned(), true));
    let wanted: BTreeSet<_> = OPERATIONS
        .iter()
        .flat_map(|(method, path)| [true, false].map(|success| (*method, (*path).to_owned(), success)))
        .collect();
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn errors_that_any_operation_can_have_fit_the_metadata() {
    let mut tenant = tenant().await;
    let paths: BTreeSet<(&str, String)> = OPERATIONS
        .iter()
        .map(|(method, path)| (*method, path.replace("{user-id}", NOBODY).replace("{directoryObject-id}", NOBODY)))
        .collect();
    let faults = [
        (Faults { error_500: 1.0, ..Faults::default() }, 500),
        (Faults { throttle_429: 1.0, ..Faults::default() }, 429),
        (Faults { expired_tokens: true, ..Faults::default() }, 401),
    ];
    for (faults, status) in faults {
        tenant.simulator.set_faults(faults);
        for (method, path) in &paths {
            let body = (path == "/$batch").then(|| json!({ "requests": [part("1", "GET", "/users", None)] }));
            let answer = tenant.send(method, path, body.as_ref()).await.unwrap();
            // A batch that arrives is answered by itself; its parts have the errors.
            let found =
                if answer.status == 200 { &answer.body["responses"][0]["status"] } else { &json!(answer.status) };
            assert_eq!(found, &json!(status), "{method} {path}");
        }
    }
    tenant.simulator.set_faults(Faults::default());
    tenant.token.clear();
    for (method, path) in &paths {
        assert_eq!(tenant.send(method, path, None).await.unwrap().status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_not_simulated_is_refused_and_not_made_up() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    for (method, path, status) in [
        ("GET", "/groups".to_owned(), 400),
        ("GET", format!("/users/{id}/memberOf"), 405),
        ("PUT", "/users".to_owned(), 405),
        ("PATCH", "/organization".to_owned(), 405),
        ("GET", "/$batch".to_owned(), 405),
        ("POST", "/directory/deletedItems".to_owned(), 405),
    ] {
        assert_eq!(tenant.send(method, &path, Some(&json!({}))).await.unwrap().status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn links_begin_with_the_address_that_clients_come_by() {
    let options = simulators::graph::Options { public: Some("https://graph.example".to_owned()), ..Default::default() };
    let tenant = crate::client::tenant_with(options).await;
    tenant.simulator.seed_users((0..3).map(|n| json!({ "displayName": format!("{n}") })).collect());
    let page = tenant.get("/users?$top=2").await;
    assert!(page.body["@odata.nextLink"].as_str().unwrap().starts_with("https://graph.example/v1.0/users?"));
    assert!(page.body["@odata.context"].as_str().unwrap().starts_with("https://graph.example/v1.0/"));
    let delta = tenant.get("/users/delta").await;
    assert!(delta.body["@odata.deltaLink"].as_str().unwrap().starts_with("https://graph.example/v1.0/users/delta"));
}
