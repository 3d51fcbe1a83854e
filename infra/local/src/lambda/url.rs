//! A function's own URL: HTTP requests as events of payload format 2.0, and its answers as HTTP responses.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{now_ms, random_id};

use super::PAYLOAD_MAX;
use super::function::Function;

/// Serves the URL of one function, whatever the path.
pub(crate) fn router(function: Arc<Function>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(PAYLOAD_MAX)).with_state(function)
}

async fn answer(
    State(function): State<Arc<Function>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let outcome = function.invoke(&event(&function.name, &method, &uri, &headers, &body)).await;
    outcome.ok().and_then(response).unwrap_or_else(|| {
        (StatusCode::BAD_GATEWAY, Json(json!({ "Message": "Internal Server Error" }))).into_response()
    })
}

fn event(function: &str, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Value {
    let now = now_ms();
    let time = Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(TimeZone::UTC);
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": uri.path(),
        "rawQueryString": uri.query().unwrap_or_default(),
        "headers": joined(headers.iter().filter(|(name, _)| *name != header::COOKIE).map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })),
        "requestContext": {
            "accountId": "anonymous",
            "apiId": function,
            "domainName": text(header::HOST),
            "domainPrefix": function,
            "http": {
                "method": method.as_str(),
                "path": uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": text(header::USER_AGENT),
            },
            "requestId": random_id(),
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S %z").to_string(),
            "timeEpoch": now,
        },
        "isBase64Encoded": false,
    });
    if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        && !pairs.is_empty()
    {
        event["queryStringParameters"] = joined(pairs.into_iter());
    }
    let cookies: Vec<&str> = text(header::COOKIE).split("; ").filter(|cookie| !cookie.is_empty()).collect();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !body.is_empty() {
        match std::str::from_utf8(body) {
            Ok(body) if is_text(text(header::CONTENT_TYPE)) => event["body"] = body.into(),
            _ => {
                event["body"] = STANDARD.encode(body).into();
                event["isBase64Encoded"] = true.into();
            }
        }
    }
    event
}

/// Several values of one name stand behind each other with commas.
fn joined(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in pairs {
        let values = all.entry(name).or_default();
        if !values.is_empty() {
            values.push(',');
        }
        values.push_str(&value);
    }
    json!(all)
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (family, form) = kind.split_once('/').unwrap_or_default();
    let ends_as_text = form.ends_with("+json") || form.ends_with("+xml");
    family == "text" || family == "application" && (matches!(form, "json" | "javascript" | "xml") || ends_as_text)
}

/// An answer with a status code says all; any other is the body of a success. None for one that cannot be sent.
fn response(answer: Value) -> Option<Response> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        status_code: u16,
        #[serde(default)]
        headers: BTreeMap<String, Value>,
        #[serde(default)]
        cookies: Vec<String>,
        body: Option<String>,
        #[serde(default)]
        is_base64_encoded: bool,
    }
    let json = HeaderValue::from_static("application/json");
    if answer.get("statusCode").is_none() {
        let body = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
        return Some(([(header::CONTENT_TYPE, json)], body).into_response());
    }
    let answer: Answer = serde_json::from_value(answer).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { STANDARD.decode(body).ok()? } else { body.into_bytes() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, json);
    for (name, value) in answer.headers {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    for cookie in answer.cookies {
        headers.append(header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_not_text_is_encoded() {
        let uri = Uri::from_static("http://x/hook?a=1&a=2&b=c%20d");
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
        let encoded = event("f", &Method::POST, &uri, &headers, b"k=v");
        assert_eq!((&encoded["body"], &encoded["isBase64Encoded"]), (&json!("az12"), &json!(true)));
        assert_eq!(encoded["queryStringParameters"], json!({ "a": "1,2", "b": "c d" }));
        headers.insert("content-type", HeaderValue::from_static("application/scim+json; charset=utf-8"));
        let plain = event("f", &Method::POST, &uri, &headers, b"{}");
        assert_eq!((&plain["body"], &plain["isBase64Encoded"]), (&json!("{}"), &json!(false)));
    }

    #[test]
    fn an_answer_with_an_impossible_status_is_not_sent() {
        assert!(response(json!({ "statusCode": 42 })).is_none());
        assert_eq!(response(json!({ "statusCode": 202, "headers": { "x": 1 } })).unwrap().headers()["x"], "1");
        assert_eq!(response(json!({ "ok": true })).unwrap().status(), StatusCode::OK);
    }
}
