//! As much of HTTP as stands between the connector and the simulator: one request and one reply a connection.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::TcpStream;

/// A request or a reply: its first line, its headers, its body.
#[derive(Clone, Debug)]
pub struct Message {
    pub first: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    pub fn read(stream: &TcpStream) -> Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let (mut headers, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            } else if !name.eq_ignore_ascii_case("connection") {
                headers.push((name.to_owned(), value.trim().to_owned()));
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(Self { first: first.trim_end().to_owned(), headers, body })
    }

    /// Writes it, and of its body no more than `most` bytes.
    pub fn write(&self, stream: &mut TcpStream, most: usize) -> Result<()> {
        let mut head = format!("{}\r\n", self.first);
        for (name, value) in &self.headers {
            head.extend([name.as_str(), ": ", value, "\r\n"]);
        }
        let length = self.body.len().to_string();
        head.extend(["content-length: ", &length, "\r\nconnection: close\r\n\r\n"]);
        stream.write_all(&[head.as_bytes(), &self.body[..most.min(self.body.len())]].concat())?;
        stream.flush()
    }

    /// Sends it and gives the reply.
    pub fn sent_to(&self, address: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        self.write(&mut stream, usize::MAX)?;
        Self::read(&stream)
    }
}
