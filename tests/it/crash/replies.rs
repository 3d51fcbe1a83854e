//! Each kind of reply, applied, not applied or applied later, at each call of the target: a real connector and the
//! simulator, with something in the middle.

mod batch;
mod http;
mod kinds;
mod middle;

use super::ending::End;
use super::is_full;
use super::once::recover;
use crate::pipeline::driver::Company;
use crate::pipeline::people::{hashed, person, report, rules, team};
use crate::pipeline::shown::Shown;
use config::{GraphOptions, SecretReference};
use connector_graph::GraphTarget;
use fakes::World;
use kinds::{Cell, Fate, KINDS, Kind, Site, WRITERS, Writer, cells};
use messages::Mode;
use middle::Middle;
use ports::{Account, AccountPage, Anchor, PortError, TargetRead, TargetWrite, WriteReport, WriteRequest};
use record::{TargetSchema, Value};
use simulators::graph::{Options, Simulator};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::runtime::Runtime;

/// The connector, the simulator, and what stands between them.
struct Wired {
    connector: GraphTarget,
    simulator: Simulator,
    middle: Middle,
}

impl Wired {
    fn start(world: &World, runtime: &Runtime) -> Self {
        let middle = Middle::start(world.clock.clone(), world.faults.clone());
        let options =
            Options { default_domain: "example.com".to_owned(), public: Some(middle.url()), ..Options::default() };
        let secret = options.client_secret.clone();
        let connector = GraphOptions {
            base_url: middle.url(),
            authority: middle.url(),
            tenant: options.tenant.clone(),
            client_id: options.client_id.clone(),
            client_secret: SecretReference::Environment("GRAPH_SECRET".to_owned()),
            writes: 3_000,
            window_seconds: 150,
            timeout_seconds: 1,
        };
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        middle.pass_to(&simulator.url());
        let connector =
            GraphTarget::connect(connector, secret.into(), world.entropy.clone(), world.clock.clone()).unwrap();
        Self { connector, simulator, middle }
    }
}

impl TargetRead for Wired {
    fn schema(&self) -> &'static TargetSchema {
        self.connector.schema()
    }

    async fn find(&self, attribute: &str, values: &[String], select: &[String]) -> Result<Vec<Account>, PortError> {
        self.connector.find(attribute, values, select).await
    }

    async fn read(&self, anchors: &[Anchor], select: &[String]) -> Result<Vec<Account>, PortError> {
        self.connector.read(anchors, select).await
    }

    async fn read_all(&self, select: &[String], next: Option<&str>) -> Result<AccountPage, PortError> {
        self.connector.read_all(select, next).await
    }
}

impl TargetWrite for Wired {
    fn group_max(&self) -> usize {
        self.connector.group_max()
    }

    fn request_life(&self) -> Duration {
        self.connector.request_life()
    }

    fn replica_lag(&self) -> Duration {
        Duration::ZERO
    }

    async fn write(&self, requests: &[WriteRequest]) -> WriteReport {
        self.connector.write(requests).await
    }
}

impl Shown for Wired {
    fn accounts(&self) -> BTreeMap<Anchor, BTreeMap<String, Value>> {
        self.middle.land_due();
        let users = self.simulator.users().into_iter();
        let accounts = users.map(|user| {
            let shown = |name: &str| match &user[name] {
                serde_json::Value::String(text) => Some(text.as_str().into()),
                serde_json::Value::Bool(flag) => Some(if *flag { "True" } else { "False" }.into()),
                _ => None,
            };
            let names = self.schema().attributes.iter().map(|attribute| attribute.name);
            let attributes = names.filter_map(|name| Some((name.to_owned(), shown(name)?)));
            (Anchor(user["id"].as_str().unwrap().to_owned()), attributes.collect())
        });
        accounts.collect()
    }

    fn writes(&self) -> u64 {
        self.middle.received().0
    }

    fn disabled(&self) -> BTreeSet<Anchor> {
        self.middle.received().1.into_iter().map(Anchor).collect()
    }
}

/// A company of four, one of them off, with every kind of change before it.
fn company(runtime: &Runtime) -> Company<Wired> {
    let mut rules = rules();
    rules.schema = connector_graph::schema();
    let mut company = Company::over(team(4), hashed(rules), |world| Wired::start(world, runtime));
    company.insists = true;
    company.write_seconds = 5;
    company.source.upsert(report(4, 1).with("status", "leaver"));
    company.full();
    company.source.upsert(report(2, 3).with("department", "Dyeing"));
    company.source.upsert(person(3).with("status", "leaver"));
    company.source.upsert(report(4, 1));
    company.source.upsert(report(5, 2));
    // The token has run out, so that another one is asked for.
    company.world.clock.advance(Duration::from_hours(2));
    company
}

impl Cell {
    /// The cell's trouble, after what it takes to get there.
    fn troubles(self) -> Vec<Self> {
        let first = match self.site {
            Site::Stamp => Some(Kind::Closed),
            Site::Holder => Some(Kind::Taken),
            _ => None,
        };
        let first = first.map(|kind| Self { kind, fate: Fate::NotApplied, site: Site::Create, writer: Writer::GoesOn });
        first.into_iter().chain([self]).collect()
    }

    fn check(self, runtime: &Runtime, end: &End) {
        let mut company = company(runtime);
        company.target.middle.arm(self.troubles());
        company.start(Mode::Full);
        company.rest();
        if company.world.faults.is_dead() {
            recover(&mut company);
        }
        company.world.faults.disarm();
        company.rest();
        assert_eq!(company.target.middle.unmet(), 0, "{self:?} was not met");
        end.reached_by(&mut company, &format!("{self:?}"));
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Where a calm run ends.
fn calm(runtime: &Runtime) -> End {
    let mut company = company(runtime);
    company.full();
    let end = End::of(&company);
    end.reached_by(&mut company, "without trouble");
    end
}

/// Tries a part of the cells, of each four one: with each part the writer meets another lot.
fn table(kinds: &[Kind], share: usize, of: usize) {
    let runtime = runtime();
    let _entered = runtime.enter();
    let end = calm(&runtime);
    let cells = cells(kinds);
    let is_chosen = |n: usize| is_full() || n / WRITERS.len() % WRITERS.len() == n % WRITERS.len();
    let (mut tried, mut failed) = (0, Vec::new());
    for (n, cell) in cells.iter().enumerate() {
        if n / WRITERS.len() % of == share && is_chosen(n) {
            tried += 1;
            // All cells are tried whatever one of them comes to: together they show what is wrong.
            if catch_unwind(AssertUnwindSafe(|| cell.check(&runtime, &end))).is_err() {
                failed.push(*cell);
            }
        }
    }
    println!("{tried} of {} cells in this one of {of} shares", cells.len());
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn each_reply_at_each_call_ends_where_a_calm_run_does_first_half() {
    table(&KINDS, 0, 2);
}

#[test]
fn each_reply_at_each_call_ends_where_a_calm_run_does_second_half() {
    table(&KINDS, 1, 2);
}

#[test]
fn no_reply_at_each_call_ends_where_a_calm_run_does() {
    // Each takes a second of real time, in which nothing is done.
    std::thread::scope(|scope| {
        for share in 0..8 {
            scope.spawn(move || table(&[Kind::TimedOut], share, 8));
        }
    });
}
