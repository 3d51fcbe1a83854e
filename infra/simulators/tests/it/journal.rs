//! The state file: everything that was answered is there again after a restart.

use crate::client::{Tenant, person, tenant, tenant_with};
use serde_json::json;
use simulators::graph::{Faults, Options, Simulator};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

async fn kept(path: &Path) -> Tenant {
    tenant_with(Options { state: Some(path.to_owned()), ..Options::default() }).await
}

#[tokio::test]
async fn a_restart_finds_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.jsonl");
    let tenant = kept(&path).await;
    tenant.simulator.seed_users(vec![json!({ "id": "1", "displayName": "Invented boss" })]);
    let (ada, bob) = (tenant.made("ada").await, tenant.made("bob").await);
    tenant.patched(&ada, json!({ "department": "Weaving" })).await;
    let body = json!({ "@odata.id": format!("{}/v1.0/users/1", tenant.simulator.url()) });
    tenant.ask("PUT", &format!("/users/{ada}/manager/$ref"), Some(&body)).await;
    tenant.ask("DELETE", &format!("/users/{bob}"), None).await;
    let (users, deleted) = (tenant.simulator.users(), tenant.simulator.deleted());
    tenant.simulator.stop().await;
    let tenant = kept(&path).await;
    assert_eq!((tenant.simulator.users(), tenant.simulator.deleted()), (users, deleted));
    assert_eq!(tenant.get(&format!("/users/{ada}/manager")).await.id(), "1");
    let cleo = tenant.made("cleo").await;
    assert!(![&ada, &bob].contains(&&cleo), "ids are not drawn again");
}

#[tokio::test]
async fn a_change_is_in_the_file_when_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.jsonl");
    let tenant = kept(&path).await;
    for n in 1..=3 {
        tenant.made(&format!("p{n}")).await;
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), n);
    }
    assert!(!std::fs::read_to_string(&path).unwrap().contains("Invented-1"), "passwords are not kept");
}

#[tokio::test]
async fn a_torn_last_line_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.jsonl");
    let tenant = kept(&path).await;
    tenant.made("ada").await;
    tenant.simulator.stop().await;
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"at\":1,\"kind\":\"set\",\"id\":\"2\",\"fie").unwrap();
    let tenant = kept(&path).await;
    assert_eq!(tenant.simulator.users().len(), 1);
    tenant.made("bob").await;
    tenant.simulator.stop().await;
    assert_eq!(kept(&path).await.simulator.users().len(), 2);
}

#[tokio::test]
async fn a_damaged_file_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.jsonl");
    std::fs::write(&path, "{\"at\":1}\n").unwrap();
    assert!(Simulator::start(Options { state: Some(path), ..Options::default() }).await.is_err());
}

#[tokio::test]
async fn after_the_stop_nothing_is_answered() {
    let tenant = tenant().await;
    let url = format!("{}/v1.0/users", tenant.simulator.url());
    assert!(tenant.http.get(&url).send().await.is_ok());
    tenant.simulator.stop().await;
    assert!(tenant.http.get(&url).send().await.is_err());
}

/// What a careless client does to five people, over and over.
async fn rampage(tenant: &Tenant, seed: usize) {
    for step in 0..120 {
        let draw = (step + 1) * (2 * seed + 7) * 2_654_435_761 / 64;
        let names = ["ada", "bob", "cleo", "dan", "eve"];
        let (name, other) = (names[draw % 5], names[draw / 5 % 5]);
        let path = format!("/users/{name}@contoso.example");
        let deleted = tenant.simulator.deleted();
        let bin =
            deleted.first().and_then(|user| user["id"].as_str()).map(|id| format!("/directory/deletedItems/{id}"));
        let (method, path, body) = match (draw / 25 % 6, bin) {
            (0, _) => ("DELETE", path, None),
            (1, _) => ("PATCH", path, Some(json!({ "userPrincipalName": format!("{other}@contoso.example") }))),
            (2, Some(bin)) => ("POST", format!("{bin}/restore"), None),
            (3, Some(bin)) => ("DELETE", bin, None),
            (4, _) => ("PATCH", path, Some(json!({ "department": other, "mail": format!("{other}@contoso.example") }))),
            _ => ("POST", "/users".to_owned(), Some(person(name))),
        };
        let _ = tenant.send(method, &path, body.as_ref()).await;
    }
}

#[tokio::test]
async fn whatever_happens_names_stay_unique_and_the_file_tells_the_same() {
    for seed in 1..=8 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph.jsonl");
        let tenant = kept(&path).await;
        let faults =
            Faults { lost_reply: 0.1, late: 0.1, error_503_applied: 0.1, throttle_429: 0.1, ..Faults::default() };
        tenant.simulator.set_faults(faults);
        rampage(&tenant, seed).await;
        tenant.simulator.advance(Duration::from_secs(1));
        let (users, deleted) = (tenant.simulator.users(), tenant.simulator.deleted());
        assert!(tenant.simulator.counts().creates > 5);
        let names: BTreeSet<&str> = users.iter().map(|user| user["userPrincipalName"].as_str().unwrap()).collect();
        assert_eq!(names.len(), users.len(), "seed {seed}");
        tenant.simulator.stop().await;
        let again = kept(&path).await;
        assert_eq!((again.simulator.users(), again.simulator.deleted()), (users, deleted), "seed {seed}");
    }
}
