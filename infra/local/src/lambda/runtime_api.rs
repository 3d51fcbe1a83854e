//! The Runtime API: one port for all functions, with function and process as the start of the path.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::InvokeError;
use crate::clock::{now_ms, random_hex};

use super::PAYLOAD_MAX;
use super::function::{Function, ProcessId};
use super::invocation::Outcome;

/// All functions by name.
type Functions = Arc<BTreeMap<String, Arc<Function>>>;

/// The API for these functions.
pub(crate) fn router(functions: Functions) -> Router {
    let routes = Router::new()
        .route("/invocation/next", get(next))
        .route("/invocation/{request}/response", post(response))
        .route("/invocation/{request}/error", post(error))
        .route("/init/error", post(init_error));
    Router::new()
        .nest("/{function}/{process}/2018-06-01/runtime", routes)
        // The limit is checked by hand, because a larger answer has to end its invocation.
        .layer(DefaultBodyLimit::disable())
        .with_state(functions)
}

async fn next(State(functions): State<Functions>, Path((name, process)): Path<(String, ProcessId)>) -> Response {
    let Some(function) = functions.get(&name) else { return unknown() };
    let Some(handed) = function.next(process).await else { return unknown() };
    let trace = format!("Root=1-{:08x}-{};Parent={};Sampled=0", now_ms() / 1000, random_hex(12), random_hex(8));
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", handed.id),
        ("lambda-runtime-deadline-ms", handed.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", function.arn.clone()),
        ("lambda-runtime-trace-id", trace),
    ];
    (headers, handed.payload).into_response()
}

async fn response(
    State(functions): State<Functions>,
    Path((name, process, request)): Path<(String, ProcessId, String)>,
    body: Bytes,
) -> Response {
    let Some(function) = functions.get(&name) else { return unknown() };
    if body.len() > PAYLOAD_MAX {
        let error = InvokeError::TooLarge { function: name, what: "answer" };
        function.answer(process, &request, Err(error));
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", "the answer is larger than 6 MiB");
    }
    let outcome = serde_json::from_slice(&body).map_err(|_| InvokeError::NotJson { function: name });
    accept(function, process, &request, outcome)
}

async fn error(
    State(functions): State<Functions>,
    Path((name, process, request)): Path<(String, ProcessId, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(function) = functions.get(&name) else { return unknown() };
    let (kind, message) = diagnostic(&headers, &body);
    accept(function, process, &request, Err(InvokeError::Failed { function: name, kind, message }))
}

async fn init_error(
    State(functions): State<Functions>,
    Path((name, process)): Path<(String, ProcessId)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(function) = functions.get(&name) else { return unknown() };
    let (kind, message) = diagnostic(&headers, &body);
    function.init_failed(process, kind, message);
    accepted()
}

fn accept(function: &Function, process: ProcessId, request: &str, outcome: Outcome) -> Response {
    if function.answer(process, request, outcome) {
        accepted()
    } else {
        refuse(StatusCode::BAD_REQUEST, "InvalidRequestID", "this process does not run that invocation")
    }
}

fn diagnostic(headers: &HeaderMap, body: &[u8]) -> (String, String) {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Diagnostic {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let Diagnostic { error_type, error_message } = serde_json::from_slice(body).unwrap_or_default();
    let header = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    let kind = error_type.or_else(|| header.map(str::to_owned)).unwrap_or_else(|| "Unhandled".into());
    (kind, error_message.unwrap_or_default())
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

fn unknown() -> Response {
    refuse(StatusCode::FORBIDDEN, "InvalidProcess", "this is no process of a function here")
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response {
    let body: Value = json!({ "errorType": kind, "errorMessage": message });
    (status, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::JoinSet;

    use super::*;

    /// One function with one process that the test plays, and the API.
    struct Played {
        function: Arc<Function>,
        process: ProcessId,
        address: std::net::SocketAddr,
        _server: JoinSet<()>,
    }

    impl Played {
        async fn new() -> Played {
            let function = Arc::new(Function::new("f".into(), "r", Duration::from_secs(20)));
            let (process, _) = function.wanted(true).await;
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let address = listener.local_addr().unwrap();
            let functions = Arc::new(BTreeMap::from([("f".to_owned(), Arc::clone(&function))]));
            let mut server = JoinSet::new();
            server.spawn(async move { axum::serve(listener, router(functions)).await.unwrap() });
            Played { function, process, address, _server: server }
        }

        async fn call(&self, method: &str, path: &str, body: &[u8]) -> String {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            let path = format!("/f/{}/2018-06-01/runtime{path}", self.process);
            let length = body.len();
            let head =
                format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        }

        /// Takes an invocation and names it.
        async fn next(&self) -> String {
            let answer = self.call("GET", "/invocation/next", b"").await;
            let id = answer.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: "));
            for header in ["lambda-runtime-deadline-ms: ", "lambda-runtime-invoked-function-arn: arn:aws:lambda:r:"] {
                assert!(answer.contains(header), "{answer}");
            }
            assert!(answer.contains("lambda-runtime-trace-id: Root=1-"), "{answer}");
            id.unwrap().to_owned()
        }
    }

    #[tokio::test]
    async fn an_answer_counts_once_and_only_from_the_process_that_has_the_invocation() {
        let mut played = Played::new().await;
        let function = Arc::clone(&played.function);
        let payload = json!({});
        let play = async {
            let id = played.next().await;
            let path = format!("/invocation/{id}/response");
            played.process += 1;
            assert!(played.call("POST", &path, b"1").await.starts_with("HTTP/1.1 400"));
            assert!(played.call("GET", "/invocation/next", b"").await.starts_with("HTTP/1.1 403"));
            played.process -= 1;
            assert!(played.call("POST", &path, b"{\"a\":1}").await.starts_with("HTTP/1.1 202"));
            assert!(played.call("POST", &path, b"2").await.starts_with("HTTP/1.1 400"));
        };
        let (outcome, ()) = tokio::join!(function.invoke(&payload), play);
        assert_eq!(outcome.unwrap(), json!({ "a": 1 }));
    }

    #[tokio::test]
    async fn an_answer_that_is_too_large_or_no_json_ends_the_invocation() {
        let played = Played::new().await;
        for (body, status) in [(vec![b'1'; PAYLOAD_MAX + 1], "HTTP/1.1 413"), (b"{".to_vec(), "HTTP/1.1 202")] {
            let payload = json!({});
            let play = async {
                let path = format!("/invocation/{}/response", played.next().await);
                assert!(played.call("POST", &path, &body).await.starts_with(status));
            };
            let (outcome, ()) = tokio::join!(played.function.invoke(&payload), play);
            let error = outcome.unwrap_err();
            assert!(matches!(error, InvokeError::TooLarge { .. } | InvokeError::NotJson { .. }), "{error}");
        }
        let payload = Value::String("x".repeat(PAYLOAD_MAX));
        let error = played.function.invoke(&payload).await.unwrap_err();
        assert!(matches!(error, InvokeError::TooLarge { what: "payload", .. }), "{error}");
    }

    #[tokio::test]
    async fn an_error_at_the_start_is_the_answer_to_what_waits() {
        let played = Played::new().await;
        let body = br#"{"errorType":"Config","errorMessage":"no table"}"#;
        let payload = json!({});
        let play = async {
            assert!(played.call("POST", "/init/error", body).await.starts_with("HTTP/1.1 202"));
            played.function.ended(played.process);
        };
        let (outcome, ()) = tokio::join!(played.function.invoke(&payload), play);
        let InvokeError::Failed { kind, message, .. } = outcome.unwrap_err() else { panic!("another error") };
        assert_eq!((kind.as_str(), message.as_str()), ("Config", "no table"));
    }
}
