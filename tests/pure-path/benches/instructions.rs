//! Counts the instructions of each stage with callgrind and holds them against the counts that were accepted.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Workers of a count.
pub const WORKERS: u32 = 500;

/// More than this share over the accepted count is a failure.
const GROWTH_MAX: f64 = 0.02;

const STAGES: [&str; 6] = ["parse", "map", "by_hand", "hash", "decide", "whole"];

/// glibc copies large blocks by `rep movsb` or by vectors depending on how the addresses happen to lie and on the size of
/// the machine's cache, and callgrind counts every byte of the former: parsing came out 2 % apart with the same code.
/// With both thresholds out of reach it is always vectors.
const GLIBC_TUNABLES: &str =
    "glibc.cpu.x86_rep_movsb_threshold=268435456:glibc.cpu.x86_non_temporal_threshold=268435456";

/// Counts, writes down and compares.
pub fn count(out: &mut impl Write, accept: bool) -> ExitCode {
    match compared(out, accept) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            let _ = writeln!(out, "left out: counting instructions ({why})");
            ExitCode::SUCCESS
        }
    }
}

fn compared(out: &mut impl Write, accept: bool) -> Result<bool, String> {
    let tools = json!({ "rustc": version("rustc")?, "valgrind": version("valgrind")? });
    let mut counts = BTreeMap::new();
    for stage in STAGES {
        counts.insert(stage, counted(stage)?);
    }
    let target = root().join("target/bench");
    std::fs::create_dir_all(&target).map_err(|error| error.to_string())?;
    write(&target.join("instructions.json"), &json!(counts))?;
    let path = root().join("tests/pure-path/instructions.json");
    if accept {
        write(&path, &json!({ "tools": tools, "instructions": counts }))?;
    }
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let accepted: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    // Another compiler makes other code: its counts say nothing about ours.
    let comparable = accepted["tools"] == tools;
    let mut good = true;
    for (stage, count) in counts {
        let before = accepted["instructions"][stage].as_f64().unwrap_or(0.0);
        let growth = f64::from(count) / before - 1.0;
        let grown = comparable && (growth > GROWTH_MAX || before == 0.0);
        good &= !grown;
        let verdict = if grown { "  TOO MANY" } else { "" };
        writeln!(out, "{stage:<8} {count:>8} instructions a worker ({:+.2} %){verdict}", growth * 100.0)
            .map_err(|error| error.to_string())?;
    }
    if comparable { Ok(good) } else { Err("the accepted counts are of another rustc or valgrind".to_owned()) }
}

/// Instructions of one stage for one worker.
fn counted(stage: &str) -> Result<u32, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let counts = std::env::temp_dir().join(format!("pure-path-{stage}-{}", std::process::id()));
    let done = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--toggle-collect=pure_path::stages::{stage}*"))
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(program)
        .args(["--stage", stage])
        .env("GLIBC_TUNABLES", GLIBC_TUNABLES)
        .output()
        .map_err(|error| error.to_string())?;
    let text = std::fs::read_to_string(&counts).unwrap_or_default();
    let _ = std::fs::remove_file(&counts);
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse::<u32>().ok());
    match total {
        Some(total) if done.status.success() && total > 0 => Ok(total / WORKERS),
        _ => Err(format!("the stage {stage} cannot be counted")),
    }
}

fn version(program: &str) -> Result<String, String> {
    let said = Command::new(program).arg("--version").output().map_err(|_| format!("{program} is missing"))?;
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

fn write(path: &Path, json: &Value) -> Result<(), String> {
    let text = serde_json::to_string_pretty(json).map_err(|error| error.to_string())?;
    std::fs::write(path, text + "\n").map_err(|error| error.to_string())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf()
}
