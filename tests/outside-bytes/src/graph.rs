//! What Microsoft Graph answers.

use ports::{Reply, WriteAction};
use record::Anchor;
use std::collections::BTreeMap;

/// A reply: to a batch of writes, one answer a request and nothing done that the reply does not say is done; to a read,
/// accounts with an anchor each. No error repeats what stands in it.
pub fn graph_reply(bytes: &[u8]) {
    let attributes = || BTreeMap::from([("displayName".to_owned(), "Zoë".into())]);
    let anchor = || Anchor("1".to_owned());
    let actions = [
        WriteAction::Create { attributes: attributes() },
        WriteAction::Update {
            anchor: anchor(),
            attributes: attributes().into_iter().map(|(name, value)| (name, Some(value))).collect(),
        },
        WriteAction::Refer { anchor: anchor(), attribute: "manager".to_owned(), to: None },
        WriteAction::Delete { anchor: anchor() },
    ];
    let replies = connector_graph::replies_of(bytes, &actions);
    assert_eq!(replies.len(), actions.len(), "one answer a request");
    for (action, reply) in actions.iter().zip(&replies) {
        match (action, reply) {
            (WriteAction::Create { .. }, Reply::Done(made)) => {
                let text = String::from_utf8_lossy(bytes);
                assert!(text.contains("id"), "an account without an id is not made: {}", made.0.len());
            }
            (_, Reply::Done(done)) => assert_eq!(*done, anchor(), "what was asked for"),
            (_, Reply::Refused { code } | Reply::Denied { code }) => {
                assert!(code.len() <= 160 && code.is_ascii(), "a code is short and plain");
            }
            _ => {}
        }
    }
    let select = ["userPrincipalName", "employeeOrgData/costCenter", "businessPhones", "manager"].map(str::to_owned);
    match connector_graph::accounts_of(bytes, &select) {
        Ok((accounts, _)) => {
            for account in accounts {
                assert!(account.attributes.keys().all(|name| select.contains(name)), "only what was asked for");
                assert!(account.attributes.values().all(|value| !value.is_empty()), "no empty values");
            }
        }
        Err(error) => {
            let said = ports::ErrorChain(&error).to_string();
            assert!(said.len() <= 200 && said.is_ascii(), "an error that repeats nothing");
        }
    }
}
