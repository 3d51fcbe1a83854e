//! The server that somebody else wrote: ministack, an emulator of AWS. `tests/run` starts one and says where it is.

use aws_sdk_dynamodb::config::Credentials;
use std::hash::{BuildHasher, Hasher, RandomState};

/// The region that every client of a server here names.
pub(super) const REGION: &str = "us-east-1";
const ADDRESS: &str = "TENURE_MINISTACK";

/// Rules that it does not keep, and what AWS documents. They are left out there, and nowhere else.
const FAULTS: &[(&str, &str)] = &[
    (
        "a_reserved_word_needs_a_name",
        "it takes reserved words as names of attributes in an update; DynamoDB refuses them",
    ),
    (
        "an_update_says_once_what_becomes_of_a_field",
        "it lets one update set a field twice and have a clause twice; DynamoDB refuses both",
    ),
    ("reading_costs_by_what_is_read", "it counts one unit for a query of any size; DynamoDB counts every started 4 KB"),
    (
        "a_receipt_that_is_used_up_is_no_error",
        "it refuses receipts of deleted messages; SQS refuses malformed ones only, deleting with an old one succeeds",
    ),
    (
        "delays_and_times_and_names_have_limits",
        "it takes delays over 900 s, visibility over 43,200 s and names with blanks; SQS refuses all three",
    ),
];

/// Its address; without one, or where it does not keep the rule, the test says that it is left out.
pub(super) fn address(rule: &str) -> Option<String> {
    if let Some((_, reason)) = FAULTS.iter().find(|(fault, _)| *fault == rule) {
        println!("left out on ministack: {rule}: {reason}");
        return None;
    }
    #[expect(clippy::disallowed_methods, reason = "where the server is, only the run of the tests knows")]
    let address = std::env::var(ADDRESS).ok().filter(|address| !address.is_empty());
    if address.is_none() {
        println!("left out: {rule}: {ADDRESS} does not name a server; tests/run starts one");
    }
    address
}

/// A name that no other test uses, nor one of an earlier run on the same server.
pub(super) fn unique(name: &str) -> String {
    format!("{name}-{:016x}", RandomState::new().build_hasher().finish())
}

/// Servers on this machine take any.
pub(super) fn credentials() -> Credentials {
    Credentials::new("test", "test", None, None, "test")
}

#[test]
fn what_it_does_otherwise_than_aws_is_left_out() {
    for (rule, _) in FAULTS {
        assert_eq!(address(rule), None);
    }
}
