//! The real adapter on the embedded table, with latencies and a bill by kind of item.

use crate::clock::locked;
use crate::latency::Model;
use crate::stack::BenchError;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::Database;
use ports::{Condition, Edit, Item, Key, PortError, Table, Write};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use store_dynamodb::{DynamoTable, create_table_request};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const NAME: &str = "tenure";

/// What one kind of request cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    pub calls: u64,
    pub read: f64,
    pub write: f64,
}

/// The bill: by operation and kind of item.
pub(crate) type Bill = BTreeMap<(&'static str, String), Cost>;

/// The embedded server and the adapter on it.
pub(crate) struct Embedded {
    pub table: DynamoTable,
    /// Ends with this value.
    _server: JoinSet<()>,
}

impl Embedded {
    /// An empty table in memory.
    pub async fn start() -> Result<Self, BenchError> {
        let failed = |error: &dyn std::fmt::Display| BenchError::Start { what: "the table", reason: error.to_string() };
        let database = Database::memory().map_err(|error| failed(&error))?;
        let request = serde_json::from_value(create_table_request(NAME)).map_err(|error| failed(&error))?;
        database.create_table(request).map_err(|error| failed(&error))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| failed(&error))?;
        let url = format!("http://{}", listener.local_addr().map_err(|error| failed(&error))?);
        let mut server = JoinSet::new();
        server.spawn(async move {
            dynoxide::server::serve_on(listener, database).await;
        });
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .endpoint_url(url)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Ok(Self { table: DynamoTable::new(Client::from_conf(config), NAME.to_owned()), _server: server })
    }
}

/// The port of the steps. A clone adds to the same bill.
#[derive(Clone)]
pub(crate) struct MeteredTable {
    inner: DynamoTable,
    model: Model,
    bill: Arc<Mutex<Bill>>,
}

impl MeteredTable {
    pub fn new(inner: DynamoTable, model: Model) -> Self {
        Self { inner, model, bill: Arc::default() }
    }

    /// The bill so far, and an empty one from now on.
    pub fn take_bill(&self) -> Bill {
        std::mem::take(&mut locked(&self.bill))
    }

    /// Waits, asks, and writes down what it cost. Conditions that fail are paid too: the adapter's error has no bill.
    async fn ask<T>(
        &self,
        operation: &'static str,
        kind: String,
        failed_writes: u32,
        request: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        self.model.wait(|latencies| latencies.table).await;
        let before = self.inner.units();
        let asking = self.model.clock.ask();
        let answer = request.await;
        drop(asking);
        let after = self.inner.units();
        let mut bill = locked(&self.bill);
        let cost = bill.entry((operation, kind)).or_default();
        cost.calls += 1;
        cost.read += after.read - before.read;
        cost.write += after.write - before.write;
        if answer.as_ref().is_err_and(PortError::is_conflict) {
            cost.write += f64::from(failed_writes);
        }
        answer
    }
}

/// What stands there, without names and numbers.
fn kind(partition: &str, sort: &str) -> String {
    let first = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    let sort = first(sort);
    // Items of records stand under the record's id, and the partition says what they are.
    if sort.len() == 32 && sort.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return format!("{}/{}", first(partition), partition.rsplit('#').next().unwrap_or_default());
    }
    if sort.is_empty() || sort.bytes().all(|byte| byte.is_ascii_digit()) {
        return first(partition);
    }
    format!("{}/{sort}", first(partition))
}

fn kind_of(key: &Key) -> String {
    kind(&key.partition, &key.sort)
}

impl Table for MeteredTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, PortError> {
        self.ask("get", kind_of(key), 0, self.inner.get(key)).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<BTreeMap<Key, Item>, PortError> {
        let Some(first) = keys.first() else { return Ok(BTreeMap::new()) };
        // One request a hundred keys, one after the other.
        for _ in 1..keys.len().div_ceil(100) {
            self.model.wait(|latencies| latencies.table).await;
        }
        self.ask("get_many", kind_of(first), 0, self.inner.get_many(keys)).await
    }

    async fn put(&self, key: &Key, item: Item, condition: Condition) -> Result<(), PortError> {
        self.ask("put", kind_of(key), 1, self.inner.put(key, item, condition)).await
    }

    async fn update(&self, key: &Key, edits: Vec<Edit>, condition: Condition) -> Result<Item, PortError> {
        self.ask("update", kind_of(key), 1, self.inner.update(key, edits, condition)).await
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PortError> {
        self.ask("delete", kind_of(key), 1, self.inner.delete(key, condition)).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        let mut kinds: Vec<String> = writes
            .iter()
            .map(|write| match write {
                Write::Put(key, ..) | Write::Update(key, ..) | Write::Delete(key, ..) | Write::Check(key, ..) => {
                    kind_of(key)
                }
            })
            .collect();
        kinds.dedup();
        let paid = 2 * u32::try_from(writes.len()).unwrap_or(u32::MAX);
        self.ask("transact", kinds.join("+"), paid, self.inner.transact(writes)).await
    }

    async fn query(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, PortError> {
        let request = self.inner.query(partition, prefix, after, limit);
        self.ask("query", kind(partition, prefix), 0, request).await
    }
}
