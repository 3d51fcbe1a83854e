//! The documented pairs of requests and responses, where they are at hand: the simulator answers each operation that it
//! has with the documented status, with a body where one is documented, and both bodies fit the schema.

use crate::client::{Tenant, person, tenant};
use crate::schema::contract;
use serde_json::{Value, json};

/// Documented samples that contradict the documentation itself: PATCH answers 204, and one user is not wrapped.
fn is_faulty(method: &str, path: &str, body: &Value) -> bool {
    method == "PATCH" || (method == "GET" && path == "/users/*" && body["value"].is_object())
}

/// What stands in for each `*` of a sample: a user that exists, deleted where a deleted one is meant.
async fn prepared(tenant: &Tenant, path: &str, number: usize) -> String {
    let id = tenant.made(&format!("sample{number}")).await;
    if path.contains("deletedItems") {
        tenant.ask("DELETE", &format!("/users/{id}"), None).await;
    }
    if path.contains("/manager") {
        let manager = tenant.made(&format!("manager{number}")).await;
        let body = json!({ "@odata.id": format!("{}/v1.0/users/{manager}", tenant.simulator.url()) });
        tenant.ask("PUT", &format!("/users/{id}/manager/$ref"), Some(&body)).await;
    }
    id
}

fn simulated(path: &str) -> bool {
    let plain = [
        "/users",
        "/users/*",
        "/users/*/manager",
        "/users/*/manager/$ref",
        "/users/delta",
        "/users/$count",
        "/domains",
        "/organization",
    ];
    let deleted = ["/directory/deletedItems/*", "/directory/deletedItems/*/restore"];
    let selects = [
        "/users/delta?$select=displayName,jobTitle,mobilePhone",
        "/users/*?$select=displayName,givenName,postalCode,identities",
    ];
    plain.contains(&path) || deleted.contains(&path) || selects.contains(&path)
}

#[tokio::test]
async fn documented_requests_get_the_documented_status_and_shape() {
    #[expect(clippy::disallowed_methods, reason = "the documented pairs are outside of the repository")]
    let Ok(folder) = std::env::var("TENURE_EXTERNAL_DATA") else {
        println!("left out: TENURE_EXTERNAL_DATA does not name a folder");
        return;
    };
    let text = std::fs::read_to_string(format!("{folder}/contracts/graph/doc-samples-v1.0.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let tenant = tenant().await;
    let (mut compared, mut others) = (0, Vec::new());
    for (number, sample) in document["samples"].as_array().unwrap().iter().enumerate() {
        let method = sample["request"]["method"].as_str().unwrap();
        let path = sample["request"]["url"].as_str().unwrap().replace("https://graph.microsoft.com/v1.0", "");
        let documented = &sample["response"]["body"];
        if !simulated(&path) || is_faulty(method, &path, documented) || (method, path.as_str()) == ("POST", "/domains")
        {
            if ["/users", "/directory/deletedItems", "/organization", "/domains"]
                .iter()
                .any(|top| path.starts_with(top))
            {
                others.push(format!("{method} {path}"));
            }
            continue;
        }
        let id = prepared(&tenant, &path, number).await;
        let asked = path.replace('*', &id);
        let body = match (method, path.as_str()) {
            ("POST", "/users") => Some(person(&format!("made{number}"))),
            ("PUT", _) => Some(json!({ "@odata.id": format!("{}/v1.0/users/{id}", tenant.simulator.url()) })),
            _ => None,
        };
        // The samples leave out the header that the documentation of counting asks for.
        let headers: &[_] = if path == "/users/$count" { &[("ConsistencyLevel", "eventual")] } else { &[] };
        let seen = tenant.send_with(method, &asked, body.as_ref(), headers).await.unwrap();
        assert_eq!(Some(u64::from(seen.status)), status(sample), "{method} {path}: {}", seen.body);
        assert_eq!(contract().answer_faults(method, &asked, seen.status, documented), [""; 0], "{method} {path}");
        assert_eq!(documented.is_null(), seen.body.is_null(), "{method} {path}");
        compared += 1;
    }
    println!("{compared} documented pairs were compared; what is not simulated, or faulty: {}", others.join(", "));
    assert!(compared >= 18, "only {compared} documented pairs were compared");
}

fn status(sample: &Value) -> Option<u64> {
    sample["response"]["statusCode"].as_u64().or_else(|| sample["response"]["statusCode"].as_str()?.parse().ok())
}
