//! How a run ends: nothing goes wrong any more, the schedules go on, and in the end all agree and nothing more happens.

use crate::function::Function;
use crate::history::History;
use crate::people::key_of;
use crate::runner::Run;
use crate::world::SECOND;
use crate::{JOB, checks};
use fakes::run_ready;
use messages::Mode;
use pipeline::state::{Cycle, CycleState, Held, JobState, link_from, open_set};
use planning::{OutOfScope, Reason};
use record::Value;
use std::collections::BTreeMap;

/// So many cycles are more than enough.
const CYCLES_MAX: u64 = 16;
const HOUR: u64 = 3600 * SECOND;

/// Lets the world come to rest and checks what it came to.
pub fn come_to_rest(run: &mut Run) {
    let now = run.shared.core().now;
    // Messages that somebody died of come again by themselves, and every minute somebody looks for released work.
    run.until(now + HOUR);
    if !run.shared.core().history.violations.is_empty() {
        return;
    }
    if let Some(stuck) = stuck_work(run) {
        return complain(run, &stuck);
    }
    if let Some(forgotten) = forgotten(run) {
        return complain(run, &forgotten);
    }
    run.shared.core().redrive();
    for cycle in 0..CYCLES_MAX {
        run.start(Function::Approve, None, None);
        run.fetch(Mode::Full);
        let now = run.shared.core().now;
        run.until(now + HOUR + cycle * HOUR);
        if !run.shared.core().history.violations.is_empty() {
            return;
        }
        if is_at_rest(run) {
            let wrong = wrong_ends(run);
            if wrong.is_empty() {
                return quiet(run);
            }
            if cycle + 1 == CYCLES_MAX {
                return wrong.iter().for_each(|wrong| complain(run, wrong));
            }
        }
    }
    let open = run_ready(open_set(&checks::calm(&run.shared).table, JOB)).unwrap_or_default();
    let reasons: Vec<&Reason> = open.values().map(|open| &open.reason).collect();
    let idle = run.is_idle();
    complain(run, &format!("the world does not come to rest: idle {idle}, open {reasons:?}"));
}

fn complain(run: &Run, what: &str) {
    let mut core = run.shared.core();
    let now = core.now;
    core.history.violated(now, what);
}

/// Released work that nobody takes up.
fn stuck_work(run: &Run) -> Option<String> {
    let now = run.shared.time_of_day().as_millisecond();
    let items = run.shared.outside.table.items();
    let overdue = items.iter().filter(|(key, item)| {
        let due = matches!(item.get("not_before"), Some(ports::Field::Number(at)) if at + 900_000 < now);
        key.partition.starts_with("READY#") && due
    });
    let count = overdue.count();
    (count > 0).then(|| format!("{count} pieces of released work lie there, and nobody takes them up"))
}

/// Somebody who was asked for, was not looked at, and is neither open nor put aside.
fn forgotten(run: &Run) -> Option<String> {
    let open = run_ready(open_set(&checks::calm(&run.shared).table, JOB)).unwrap_or_default();
    let core = run.shared.core();
    if core.mail.dead.iter().any(|message| message.queue == ports::QueueName::OnDemand) {
        return None;
    }
    // Whether something is to be done for whom the rules know nothing depends on what went before.
    let is_due = |key: &str, at: usize| !core.history.is_outside_since(key, at) && core.history.shows(key) < at;
    let forgotten =
        core.history.asked.iter().find(|(key, at)| is_due(key, *at) && !open.contains_key(&checks::id_of(key)));
    forgotten.map(|(key, at)| format!("{key} was asked for and forgotten: it does not show statement {at}"))
}

fn is_at_rest(run: &Run) -> bool {
    let env = checks::calm(&run.shared);
    let state = run_ready(JobState::get(&env.table, JOB)).unwrap_or_default();
    let open = run_ready(open_set(&env.table, JOB)).unwrap_or_default();
    let holds = run_ready(Held::all(&env.table, JOB)).unwrap_or_default();
    // Somebody whose manager HR never states, or who is from outside, waits for ever, and rightly so.
    let waits = |reason: &Reason| {
        let Reason::ReferencePending { to, .. } = reason else { return false };
        let core = run.shared.core();
        let mut people = core.history.statements.keys().map(|person| key_of(*person));
        people.find(|key| checks::id_of(key) == *to).is_none_or(|key| is_nobody_of_ours(&core.history, &key))
    };
    let open = open.values().filter(|open| !waits(&open.reason)).count();
    run.is_idle() && state.open.is_none() && open == 0 && holds.is_empty()
}

/// Whether HR states nothing about somebody, or that they are from outside.
fn is_nobody_of_ours(history: &History, key: &str) -> bool {
    history.statements_of(key).last().is_none_or(|statement| statement.outside)
}

/// What the target should show of everybody, and what is wrong.
fn wrong_ends(run: &Run) -> Vec<String> {
    let accounts = run.shared.outside.target.accounts();
    let core = run.shared.core();
    let mut by_id: BTreeMap<String, &BTreeMap<String, Value>> = BTreeMap::new();
    for attributes in accounts.values() {
        let id = attributes.get("employeeId").map(|value| value.text().to_owned()).unwrap_or_default();
        by_id.insert(id, attributes);
    }
    let mut wrong = Vec::new();
    for (person, statements) in &core.history.statements {
        let (Some(statement), key) = (statements.last(), key_of(*person)) else { continue };
        let account = by_id.get(&key);
        if statement.outside {
            wrong.extend(account.and_then(|account| wrong_outside(run.script.out_of_scope, &key, account)));
            continue;
        }
        let Some(account) = account else {
            wrong.push(format!("{key} has no account"));
            continue;
        };
        let shows = |name: &str| account.get(name).map(|value| value.text().to_owned()).unwrap_or_default();
        let record = statement.record(*person);
        let says = |name: &str| record.get(name).map(|value| value.text().to_owned()).unwrap_or_default();
        let full = if run.edition == 0 { [says("first"), says("last")] } else { [says("last"), says("first")] };
        let manager = accounts.get(&record::Anchor(shows("manager")));
        let manager = manager.and_then(|one| one.get("employeeId")).map(|id| id.text().to_owned()).unwrap_or_default();
        // Until a manager who is not stated or from outside is somebody of ours, the one before stays. Whose account was
        // deleted is gone from all who had it, and with a new account comes back only where something is stated.
        let waits = !says("manager").is_empty() && is_nobody_of_ours(&core.history, &says("manager"));
        let is_lost = manager.is_empty() && core.history.deletion_of(&says("manager")) > 0;
        let expected = if waits || is_lost { manager.clone() } else { says("manager") };
        for (what, shown, stated) in [
            ("jobTitle", shows("jobTitle"), statement.version.to_string()),
            ("accountEnabled", shows("accountEnabled"), if statement.active { "True" } else { "False" }.to_owned()),
            ("displayName", shows("displayName"), full.join(" ")),
            ("surname", shows("surname"), says("last")),
            ("manager", manager, expected),
        ] {
            if shown != stated {
                wrong.push(format!("{what} of {key} is {shown:?}, HR says {stated:?}"));
            }
        }
    }
    drop(core);
    wrong.extend(wrong_links(run));
    wrong
}

/// What is wrong with the account of somebody from outside.
fn wrong_outside(out_of_scope: OutOfScope, key: &str, account: &BTreeMap<String, Value>) -> Option<String> {
    if is_others(account) {
        return None;
    }
    let enabled = account.get("accountEnabled").map(Value::text) == Some("True");
    match out_of_scope {
        OutOfScope::Leave => None,
        OutOfScope::Disable => enabled.then(|| format!("{key} is from outside and still enabled")),
        OutOfScope::Delete => Some(format!("{key} is from outside and still has an account")),
    }
}

/// Whether somebody else made the account, and Tenure has not touched it.
fn is_others(account: &BTreeMap<String, Value>) -> bool {
    matches!(account.get("displayName").map(Value::text), Some("Somebody else" | "Known"))
}

/// Every account of a person has one link, and no link leads nowhere.
fn wrong_links(run: &Run) -> Vec<String> {
    let prefix = format!("LINK#{JOB}#");
    let accounts = run.shared.outside.target.accounts();
    let mut linked = BTreeMap::new();
    let mut wrong = Vec::new();
    for (key, item) in run.shared.outside.table.items() {
        let Some(record) = key.partition.strip_prefix(&prefix).and_then(|id| id.parse().ok()) else { continue };
        let Ok(link) = link_from(record, &item) else {
            wrong.push("a link cannot be read".to_owned());
            continue;
        };
        if link.is_live() != accounts.contains_key(&link.anchor) {
            wrong
                .push(format!("the link of {} and its account do not agree on whether it is there", link.key.as_str()));
        }
        if linked.insert(link.anchor.clone(), link.key.clone()).is_some() {
            wrong.push(format!("the account of {} has two links", link.key.as_str()));
        }
    }
    wrong.extend(
        accounts
            .iter()
            .filter(|(anchor, attributes)| !linked.contains_key(*anchor) && !is_others(attributes))
            .map(|(_, attributes)| format!("an account is an orphan: {:?}", attributes.get("employeeId"))),
    );
    wrong
}

/// A second run changes nothing; and everything that was read is accounted for.
fn quiet(run: &mut Run) {
    let before = run.shared.outside.target.received().writes();
    let units = run.shared.outside.table.units();
    let (shown, now) = (run.shared.outside.target.accounts(), run.shared.core().now);
    run.fetch(Mode::Full);
    run.until(now + HOUR);
    let after = run.shared.outside.table.units();
    if run.shared.outside.target.received().writes() != before || run.shared.outside.target.accounts() != shown {
        complain(run, "a second run writes to the target");
    }
    if after.get_manys != units.get_manys {
        complain(run, "a second run reads links");
    }
    let env = checks::calm(&run.shared);
    let state = run_ready(JobState::get(&env.table, JOB)).unwrap_or_default();
    let cycles = run_ready(Cycle::newest(&env.table, JOB, state.last_cycle, 100)).unwrap_or_default();
    for cycle in cycles.iter().filter(|cycle| cycle.state == CycleState::Settled) {
        let summary = &cycle.summary;
        let known = summary.unchanged + summary.done.values().sum::<u64>() + summary.held + summary.escrowed;
        if known < summary.evaluated {
            complain(run, &format!("cycle {} lost {} records", cycle.number, summary.evaluated - known));
        }
    }
    for cycle in cycles.iter().filter(|cycle| !cycle.state.is_over() && !cycle.urgent) {
        complain(run, &format!("cycle {} never ends: {}", cycle.number, cycle.state.name()));
    }
}
