//! What every batch action shares: the rules for its entries, and an answer for each.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::sqs::fault::Fault;

/// Most entries of a batch.
const ENTRIES_MAX: usize = 10;

/// Refuses a batch whose entries SQS would not look at.
pub(super) fn check<'a>(ids: impl Iterator<Item = &'a str> + Clone) -> Result<(), Fault> {
    let count = ids.clone().count();
    if count == 0 {
        return Err(Fault::EmptyBatchRequest);
    }
    if count > ENTRIES_MAX {
        return Err(Fault::TooManyEntries(count));
    }
    let mut seen = HashSet::new();
    for id in ids {
        if !crate::sqs::attributes::is_name(id) {
            return Err(Fault::InvalidEntryId);
        }
        if !seen.insert(id) {
            return Err(Fault::EntryIdsNotDistinct);
        }
    }
    Ok(())
}

/// The answer of a batch, entry by entry.
#[derive(Default)]
pub(super) struct Answers {
    successful: Vec<Value>,
    failed: Vec<Value>,
}

impl Answers {
    /// Adds what became of one entry.
    pub(super) fn add(&mut self, id: &str, result: Result<Value, Fault>) {
        match result {
            Ok(mut answer) => {
                if answer.is_null() {
                    answer = json!({});
                }
                answer["Id"] = id.into();
                self.successful.push(answer);
            }
            Err(fault) => self.failed.push(json!({
                "Id": id,
                "Code": fault.names().1,
                "Message": fault.to_string(),
                "SenderFault": fault.is_senders(),
            })),
        }
    }

    /// The answer.
    pub(super) fn into_value(self) -> Value {
        json!({ "Successful": self.successful, "Failed": self.failed })
    }
}
