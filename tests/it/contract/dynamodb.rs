//! `DynamoDB` servers behind their real HTTP API, and the SDK's real client: the embedded one and the independent one.

use super::Real;
use super::emulator::{self, REGION, credentials, unique};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
};
use dynoxide::Database;
use store_dynamodb::{DynamoTable, create_table_request};

/// A client, and the name of a new and empty table.
pub(super) struct Raw {
    pub client: Client,
    pub table: String,
}

fn client(url: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .credentials_provider(credentials())
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// The server that the local stack embeds.
pub(super) async fn embedded() -> Option<Real<Raw, Database>> {
    let database = Database::memory().unwrap();
    database.create_table(serde_json::from_value(create_table_request("tenure")).unwrap()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "the server ends with the test's runtime, and nobody waits for it")]
    tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
    Some(Real { port: Raw { client: client(&url), table: "tenure".to_owned() }, keep: database })
}

/// A table of its own on the independent server.
pub(super) async fn ministack(rule: &str) -> Option<Real<Raw>> {
    let client = client(&emulator::address(rule)?);
    let table = unique("tenure");
    let wanted = create_table_request(&table);
    let mut create = client.create_table().table_name(&table).billing_mode(BillingMode::PayPerRequest);
    for (place, key) in [KeyType::Hash, KeyType::Range].into_iter().enumerate() {
        let name = wanted["KeySchema"][place]["AttributeName"].as_str().unwrap();
        assert_eq!(wanted["KeySchema"][place]["KeyType"], key.as_str());
        let text = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(key);
        create = create.attribute_definitions(text.build().unwrap()).key_schema(key.build().unwrap());
    }
    let made = create.send().await.unwrap().table_description.unwrap();
    assert_eq!(made.table_status, Some(TableStatus::Active));
    Some(Real::alone(Raw { client, table }))
}

impl<K> Real<Raw, K> {
    /// The same table behind the port.
    pub(super) fn into_port(self) -> Real<DynamoTable, K> {
        Real { port: DynamoTable::new(self.port.client, self.port.table), keep: self.keep }
    }
}
