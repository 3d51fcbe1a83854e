//! The operator's program: what is typed, and the commands behind it.

mod args;
mod bench;
mod check;
mod configuration;
mod cycles;
mod demo;
mod diff;
mod dry;
mod error;
mod examples;
mod explain;
mod expr;
mod function;
mod hold;
mod import;
mod inspection;
mod lines;
mod log;
mod names;
mod plan;
mod print;
mod read;
mod recover;
mod rest;
mod run;
mod session;
mod source;
mod status;
mod summary;
mod up;

use args::{Args, Command, ExportTo, ImportFrom};
use clap::Parser;
use error::{CommandError, Exit};
use std::process::ExitCode;

/// Does what the command line says and tells how it went.
pub fn main() -> ExitCode {
    let exit = match Args::try_parse() {
        Ok(args) => run(&args.command).unwrap_or_else(|error| error.show()),
        Err(help) => {
            // Clap's own exit code for a wrong command line is 2, which means something else here.
            let exit = if help.use_stderr() { Exit::Failed } else { Exit::Done };
            print::usage(&help);
            exit
        }
    };
    exit.into()
}

fn run(command: &Command) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::failed("cannot start", error))?;
    runtime.block_on(async {
        match command {
            Command::Check(args) => check::run(args).await,
            Command::Test(args) => examples::run(args),
            Command::Diff(args) => diff::run(args).await,
            Command::Names(args) => names::run(args).await,
            Command::Read(args) => read::run(args).await,
            Command::Expr(args) => expr::run(args),
            Command::Demo(args) => demo::run(args).await,
            Command::Up(args) => up::run(args).await,
            Command::Plan(args) => plan::run(args).await,
            Command::Run(args) => run::run(args).await,
            Command::Status(args) => status::run(args).await,
            Command::Log(args) => log::run(args).await,
            Command::Explain(args) => explain::run(args).await,
            Command::Approve(args) => hold::approve(args).await,
            Command::Reject(args) => hold::reject(args).await,
            Command::Recover(args) => recover::run(args).await,
            Command::Import { from: ImportFrom::Entra(args) } => import::entra(args),
            Command::Export { to: ExportTo::Entra(args) } => import::to_entra(args),
            Command::Bench(args) => bench::run(args).await,
            Command::Function { name } => function::run(name).await,
        }
    })
}
