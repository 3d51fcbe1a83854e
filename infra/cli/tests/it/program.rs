//! A folder with a configuration and a file, and the program started in it.

use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What a run of the program left.
#[derive(Debug)]
pub struct Run {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said beside that.
    pub err: String,
}

/// A folder with `tenure.toml` and `people.csv`.
pub struct Folder(TempDir);

/// Invented people: the third key stands twice, and nobody is `w9`.
pub const PEOPLE: &str = "\
WorkerID,First,Last,Department,ManagerID,Active
w1,Astrid,Exempel,Research,,1
w2,Bo,Provsson,Research,w1,1
w3,Cilla,Testberg,Sales,w9,1
w3,Cilla,Testberg,Marketing,w9,0
";

/// A configuration that fits these people.
pub const CONFIG: &str = r#"[connectors.hr]
type = "files"
url = "people.csv"
key = "WorkerID"

[connectors.entra]
type = "graph"
base_url = "simulator"
tenant = "contoso.example"
client_id = "11111111-2222-3333-4444-555555555555"
client_secret = "env:GRAPH_CLIENT_SECRET"

[jobs.hr-to-entra]
source = "hr"
target = "entra"
default_domain = "contoso.example"
matching = ["employeeId"]

[[jobs.hr-to-entra.mappings]]
target = "employeeId"
expression = "[WorkerID]"

[[jobs.hr-to-entra.mappings]]
target = "userPrincipalName"
expression = '''SelectUniqueValue(
    Join("@", NormalizeDiacritics(Join(".", [First], [Last])), DefaultDomain()),
    Join("@", [WorkerID], DefaultDomain()))'''

[[jobs.hr-to-entra.mappings]]
target = "mailNickname"
expression = "[WorkerID]"

[[jobs.hr-to-entra.mappings]]
target = "displayName"
expression = 'Join(" ", [First], [Last])'

[[jobs.hr-to-entra.mappings]]
target = "accountEnabled"
expression = '[Active]'

[[jobs.hr-to-entra.mappings]]
target = "department"
expression = "[Department]"

[[jobs.hr-to-entra.mappings]]
target = "manager"
expression = "[ManagerID]"
"#;

impl Folder {
    /// A new folder with these files.
    pub fn with(config: &str, people: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        folder.file("tenure.toml", config);
        folder.file("people.csv", people);
        folder
    }

    /// Writes a file.
    pub fn file(&self, name: &str, content: &str) {
        std::fs::write(self.0.path().join(name), content).expect("a file is written");
    }

    /// Deletes a file.
    pub fn without(&self, name: &str) {
        std::fs::remove_file(self.0.path().join(name)).expect("the file was there");
    }

    /// Starts the program in the folder and waits for its end.
    pub fn tenure(&self, arguments: &[&str]) -> Run {
        self.tenure_with(arguments, "")
    }

    /// The same with something on standard input.
    pub fn tenure_with(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tenure"))
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("standard input is open");
        // A command that reads nothing may have ended by now.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("the program ends");
        Run {
            code: output.status.code().expect("an exit code"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

impl Run {
    /// The lines that were printed.
    pub fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }
}
