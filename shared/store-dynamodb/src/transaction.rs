//! Writes of a transaction, and why one was cancelled.

use crate::error::{self, WRITE};
use crate::expression::Expression;
use crate::item::{to_attributes, to_key};
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update};
use ports::{PortError, Write};

const COMPLETE: &str = "everything that the request needs is set";

pub(crate) fn action(table: &str, write: Write) -> Result<TransactWriteItem, PortError> {
    let mut expression = Expression::default();
    let action = TransactWriteItem::builder();
    let action = match write {
        Write::Put(key, item, condition) => action.put(
            Put::builder()
                .table_name(table)
                .set_item(Some(to_attributes(&key, item)?))
                .set_condition_expression(expression.condition(condition))
                .set_expression_attribute_names(expression.names())
                .set_expression_attribute_values(expression.values())
                .build()
                .expect(COMPLETE),
        ),
        Write::Update(key, edits, condition) => {
            // Within a transaction an update must say something; this says nothing new.
            let text = expression.edits(edits)?.unwrap_or_else(|| expression.nothing());
            action.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(to_key(&key)))
                    .update_expression(text)
                    .set_condition_expression(expression.condition(condition))
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values())
                    .build()
                    .expect(COMPLETE),
            )
        }
        Write::Delete(key, condition) => action.delete(
            Delete::builder()
                .table_name(table)
                .set_key(Some(to_key(&key)))
                .set_condition_expression(expression.condition(condition))
                .set_expression_attribute_names(expression.names())
                .set_expression_attribute_values(expression.values())
                .build()
                .expect(COMPLETE),
        ),
        Write::Check(key, condition) => {
            let text = expression.condition(condition).unwrap_or_else(|| expression.tautology());
            action.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(to_key(&key)))
                    .condition_expression(text)
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values())
                    .build()
                    .expect(COMPLETE),
            )
        }
    };
    Ok(action.build())
}

/// The class of a failure. A cancelled transaction names a reason for each of its writes.
pub(crate) fn classify(error: SdkError<TransactWriteItemsError, HttpResponse>) -> PortError {
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
        let reasons: Vec<&str> = cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code).collect();
        if let Some(known) = cancellation(&reasons) {
            return known;
        }
    }
    error::classify(WRITE, error)
}

fn cancellation(reasons: &[&str]) -> Option<PortError> {
    let any = |code: &str| reasons.contains(&code);
    if any("ValidationError") || any("ItemCollectionSizeLimitExceeded") {
        return None;
    }
    if any("ConditionalCheckFailed") {
        return Some(PortError::Conflict { what: WRITE });
    }
    let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let code = passing.into_iter().find(|code| any(code))?;
    Some(PortError::transient(WRITE, code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::Condition;

    #[test]
    fn a_condition_that_fails_decides_unless_the_request_is_malformed() {
        let conflict = cancellation(&["None", "ConditionalCheckFailed", "TransactionConflict"]);
        assert!(conflict.is_some_and(|error| error.is_conflict()));
        assert!(cancellation(&["ConditionalCheckFailed", "ValidationError"]).is_none());
        assert!(cancellation(&["TransactionConflict", "None"]).is_some_and(|error| error.is_transient()));
        assert!(cancellation(&["None", "ThrottlingError"]).is_some_and(|error| error.is_transient()));
        assert!(cancellation(&[]).is_none());
    }

    #[test]
    fn an_update_of_nothing_and_a_check_of_nothing_can_still_be_said() {
        let key = ports::Key::new("p", "s");
        let update = action("t", Write::Update(key.clone(), Vec::new(), Condition::Always)).unwrap();
        assert_eq!(update.update.unwrap().update_expression, "REMOVE #n0");
        let check = action("t", Write::Check(key, Condition::Always)).unwrap();
        assert_eq!(
            check.condition_check.unwrap().condition_expression,
            "attribute_exists(#n0) OR attribute_not_exists(#n0)"
        );
    }
}
