//! Every parser of outside bytes: the examples that are kept, documents made of them and broken, and what must not take long.

mod generated;
mod hostile;

use std::fs;
use std::path::{Path, PathBuf};

fn examples(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut examples: Vec<_> = files
        .map(|file| {
            let path = file.expect("an entry of the folder").path();
            let bytes = fs::read(&path).expect("a file that can be read");
            (path, bytes)
        })
        .collect();
    examples.sort();
    assert!(examples.len() > 5, "{name} has examples");
    examples
}

#[test]
fn every_example_is_taken() {
    for (name, check) in outside_bytes::ALL {
        for (path, bytes) in examples(name) {
            eprintln!("{}", path.display());
            check(&bytes);
        }
    }
}

/// Wherever a transfer breaks off.
#[test]
fn every_beginning_of_an_example_is_taken() {
    for (name, check) in outside_bytes::ALL {
        for (_, bytes) in examples(name) {
            let step = (bytes.len() / 40).max(1);
            for end in (0..bytes.len()).step_by(step) {
                check(&bytes[..end]);
            }
        }
    }
}

#[test]
fn every_parser_has_a_fuzz_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let mut targets: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut parsers: Vec<&str> = outside_bytes::ALL.iter().map(|(name, _)| *name).collect();
    targets.sort();
    parsers.sort_unstable();
    assert_eq!(targets, parsers);
}
