//! What is odd about a source: one read of it, compared with what its jobs want.

use crate::error::CommandError;
use crate::lines::Lines;
use crate::source::{Pages, rejection};
use config::{FileFormat, FilesOptions, Job, Semantics};
use ports::{Completeness, Source};
use record::{AttributeKind, RecordKey};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// What one read of a source showed.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Inspection {
    /// The connector.
    connector: String,
    /// Rows, good or bad.
    rows: u64,
    /// For each key that stands more than once, its lines.
    repeated_keys: Vec<Vec<u64>>,
    /// Whether those lines are exact.
    lines_exact: bool,
    /// Rows that could not be read, each with its place and reason.
    pub(crate) rejected: Vec<String>,
    /// By target attribute: how many records name another record that the source does not have.
    dangling: BTreeMap<String, usize>,
    /// By target attribute: how many records refer to themselves over others, as two who manage each other do.
    circles: BTreeMap<String, usize>,
    /// Why the read is not complete, where it visibly is not.
    pub(crate) broken: Option<String>,
}

impl Inspection {
    /// Reads the whole source once.
    pub(crate) async fn of<S: Source>(
        name: &str,
        options: &FilesOptions,
        source: &S,
        jobs: &[&Job],
    ) -> Result<Self, CommandError> {
        let mut inspection = Self { connector: name.to_owned(), ..Self::default() };
        // A delta names records that it does not hold; that says nothing.
        let jobs = if options.semantics == Semantics::Full { jobs } else { &[] };
        let references = references(jobs);
        let mut lines = Lines::from(if options.format == FileFormat::JsonLines { 1 } else { 2 });
        let mut keys: HashMap<RecordKey, Vec<u64>> = HashMap::new();
        let mut named: Vec<(&str, RecordKey, String)> = Vec::new();
        let mut pages = Pages::of(name, source);
        while let Some(page) = pages.next().await? {
            inspection.rows += page.rows;
            for rejected in &page.rejected {
                lines.reject(rejected.place.line);
                inspection.rejected.push(rejection(rejected));
            }
            for record in &page.records {
                keys.entry(record.key.clone()).or_default().push(lines.line_of(record));
                for (target, attribute) in &references {
                    let named_by = record.get(attribute).map(|value| value.text().to_owned());
                    named.extend(named_by.filter(|to| !to.is_empty()).map(|to| (*target, record.key.clone(), to)));
                }
            }
            if let Some(Completeness::Broken { reason, place }) = page.completeness {
                inspection.broken = Some(format!("{}:{}: {reason}", place.within, place.line));
            }
        }
        let mut refers: BTreeMap<&str, HashMap<RecordKey, RecordKey>> = BTreeMap::new();
        for (target, from, to) in named {
            let to = RecordKey::from(to.as_str());
            if keys.contains_key(&to) {
                refers.entry(target).or_default().insert(from, to);
            } else {
                *inspection.dangling.entry(target.to_owned()).or_default() += 1;
            }
        }
        for (target, refers) in refers {
            let count = in_circles(&refers);
            if count > 0 {
                inspection.circles.insert(target.to_owned(), count);
            }
        }
        inspection.repeated_keys = keys.into_values().filter(|lines| lines.len() > 1).collect();
        inspection.repeated_keys.sort_unstable();
        inspection.lines_exact = lines.agree(Path::new(&options.url), options.proof.trailer.iter().count() as u64);
        Ok(inspection)
    }

    /// Everything in one line.
    pub(crate) fn summary(&self) -> String {
        let mut parts = vec![counted(self.rows, "row")];
        if !self.repeated_keys.is_empty() {
            // More than a few are a sign of the wrong key, and no list of lines helps then.
            let mut lines: Vec<String> = self.repeated_keys.iter().take(10).map(|lines| and(lines)).collect();
            if self.repeated_keys.len() > lines.len() {
                lines.push("…".to_owned());
            }
            let count = counted(self.repeated_keys.len() as u64, "repeated key");
            let about = if self.lines_exact { "" } else { "about " };
            parts.push(format!("{count} ({about}lines {})", lines.join("; ")));
        }
        if !self.rejected.is_empty() {
            parts.push(counted(self.rejected.len() as u64, "rejected row"));
        }
        for (target, count) in &self.dangling {
            let (records, verb) = (counted(*count as u64, "record"), if *count == 1 { "names" } else { "name" });
            parts.push(format!("{records} {verb} a {target} that is not in the file"));
        }
        for (target, count) in &self.circles {
            let (records, verb) = (counted(*count as u64, "record"), if *count == 1 { "is" } else { "are" });
            parts.push(format!("{records} {verb} in a circle of {target} references"));
        }
        format!("{} checked: {}", self.connector, parts.join(", "))
    }
}

/// Reference attributes of the targets with the source attributes that they come from, each pair once.
fn references<'a>(jobs: &[&'a Job]) -> BTreeSet<(&'a str, &'a str)> {
    let mappings = jobs.iter().flat_map(|job| job.rules.mappings.iter().map(|mapping| (*job, mapping)));
    mappings
        .filter_map(|(job, mapping)| {
            let attribute = job.rules.schema.attribute(&mapping.target)?;
            let direct = mapping.expression.direct()?;
            (attribute.kind == AttributeKind::Reference).then_some((attribute.name, direct))
        })
        .collect()
}

/// How many records come back to themselves when one follows the reference. Who refers to itself counts for one.
fn in_circles(refers: &HashMap<RecordKey, RecordKey>) -> usize {
    // Each record is walked over once: what an earlier walk has seen leads into no new circle.
    let mut seen: HashMap<&RecordKey, usize> = HashMap::new();
    let mut count = 0;
    for (walk, start) in refers.keys().enumerate() {
        let mut at = start;
        while !seen.contains_key(at) {
            seen.insert(at, walk);
            let Some(next) = refers.get(at) else { break };
            at = next;
        }
        if seen.get(at) == Some(&walk) && refers.contains_key(at) {
            let first = at;
            loop {
                count += 1;
                let Some(next) = refers.get(at) else { break };
                at = next;
                if at == first {
                    break;
                }
            }
        }
    }
    count
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn and(lines: &[u64]) -> String {
    let texts: Vec<String> = lines.iter().map(u64::to_string).collect();
    match texts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => texts.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(pairs: &[(&str, &str)]) -> usize {
        in_circles(&pairs.iter().map(|(from, to)| (RecordKey::from(*from), RecordKey::from(*to))).collect())
    }

    #[test]
    fn only_who_comes_back_to_itself_is_in_a_circle() {
        assert_eq!(circles(&[("a", "b"), ("b", "c"), ("d", "c")]), 0);
        assert_eq!(circles(&[("a", "b"), ("b", "a"), ("c", "a")]), 2);
        assert_eq!(circles(&[("a", "a"), ("b", "c"), ("c", "d"), ("d", "b"), ("e", "b")]), 4);
    }
}
