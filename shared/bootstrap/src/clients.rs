//! The AWS clients, built once and without the parts of the SDK that a function does not need.

use crate::{Settings, StartError};
use aws_credential_types::Credentials;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use config::SecretReference;
use secrecy::SecretString;
use std::time::Duration;

/// Time for a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// Time for one request, its repetitions included.
const REQUEST: Duration = Duration::from_secs(8);

/// The clients of one process.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The table's.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The queues'.
    pub sqs: aws_sdk_sqs::Client,
    secrets: aws_sdk_secretsmanager::Client,
}

/// The settings that every client of the SDK shares; each has a builder type of its own.
macro_rules! client {
    ($sdk:ident, $settings:expr, $http:expr, $endpoint:expr) => {{
        let mut config = $sdk::config::Builder::new()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new($settings.region.clone()))
            .credentials_provider(credentials($settings))
            .http_client($http)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(REQUEST).build());
        if let Some(endpoint) = $settings.variable($endpoint).or_else(|| $settings.variable("AWS_ENDPOINT_URL")) {
            config = config.endpoint_url(endpoint);
        }
        $sdk::Client::from_conf(config.build())
    }};
}

impl Clients {
    /// Builds them. Nothing is sent yet.
    pub fn new(settings: &Settings) -> Self {
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        Self {
            dynamodb: client!(aws_sdk_dynamodb, settings, http.clone(), "AWS_ENDPOINT_URL_DYNAMODB"),
            sqs: client!(aws_sdk_sqs, settings, http.clone(), "AWS_ENDPOINT_URL_SQS"),
            secrets: client!(aws_sdk_secretsmanager, settings, http, "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
        }
    }

    /// The secret behind a reference.
    pub async fn secret(&self, settings: &Settings, reference: &SecretReference) -> Result<SecretString, StartError> {
        match reference {
            SecretReference::Environment(name) => settings.variable(name).map(SecretString::from).ok_or_else(|| {
                StartError::Secret { what: format!("the environment variable {name} is not set"), source: None }
            }),
            SecretReference::File(path) => match std::fs::read_to_string(path) {
                Ok(text) => Ok(SecretString::from(text.trim_end_matches(['\r', '\n']))),
                Err(error) => Err(StartError::Secret {
                    what: format!("the secret file {path} cannot be read"),
                    source: Some(error.into()),
                }),
            },
            SecretReference::SecretsManager(arn) => {
                let failed = |source: Option<ports::BoxError>| StartError::Secret {
                    what: format!("the secret {arn} cannot be read; allow secretsmanager:GetSecretValue on it"),
                    source,
                };
                let value = self.secrets.get_secret_value().secret_id(arn).send().await;
                let value = value.map_err(|error| failed(Some(Box::new(error))))?;
                value.secret_string.map(SecretString::from).ok_or_else(|| failed(None))
            }
        }
    }
}

/// Lambda puts the role's credentials into the environment, and new ones with a new environment.
fn credentials(settings: &Settings) -> Credentials {
    Credentials::new(
        settings.variable("AWS_ACCESS_KEY_ID").unwrap_or_default(),
        settings.variable("AWS_SECRET_ACCESS_KEY").unwrap_or_default(),
        settings.variable("AWS_SESSION_TOKEN").map(str::to_owned),
        None,
        "environment",
    )
}
