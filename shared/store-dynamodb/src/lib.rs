//! The table port on `DynamoDB`: one table, keys `pk` and `sk`, strongly consistent reads, conditional writes.
//!
//! The caller configures the client: region, credentials, time-outs and the SDK's retries. Conditional writes are
//! never repeated by the SDK, whatever it is configured to do: the repetition would meet the effect of the first
//! attempt and report one's own write as somebody else's.

mod error;
mod expression;
mod item;
mod patience;
mod transaction;
mod units;

pub use units::Units;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity, ReturnValue};
use error::{READ, WRITE, classify, malformed};
use expression::Expression;
use item::{from_attributes, to_attributes, to_key};
use patience::{attempts, patiently, pause};
use ports::{Condition, Edit, Item, Key, PortError, Table, Write};
use std::collections::{BTreeMap, BTreeSet};
use units::Meter;

/// How many keys travel together (`BatchGetItem` takes 100).
const KEYS_MAX: usize = 100;
/// How often keys that the table left unprocessed are asked for again.
const BATCH_ATTEMPTS_MAX: u32 = 6;

/// A `DynamoDB` table.
#[derive(Clone, Debug)]
pub struct DynamoTable {
    client: Client,
    table: String,
    meter: Meter,
}

/// The `CreateTable` request, as JSON, for a table that [`DynamoTable`] can work with.
pub fn create_table_request(name: &str) -> serde_json::Value {
    serde_json::json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": item::PARTITION, "AttributeType": "S" },
            { "AttributeName": item::SORT, "AttributeType": "S" },
        ],
        "KeySchema": [
            { "AttributeName": item::PARTITION, "KeyType": "HASH" },
            { "AttributeName": item::SORT, "KeyType": "RANGE" },
        ],
    })
}

impl DynamoTable {
    /// The table of this name.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table, meter: Meter::default() }
    }

    /// What was consumed through this value and its clones, as the table reports it.
    pub fn units(&self) -> Units {
        self.meter.units()
    }

    /// One request for at most [`KEYS_MAX`] items; the items found, and the keys left unprocessed.
    async fn get_batch(&self, asked: KeysAndAttributes) -> Result<(Vec<(Key, Item)>, KeysAndAttributes), PortError> {
        let reply = self
            .client
            .batch_get_item()
            .request_items(&self.table, asked)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| classify(READ, error))?;
        self.meter.read(reply.consumed_capacity());
        let found = reply.responses.unwrap_or_default().remove(&self.table).unwrap_or_default();
        let items = found.into_iter().map(from_attributes).collect::<Result<_, _>>()?;
        let unprocessed = reply.unprocessed_keys.unwrap_or_default().remove(&self.table);
        Ok((items, unprocessed.unwrap_or_else(|| keys_of(&[]))))
    }
}

fn keys_of(keys: &[Key]) -> KeysAndAttributes {
    let keys = keys.iter().map(to_key).collect();
    KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().expect("the keys are set")
}

impl Table for DynamoTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, PortError> {
        let reply = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(to_key(key)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| classify(READ, error))?;
        self.meter.read(reply.consumed_capacity.as_slice());
        reply.item.map(|attributes| Ok(from_attributes(attributes)?.1)).transpose()
    }

    async fn get_many(&self, keys: &[Key]) -> Result<BTreeMap<Key, Item>, PortError> {
        if keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
            return Err(malformed("a key stands twice in one read of many items"));
        }
        let mut items = BTreeMap::new();
        for chunk in keys.chunks(KEYS_MAX) {
            let mut asked = keys_of(chunk);
            for attempt in 0.. {
                let (found, unprocessed) = self.get_batch(asked).await?;
                items.extend(found);
                if unprocessed.keys().is_empty() {
                    break;
                }
                if attempt + 1 == BATCH_ATTEMPTS_MAX {
                    return Err(PortError::transient(READ, "the table left keys unprocessed again and again"));
                }
                asked = unprocessed;
                pause(attempt).await;
            }
        }
        Ok(items)
    }

    async fn put(&self, key: &Key, item: Item, condition: Condition) -> Result<(), PortError> {
        let repeatable = condition == Condition::Always;
        let mut expression = Expression::default();
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_attributes(key, item)?))
            .set_condition_expression(expression.condition(condition))
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let reply = patiently(|| request.clone().customize().config_override(attempts(repeatable)).send()).await;
        let reply = reply.map_err(|error| classify(WRITE, error))?;
        self.meter.write(reply.consumed_capacity.as_slice());
        Ok(())
    }

    async fn update(&self, key: &Key, edits: Vec<Edit>, condition: Condition) -> Result<Item, PortError> {
        let repeatable = condition == Condition::Always && !edits.iter().any(|edit| matches!(edit, Edit::Add(..)));
        let mut expression = Expression::default();
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(to_key(key)))
            .set_update_expression(expression.edits(edits)?)
            .set_condition_expression(expression.condition(condition))
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let reply = patiently(|| request.clone().customize().config_override(attempts(repeatable)).send()).await;
        let reply = reply.map_err(|error| classify(WRITE, error))?;
        self.meter.write(reply.consumed_capacity.as_slice());
        // An item that was made without fields has only its key, and may come back without even that.
        let attributes = reply.attributes.unwrap_or_else(|| to_key(key));
        Ok(from_attributes(attributes)?.1)
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PortError> {
        let repeatable = condition == Condition::Always;
        let mut expression = Expression::default();
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(to_key(key)))
            .set_condition_expression(expression.condition(condition))
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let reply = patiently(|| request.clone().customize().config_override(attempts(repeatable)).send()).await;
        let reply = reply.map_err(|error| classify(WRITE, error))?;
        self.meter.write(reply.consumed_capacity.as_slice());
        Ok(())
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        if writes.is_empty() {
            return Ok(());
        }
        let writes =
            writes.into_iter().map(|write| transaction::action(&self.table, write)).collect::<Result<_, _>>()?;
        // The SDK adds a request token of its own, the same for every attempt: a repeated transaction is done once.
        let reply = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(transaction::classify)?;
        self.meter.write(reply.consumed_capacity());
        Ok(())
    }

    async fn query(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, PortError> {
        let mut start = match after {
            Some(after) if !after.is_empty() && after.starts_with(prefix) => Some(to_key(&Key::new(partition, after))),
            // What sorts after every key of the prefix leaves nothing; what sorts before them leaves all.
            Some(after) if after > prefix => return Ok(Vec::new()),
            _ => None,
        };
        let mut expression = Expression::default();
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(expression.keys(partition, prefix))
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut items = Vec::new();
        while items.len() < limit {
            let rest = i32::try_from(limit - items.len()).unwrap_or(i32::MAX);
            let page = request.clone().limit(rest).set_exclusive_start_key(start).send().await;
            let page = page.map_err(|error| classify(READ, error))?;
            self.meter.read(page.consumed_capacity.as_slice());
            for attributes in page.items.unwrap_or_default() {
                items.push(from_attributes(attributes)?);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests;
