//! Message attributes, and the MD5 digests that clients compare with what they sent.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// One message attribute as the JSON protocol spells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MessageAttribute {
    pub(crate) data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) binary_value: Option<String>,
}

/// Message attributes by name; sorted, as the digest wants them.
pub(crate) type MessageAttributes = BTreeMap<String, MessageAttribute>;

/// Digest of a body.
pub(crate) fn of_body(body: &str) -> String {
    format!("{:x}", md5::compute(body.as_bytes()))
}

/// Digest of message attributes, and how many bytes they add to the size of the message.
pub(crate) fn of_attributes(attributes: &MessageAttributes) -> Result<(String, usize), Fault> {
    let mut bytes = Vec::new();
    let mut size = 0;
    for (name, attribute) in attributes {
        let (marker, value) = value(name, attribute)?;
        put(&mut bytes, name.as_bytes());
        put(&mut bytes, attribute.data_type.as_bytes());
        bytes.push(marker);
        put(&mut bytes, &value);
        size += name.len() + attribute.data_type.len() + value.len();
    }
    Ok((format!("{:x}", md5::compute(bytes)), size))
}

/// Every piece stands behind its length.
fn put(bytes: &mut Vec<u8>, piece: &[u8]) {
    bytes.extend(u32::try_from(piece.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend(piece);
}

fn value(name: &str, attribute: &MessageAttribute) -> Result<(u8, Vec<u8>), Fault> {
    let wrong =
        || Fault::parameter("MessageAttributes", format!("the value of attribute {name} does not fit its type"));
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    match (kind, &attribute.string_value, &attribute.binary_value) {
        ("String" | "Number", Some(text), None) => Ok((1, text.clone().into_bytes())),
        ("Binary", None, Some(text)) => Ok((2, STANDARD.decode(text).map_err(|_| wrong())?)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_body_is_its_md5() {
        assert_eq!(of_body("abc"), "900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn a_value_must_fit_its_type() {
        let attribute =
            MessageAttribute { data_type: "Binary".into(), string_value: Some("a".into()), binary_value: None };
        assert!(of_attributes(&MessageAttributes::from([("kind".into(), attribute)])).is_err());
    }

    #[test]
    fn the_digest_of_attributes_covers_name_type_and_value_with_their_lengths() {
        let attribute =
            MessageAttribute { data_type: "String".into(), string_value: Some("v".into()), binary_value: None };
        let (digest, size) = of_attributes(&MessageAttributes::from([("n".into(), attribute)])).unwrap();
        let by_hand = b"\0\0\0\x01n\0\0\0\x06String\x01\0\0\0\x01v";
        assert_eq!((digest, size), (format!("{:x}", md5::compute(by_hand)), 8));
    }
}
