//! A job as the steps see it.

use crate::state::name_key;
use planning::Rules;
use ports::Key;
use record::Secret;
use std::borrow::Cow;

/// One source, one target, one set of rules.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Its name in the configuration.
    pub name: &'a str,
    /// The target connector's name.
    pub target: &'a str,
    /// What the operator wants.
    pub rules: &'a Rules,
    /// Records in one batch.
    pub batch_size: usize,
}

impl Job<'_> {
    /// Where a name of this job stands in the ledger.
    pub fn name_key(&self, secret: &Secret, attribute: &str, name: &str) -> Key {
        match &self.rules.namespace {
            // No connector's name has a colon.
            Some(namespace) => name_key(secret, &format!("names:{namespace}"), "", name),
            None => name_key(secret, self.target, attribute, name),
        }
    }

    /// In whose name this job's records hold names.
    pub fn names_owner(&self) -> Cow<'_, str> {
        match &self.rules.namespace {
            Some(namespace) => Cow::Owned(format!("names:{namespace}")),
            None => Cow::Borrowed(self.name),
        }
    }

    /// Digest of the rules, in hex.
    pub fn rules_hash(&self) -> String {
        record::RecordId(self.rules.hash).to_string()
    }
}

/// Gives the job of a name, if it is configured.
pub type Jobs<'a, 'j> = &'a (dyn Fn(&str) -> Option<Job<'j>> + Send + Sync);

#[cfg(test)]
mod tests {
    use super::*;
    use mapping::Filter;
    use planning::{Guards, OutOfScope};
    use record::TargetSchema;

    fn key(namespace: Option<&str>, name: &str, target: &str, attribute: &str) -> Key {
        let everybody = || Filter::default().compile().unwrap();
        let rules = Rules {
            input_scope: everybody(),
            scope: everybody(),
            out_of_scope: OutOfScope::Disable,
            mappings: Vec::new(),
            matching: Vec::new(),
            schema: &TargetSchema { target: "any", attributes: &[], enabled: "", disabling: "" },
            default_domain: None,
            protected: Vec::new(),
            namespace: namespace.map(str::to_owned),
            guards: Guards::default(),
            hash: [0; 16],
        };
        Job { name, target, rules: &rules, batch_size: 1 }.name_key(&Secret::new(b"x"), attribute, "Ada")
    }

    #[test]
    fn a_namespace_is_one_ledger_for_all_its_jobs_targets_and_attributes() {
        assert_eq!(key(Some("corp"), "one", "ad", "sAMAccountName"), key(Some("corp"), "two", "entra", "mailNickname"));
        assert_ne!(key(Some("corp"), "one", "ad", "cn"), key(Some("other"), "one", "ad", "cn"));
        assert_ne!(key(None, "one", "ad", "cn"), key(None, "one", "entra", "cn"));
        assert_ne!(key(None, "one", "ad", "cn"), key(None, "one", "ad", "mail"));
        assert_ne!(key(Some("ad"), "one", "ad", "cn"), key(None, "one", "ad", "cn"));
    }
}
