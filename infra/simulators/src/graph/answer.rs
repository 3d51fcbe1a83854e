//! A request as the simulator sees it, and its answer in Graph's shapes.

use super::budget::Exceeded;
use super::query::Query;
use serde_json::{Value, json};

/// A request, from HTTP or from a batch.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub method: String,
    /// Below `/v1.0`, decoded by segment.
    pub path: Vec<String>,
    pub query: Query,
    pub body: Option<Value>,
    /// `ConsistencyLevel: eventual` was sent.
    pub eventual: bool,
}

impl Request {
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }

    pub fn creates(&self) -> bool {
        self.method == "POST" && self.path.len() == 1 && self.path[0] == "users"
    }
}

/// An answer before it is put into HTTP or into a batch.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Answer {
    fn new(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    pub fn ok(body: Value) -> Self {
        Self::new(200, body)
    }

    pub fn created(body: Value) -> Self {
        Self::new(201, body)
    }

    pub fn no_content() -> Self {
        Self::new(204, Value::Null)
    }

    /// Graph's error shape; what is inside of `innerError` is added when it is sent.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::new(status, json!({ "error": { "code": code, "message": message } }))
    }

    /// A fault of the request's form, found by Graph's front.
    pub fn malformed(message: &str) -> Self {
        Self::error(400, "BadRequest", message)
    }

    /// A fault of the request's content, found by the directory.
    pub fn bad_request(message: &str) -> Self {
        Self::error(400, "Request_BadRequest", message)
    }

    pub fn unsupported_query() -> Self {
        Self::error(400, "Request_UnsupportedQuery", "Unsupported Query.")
    }

    pub fn forbidden() -> Self {
        Self::error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    }

    pub fn not_found(id: &str) -> Self {
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Self::error(404, "Request_ResourceNotFound", &message)
    }

    /// A fault of one property.
    pub fn property(property: &str, code: &str, message: &str) -> Self {
        let mut answer = Self::bad_request(message);
        answer.body["error"]["details"] = json!([{ "code": code, "message": message, "target": property }]);
        answer
    }

    pub fn invalid_value(property: &str) -> Self {
        let message = format!("Invalid value specified for property '{property}' of resource 'User'.");
        Self::property(property, "InvalidValue", &message)
    }

    pub fn conflict(property: &str) -> Self {
        let message = format!("Another object with the same value for property {property} already exists.");
        Self::property(property, "ObjectConflict", &message)
    }

    pub fn throttled(exceeded: Exceeded, application: &str, tenant: &str) -> Self {
        let mut answer = Self::error(429, "TooManyRequests", "Too many requests from this application.");
        let limit = if exceeded.scope == "Tenant" { "Write" } else { "ReadWrite" };
        answer.headers = vec![
            ("Retry-After".to_owned(), exceeded.seconds.to_string()),
            ("x-ms-throttle-scope".to_owned(), format!("{}/{limit}/{application}/{tenant}", exceeded.scope)),
            ("x-ms-throttle-information".to_owned(), exceeded.information.to_owned()),
        ];
        answer
    }
}
