//! Objects as the steps store them: the first byte says what it is to be and whether the rest is its JSON, still to be
//! packed, or the object as it lies there.

use crate::VALUE;
use bytes::Bytes;
use config::{Config, Connector};
use fakes::{FakeBlobs, FakeClock, FakeEntropy, FakeQueue, FakeTable, World, run_ready};
use flate2::Compression;
use flate2::write::GzEncoder;
use pipeline::{Manifest, Outcomes, Ports, Reading, StepError, Stored};
use planning::{Inputs, Plan};
use ports::{Blobs, ErrorChain};
use record::{Record, Secret};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::sync::LazyLock;

type Store = Ports<FakeTable, FakeQueue, FakeBlobs, FakeClock, FakeEntropy>;

/// The rules that batches are decided by here.
static RULES: LazyLock<Config> = LazyLock::new(|| {
    let schema = |connector: &Connector| match connector {
        Connector::Graph(_) => Some(connector_graph::schema()),
        Connector::Files(_) | Connector::ActiveDirectory(_) => None,
    };
    let text = include_str!("../corpus/configuration/company");
    config::load(text, "tenure.toml", &schema).expect("a configuration that can be used")
});

/// An object: what is read of it survives being stored, and the same inputs give the same plan.
pub fn stored(bytes: &[u8]) {
    let Some((kind, content)) = bytes.split_first() else { return };
    let object = if kind & 8 == 0 { packed(content) } else { content.to_vec() };
    match kind & 7 {
        0 => drop(read::<Vec<Record>>(object)),
        1 => {
            if let Some(inputs) = read::<Inputs>(object) {
                let secret = Secret::new(b"outside");
                for job in RULES.jobs.values() {
                    let plan = planning::plan(&inputs, &job.rules, &secret);
                    assert!(plan == planning::plan(&inputs, &job.rules, &secret), "another plan another time");
                    assert_eq!(plan.decisions.len(), inputs.subjects.len(), "somebody is left out");
                }
            }
        }
        2 => drop(read::<Plan>(object)),
        3 => drop(read::<Outcomes>(object)),
        4 => drop(read::<Reading>(object)),
        _ => manifest(content),
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// The ports of an empty world.
pub(crate) fn store() -> Store {
    let World { table, queue, blobs, clock, entropy, .. } = World::new(1);
    Ports { table, queue, blobs, clock, entropy, secret: Secret::new(b"outside") }
}

/// State that cannot be read says so, and nothing of what it holds.
pub(crate) fn shown(error: &StepError) {
    let text = ErrorChain(error).to_string();
    assert!(!text.contains(VALUE) && text.len() < 300, "an error with a value: {text}");
}

/// Reads an object, stores what came of it and reads that.
fn read<T: Serialize + DeserializeOwned + PartialEq>(object: Vec<u8>) -> Option<T> {
    let store = store();
    run_ready(store.blobs.put("a", Bytes::from(object))).expect("memory takes everything");
    match run_ready(Stored::get::<T>(&store, "a", "an object")) {
        Ok(value) => {
            run_ready(Stored::put(&store, "b", &value)).expect("memory takes everything");
            let again = run_ready(Stored::get::<T>(&store, "b", "an object")).expect("it was just stored");
            assert!(again == value, "another value after storing it");
            Some(value)
        }
        Err(error) => {
            assert!(!error.is_transient(), "it is damaged, and waiting does not mend it");
            shown(&error);
            None
        }
    }
}

fn manifest(bytes: &[u8]) {
    match Manifest::decode(bytes) {
        Ok(manifest) => {
            assert!(manifest.population() <= manifest.entries().len() as u64);
            assert_eq!(Manifest::decode(&manifest.encode()).expect("it was just written"), manifest);
            let sorted = Manifest::new(manifest.entries().to_vec());
            for entry in manifest.entries() {
                assert!(sorted.get(entry.record).is_some_and(|found| found.record == entry.record), "it is not found");
            }
        }
        Err(error) => shown(&error),
    }
}
