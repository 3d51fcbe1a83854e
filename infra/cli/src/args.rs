//! What can be typed. Each command's arguments are a struct that its module takes.

mod rules;

use clap::{Parser, Subcommand};
use jiff::Timestamp;
use std::path::PathBuf;

pub(crate) use rules::{DiffArgs, NamesArgs, TestArgs};

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
    /// Play example people against the rules, and show what of the rules no example reaches
    Test(TestArgs),
    /// Show what other rules would do to the same people; nothing but the files is read
    Diff(DiffArgs),
    /// Show what names the next hires of a name would get; nothing is reserved
    Names(NamesArgs),
    /// Print what a source says, as JSON lines
    Read(ReadArgs),
    /// Evaluate an expression, or a file of test vectors
    Expr(ExprArgs),
    /// A bundled company of invented people, from HR file to accounts, on the local stack; ends by itself
    Demo(DemoArgs),
    /// Keep the local stack running, with its schedules, until it is interrupted
    Up(StackArgs),
    /// Show what the next cycle would do, and do nothing
    Plan(PlanArgs),
    /// Run one cycle now, or one record
    Run(RunArgs),
    /// How every job stands, and what waits for a word
    Status(StatusArgs),
    /// What was done: cycles, one cycle, or one record
    Log(LogArgs),
    /// Why an account is as it is
    Explain(ExplainArgs),
    /// Release what a guard holds
    Approve(HoldArgs),
    /// Drop what a guard holds
    Reject(HoldArgs),
    /// Say that the table was restored: the next cycle trusts nothing in it, and its plan is held
    Recover(RecoverArgs),
    /// Make a configuration of another product's rules
    Import {
        /// From where
        #[command(subcommand)]
        from: ImportFrom,
    },
    /// Write the rules down as another product has them
    Export {
        /// For which
        #[command(subcommand)]
        to: ExportTo,
    },
    /// Count what the whole flow costs, on simulated time
    Bench(BenchArgs),
    /// One of the functions, for the local stack
    #[command(hide = true)]
    Function {
        /// Which
        name: String,
    },
}

/// Products whose rules become a configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportFrom {
    /// The synchronization schema of a provisioning job of Microsoft Entra
    Entra(ImportEntraArgs),
}

/// Products that the rules are written down for.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportTo {
    /// The rules of a synchronization schema of Microsoft Entra
    Entra(ExportEntraArgs),
}

/// Arguments of `tenure import entra`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ImportEntraArgs {
    /// The schema as the portal or Microsoft Graph exports it, as JSON
    pub(crate) file: PathBuf,
    /// Write the configuration there, and the report to standard output
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over a file that is there already
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// Print configuration and report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `tenure export entra`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ExportEntraArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// One job only
    #[arg(long)]
    pub(crate) job: Option<String>,
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

/// Arguments of `tenure demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct DemoArgs {
    /// Keep the folder with the company, its state and its logs, and say where it is
    #[arg(long)]
    pub(crate) keep: bool,
}

/// Arguments of commands that need nothing but the stack.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct StackArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// Arguments of `tenure plan`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct PlanArgs {
    /// The job; may be left out when there is only one
    pub(crate) job: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Read everybody, not only what changed
    #[arg(long)]
    pub(crate) full: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `tenure run`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct RunArgs {
    /// The job; may be left out when there is only one
    pub(crate) job: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Read everybody, not only what changed
    #[arg(long, conflicts_with = "on_demand")]
    pub(crate) full: bool,
    /// One record by its key
    #[arg(long, value_name = "KEY")]
    pub(crate) on_demand: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `tenure status`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `tenure log`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct LogArgs {
    /// A cycle's number, or a record's key; without it, the newest cycles
    pub(crate) subject: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The job; may be left out when there is only one
    #[arg(long)]
    pub(crate) job: Option<String>,
    /// Take SUBJECT for a record's key although it looks like a cycle's number
    #[arg(long)]
    pub(crate) record: bool,
    /// Print JSON lines
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `tenure explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ExplainArgs {
    /// The record's key
    pub(crate) record: String,
    /// One attribute of the target; without it, all
    pub(crate) attribute: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The job; may be left out when there is only one
    #[arg(long)]
    pub(crate) job: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `tenure approve` and `tenure reject`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct HoldArgs {
    /// The hash that plan, run or status shows; its first 6 digits are enough
    pub(crate) hash: String,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The job; may be left out when there is only one
    #[arg(long)]
    pub(crate) job: Option<String>,
}

/// Arguments of `tenure recover`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct RecoverArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The job; may be left out when there is only one
    #[arg(long)]
    pub(crate) job: Option<String>,
}

/// Arguments of `tenure bench`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct BenchArgs {
    /// Records of the company
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) records: usize,
    /// Everything is drawn from it
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the report there, as Markdown
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Write the counted units of a small run there, and do nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Read this folder's file and print the memory it took
    #[arg(long, value_name = "FOLDER", hide = true)]
    pub(crate) memory_of: Option<PathBuf>,
}
