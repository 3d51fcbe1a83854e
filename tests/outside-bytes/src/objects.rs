//! Objects of the blob store: a damaged one is an error, never something else.

use fakes::{World, run_ready};
use pipeline::{Manifest, Outcomes, Ports, Reading, Stored};
use planning::{Inputs, Plan};
use record::{Record, Secret};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A packed object, read as each kind that there is: what can be read is packed and read again as the same.
pub fn packed(bytes: &[u8]) {
    let world = World::new(1);
    let secret = Secret::new(b"of the fuzzed stack");
    let World { table, queue, blobs, clock, entropy, .. } = world;
    blobs.overwrite("object", bytes.to_vec());
    let env = Ports { table, queue, blobs, clock, entropy, secret };
    round_trip::<Vec<Record>>(&env, "records");
    round_trip::<Inputs>(&env, "inputs");
    round_trip::<Plan>(&env, "plan");
    round_trip::<Outcomes>(&env, "outcomes");
    round_trip::<Reading>(&env, "reading");
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq>(env: &impl pipeline::Environment, what: &'static str) {
    let Ok(found) = run_ready(Stored::find::<T>(env, "object", what)) else { return };
    let value = found.expect("the object is there");
    run_ready(Stored::put(env, what, &value)).expect("memory takes it");
    let again: T = run_ready(Stored::get(env, what, what)).expect("what we packed");
    assert!(again == value, "packed and read again");
}

/// A manifest: its bytes are those of the entries that are read from it.
pub fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = Manifest::decode(bytes) {
        let again = Manifest::decode(&manifest.encode()).expect("what we wrote");
        assert!(again == manifest, "written and read again");
        assert_eq!(again.entries().len(), manifest.entries().len());
    }
}
