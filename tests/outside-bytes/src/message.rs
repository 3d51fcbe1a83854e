//! Messages of the queues, and the events of Lambda, SQS and S3 that they come in.

use crate::VALUE;
use messages::{Fetch, OnDemand, Transform, Write, arrived, decode, encode, queued};
use ports::ErrorChain;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;

/// A body or an event: what is read of it survives being written, and each message of an event is there once.
pub fn message(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    body::<Fetch>(&text);
    body::<Transform>(&text);
    body::<Write>(&text);
    body::<OnDemand>(&text);
    let Ok(event) = serde_json::from_str::<Value>(&text) else { return };
    if let Ok(Some(messages)) = queued(&event) {
        assert_eq!(Some(messages.len()), event["Records"].as_array().map(Vec::len), "a message is left out");
        for (index, message) in messages.iter().enumerate() {
            assert!(!message.id.is_empty(), "a message that cannot be reported as failed");
            assert!(message.body.is_empty() || event["Records"][index]["body"] == message.body.as_str());
        }
    }
    for address in arrived(&event).unwrap_or_default() {
        assert!(address.starts_with("s3://"), "an object of another store");
        assert!(address.len() <= 3 * text.len(), "an address that grows");
    }
}

fn body<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    match decode::<T>(text) {
        Ok(message) => assert_eq!(decode::<T>(&encode(&message)).expect("it was just written"), message),
        Err(error) => {
            let shown = ErrorChain(&error).to_string();
            assert!(!shown.contains(VALUE) && shown.len() < 300, "an error with a value: {shown}");
        }
    }
}
