//! The corpus, file by file: examples that mean something, and everything that was once a mistake.

use outside_bytes::TARGETS;
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Every file of a function's corpus with its name.
pub fn files(target: &str) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = folder("corpus")
        .join(target)
        .read_dir()
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn names(path: &Path) -> BTreeSet<String> {
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    path.read_dir().unwrap().map(|entry| name(entry.unwrap().path())).collect()
}

#[test]
fn every_file_of_the_corpus_keeps_the_rules() {
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        for (file, bytes) in files(name) {
            if catch_unwind(|| target(&bytes)).is_err() {
                broken.push(format!("{name}/{file}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn every_function_has_a_corpus_that_stays_small_and_a_fuzz_target() {
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&folder("corpus")), known);
    assert_eq!(names(&folder("fuzz/fuzz_targets")), known);
    assert!(names(&folder("dictionaries")).is_subset(&known));
    for name in known {
        let files = files(&name);
        let size: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!((1..=40).contains(&files.len()) && size <= 100_000, "{name}: {} files, {size} bytes", files.len());
    }
}
