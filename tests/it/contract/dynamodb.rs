//! An embedded `DynamoDB` behind its real HTTP API, and the SDK's real client.

use super::Real;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::Database;
use store_dynamodb::{DynamoTable, create_table_request};

pub(super) async fn start() -> Real<DynamoTable, Database> {
    let database = Database::memory().unwrap();
    database.create_table(serde_json::from_value(create_table_request("tenure")).unwrap()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "the server ends with the test's runtime, and nobody waits for it")]
    tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Real { port: DynamoTable::new(Client::from_conf(config), "tenure".to_owned()), _keep: database }
}
