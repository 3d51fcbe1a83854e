//! What names the next hires would get: the lookups of a plan, for people who are not there yet.

use crate::lookup::Lookup;
use crate::on_demand::begun;
use crate::{Environment, Job, StepError};
use planning::{Matches, Name, Read, Subject};
use ports::TargetRead;
use record::{Record, RecordId};
use std::collections::BTreeMap;

/// The names of each of these records in turn, by target attribute, each taking what those before it have left. The names
/// are reserved: give it an environment that keeps nothing.
pub async fn names_to_come<E: Environment, T: TargetRead>(
    env: &E,
    target: &T,
    job: &Job<'_>,
    records: Vec<Record>,
) -> Result<Vec<BTreeMap<String, Name>>, StepError> {
    let cycle = begun(env, job, 0, records.len() as u64);
    let lookup = Lookup::begin(env, target, job, &cycle, "").await?;
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        let mut subjects = [Subject {
            id: RecordId::of(env.secret(), &record.key),
            content: [0; 16],
            read_in: Read::default(),
            times: 1,
            link: None,
            matches: Matches::None,
            names: BTreeMap::new(),
            before: BTreeMap::new(),
            before_sought: false,
            contested: false,
            record,
        }];
        lookup.name(&mut subjects).await?;
        let [subject] = subjects;
        all.push(subject.names);
    }
    Ok(all)
}
