//! The stages of the pure path over a whole company. Each is a function of its own that is never inlined, so that
//! callgrind can count the instructions of one by its name.

use crate::by_hand::ByHand;
use connector_files::FilesSource;
use jiff::Timestamp;
use mapping::{Context, Flow};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use planning::{Inputs, Link, Mark, Marks, Matches, Name, Plan, Rules, Status, Subject};
use ports::{Reading, Source};
use record::{Anchor, Record, RecordId, Secret};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// Monday, 2026-01-05, 06:00 in UTC.
const NOW: i64 = 1_767_592_800;
/// What random functions draw from.
const SEED: [u8; 16] = [7; 16];

/// A company with its rules and its file, ready to be worked on.
pub struct Bench {
    /// The rules of the job.
    pub rules: Rules,
    /// The stack's secret.
    pub secret: Secret,
    /// The file of all workers, in memory.
    pub source: FilesSource,
    /// What stands in it.
    pub records: Vec<Record>,
    links: Vec<Link>,
    now: Timestamp,
}

/// Runs what never has to wait: everything here lies in memory.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("what lies in memory is there at once"),
    }
}

impl Bench {
    /// A company of that many workers whose accounts exist; of one worker in 16 the department has changed since.
    pub fn of(workers: usize) -> Self {
        let (rules, options) = crate::configured();
        let (store, path) = (InMemory::new(), Path::from("workers"));
        let file: Vec<u8> =
            crate::people::lines(workers).into_iter().flat_map(|line| (line + "\n").into_bytes()).collect();
        ready(store.put(&path, file.into())).expect("memory takes a file");
        let source = FilesSource::open(options, Arc::new(store) as Arc<dyn ObjectStore>, path);
        let now = Timestamp::from_second(NOW).expect("a time in this century");
        let mut bench =
            Self { rules, secret: Secret::new(b"of this stack"), source, records: Vec::new(), links: Vec::new(), now };
        bench.records = read_all(&bench.source);
        bench.links = bench.linked();
        assert!(bench.records.len() == workers && bench.links.len() == workers, "everybody is read and has an account");
        bench
    }

    /// The state after everybody was created.
    fn linked(&self) -> Vec<Link> {
        let subjects = self.records.iter().map(|record| {
            let questions = planning::name_questions(&self.rules, &self.secret, record, None, self.now, &SEED);
            let names = questions.into_iter().map(|mut one| (one.attribute, Name::Reserved(one.candidates.remove(0))));
            Subject { matches: Matches::None, names: names.collect(), ..self.subject(record.clone(), None) }
        });
        let plan = planning::plan(&self.inputs(subjects.collect()), &self.rules, &self.secret);
        let link = |(number, (decision, change)): (usize, (&planning::Decision, &planning::Change))| {
            let mark = |fingerprint| Mark { fingerprint, cycle: 1, batch: 1 };
            let mut marks: Marks =
                change.attributes.iter().map(|(name, one)| (name.clone(), mark(one.fingerprint))).collect();
            marks.extend(change.references.iter().map(|one| (one.attribute.clone(), mark(one.fingerprint))));
            if number % 16 == 0 {
                marks.insert("department", mark([1; 8]));
            }
            Link {
                record: decision.record,
                key: decision.key.clone(),
                anchor: Anchor(format!("00000000-0000-0000-0000-{number:012}")),
                version: 1,
                cycle: 1,
                read_in: planning::Read::at(1),
                status: Status::Enabled,
                in_scope: true,
                deleting: false,
                marks,
            }
        };
        plan.changes().enumerate().map(link).collect()
    }

    fn subject(&self, record: Record, link: Option<Link>) -> Subject {
        Subject {
            id: RecordId::of(&self.secret, &record.key),
            content: record.content_hash(&self.secret, &self.rules.hash),
            read_in: planning::Read::at(2),
            times: 1,
            link,
            matches: Matches::NotLooked,
            names: BTreeMap::new(),
            before: BTreeMap::new(),
            before_sought: false,
            contested: false,
            record,
        }
    }

    fn inputs(&self, subjects: Vec<Subject>) -> Inputs {
        Inputs {
            job: "hr-to-entra".to_owned(),
            cycle: 2,
            batch: 1,
            now: self.now,
            seed: SEED,
            rules: "00".to_owned(),
            subjects,
        }
    }

    /// Copies of the links, for one run of [`whole`].
    pub fn links(&self) -> Vec<Link> {
        self.links.clone()
    }

    /// What a decision takes, for one run of [`decide`].
    pub fn prepared(&self) -> Inputs {
        let pairs = self.records.iter().cloned().zip(self.links());
        self.inputs(pairs.map(|(record, link)| self.subject(record, Some(link))).collect())
    }

    /// What a mapping is evaluated with.
    pub fn context<'a>(&'a self, record: &'a Record) -> Context<'a> {
        Context { record, now: self.now, seed: &SEED, default_domain: self.rules.default_domain.as_deref() }
    }
}

fn read_all(source: &FilesSource) -> Vec<Record> {
    let (mut records, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = ready(source.read(&Reading::Full, cursor.as_deref())).expect("a good file");
        assert!(page.rejected.is_empty(), "every row is good");
        records.extend(page.records);
        cursor = page.next;
        if cursor.is_none() {
            return records;
        }
    }
}

/// From lines of JSON to records, page by page, as `fetch` reads them.
#[inline(never)]
pub fn parse(bench: &Bench) -> usize {
    read_all(&bench.source).len()
}

/// All mappings of all records, evaluated.
#[inline(never)]
pub fn map(bench: &Bench) -> usize {
    let mut set = 0;
    for record in &bench.records {
        let context = bench.context(record);
        for mapping in &bench.rules.mappings {
            let flow = mapping.evaluate(&context).expect("the rules fit the records");
            set += usize::from(matches!(flow, Flow::Set(_) | Flow::Candidates(_)));
        }
    }
    set
}

/// The same mappings written by hand.
#[inline(never)]
pub fn by_hand(bench: &Bench, mappings: &[ByHand]) -> usize {
    let mut set = 0;
    for record in &bench.records {
        let context = bench.context(record);
        for mapping in mappings {
            set += usize::from(matches!(mapping(&context), Flow::Set(_) | Flow::Candidates(_)));
        }
    }
    set
}

/// Id and content hash of all records.
#[inline(never)]
pub fn hash(bench: &Bench) -> usize {
    let mut odd = 0;
    for record in &bench.records {
        let id = RecordId::of(&bench.secret, &record.key);
        let content = record.content_hash(&bench.secret, &bench.rules.hash);
        odd += usize::from((id.0[0] ^ content[0]) & 1);
    }
    odd
}

/// Scope, mappings and comparison with the links: one plan.
#[inline(never)]
pub fn decide(bench: &Bench, inputs: &Inputs) -> Plan {
    planning::plan(inputs, &bench.rules, &bench.secret)
}

/// The whole path: read, hash, map, compare. Gives back the plan and what it was made of, to be dropped elsewhere.
#[inline(never)]
pub fn whole(bench: &Bench, links: Vec<Link>) -> (Plan, Inputs) {
    let pairs = read_all(&bench.source).into_iter().zip(links);
    let inputs = bench.inputs(pairs.map(|(record, link)| bench.subject(record, Some(link))).collect());
    (planning::plan(&inputs, &bench.rules, &bench.secret), inputs)
}
