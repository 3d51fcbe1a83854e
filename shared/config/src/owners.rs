//! Each attribute of a target has one owning job.

use crate::jobs::Owned;
use crate::report::Report;

/// Refuses attributes that two jobs write, at the second job in the order of the file.
pub(crate) fn check(report: &Report<'_>, owned: &[Owned]) {
    let mut all: Vec<_> = owned
        .iter()
        .flat_map(|owned| owned.attributes.iter().map(move |(name, span)| (span.start, name, span, owned)))
        .collect();
    all.sort_by_key(|(start, ..)| *start);
    for (index, (_, name, span, owned)) in all.iter().enumerate() {
        let same = |other: &&(usize, &String, &_, &crate::jobs::Owned)| {
            other.1 == *name && other.3.target == owned.target && other.3.job != owned.job
        };
        if let Some((start, _, _, first)) = all[..index].iter().find(same) {
            let message = format!("`{name}` of `{}` has two owners", owned.target);
            let hint = format!("job `{}` maps it in line {}; leave it to one job", first.job, report.place(*start).0);
            report.error((*span).clone(), message, Some(hint));
        }
    }
}
