//! What must hold at every instant.

use crate::faults::Bug;
use crate::history::Seen;
use crate::people::{DISABLES_MAX, Statement};
use crate::ports::secret;
use crate::world::{Instant, Shared};
use crate::{JOB, TARGET};
use bytes::Bytes;
use fakes::run_ready;
use pipeline::state::{Cycle, CycleState, JobState, Owner, name_key, open_set, owner_of};
use pipeline::{Maker, Manifest, Ports, Stored};
use planning::{Kind, OutOfScope, Plan};
use ports::{Anchor, Edit, Field, Reply, Table, Write, WriteAction};
use record::RecordId;
use std::collections::BTreeMap;

/// The attribute whose values are names.
const NAME: &str = "userPrincipalName";

/// The world as somebody sees it to whom nothing happens.
pub type Calm = Ports<fakes::FakeTable, fakes::FakeQueue, fakes::FakeBlobs, fakes::FakeClock, fakes::FakeEntropy>;

/// The calm view of a world.
pub fn calm(shared: &Shared) -> Calm {
    let world = fakes::World::new(0);
    Ports {
        table: shared.outside.table.clone(),
        queue: world.queue.clone(),
        blobs: shared.outside.blobs.clone(),
        clock: shared.outside.clock.clone(),
        entropy: world.entropy.clone(),
        secret: secret(),
    }
}

/// The id of a person's record.
pub fn id_of(key: &str) -> RecordId {
    RecordId::of(&secret(), &record::RecordKey::from(key))
}

/// After the target carried out a request: no two accounts, no name that is not its own, nothing older over something newer
/// or over what was decided, nobody enabled, disabled or deleted against what HR stated, no guard passed by.
pub fn after_landing(shared: &Shared, out_of_scope: OutOfScope, action: &WriteAction, reply: &Reply) {
    let Reply::Done(anchor) = reply else { return };
    let now = shared.core().now;
    let mut complaints = Vec::new();
    match action {
        WriteAction::Create { attributes } => {
            let text = |name: &str| attributes.get(name).map(|value| value.text().to_owned()).unwrap_or_default();
            let (id, version) = (text("employeeId"), text("jobTitle").parse().unwrap_or(0));
            complaints.extend(other_account(shared, anchor, &id));
            complaints.extend(unreserved(shared, &id, &text(NAME)));
            complaints.extend(against_hr(shared, &id, version, Some(text("accountEnabled").as_str())));
            let deleted_at = shared.core().history.deletion_of(&id);
            let fits = |one: &Statement| one.version == version && !one.outside;
            // What is decided of somebody without an account stands nowhere: one that is being made is made and linked.
            let stated = shared.core().history.next_that(&id, deleted_at, fits);
            // An account without its stamp is somebody's whom nobody knows.
            if stated.is_none() && version > 0 {
                complaints
                    .push(format!("{id} got an account that statement {deleted_at} or a later one does not ask for"));
            }
            let at = stated.unwrap_or(0);
            shared.core().history.accounts.insert(anchor.clone(), Seen { id, version, at });
        }
        WriteAction::Update { attributes, .. } => {
            let text = |name: &str| attributes.get(name).and_then(Option::as_ref).map(|value| value.text().to_owned());
            let before = shared.core().history.accounts.get(anchor).cloned().unwrap_or_default();
            let id = text("employeeId").unwrap_or_else(|| before.id.clone());
            let version = text("jobTitle").and_then(|text| text.parse().ok()).unwrap_or(before.version);
            complaints.extend(other_account(shared, anchor, &id));
            complaints.extend(text(NAME).and_then(|name| unreserved(shared, &id, &name)));
            let enabled = text("accountEnabled");
            let disables = enabled.as_deref() == Some("False");
            let by_scope = disables && !attributes.contains_key("jobTitle") && out_of_scope == OutOfScope::Disable;
            let stated = stated_by(shared, &id, before.at, |one| {
                let is_left = one.outside && by_scope;
                is_left || one.version == version && !one.outside && !(disables && one.active)
            });
            let at = stated.unwrap_or_else(|complaint| {
                complaints.extend((version > 0).then_some(complaint));
                before.at
            });
            complaints.extend(if by_scope { None } else { against_hr(shared, &id, version, enabled.as_deref()) });
            if disables && !is_released(shared, &id, Kind::Disable) {
                complaints.push(format!("{id} was disabled past the guard"));
            }
            shared.core().history.accounts.insert(anchor.clone(), Seen { id, version, at });
        }
        WriteAction::Refer { .. } => {}
        WriteAction::Delete { .. } => {
            let before = shared.core().history.accounts.remove(anchor).unwrap_or_default();
            let stated = stated_by(shared, &before.id, before.at, |one| one.outside);
            let at = stated.unwrap_or_else(|complaint| {
                complaints.push(complaint);
                before.at
            });
            if out_of_scope != OutOfScope::Delete {
                complaints.push(format!("{} was deleted", before.id));
            }
            if !is_released(shared, &before.id, Kind::Delete) {
                complaints.push(format!("{} was deleted past the guard", before.id));
            }
            shared.core().history.deleted.insert(anchor.clone(), (before.id, at));
        }
    }
    complain(shared, now, complaints);
}

/// The first statement about a person, from the one on that is shown already, that can have led to what was done; the
/// last one like it must not be older than what is decided.
fn stated_by(shared: &Shared, id: &str, from: usize, fits: impl Fn(&Statement) -> bool) -> Result<usize, String> {
    let core = shared.core();
    let decided = core.history.decided.get(id).copied().unwrap_or(0);
    if core.history.last_that(id, &fits).is_some_and(|last| last < decided) {
        return Err(format!("{id}: something older was done than statement {decided}, which was decided"));
    }
    let found = core.history.next_that(id, from, fits);
    found.ok_or_else(|| format!("{id}: what statement {from} or a later one says was not what was done"))
}

fn complain(shared: &Shared, now: Instant, complaints: Vec<String>) {
    let mut core = shared.core();
    for complaint in complaints {
        core.history.violated(now, complaint);
    }
}

fn other_account(shared: &Shared, anchor: &Anchor, id: &str) -> Option<String> {
    let core = shared.core();
    let other = core.history.accounts.iter().any(|(other, seen)| other != anchor && seen.id == id && !id.is_empty());
    other.then(|| format!("{id} has two accounts"))
}

/// A name that an account got although it is not reserved for its record: the next hire of that name would get it too.
fn unreserved(shared: &Shared, id: &str, name: &str) -> Option<String> {
    if id.is_empty() || name.is_empty() {
        return None;
    }
    let item = run_ready(shared.outside.table.get(&name_key(&secret(), TARGET, NAME, name))).ok()?;
    let mine = Owner::Record { job: JOB.to_owned(), record: id_of(id) };
    (owner_of(item.as_ref()).ok()? != mine).then(|| format!("{id} got a name that is not reserved for it"))
}

fn against_hr(shared: &Shared, id: &str, version: u64, enabled: Option<&str>) -> Option<String> {
    let core = shared.core();
    let statement = core.history.statement(id, version)?;
    match enabled {
        Some("True") if !statement.active => {
            Some(format!("{id} was enabled, though statement {version} is a leaver's"))
        }
        Some("False") if statement.active => Some(format!("{id} was disabled without a fact")),
        _ => None,
    }
}

/// Whether some plan disables, or deletes, the record and is within the limit or released by a person.
fn is_released(shared: &Shared, id: &str, kind: Kind) -> bool {
    let record = id_of(id);
    let approved = shared.core().history.approved.clone();
    let env = calm(shared);
    let mut cycles: BTreeMap<u64, (u64, bool)> = BTreeMap::new();
    let paths = shared.outside.blobs.paths();
    for path in paths.iter().filter(|path| path.ends_with("/plan.json.gz")) {
        let Ok(plan) = run_ready(Stored::get::<Plan>(&env, path, "a plan")) else { continue };
        let disables =
            plan.decisions.iter().filter(|decision| decision.change().is_some_and(|change| change.kind == kind));
        let cycle = cycles.entry(plan.cycle).or_default();
        for decision in disables {
            cycle.0 += 1;
            cycle.1 |= decision.record == record;
        }
    }
    cycles
        .iter()
        .any(|(number, (disables, has_it))| *has_it && (*disables <= DISABLES_MAX || approved.contains(number)))
}

/// Whether a cycle of one record is over and its record not open.
pub fn is_final(shared: &Shared, cycle: u64, key: &str) -> bool {
    let env = calm(shared);
    let cycle = run_ready(Cycle::get(&env.table, JOB, cycle)).ok().flatten();
    let is_settled = cycle.is_some_and(|cycle| cycle.state == CycleState::Settled);
    is_settled && run_ready(open_set(&env.table, JOB)).is_ok_and(|open| !open.contains_key(&id_of(key)))
}

/// After the state changed: a manifest that was switched to hides nothing that is not final.
pub fn after_writes(shared: &Shared, writes: &[Write]) {
    let path = writes.iter().find_map(|write| match write {
        Write::Update(key, edits, _) if *key == JobState::key(JOB) => edits.iter().find_map(|edit| match edit {
            Edit::Set("manifest", Field::Text(path)) => Some(path.clone()),
            _ => None,
        }),
        _ => None,
    });
    let Some(path) = path else { return };
    let env = calm(shared);
    let Ok(manifest) = run_ready(Manifest::load(&env, Some(&path))) else { return };
    let open = run_ready(open_set(&env.table, JOB)).unwrap_or_default();
    let mut complaints = Vec::new();
    let core = shared.core();
    for entry in manifest.entries() {
        let Some((person, version)) = core.history.contents.get(&entry.content) else { continue };
        let key = crate::people::key_of(*person);
        let is_it = |one: &Statement| one.version == *version;
        let (first, last) = (core.history.next_that(&key, 1, is_it), core.history.last_that(&key, is_it));
        let (Some(at), true) = (last, first == last) else { continue };
        let outside = core.history.is_outside_since(&key, at);
        let shows = core.history.shows(&key);
        // Whether something is to be done for whom the rules know nothing depends on what went before.
        if shows < at && !outside && !open.contains_key(&entry.record) {
            complaints.push(format!("the manifest hides statement {at} of {key}: its account shows {shows}"));
        }
    }
    let now = core.now;
    drop(core);
    complain(shared, now, complaints);
}

/// The manifest as a settlement would make it that takes every hash.
pub fn manifest_with_all(shared: &Shared, path: &str, bytes: &Bytes) -> Option<Bytes> {
    let core = shared.core();
    if core.bug != Some(Bug::ManifestTakesAll) {
        return None;
    }
    let mut manifest: Vec<_> = Manifest::unseal(path, bytes).ok()?.entries().to_vec();
    for entry in &mut manifest {
        let newest = core
            .history
            .contents
            .iter()
            .filter(|(_, (person, _))| id_of(&crate::people::key_of(*person)) == entry.record);
        if let Some((content, _)) = newest.max_by_key(|(_, (_, version))| *version) {
            entry.content = *content;
        }
    }
    Some(Manifest::new(manifest).sealed(path, &Maker::of_sealed(bytes)?))
}
