//! What can be typed. Each command's arguments are a struct that its module takes.

use clap::{Parser, Subcommand};
use jiff::Timestamp;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  it failed: what, where and what to do stands on standard error
  2  held by a guard, or the configuration has mistakes";

/// HR says who works here; the accounts say the same.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show all mistakes of the configuration, and what is odd about its sources
    Check(CheckArgs),
    /// Print what a source says, as JSON lines
    Read(ReadArgs),
    /// Evaluate an expression, or a file of test vectors
    Expr(ExprArgs),
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigArgs {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "./tenure.toml")]
    pub(crate) config: PathBuf,
}

/// Arguments of `tenure check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the JSON Schema of the configuration for editors, and check nothing
    #[arg(long)]
    pub(crate) schema: bool,
}

/// Arguments of `tenure read`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ReadArgs {
    /// The connector's name in the configuration
    pub(crate) connector: String,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Stop after this many records
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

/// Arguments of `tenure expr`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ExprArgs {
    /// The expression
    #[arg(required_unless_present = "vectors", conflicts_with = "vectors")]
    pub(crate) expression: Option<String>,
    /// A JSON object, or JSON lines, with the attributes that the expression reads; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "vectors")]
    pub(crate) record: Option<PathBuf>,
    /// What `Now()` says, for instance 2026-01-05T12:00:00Z; the present unless said otherwise
    #[arg(long, value_name = "INSTANT", conflicts_with = "vectors")]
    pub(crate) now: Option<Timestamp>,
    /// What `DefaultDomain()` says
    #[arg(long, value_name = "DOMAIN", conflicts_with = "vectors")]
    pub(crate) default_domain: Option<String>,
    /// A file of test vectors: report each failure
    #[arg(long, value_name = "FILE")]
    pub(crate) vectors: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
