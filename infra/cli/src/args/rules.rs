//! Arguments of the commands that try rules out before they touch anybody.

use super::{ConfigArgs, EXIT_CODES};
use jiff::Timestamp;
use std::path::PathBuf;

/// Arguments of `tenure test`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct TestArgs {
    /// Files and folders of examples; the folder `examples` beside the configuration unless said otherwise
    #[arg(value_name = "PATH")]
    pub(crate) examples: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Break each rule in turn, and list what no example notices
    #[arg(long)]
    pub(crate) mutate: bool,
    /// Fail as well when a branch is not reached or a broken rule not noticed
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `tenure diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct DiffArgs {
    /// The configuration as it is
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The configuration as it would be
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// The people: a file as the job's source reads it; that of the new configuration unless said otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) source: Option<PathBuf>,
    /// Only this job
    #[arg(long, value_name = "JOB")]
    pub(crate) job: Option<String>,
    /// Count changes by the values of this source attribute; may be said several times
    #[arg(long, value_name = "ATTRIBUTE")]
    pub(crate) by: Vec<String>,
    /// Show so many changes with their values
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) show: usize,
    /// What `Now()` says; the present unless said otherwise
    #[arg(long, value_name = "INSTANT")]
    pub(crate) now: Option<Timestamp>,
    /// Print Markdown, for a pull request
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `tenure names`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct NamesArgs {
    /// The job; the only one unless there are several
    pub(crate) job: Option<String>,
    /// The first name, as HR writes it
    #[arg(long, value_name = "NAME")]
    pub(crate) first_name: String,
    /// The last name
    #[arg(long, value_name = "NAME")]
    pub(crate) last_name: String,
    /// So many hires, one after the other
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) next: usize,
    /// Another attribute that names are made of; `{n}` is the hire's number
    #[arg(long, value_name = "ATTRIBUTE=VALUE")]
    pub(crate) set: Vec<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
