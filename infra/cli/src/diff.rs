//! `tenure diff`: the effect of other rules on real people, offline, for whoever has to approve the change of the rules.

mod report;

use crate::args::DiffArgs;
use crate::configuration;
use crate::error::{CommandError, Exit};
use crate::source::{Pages, open};
use config::{Config, Connector, FilesOptions, Job};
use jiff::Timestamp;
use planning::{Breach, Census, judge};
use record::{Record, RecordKey};
use rehearsal::{Compared, Difference};
use report::Report;
use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Target attributes whose direct sources are good for slices, where the operator names none.
const SLICED: [&str; 4] = ["companyName", "department", "country", "employeeType"];

/// Some records, and the same as the new configuration reads them, where that differs.
type Portion = (Vec<Record>, Option<Vec<Record>>);

/// Compares every job that both configurations have.
pub(crate) async fn run(args: &DiffArgs) -> Result<Exit, CommandError> {
    let (old, new) = (configuration::load(&args.old)?, configuration::load(&args.new)?);
    let names: Vec<&String> = match &args.job {
        Some(job) if new.jobs.contains_key(job) || old.jobs.contains_key(job) => vec![job],
        Some(_) => return Err(CommandError::because("neither configuration has a job of that name")),
        None => old.jobs.keys().chain(new.jobs.keys().filter(|name| !old.jobs.contains_key(*name))).collect(),
    };
    let mut report = Report::default();
    for name in names {
        match (old.jobs.get(name), new.jobs.get(name)) {
            (Some(before), Some(after)) => {
                let (difference, breaches) = job(args, (&old, before), (&new, after)).await?;
                report.compared(name, difference, breaches);
            }
            (Some(_), None) => report.gone(name),
            _ => report.added(name),
        }
    }
    let held = report.holds();
    report.print(args);
    Ok(if held { Exit::Held } else { Exit::Done })
}

async fn job(
    args: &DiffArgs,
    (old, before): (&Config, &Job),
    (new, after): (&Config, &Job),
) -> Result<(Difference, Vec<Breach>), CommandError> {
    let slices = if args.by.is_empty() { slices(after) } else { args.by.clone() };
    let compared = Compared {
        old: &before.rules,
        new: &after.rules,
        now: args.now.unwrap_or_else(now),
        slices: &slices,
        samples: args.show,
    };
    let read_by_old = options(args, old, before)?;
    let read_by_new = options(args, new, after)?;
    // The same file may be read in two ways; then both readings are brought together by the key.
    let other = if read_by_old == read_by_new { None } else { Some(by_key(&before.source, &read_by_old).await?) };
    let difference = compare(&compared, &after.source, &read_by_new, other)?;
    let breaches = judge(&difference.census, Some(difference.accounts), &Census::default(), &after.rules.guards.limits);
    Ok((difference, breaches.breaches))
}

#[expect(clippy::disallowed_methods, reason = "what is shown is what would happen now")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// The source's options with the file that was named.
fn options(args: &DiffArgs, config: &Config, job: &Job) -> Result<FilesOptions, CommandError> {
    let Some(Connector::Files(options)) = config.connectors.get(&job.source) else {
        let what = format!("the source of {} is no file; name one with --source", job.name);
        return Err(CommandError::because(what));
    };
    let mut options = options.clone();
    if let Some(file) = &args.source {
        let absolute = std::path::absolute(file);
        let absolute = absolute.map_err(|error| CommandError::failed("the source cannot be found", error))?;
        options.url = absolute.display().to_string();
    }
    if !options.url.contains("://") && !Path::new(&options.url).exists() {
        return Err(CommandError::because(format!("there is no file {}; name one with --source", options.url)));
    }
    Ok(options)
}

async fn by_key(name: &str, options: &FilesOptions) -> Result<HashMap<RecordKey, Record>, CommandError> {
    let source = open(name, &Connector::Files(options.clone()))?;
    let mut pages = Pages::of(name, &source);
    let mut records = HashMap::new();
    while let Some(page) = pages.next().await? {
        records.extend(page.records.into_iter().map(|record| (record.key.clone(), record)));
    }
    Ok(records)
}

/// Reads on while the pages are compared, each by whichever core is free.
fn compare(
    compared: &Compared<'_>,
    name: &str,
    options: &FilesOptions,
    mut other: Option<HashMap<RecordKey, Record>>,
) -> Result<Difference, CommandError> {
    let source = open(name, &Connector::Files(options.clone()))?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (send, receive) = sync_channel::<Portion>(2 * cores);
    let receive = Mutex::new(receive);
    let (pages, sums) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(|| work(compared, &receive))).collect();
        let pages = scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| CommandError::failed("cannot start", error))?;
            runtime.block_on(async {
                let mut pages = Pages::of(name, &source);
                while let Some(page) = pages.next().await? {
                    // Who stands in one reading only is compared with the record that there is.
                    let read_by_old = other.as_mut().map(|other| {
                        let known = |record: &Record| other.remove(&record.key).unwrap_or_else(|| record.clone());
                        page.records.iter().map(known).collect()
                    });
                    let portion = match read_by_old {
                        Some(old) => (old, Some(page.records)),
                        None => (page.records, None),
                    };
                    // The workers go away only with the whole process.
                    let _ = send.send(portion);
                }
                Ok(())
            })
        });
        let pages = pages.join();
        (pages, workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>())
    });
    pages.unwrap_or_else(|_| Err(CommandError::because("the source could not be read to its end")))?;
    let mut sum = compared.nothing();
    for part in sums {
        let part = part.map_err(|_| CommandError::because("some records could not be compared"))?;
        compared.add(&mut sum, part);
    }
    Ok(sum)
}

fn work(compared: &Compared<'_>, receive: &Mutex<Receiver<Portion>>) -> Difference {
    let mut sum = compared.nothing();
    loop {
        let next = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((records, read_by_new)) = next else { return sum };
        compared.add(&mut sum, compared.of(records, read_by_new));
    }
}

/// The direct sources of what most companies are divided by.
fn slices(job: &Job) -> Vec<String> {
    let direct = |target: &&str| {
        let mapping = job.rules.mappings.iter().find(|mapping| mapping.target == **target)?;
        mapping.expression.direct().map(str::to_owned)
    };
    SLICED.iter().filter_map(direct).collect()
}
