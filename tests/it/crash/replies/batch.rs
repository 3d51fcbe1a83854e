//! Batches and what is said to them.

use super::http::Message;
use super::kinds::Kind;
use serde_json::{Value, json};
use std::io::Result;
use std::net::TcpStream;

pub fn parts(request: &Message) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    body["requests"].as_array().cloned().unwrap_or_default()
}

/// The request with these parts only.
pub fn batch(request: &Message, parts: &[Value]) -> Message {
    Message { body: json!({ "requests": parts }).to_string().into_bytes(), ..request.clone() }
}

pub fn json_reply(status: u16, body: &Value) -> Message {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Message { first: format!("HTTP/1.1 {status} Said"), headers, body: body.to_string().into_bytes() }
}

/// What is said to a whole HTTP request.
pub fn envelope(kind: Kind) -> Message {
    let Some(said) = kind.part(&Value::Null) else { return json_reply(200, &json!({ "responses": [] })) };
    let status = said["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
    let mut reply = json_reply(status, &said["body"]);
    if let Some(wait) = said["headers"]["Retry-After"].as_str() {
        reply.headers.push(("retry-after".to_owned(), wait.to_owned()));
    }
    reply
}

/// Says it as its kind is said. Who is not answered at all comes back, to be kept waiting.
pub fn said(kind: Kind, reply: Message, mut stream: TcpStream) -> Result<Option<TcpStream>> {
    match kind {
        Kind::Closed => {}
        Kind::TimedOut => return Ok(Some(stream)),
        Kind::Cut => reply.write(&mut stream, reply.body.len() / 2)?,
        Kind::NotJson => {
            let body = b"<html><body>upstream connect error</body></html>".to_vec();
            let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
            Message { headers, body, ..reply }.write(&mut stream, usize::MAX)?;
        }
        _ => reply.write(&mut stream, usize::MAX)?,
    }
    Ok(None)
}
