//! When the rules will say something else about a record that stays as it is.
//!
//! A future-dated hire is read once and then never changes; without this nobody would look at it again on the day.

use crate::names::evaluate;
use crate::rules::Rules;
use jiff::{SignedDuration, Timestamp, civil::Date};
use mapping::{Flow, Mapping};
use record::{Hint, Record};
use std::collections::BTreeSet;

/// How far ahead the rules are asked, in days.
const HORIZON_DAYS: i64 = 400;
/// A date that lies further back than this does not make a record worth asking about.
const BEHIND_DAYS: i64 = 100;

/// The rules that may read the clock, and what they read besides it.
pub(crate) struct Clocked<'a> {
    mappings: Vec<&'a Mapping>,
    attributes: Vec<(&'a str, Hint)>,
}

impl<'a> Clocked<'a> {
    pub fn of(rules: &'a Rules) -> Self {
        let reads_clock = |mapping: &&Mapping| mapping.expression.text().to_lowercase().contains("now");
        let mappings: Vec<_> = rules.mappings.iter().filter(reads_clock).collect();
        let read: BTreeSet<&str> =
            mappings.iter().flat_map(|mapping| mapping.expression.attributes()).map(String::as_str).collect();
        Self { mappings, attributes: read.into_iter().map(|name| (name, Hint::default())).collect() }
    }
}

/// The first minute at which any rule that reads the clock gives another result, within 400 days.
///
/// The rules are asked once a day ahead and then closer. Records whose dates all lie more than 100 days back or 400 days
/// ahead are taken not to depend on the clock.
pub(crate) fn next(
    rules: &Rules,
    clocked: &Clocked<'_>,
    record: &Record,
    now: Timestamp,
    seed: &[u8],
) -> Option<Timestamp> {
    if clocked.mappings.is_empty() || !has_date_near(clocked, record, now) || !rules.admits(record) {
        return None;
    }
    let says = |at: Timestamp| -> Vec<Option<Flow>> {
        clocked.mappings.iter().map(|mapping| evaluate(rules, mapping, record, at, seed).ok()).collect()
    };
    let today = says(now);
    let mut before = now;
    for day in 1..=HORIZON_DAYS {
        let at = now.checked_add(SignedDuration::from_hours(24 * day)).ok()?;
        if says(at) != today {
            return Some(closer(before, at, |at| says(at) != today));
        }
        before = at;
    }
    None
}

/// The first minute after `low` for which `differs` holds, given that it holds at `high`.
fn closer(low: Timestamp, high: Timestamp, differs: impl Fn(Timestamp) -> bool) -> Timestamp {
    let (mut low, mut high) = (low.as_second(), high.as_second());
    while high - low > 60 {
        let middle = low + (high - low) / 2;
        match Timestamp::from_second(middle) {
            Ok(at) if differs(at) => high = middle,
            _ => low = middle,
        }
    }
    // A whole minute, rounded up: a due date needs no seconds, and never comes early.
    let minute = (high + 59) / 60 * 60;
    Timestamp::from_second(minute).unwrap_or(Timestamp::MAX)
}

/// Whether anything that these mappings read may be a date that matters. A text with digits in any other form than
/// year-month-day may be one too: only the mapping knows how to read it.
fn has_date_near(clocked: &Clocked<'_>, record: &Record, now: Timestamp) -> bool {
    let read = clocked.attributes.iter().filter_map(|(name, hint)| record.attributes.get_hinted(name, hint));
    read.flat_map(record::Texts::values).any(|text| {
        let date = text.get(..10).and_then(|start| start.parse::<Date>().ok());
        let Some(at) = date.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok()) else {
            return text.bytes().filter(u8::is_ascii_digit).count() >= 3;
        };
        let days = (at.timestamp().as_second() - now.as_second()) / 86_400;
        (-BEHIND_DAYS..=HORIZON_DAYS).contains(&days)
    })
}
