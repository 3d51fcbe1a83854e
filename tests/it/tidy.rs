//! The architecture as tests: who may know whom, how large things may be, what things may be called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            walk(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.retain(|path| path.to_string_lossy().ends_with(ending));
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a readable file")
}

/// Every package's manifest by its folder, relative to the workspace.
fn manifests() -> BTreeMap<String, toml::Table> {
    files("Cargo.toml")
        .into_iter()
        .filter(|path| path.parent() != Some(&root()))
        .map(|path| {
            let folder = path.parent().expect("a folder").strip_prefix(root()).expect("inside").display().to_string();
            (folder, read(&path).parse().expect("a manifest"))
        })
        .collect()
}

fn dependencies(manifest: &toml::Table) -> Vec<String> {
    manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .map(|all| all.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn no_file_is_longer_than_400_lines_and_no_main_longer_than_60() {
    for path in files(".rs") {
        let lines = read(&path).lines().count();
        let max = if path.ends_with("src/main.rs") { 60 } else { 400 };
        assert!(lines <= max, "{}: {lines} lines", path.display());
    }
}

#[test]
fn nothing_is_called_after_what_it_is_not() {
    for path in files(".rs").into_iter().chain(files("Cargo.toml")) {
        let relative = path.strip_prefix(root()).expect("inside");
        for part in relative {
            let name = part.to_string_lossy().replace(".rs", "");
            assert!(
                !["common", "utils", "util", "helpers", "core", "misc"].contains(&name.as_str()),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn versions_stand_once_and_lints_are_shared() {
    for (folder, manifest) in manifests() {
        assert_eq!(manifest["lints"]["workspace"], toml::Value::Boolean(true), "{folder}");
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(all) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for (name, dependency) in all {
                let shared = dependency.get("workspace") == Some(&toml::Value::Boolean(true));
                assert!(shared, "{folder}: {name} has a version of its own");
            }
        }
    }
}

#[test]
fn the_pure_crates_know_no_outside() {
    let manifests = manifests();
    for folder in
        ["shared/record", "shared/mapping", "shared/planning", "shared/entra-schema", "shared/connectors/active-directory"]
    {
        for dependency in dependencies(&manifests[folder]) {
            let outside = ["tokio", "aws", "reqwest", "lambda", "object_store", "axum", "hyper", "tracing", "ports"];
            assert!(!outside.iter().any(|name| dependency.starts_with(name)), "{folder} knows {dependency}");
        }
        let inside = root().join(folder).join("src");
        for path in files(".rs").into_iter().filter(|path| path.starts_with(&inside)) {
            let text = read(&path);
            for word in ["std::env", "std::fs", "std::net", "SystemTime", "Timestamp::now", "Instant::now"] {
                assert!(!text.contains(word), "{} says {word}", path.display());
            }
        }
    }
}

#[test]
fn the_steps_name_no_adapter() {
    let manifests = manifests();
    for folder in ["shared/pipeline", "shared/ports"] {
        for dependency in dependencies(&manifests[folder]) {
            let adapter = [
                "tokio",
                "aws",
                "reqwest",
                "lambda",
                "object_store",
                "axum",
                "ldap",
                "connector-",
                "store-",
                "queue-",
                "fakes",
            ];
            assert!(!adapter.iter().any(|name| dependency.starts_with(name)), "{folder} knows {dependency}");
        }
    }
}

#[test]
fn connectors_and_functions_know_nothing_of_each_other() {
    let manifests = manifests();
    let names = |prefix: &str| -> Vec<String> {
        let inside = manifests.iter().filter(|(folder, _)| folder.starts_with(prefix));
        inside.map(|(_, manifest)| manifest["package"]["name"].as_str().expect("a name").to_owned()).collect()
    };
    for prefix in ["shared/connectors/", "functions/"] {
        let siblings = names(prefix);
        for (folder, manifest) in manifests.iter().filter(|(folder, _)| folder.starts_with(prefix)) {
            for dependency in dependencies(manifest) {
                assert!(!siblings.contains(&dependency), "{folder} knows {dependency}");
            }
        }
    }
}

#[test]
fn fakes_stay_out_of_what_is_shipped() {
    for (folder, manifest) in manifests() {
        // What stands below tests/ is never shipped.
        let may = folder == "shared/fakes" || folder.starts_with("tests/");
        assert!(may || !dependencies(&manifest).contains(&"fakes".to_owned()), "{folder}");
    }
}

#[test]
fn every_file_of_tests_belongs_to_the_binary() {
    let folder = root().join("tests/it");
    let listed = read(&folder.join("main.rs"));
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        let Some(module) = name.strip_suffix(".rs").filter(|module| !["main", "lib"].contains(module)) else {
            continue;
        };
        assert!(listed.contains(&format!("mod {module};")), "{name} is never compiled");
    }
}

#[test]
fn nothing_else_stands_at_the_top() {
    let known = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "NOTICE",
        "README.md",
        "functions",
        "infra",
        "shared",
        "target",
        "template.yaml",
        "tests",
    ];
    for entry in std::fs::read_dir(root()).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        assert!(name.starts_with('.') || known.contains(&name.as_str()), "{name} belongs further down");
    }
}
