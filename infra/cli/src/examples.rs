//! `tenure test`: the operator's example people against the rules, what of the rules they reach, and what they would notice.

mod catalogue;
mod files;

use crate::args::TestArgs;
use crate::configuration;
use crate::error::{CommandError, Exit};
use crate::print;
use catalogue::SCENARIOS;
use config::{Config, Connector, Job};
use files::Found;
use rehearsal::{Branch, Coverage, Failure};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What came of one example.
#[derive(Serialize)]
struct Verdict {
    file: String,
    line: usize,
    name: String,
    scenario: Option<String>,
    job: String,
    failures: Vec<Failure>,
}

/// A mutant that no example noticed.
#[derive(Serialize)]
struct Unnoticed {
    job: String,
    line: usize,
    place: String,
    change: String,
}

/// What was found out about one job's rules.
#[derive(Default)]
struct Findings {
    verdicts: Vec<Verdict>,
    coverage: BTreeMap<String, Coverage>,
    mutants: usize,
    unnoticed: Vec<Unnoticed>,
}

/// Plays every example, and with `--mutate` plays them against broken rules as well.
pub(crate) fn run(args: &TestArgs) -> Result<Exit, CommandError> {
    let config = configuration::load(&args.config.config)?;
    let found = files::find(&args.config.config, &args.examples, &config)?;
    let mut findings = Findings::default();
    for (job, found) in by_job(&config, &found)? {
        findings.play(job, key_of(&config, job)?, &found);
        if args.mutate {
            findings.mutate(job, key_of(&config, job)?, &found);
        }
    }
    if args.json {
        findings.print_json(args.mutate);
    } else {
        findings.print(args);
    }
    let failed = findings.verdicts.iter().any(|verdict| !verdict.failures.is_empty());
    let gaps = args.strict && (!findings.unnoticed.is_empty() || findings.unreached().next().is_some());
    Ok(if failed || gaps { Exit::Failed } else { Exit::Done })
}

/// The examples of each job.
fn by_job<'c>(config: &'c Config, found: &'c [Found]) -> Result<Vec<(&'c Job, Vec<&'c Found>)>, CommandError> {
    let only = (config.jobs.len() == 1).then(|| config.jobs.keys().next()).flatten();
    let mut jobs: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for one in found {
        let name = one.example.job.as_ref().or(only);
        let name = name.filter(|name| config.jobs.contains_key(*name)).ok_or_else(|| {
            let known: Vec<&str> = config.jobs.keys().map(String::as_str).collect();
            let named = one.example.job.as_deref().map_or("names no job", |_| "names a job that there is not");
            let known = known.join(", ");
            CommandError::because(format!("{}:{}: the example {named}; jobs are {known}", one.file, one.example.line))
        })?;
        jobs.entry(name).or_default().push(one);
    }
    Ok(jobs.into_iter().map(|(name, found)| (&config.jobs[name], found)).collect())
}

/// The source attribute that is the record's key.
fn key_of<'c>(config: &'c Config, job: &Job) -> Result<&'c str, CommandError> {
    config
        .connectors
        .get(&job.source)
        .and_then(Connector::key)
        .ok_or_else(|| CommandError::because(format!("the source of {} says nothing about its key", job.name)))
}

impl Findings {
    fn play(&mut self, job: &Job, key: &str, found: &[&Found]) {
        for one in found {
            let played = rehearsal::play(&one.example, &job.rules, key);
            self.verdicts.push(Verdict {
                file: one.file.clone(),
                line: one.example.line,
                name: one.example.name.clone(),
                scenario: one.example.scenario.clone(),
                job: job.name.clone(),
                failures: played.failures,
            });
        }
        let examples = found.iter().map(|one| &one.example);
        self.coverage.insert(job.name.clone(), rehearsal::coverage(&job.rules, examples, key));
    }

    /// Examples that fail with the rules as they are would notice anything, and are left out.
    fn mutate(&mut self, job: &Job, key: &str, found: &[&Found]) {
        let holds = |found: &&&Found| rehearsal::play(&found.example, &job.rules, key).holds();
        let examples: Vec<&&Found> = found.iter().filter(holds).collect();
        for mutant in rehearsal::mutants(&job.rules) {
            self.mutants += 1;
            if examples.iter().all(|one| rehearsal::play(&one.example, &mutant.rules, key).holds()) {
                let line = if mutant.line > 0 { mutant.line } else { job.line };
                let (place, change) = (mutant.place, mutant.change);
                self.unnoticed.push(Unnoticed { job: job.name.clone(), line, place, change });
            }
        }
    }

    fn unreached(&self) -> impl Iterator<Item = (&str, &Branch)> {
        self.coverage.iter().flat_map(|(job, coverage)| {
            coverage.branches.iter().filter(|branch| !branch.reached).map(move |branch| (job.as_str(), branch))
        })
    }

    fn print(&self, args: &TestArgs) {
        let config = args.config.config.display();
        for verdict in &self.verdicts {
            for failure in &verdict.failures {
                print::line(format_args!("{}:{}: {}: {}", verdict.file, failure.line, verdict.name, failure.what));
            }
        }
        for (_, branch) in self.unreached() {
            let Branch { target, line, arm, text, .. } = branch;
            let arm = arm.as_ref().map_or_else(String::new, |arm| format!(", {arm}"));
            print::line(format_args!("{config}:{line}: no example reaches {target}{arm}: {}", brief(text)));
        }
        for one in &self.unnoticed {
            print::line(format_args!("{config}:{}: no example notices: {}: {}", one.line, one.place, one.change));
        }
        for scenario in self.unknown_scenarios() {
            print::line(format_args!("`{scenario}` is no scenario of the catalogue"));
        }
        let failed = self.verdicts.iter().filter(|verdict| !verdict.failures.is_empty()).count();
        let passed = self.verdicts.len() - failed;
        print::line(format_args!("examples: {passed} of {} hold", self.verdicts.len()));
        for (job, coverage) in &self.coverage {
            let (reached, all) = coverage.count();
            print::line(format_args!("{job}: {reached} of {all} mappings and branches reached"));
        }
        let exercised: Vec<&str> = self.exercised();
        let missing: Vec<&str> =
            SCENARIOS.iter().map(|(word, _)| *word).filter(|word| !exercised.contains(word)).collect();
        let missing = if missing.is_empty() { String::new() } else { format!("; not {}", missing.join(", ")) };
        print::line(format_args!("scenarios: {} of {} exercised{missing}", exercised.len(), SCENARIOS.len()));
        if args.mutate {
            let noticed = self.mutants - self.unnoticed.len();
            print::line(format_args!("mutants: {noticed} of {} noticed", self.mutants));
        }
    }

    /// Scenarios of the catalogue with an example that holds.
    fn exercised(&self) -> Vec<&'static str> {
        let told: BTreeSet<&str> = self
            .verdicts
            .iter()
            .filter(|verdict| verdict.failures.is_empty())
            .filter_map(|verdict| verdict.scenario.as_deref())
            .collect();
        SCENARIOS.iter().map(|(word, _)| *word).filter(|word| told.contains(word)).collect()
    }

    fn unknown_scenarios(&self) -> BTreeSet<&str> {
        let told = self.verdicts.iter().filter_map(|verdict| verdict.scenario.as_deref());
        told.filter(|word| SCENARIOS.iter().all(|(known, _)| known != word)).collect()
    }

    fn print_json(&self, mutate: bool) {
        let mutants = mutate.then(|| json!({ "made": self.mutants, "unnoticed": self.unnoticed }));
        print::document(&json!({
            "examples": self.verdicts,
            "coverage": self.coverage,
            "scenarios": { "known": SCENARIOS.len(), "exercised": self.exercised() },
            "mutants": mutants,
        }));
    }
}

/// A text for one line.
fn brief(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { text.chars().take(79).chain(['…']).collect() }
}
