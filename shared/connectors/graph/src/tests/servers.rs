//! A loopback server that gives tokens, says what it is told to, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The whole reply to everything but token requests, by the number of the request from 0.
type Script = Arc<dyn Fn(usize, &str) -> String + Send + Sync>;

pub(super) struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
    _task: JoinSet<()>,
}

impl Server {
    pub async fn start(script: impl Fn(usize, &str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (script, seen): (Script, _) = (Arc::new(script), Arc::clone(&asked));
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = serve(stream, &script, &seen).await;
            }
        });
        Self { url, asked, _task: task }
    }

    /// Requests other than those for tokens: head and body.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A reply with a JSON body.
pub(super) fn json(status: u16, body: &serde_json::Value) -> String {
    reply(status, "content-type: application/json\r\n", &body.to_string())
}

pub(super) fn reply(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}

async fn serve(mut stream: TcpStream, script: &Script, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let request = request(&mut stream).await?;
    let answer = if request.contains("/oauth2/v2.0/token") {
        json(200, &serde_json::json!({ "access_token": "t", "expires_in": "3599" }))
    } else {
        let number = {
            let mut asked = asked.lock().unwrap();
            asked.push(request.clone());
            asked.len() - 1
        };
        script(number, &request)
    };
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

async fn request(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await?;
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if count == 0 || body.len() >= length.unwrap_or(0) {
                return Ok(text);
            }
        } else if count == 0 {
            return Ok(text);
        }
    }
}
