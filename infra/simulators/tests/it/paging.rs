//! Lists, pages and selections.

use crate::client::{person, tenant};
use serde_json::{Value, json};

fn people(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!({ "displayName": format!("{n:04}"), "employeeId": format!("{}", n % 2) })).collect()
}

#[tokio::test]
async fn pages_follow_each_other_until_everybody_was_shown_once() {
    let tenant = tenant().await;
    tenant.simulator.seed_users(people(250));
    for (path, pages) in [
        ("/users", 3),
        ("/users?$top=999&$select=displayName", 1),
        ("/users?%24top=100&%24filter=employeeId%20eq%20'1'", 2),
    ] {
        let (mut next, mut seen_pages, mut names) = (Some(path.to_owned()), 0, Vec::new());
        while let Some(path) = next {
            let seen = tenant.get(&path).await;
            assert_eq!(seen.status, 200, "{}", seen.body);
            names.extend(seen.names().into_iter().map(str::to_owned));
            next = seen.body["@odata.nextLink"].as_str().map(str::to_owned);
            seen_pages += 1;
        }
        assert_eq!(seen_pages, pages, "{path}");
        assert!(names.is_sorted_by(|a, b| a < b));
        assert_eq!(names.len(), if path.contains("filter") { 125 } else { 250 });
    }
}

#[tokio::test]
async fn a_selection_shows_what_it_names_and_nothing_else() {
    let tenant = tenant().await;
    tenant.simulator.seed_users(people(1));
    let seen = tenant.get("/users?$select=id,department,assignedLicenses").await;
    let user = seen.body["value"][0].as_object().unwrap();
    assert_eq!(user.len(), 3);
    assert_eq!((&user["department"], &user["assignedLicenses"]), (&Value::Null, &json!([])));
    assert!(
        seen.body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("/v1.0/$metadata#users(id,department,assignedLicenses)")
    );
}

#[tokio::test]
async fn queries_that_graph_refuses_are_refused() {
    let tenant = tenant().await;
    for query in [
        "$top=0",
        "$top=1000",
        "$select=nobody",
        "$filter=nobody",
        "$expand=memberOf",
        "$orderby=displayName",
        "$search=x",
        "$skip=1",
        "$skiptoken=x",
        "$top=1&$top=2",
    ] {
        assert_eq!(tenant.get(&format!("/users?{query}")).await.status, 400, "{query}");
    }
    assert_eq!(tenant.get("/users?own=1").await.status, 200, "other names are the client's own");
}

#[tokio::test]
async fn counting_needs_eventual_consistency() {
    let tenant = tenant().await;
    tenant.simulator.seed_users(people(150));
    assert_eq!(tenant.get("/users/$count").await.status, 400);
    let eventual = [("ConsistencyLevel", "eventual")];
    let seen = tenant.send_with("GET", "/users/$count", None, &eventual).await.unwrap();
    assert_eq!((seen.status, &seen.body, seen.header("content-type")), (200, &150.into(), Some("text/plain")));
    let seen = tenant.send_with("GET", "/users?$count=true&$filter=employeeId eq '1'", None, &eventual).await.unwrap();
    assert_eq!(seen.body["@odata.count"], 75);
    assert_eq!(tenant.get("/users?$count=true").await.body.get("@odata.count"), None);
}

#[tokio::test]
async fn an_expanded_manager_stands_with_each_user() {
    let tenant = tenant().await;
    tenant.simulator.seed_users(vec![
        json!({ "id": "1", "displayName": "a" }),
        json!({ "id": "2", "displayName": "b", "manager": "1" }),
    ]);
    let seen = tenant.get("/users?$expand=manager($select=id,displayName)&$select=id").await;
    assert_eq!(seen.body["value"][0].get("manager"), None);
    assert_eq!(seen.body["value"][1]["manager"]["displayName"], "a");
}

#[tokio::test]
async fn one_user_is_read_by_id_or_by_principal_name() {
    let tenant = tenant().await;
    let mut body = person("o.o'brien");
    body["mailNickname"] = "o".into();
    body["employeeId"] = "1".into();
    let id = tenant.ask("POST", "/users", Some(&body)).await.id().to_owned();
    assert_eq!(tenant.get("/users/o.o%27brien%40contoso.example").await.id(), id);
    assert_eq!(tenant.get(&format!("/users/{}", id.to_uppercase())).await.id(), id);
}
