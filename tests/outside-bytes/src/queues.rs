//! Messages.

use messages::{Fetch, OnDemand, Transform, Write, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A body of any kind: what is read is written and read again as the same, and an error repeats nothing of it.
pub fn message(bytes: &[u8]) {
    let Ok(body) = std::str::from_utf8(bytes) else { return };
    round_trip::<Fetch>(body);
    round_trip::<Transform>(body);
    round_trip::<Write>(body);
    round_trip::<OnDemand>(body);
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(body: &str) {
    match decode::<T>(body) {
        Ok(message) => {
            let again = decode::<T>(&encode(&message)).expect("what we wrote");
            assert_eq!(again, message, "written and read again");
        }
        Err(error) => assert_eq!(error.to_string(), "the message cannot be read"),
    }
}
