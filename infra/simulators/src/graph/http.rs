//! HTTP in and out: parsing, tokens, delays, and connections that are cut.

use super::answer::{Answer, Request};
use super::batch::Batch;
use super::locked;
use super::query::{Query, decoded, segments};
use super::server::{Job, Server};
use super::wire::Wire;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Request as HttpRequest, Response, StatusCode};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Graph takes requests of so many bytes.
const BODY_MAX: usize = 4 * 1024 * 1024;

pub(super) fn router(server: Arc<Mutex<Server>>) -> Router {
    Router::new().fallback(serve).with_state(server)
}

async fn serve(
    State(server): State<Arc<Mutex<Server>>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: HttpRequest<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX).await;
    let (answer, delay) = {
        let mut server = locked(&server);
        let answer = match &body {
            Ok(body) => server.receive(&parts, body),
            Err(_) => Some(Answer::error(413, "RequestEntityTooLarge", "The request is too large or was cut.")),
        };
        (answer, server.delay())
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let Some(answer) = answer else {
        wire.cut();
        return Response::new(Body::empty());
    };
    let garbage = locked(&server).options.faults.garbage;
    written(answer, garbage)
}

fn written(answer: Answer, garbage: bool) -> Response<Body> {
    let (kind, text) = match answer.body {
        _ if garbage => ("text/html", "<html><body>upstream connect error</body></html>".to_owned()),
        Value::Null => ("", String::new()),
        Value::Number(number) => ("text/plain", number.to_string()),
        body => ("application/json", body.to_string()),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !kind.is_empty() {
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

impl Server {
    fn delay(&self) -> Duration {
        self.options.latency + self.options.faults.slow.unwrap_or_default()
    }

    /// What comes of an HTTP request; `None` cuts the connection.
    fn receive(&mut self, parts: &Parts, body: &Bytes) -> Option<Answer> {
        if self.stopped {
            return None;
        }
        self.counts.requests += 1;
        self.settle();
        if self.options.faults.down {
            return None;
        }
        let path: Vec<&str> = parts.uri.path().split('/').skip(1).collect();
        match path.as_slice() {
            ["v1.0", ..] => self.receive_graph(parts, body),
            [tenant, "oauth2", "v2.0", "token"] if parts.method == "POST" => {
                let form = String::from_utf8_lossy(body);
                Some(self.give_token(&decoded(tenant), &form))
            }
            _ => Some(Answer::error(404, "ResourceNotFound", "There is nothing at this address.")),
        }
    }

    fn receive_graph(&mut self, parts: &Parts, body: &Bytes) -> Option<Answer> {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let client_request_id = header("client-request-id");
        let job = self.authorize(header("authorization")).and_then(|()| self.job(parts, body));
        let answer = match job {
            Ok(job) => self.perform(job)?,
            Err(refusal) => refusal,
        };
        Some(self.finished(answer, client_request_id))
    }

    fn job(&mut self, parts: &Parts, body: &Bytes) -> Result<Job, Answer> {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let body = match (body.is_empty(), header("content-type")) {
            (true, _) => None,
            (false, Some(kind)) if kind.starts_with("application/json") => Some(
                serde_json::from_slice(body).map_err(|_| Answer::malformed("Unable to read JSON request payload."))?,
            ),
            (false, _) => {
                let message = "Write requests (excluding DELETE) must contain the Content-Type header declaration.";
                return Err(Answer::malformed(message));
            }
        };
        let path: Vec<String> = segments(parts.uri.path()).into_iter().skip(1).collect();
        if path == ["$batch"] {
            if parts.method != "POST" {
                return Err(Answer::error(405, "Request_BadRequest", "A batch is posted."));
            }
            self.counts.batches += 1;
            return Batch::parse(body.as_ref(), &self.base).map(Job::Batch);
        }
        let eventual = header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        Ok(Job::Single(Request { method: parts.method.to_string(), path, query, body, eventual }))
    }
}
