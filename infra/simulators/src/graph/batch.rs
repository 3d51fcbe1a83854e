//! `$batch`: up to 20 requests in one, each judged and throttled by itself.

use super::answer::{Answer, Request};
use super::query::{Query, decoded, segments};
use super::server::Server;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Graph takes so many requests in one batch.
const PARTS_MAX: usize = 20;

/// A batch that can be parsed.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    id: String,
    after: Vec<String>,
    client_request_id: Option<String>,
    request: Result<Request, Answer>,
}

impl Batch {
    /// Parses the body of a batch; a malformed one is refused as a whole.
    pub fn parse(body: Option<&Value>, base: &str) -> Result<Self, Answer> {
        let requests = body.and_then(|body| body.get("requests")).and_then(Value::as_array);
        let requests = requests.ok_or_else(|| Answer::malformed("Invalid batch payload format."))?;
        if requests.len() > PARTS_MAX {
            let message = format!("Number of batch request steps exceeds the maximum value of {PARTS_MAX}.");
            return Err(Answer::malformed(&message));
        }
        let mut parts: Vec<Part> = Vec::new();
        for request in requests {
            let part = Part::parse(request, base)?;
            let known = |id: &str| parts.iter().any(|earlier| earlier.id.eq_ignore_ascii_case(id));
            if known(&part.id) {
                return Err(Answer::malformed("Request Id is not unique within the batch."));
            }
            if let Some(id) = part.after.iter().find(|id| !known(id)) {
                let message = format!("Request '{}' depends on '{id}', which does not stand before it.", part.id);
                return Err(Answer::malformed(&message));
            }
            parts.push(part);
        }
        Ok(Self { parts })
    }

    pub fn writes(&self) -> bool {
        self.parts.iter().any(|part| part.request.as_ref().is_ok_and(Request::writes))
    }
}

impl Part {
    fn parse(request: &Value, base: &str) -> Result<Self, Answer> {
        let text = |name: &str| request.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let missing = |name: &str| Answer::malformed(&format!("A request of the batch has no '{name}'."));
        let id = text("id").ok_or_else(|| missing("id"))?.to_owned();
        let method = text("method").ok_or_else(|| missing("method"))?.to_ascii_uppercase();
        let url = text("url").ok_or_else(|| missing("url"))?;
        if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
            return Err(Answer::malformed(&format!("Request '{id}' has an unknown method.")));
        }
        let none = Map::new();
        let headers = request.get("headers").and_then(Value::as_object).unwrap_or(&none);
        let header = |name: &str| {
            headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
        };
        let body = request.get("body").filter(|body| !body.is_null()).cloned();
        if body.is_some() && header("Content-Type").is_none() {
            let message = format!("Write request id : {id} does not contain Content-Type header or body.");
            return Err(Answer::malformed(&message));
        }
        let eventual = header("ConsistencyLevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
        let after = request.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            after: after.filter_map(Value::as_str).map(str::to_owned).collect(),
            client_request_id: header("client-request-id").map(str::to_owned),
            request: target(url, base).map(|(path, query)| Request { method, path, query, body, eventual }),
            id,
        })
    }
}

/// The path and the query of a part's address: below the version, or absolute.
fn target(url: &str, base: &str) -> Result<(Vec<String>, Query), Answer> {
    let roots = [format!("{base}/v1.0/"), "https://graph.microsoft.com/v1.0/".to_owned()];
    let relative = roots.iter().find_map(|root| url.strip_prefix(root.as_str()));
    let relative = match relative {
        Some(relative) => relative,
        None if url.contains("://") => return Err(Answer::malformed("The address is none of this service.")),
        None => url,
    };
    let (path, query) = relative.split_once('?').unwrap_or((relative, ""));
    let path = segments(path);
    if path.first().is_some_and(|first| decoded(first) == "$batch") {
        return Err(Answer::malformed("A batch cannot contain a batch."));
    }
    Ok((path, Query::parse(query)))
}

impl Server {
    /// Carries the parts out in their order; replies come in any order.
    pub(super) fn answer_batch(&mut self, batch: &Batch, with_faults: bool) -> Answer {
        let mut failed: HashMap<String, bool> = HashMap::new();
        let mut responses: Vec<Value> = Vec::new();
        for part in &batch.parts {
            self.counts.parts += 1;
            let blocked = part.after.iter().any(|id| failed.get(&id.to_lowercase()).copied().unwrap_or(true));
            let answer = match &part.request {
                _ if blocked => {
                    let message = "The request could not be carried out because a request that it depends on failed.";
                    Answer::error(424, "FailedDependency", message)
                }
                Err(refusal) => refusal.clone(),
                Ok(request) if with_faults => self.answer(request),
                Ok(request) => self.carried_out(request, super::faults::Fate::Normal),
            };
            failed.insert(part.id.to_lowercase(), answer.status >= 400);
            let answer = self.finished(answer, part.client_request_id.as_deref());
            responses.push(response(&part.id, &answer));
        }
        for end in (2..=responses.len()).rev() {
            let other = self.dice.below(end);
            responses.swap(end - 1, other);
        }
        Answer::ok(json!({ "responses": responses }))
    }
}

fn response(id: &str, answer: &Answer) -> Value {
    let mut headers: Map<String, Value> =
        answer.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let mut response = json!({ "id": id, "status": answer.status });
    if !answer.body.is_null() {
        let kind = if answer.body.is_number() { "text/plain" } else { "application/json" };
        headers.insert("Content-Type".to_owned(), Value::from(kind));
        response["body"] = answer.body.clone();
    }
    response["headers"] = Value::Object(headers);
    response
}
