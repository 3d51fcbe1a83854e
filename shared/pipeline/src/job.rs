//! A job as the steps see it.

use planning::Rules;

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
    /// Digest of the rules, in hex.
    pub fn rules_hash(&self) -> String {
        record::RecordId(self.rules.hash).to_string()
    }
}

/// Gives the job of a name, if it is configured.
pub type Jobs<'a, 'j> = &'a (dyn Fn(&str) -> Option<Job<'j>> + Send + Sync);
