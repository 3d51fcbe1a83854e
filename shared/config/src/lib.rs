//! `tenure.toml` to typed jobs; every mistake with its place.

mod active_directory;
mod connector;
mod connectors;
mod digest;
mod files;
mod graph;
mod guards;
mod jobs;
mod json_schema;
mod lints;
mod load;
mod mappings;
mod matching;
mod mistake;
mod nearest;
mod owners;
mod position;
mod reads;
mod report;
mod scope;
mod table;

pub use connector::{
    ActiveDirectoryOptions, Connector, FileFormat, FilesOptions, GraphOptions, Proof, SecretReference, Semantics,
};
pub use json_schema::json_schema;
pub use load::{load, read};
pub use mistake::{Level, Mistake};
pub use nearest::nearest;
pub use reads::Read;

use record::TargetSchema;
use std::collections::BTreeMap;
use std::time::Duration;

/// Everything that a configuration says.
#[derive(Debug)]
pub struct Config {
    /// The outside systems by name.
    pub connectors: BTreeMap<String, Connector>,
    /// The jobs by name.
    pub jobs: BTreeMap<String, Job>,
    /// What is probably not meant as it is written.
    pub warnings: Vec<Mistake>,
}

/// One job.
///
/// Guards that the job does not give are built in, with 0 for their line:
///
/// | Counted | Held when one plan has |
/// |---|---|
/// | `disable` | more than 5, and more than 5 % of the population |
/// | `delete` | any |
/// | `clear` | more than 20, and more than 10 % |
/// | each mapped attribute that is unique in the target, e.g. `userPrincipalName` | more than 5, and more than 2 % |
///
/// A full read with fewer than 0.9 of the rows of the last accepted one is held, and so is one that misses more than
/// 5 known records and more than 2 % of them. `create`, `update` and `enable` are not limited. A limit that the
/// operator gives takes the place of the built-in one; `"unlimited"` lifts it.
#[derive(Debug)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// The connector that is read.
    pub source: String,
    /// The connector that is written.
    pub target: String,
    /// Scope, mappings, matching and guards, compiled.
    pub rules: planning::Rules,
    /// How often a cycle starts by itself; `None` for only when asked for.
    pub every: Option<Duration>,
    /// Records that travel together, 500 unless said otherwise.
    pub batch_size: usize,
    /// What is done about a record that is missing from a complete read.
    pub absence: Absence,
    /// Every mention of a source attribute in scope and mappings.
    pub reads: Vec<Read>,
    /// The line where the job begins.
    pub line: usize,
}

/// What is done about a record that is missing from a complete read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absence {
    /// It is reported; absence is never a termination.
    #[default]
    Report,
}

/// The schema of a target connector, `None` for a connector that cannot be a target.
pub type Schemas<'a> = &'a dyn Fn(&Connector) -> Option<&'static TargetSchema>;
