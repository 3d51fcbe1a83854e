//! The bundled company in a folder of its own, and the program run on it.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A folder with the bundled company.
pub struct Company(TempDir);

impl Company {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("people.csv"), include_str!("../../company/people.csv")).unwrap();
        std::fs::write(folder.path().join("tenure.toml"), include_str!("../../company/tenure.toml")).unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn people(&self) -> String {
        std::fs::read_to_string(self.path("people.csv")).unwrap()
    }

    pub fn write_people(&self, text: &str) {
        std::fs::write(self.path("people.csv.part"), text).unwrap();
        std::fs::rename(self.path("people.csv.part"), self.path("people.csv")).unwrap();
    }

    /// Changes one field of one row.
    pub fn set(&self, id: &str, column: &str, value: &str) {
        let text = self.people();
        let at = text.lines().next().unwrap().split(',').position(|name| name == column).unwrap();
        let rows = text.lines().map(|line| {
            let mut fields: Vec<&str> = line.split(',').collect();
            if fields[0] == id {
                fields[at] = value;
            }
            fields.join(",")
        });
        let text = rows.collect::<Vec<_>>().join("\n") + "\n";
        self.write_people(&text);
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
        command.args(arguments).current_dir(self.0.path()).env_remove("TABLE_NAME").stdin(Stdio::null());
        command
    }

    /// Runs the program to its end: exit code and output.
    pub fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap_or(-1), text)
    }

    /// Every account of the simulator by its employee id, as its journal tells; an account twice is a failure.
    pub fn accounts(&self) -> BTreeMap<String, Map<String, Value>> {
        let journal = std::fs::read_to_string(self.path(".tenure/graph-simulator.jsonl")).unwrap();
        let mut by_id: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for line in journal.lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            let user = by_id.entry(entry["id"].as_str().unwrap().to_owned()).or_default();
            for (name, value) in entry["fields"].as_object().into_iter().flatten() {
                user.insert(name.clone(), value.clone());
            }
            if let Some(manager) = entry.get("manager").filter(|manager| manager.is_string()) {
                user.insert("manager".to_owned(), manager.clone());
            }
        }
        let employee = |user: &Map<String, Value>| user["employeeId"].as_str().unwrap().to_owned();
        let names: BTreeMap<String, String> = by_id.iter().map(|(id, user)| (id.clone(), employee(user))).collect();
        let mut by_employee = BTreeMap::new();
        for mut user in by_id.into_values() {
            // Ids differ from run to run; what they stand for does not.
            for instant in ["createdDateTime", "lastPasswordChangeDateTime"] {
                user.remove(instant);
            }
            if let Some(manager) = user.get("manager").and_then(Value::as_str).map(|id| names[id].clone()) {
                user.insert("manager".to_owned(), Value::from(manager));
            }
            let name = employee(&user);
            assert!(by_employee.insert(name, user).is_none(), "two accounts for one person");
        }
        by_employee
    }
}
