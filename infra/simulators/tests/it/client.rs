//! A client of the simulator that holds every request and answer to the contract.

use crate::schema::contract;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use simulators::graph::{Options, Simulator};
use std::time::Duration;

/// An answer as the client saw it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// The names of the users on a page, in order.
    pub(crate) fn names(&self) -> Vec<&str> {
        let users = self.body["value"].as_array().unwrap();
        users.iter().map(|user| user["displayName"].as_str().unwrap_or_default()).collect()
    }

    pub(crate) fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }
}

/// A simulator with a client that has a token.
pub(crate) struct Tenant {
    pub simulator: Simulator,
    pub http: reqwest::Client,
    pub token: String,
}

pub(crate) fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap()
}

/// A tenant with these options.
pub(crate) async fn tenant_with(options: Options) -> Tenant {
    let simulator = Simulator::start(options).await.unwrap();
    let mut tenant = Tenant { simulator, http: http(), token: String::new() };
    tenant.sign_in().await;
    tenant
}

pub(crate) async fn tenant() -> Tenant {
    tenant_with(Options::default()).await
}

/// What a create must have, and an employee id.
pub(crate) fn person(name: &str) -> Value {
    json!({
        "accountEnabled": true,
        "displayName": format!("Invented {name}"),
        "mailNickname": name,
        "userPrincipalName": format!("{name}@contoso.example"),
        "employeeId": name,
        "passwordProfile": { "forceChangePasswordNextSignIn": true, "password": "Invented-1" },
    })
}

impl Tenant {
    pub(crate) async fn sign_in(&mut self) {
        let options = Options::default();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", options.client_id.as_str()),
            ("client_secret", options.client_secret.as_str()),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let url = format!("{}/{}/oauth2/v2.0/token", self.simulator.url(), options.tenant);
        let answer: Value = self.http.post(url).form(&form).send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
        let url = if path.contains("://") { path.to_owned() } else { format!("{}/v1.0{path}", self.simulator.url()) };
        let request = self.http.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// Sends a request that may be wrong; the answer is held to the contract.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Seen, reqwest::Error> {
        self.send_with(method, path, body, &[]).await
    }

    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Seen, reqwest::Error> {
        let request = headers
            .iter()
            .fold(self.request(method, path, body), |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await?;
        let body: Value =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::from(text)) };
        let seen = Seen { status, headers, body };
        let below = path.split_once("/v1.0").map_or(path, |(_, below)| below);
        if contract().template(method, below).is_some() {
            assert_eq!(
                contract().answer_faults(method, below, status, &seen.body),
                [""; 0],
                "{method} {path}: {}",
                seen.body
            );
        }
        if status >= 400 {
            let inner = &seen.body["error"]["innerError"];
            assert!(inner["date"].is_string() && inner["client-request-id"].is_string(), "{}", seen.body);
            assert_eq!(inner["request-id"].as_str(), seen.header("request-id"));
        }
        Ok(seen)
    }

    /// Sends a request that the contract takes.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Seen {
        let below = path.split_once("/v1.0").map_or(path, |(_, below)| below);
        if let Some(body) = body {
            assert_eq!(contract().request_faults(method, below, body), [""; 0], "{method} {path}");
        } else {
            assert!(contract().template(method, below).is_some(), "{method} {path} is no operation");
        }
        self.send(method, path, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.ask("GET", path, None).await
    }

    /// Makes a user and gives its id.
    pub(crate) async fn made(&self, name: &str) -> String {
        let seen = self.ask("POST", "/users", Some(&person(name))).await;
        assert_eq!(seen.status, 201, "{}", seen.body);
        seen.id().to_owned()
    }

    pub(crate) async fn patched(&self, id: &str, body: Value) -> Seen {
        self.ask("PATCH", &format!("/users/{id}"), Some(&body)).await
    }

    /// Sends a batch of (id, method, url, body), and gives the replies in the order of the requests.
    pub(crate) async fn batch(&self, parts: &[Value]) -> Vec<Value> {
        let seen = self.ask("POST", "/$batch", Some(&json!({ "requests": parts }))).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        let replies = seen.body["responses"].as_array().unwrap();
        assert_eq!(replies.len(), parts.len());
        let reply = |part: &Value| replies.iter().find(|reply| reply["id"] == part["id"]).unwrap().clone();
        parts.iter().map(reply).collect()
    }
}

/// One part of a batch.
pub(crate) fn part(id: &str, method: &str, url: &str, body: Option<Value>) -> Value {
    let mut part = json!({ "id": id, "method": method, "url": url });
    if let Some(body) = body {
        part["body"] = body;
        part["headers"] = json!({ "Content-Type": "application/json" });
    }
    part
}
