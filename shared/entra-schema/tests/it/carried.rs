//! What is carried over.

use crate::world::{FIXTURES, import, loaded};

#[test]
fn every_fixture_becomes_a_configuration_without_mistakes() {
    for (name, bytes) in FIXTURES {
        let import = import(bytes).expect(name);
        println!("{name}\n{}", import.toml);
        for note in &import.report {
            println!("{note}");
        }
        loaded(&import.toml);
    }
}
