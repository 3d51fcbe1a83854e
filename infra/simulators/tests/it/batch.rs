//! `$batch`.

use crate::client::{part, person, tenant, tenant_with};
use serde_json::{Value, json};
use simulators::graph::{Budget, Options};

#[tokio::test]
async fn parts_are_carried_out_and_answered_by_id_in_any_order() {
    let tenant = tenant().await;
    let parts: Vec<Value> =
        (0..20).map(|n| part(&n.to_string(), "POST", "/users", Some(person(&format!("p{n}"))))).collect();
    let seen = tenant.ask("POST", "/$batch", Some(&json!({ "requests": parts }))).await;
    let replies = seen.body["responses"].as_array().unwrap();
    let ids: Vec<u64> = replies.iter().map(|reply| reply["id"].as_str().unwrap().parse().unwrap()).collect();
    assert!(!ids.is_sorted(), "the order is not the requests'");
    assert!(
        replies.iter().all(|reply| reply["status"] == 201 && reply["headers"]["Content-Type"] == "application/json")
    );
    let counts = tenant.simulator.counts();
    assert_eq!((counts.batches, counts.parts, counts.creates), (1, 20, 20));
}

#[tokio::test]
async fn addresses_are_relative_with_or_without_a_slash_or_absolute() {
    let tenant = tenant().await;
    let id = tenant.made("ada").await;
    let own = format!("{}/v1.0/users/{id}", tenant.simulator.url());
    let graph = "https://graph.microsoft.com/v1.0/users?$filter=employeeId%20eq%20'ada'&$select=id".to_owned();
    let urls =
        [format!("/users/{id}"), format!("users/{id}"), own, graph, "https://elsewhere.example/v1.0/users".to_owned()];
    let parts: Vec<Value> = urls.iter().enumerate().map(|(n, url)| part(&n.to_string(), "GET", url, None)).collect();
    let replies = tenant.batch(&parts).await;
    let statuses: Vec<u64> = replies.iter().map(|reply| reply["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 400]);
    assert_eq!(replies[3]["body"]["value"][0]["id"], id);
}

#[tokio::test]
async fn a_malformed_batch_is_refused_as_a_whole() {
    let tenant = tenant().await;
    let good = || part("1", "GET", "/users", None);
    let no_type = json!({ "id": "2", "method": "POST", "url": "/users", "body": person("ada") });
    let twenty_one: Vec<Value> = (0..21).map(|n| part(&n.to_string(), "GET", "/users", None)).collect();
    let depends = |on: &str| json!({ "id": "2", "method": "GET", "url": "/users", "dependsOn": [on] });
    let cases = [
        json!({}),
        json!({ "requests": twenty_one }),
        json!({ "requests": [part("a", "GET", "/users", None), part("A", "GET", "/users", None)] }),
        json!({ "requests": [{ "method": "GET", "url": "/users" }] }),
        json!({ "requests": [{ "id": "1", "url": "/users" }] }),
        json!({ "requests": [{ "id": "1", "method": "GET" }] }),
        json!({ "requests": [part("1", "HEAD", "/users", None)] }),
        json!({ "requests": [good(), no_type] }),
        json!({ "requests": [good(), depends("7")] }),
    ];
    for case in cases {
        let seen = tenant.send("POST", "/$batch", Some(&case)).await.unwrap();
        assert_eq!((seen.status, seen.code()), (400, "BadRequest"), "{case}");
    }
    assert!(tenant.simulator.users().is_empty());
    assert_eq!(tenant.batch(&[good()]).await[0]["status"], 200);
}

#[tokio::test]
async fn what_depends_on_a_failed_part_fails_with_it() {
    let tenant = tenant().await;
    let mut chain = vec![
        part("1", "PATCH", "/users/nobody", Some(json!({ "department": "Weaving" }))),
        part("2", "POST", "/users", Some(person("ada"))),
        part("3", "POST", "/users", Some(person("bob"))),
        part("4", "POST", "/users", Some(person("cleo"))),
    ];
    chain[1]["dependsOn"] = json!(["1"]);
    chain[2]["dependsOn"] = json!(["2"]);
    let replies = tenant.batch(&chain).await;
    let statuses: Vec<u64> = replies.iter().map(|reply| reply["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [404, 424, 424, 201]);
    assert_eq!(tenant.simulator.users().len(), 1);
}

#[tokio::test]
async fn parts_that_refuse_do_not_touch_the_others() {
    let tenant = tenant().await;
    tenant.made("ada").await;
    let parts = [
        part("1", "POST", "/users", Some(person("ada"))),
        part("2", "POST", "/users", Some(person("bob"))),
        part("3", "POST", "/$batch", Some(json!({ "requests": [] }))),
        part("4", "DELETE", "/users/ada@contoso.example", None),
    ];
    let replies = tenant.batch(&parts).await;
    assert_eq!(replies[0]["body"]["error"]["details"][0]["code"], "ObjectConflict");
    assert!(replies[0]["body"]["error"]["innerError"]["request-id"].is_string());
    assert_eq!(
        (&replies[1]["status"], &replies[2]["status"], &replies[3]["status"]),
        (&201.into(), &400.into(), &204.into())
    );
    assert_eq!(replies[3].get("body"), None);
}

#[tokio::test]
async fn each_part_is_throttled_by_itself() {
    let budget = Budget { writes: 3, ..Budget::default() };
    let tenant = tenant_with(Options { budget, ..Options::default() }).await;
    let mut parts: Vec<Value> =
        (0..5).map(|n| part(&n.to_string(), "POST", "/users", Some(person(&format!("p{n}"))))).collect();
    parts.push(part("read", "GET", "/users", None));
    let replies = tenant.batch(&parts).await;
    let statuses: Vec<u64> = replies.iter().map(|reply| reply["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 201, 201, 429, 429, 200]);
    let headers = &replies[3]["headers"];
    assert!(headers["Retry-After"].as_str().unwrap().parse::<u64>().unwrap() > 140);
    assert_eq!(headers["x-ms-throttle-information"], "WriteLimitExceeded");
    assert_eq!(tenant.simulator.counts().throttled, 2);
}
