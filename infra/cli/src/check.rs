//! `tenure check`: all mistakes of the configuration, and what is odd about its sources.

use crate::args::CheckArgs;
use crate::configuration;
use crate::error::{CommandError, Exit};
use crate::inspection::Inspection;
use crate::{print, source};
use config::{Config, Connector, FilesOptions, Job, Level, Mistake};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// Everything that was found.
#[derive(Default)]
struct Findings {
    mistakes: Vec<Mistake>,
    inspections: Vec<Inspection>,
    /// What could not be checked, and why.
    unchecked: Vec<String>,
    failed: bool,
}

/// Checks the configuration and, where their files are there, its sources.
pub(crate) async fn run(args: &CheckArgs) -> Result<Exit, CommandError> {
    if args.schema {
        print::document(&config::json_schema());
        return Ok(Exit::Done);
    }
    let path = &args.config.config;
    let mut findings = Findings::default();
    match configuration::read(path) {
        Ok(mut config) => {
            findings.mistakes = std::mem::take(&mut config.warnings);
            findings.sources(path, &config).await;
        }
        Err(mistakes) => findings.mistakes = mistakes,
    }
    findings.mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    if args.json {
        findings.print_json(path);
    } else {
        findings.print(path);
    }
    Ok(findings.exit())
}

impl Findings {
    async fn sources(&mut self, path: &Path, config: &Config) {
        for (name, connector) in &config.connectors {
            let Connector::Files(options) = connector else { continue };
            let jobs: Vec<&Job> = config.jobs.values().filter(|job| &job.source == name).collect();
            if options.url.contains("://") {
                self.unchecked.push(format!("{name} is not on this machine and was not read"));
            } else if !Path::new(&options.url).exists() {
                self.unchecked.push(format!("{name} was not read: there is no file {}", options.url));
            } else if let Err(error) = self.source(path, name, connector, options, &jobs).await {
                self.unchecked.push(ports::ErrorChain(&error).to_string());
                self.failed = true;
            }
        }
    }

    async fn source(
        &mut self,
        path: &Path,
        name: &str,
        connector: &Connector,
        options: &FilesOptions,
        jobs: &[&Job],
    ) -> Result<(), CommandError> {
        let source = source::open(name, connector)?;
        let header = source
            .header()
            .await
            .map_err(|error| CommandError::failed(format!("the header of {name} cannot be read"), error))?;
        self.mistakes.extend(unknown(path, name, &header, jobs));
        self.inspections.push(Inspection::of(name, options, &source, jobs).await?);
        Ok(())
    }

    fn exit(&self) -> Exit {
        let wrong = self.mistakes.iter().any(|mistake| mistake.level == Level::Error);
        let broken = self.inspections.iter().any(|inspection| inspection.broken.is_some());
        match (wrong, self.failed || broken) {
            (true, _) => Exit::Held,
            (false, true) => Exit::Failed,
            (false, false) => Exit::Done,
        }
    }

    fn count(&self, level: Level) -> usize {
        self.mistakes.iter().filter(|mistake| mistake.level == level).count()
    }

    fn print(&self, path: &Path) {
        self.mistakes.iter().for_each(print::line);
        for inspection in &self.inspections {
            print::line(inspection.summary());
            inspection.rejected.iter().for_each(|row| print::line(format_args!("  {row}")));
            if let Some(reason) = &inspection.broken {
                print::line(format_args!("  the file is not complete: {reason}"));
            }
        }
        self.unchecked.iter().for_each(print::line);
        let (mistakes, warnings) = (self.count(Level::Error), self.count(Level::Warning));
        print::line(format_args!("{}: mistakes {mistakes}, warnings {warnings}", path.display()));
    }

    fn print_json(&self, path: &Path) {
        print::document(&json!({
            "config": path.display().to_string(),
            "errors": self.count(Level::Error),
            "warnings": self.count(Level::Warning),
            "mistakes": self.mistakes,
            "sources": self.inspections,
            "unchecked": self.unchecked,
        }));
    }
}

/// Attributes that a job reads and the source does not have: each once, where it is read first.
fn unknown(path: &Path, source: &str, header: &[String], jobs: &[&Job]) -> Vec<Mistake> {
    let mut told = BTreeSet::new();
    let reads = jobs.iter().flat_map(|job| &job.reads);
    reads
        .filter(|read| !header.contains(&read.attribute) && told.insert(&read.attribute))
        .map(|read| Mistake {
            file: path.display().to_string(),
            line: read.line,
            column: read.column,
            message: format!("the source {source} has no attribute `{}`", read.attribute),
            hint: config::nearest(&read.attribute, header.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?")),
            level: Level::Warning,
        })
        .collect()
}
