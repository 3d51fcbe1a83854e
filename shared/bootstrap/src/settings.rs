//! Settings of the environment, read once. Everything about connectors stands in the configuration.

use config::SecretReference;
use std::collections::BTreeMap;

/// All that is wrong with the settings, at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("settings are missing or wrong: {}", .0.join("; "))]
pub struct SettingsError(pub Vec<String>);

/// Where a function finds everything.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The table.
    pub table: String,
    /// `s3://bucket/prefix` or a folder.
    pub blobs: String,
    /// The configuration: a path, or `s3://bucket/key`.
    pub config: String,
    /// Where the secret is that keys all hashes.
    pub stack_secret: SecretReference,
    /// Queue URLs by function; a function has those that it sends to.
    pub queues: BTreeMap<ports::QueueName, String>,
    /// `error`, `warn`, `info` or `debug`.
    pub log_level: String,
    /// What `simulator` stands for in the configuration; set by the local stack only.
    pub simulator: Option<String>,
    /// AWS region.
    pub region: String,
    /// Every variable of the environment, for the clients' credentials and endpoints and for secrets by `env:NAME`.
    pub environment: BTreeMap<String, String>,
}

impl Settings {
    /// Reads the process's environment. The only place that does.
    pub fn load() -> Result<Self, SettingsError> {
        Self::from_pairs(std::env::vars())
    }

    /// Reads settings from pairs, reporting every missing or wrong one together.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, SettingsError> {
        let environment: BTreeMap<String, String> = pairs.into_iter().collect();
        let mut wrong = Vec::new();
        let mut required = |name: &str| {
            let value = environment.get(name).cloned().unwrap_or_default();
            if value.is_empty() {
                wrong.push(format!("{name} is not set"));
            }
            value
        };
        let table = required("TABLE_NAME");
        let blobs = required("BLOB_URL");
        let config = required("CONFIG_URL");
        let region = environment.get("AWS_REGION").cloned().unwrap_or_else(|| "us-east-1".to_owned());
        let stack_secret = match (environment.get("STACK_SECRET_ARN"), environment.get("STACK_SECRET_FILE")) {
            (Some(arn), _) => SecretReference::SecretsManager(arn.clone()),
            (None, Some(file)) => SecretReference::File(file.clone()),
            (None, None) => {
                wrong.push("STACK_SECRET_ARN is not set".to_owned());
                SecretReference::File(String::new())
            }
        };
        if !wrong.is_empty() {
            return Err(SettingsError(wrong));
        }
        let queues = ports::QueueName::ALL.into_iter().filter_map(|queue| {
            let variable = format!("{}_QUEUE_URL", queue.function().to_uppercase().replace('-', "_"));
            environment.get(&variable).map(|url| (queue, url.clone()))
        });
        Ok(Self {
            table,
            blobs,
            config,
            stack_secret,
            queues: queues.collect(),
            log_level: environment.get("LOG_LEVEL").cloned().unwrap_or_else(|| "info".to_owned()),
            simulator: environment.get("GRAPH_SIMULATOR_URL").cloned(),
            region,
            environment,
        })
    }

    /// A variable of the environment.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_missing_setting_is_named_at_once() {
        let SettingsError(wrong) = Settings::from_pairs(pairs(&[("TABLE_NAME", "t")])).unwrap_err();
        assert_eq!(wrong, ["BLOB_URL is not set", "CONFIG_URL is not set", "STACK_SECRET_ARN is not set"]);
    }

    #[test]
    fn queues_are_found_by_the_name_of_their_function() {
        let all = pairs(&[
            ("TABLE_NAME", "t"),
            ("BLOB_URL", "b"),
            ("CONFIG_URL", "c"),
            ("STACK_SECRET_FILE", "s"),
            ("ON_DEMAND_QUEUE_URL", "http://127.0.0.1/q"),
        ]);
        let settings = Settings::from_pairs(all).unwrap();
        assert_eq!(settings.queues[&ports::QueueName::OnDemand], "http://127.0.0.1/q");
    }
}
