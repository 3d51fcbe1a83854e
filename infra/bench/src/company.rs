//! Invented people in a file, and the rules of a job that makes accounts of them.

use crate::clock::Seeded;
use crate::stack::BenchError;
use config::{Config, Connector, FilesOptions, GraphOptions};
use secrecy::SecretString;
use simulators::graph::Options;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The job's name.
pub(crate) const JOB: &str = "hr-to-entra";
/// The target's name.
pub(crate) const TARGET: &str = "entra";

const HEADER: &str =
    "WorkerID,FirstName,LastName,Status,HireDate,Department,JobTitle,City,CountryCode,ManagerID,CostCenter";
const FIRST: [&str; 32] = [
    "Ada", "Bruno", "Clara", "David", "Elif", "Fatima", "Gustav", "Hanna", "Ines", "Jonas", "Karla", "Lena", "Mats",
    "Nora", "Oskar", "Piet", "Quirin", "Rosa", "Sven", "Tilda", "Ulla", "Viktor", "Wanda", "Xenia", "Yara", "Zeno",
    "Amir", "Berta", "Cem", "Dora", "Emil", "Frida",
];
const SYLLABLES: [&str; 24] = [
    "ba", "ber", "da", "del", "fen", "ga", "hol", "in", "ka", "kel", "lan", "lo", "man", "mer", "na", "nor", "pa",
    "ral", "sa", "sten", "ta", "tor", "va", "win",
];
const DEPARTMENTS: [&str; 6] = ["Weaving", "Sales", "Finance", "Research", "Logistics", "People"];
const CITIES: [(&str, &str); 5] =
    [("Berlin", "DE"), ("Graz", "AT"), ("Lyon", "FR"), ("Leeds", "GB"), ("Sevilla", "ES")];

const RULES: &str = r#"
[connectors.hr]
type = "files"
url = "people.csv"
format = "csv"
key = "WorkerID"
semantics = "full"
dates = { HireDate = "%Y-%m-%d" }

[connectors.entra]
type = "graph"
base_url = "simulator"
tenant = "contoso.example"
client_id = "00000000-0000-4000-8000-000000000001"
client_secret = "env:GRAPH_CLIENT_SECRET"

[jobs.hr-to-entra]
source = "hr"
target = "entra"
default_domain = "contoso.example"
matching = ["employeeId"]
out_of_scope = "disable"
"#;

const NAME: &str = r#"
[[jobs.hr-to-entra.mappings]]
target = "userPrincipalName"
apply = "on-create"
expression = '''
SelectUniqueValue(
  Join("@", ToLower(NormalizeDiacritics(StripSpaces(Join(".", [FirstName], [LastName]))), ), DefaultDomain()),
  Join("@", ToLower(NormalizeDiacritics(StripSpaces(Join(".", [FirstName], [LastName], [WorkerID]))), ), DefaultDomain()))
'''
"#;

const MAPPINGS: [(&str, &str); 10] = [
    ("employeeId", "[WorkerID]"),
    ("mailNickname", r#"Join(".", [FirstName], [LastName])"#),
    ("displayName", r#"Join(" ", [FirstName], [LastName])"#),
    ("givenName", "[FirstName]"),
    ("surname", "[LastName]"),
    ("accountEnabled", r#"Switch([Status], "False", "Active", "True")"#),
    ("department", "[Department]"),
    ("jobTitle", "[JobTitle]"),
    ("city", "[City]"),
    ("usageLocation", "[CountryCode]"),
];

/// A company: how many people, and whether accounts have managers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Company {
    pub records: usize,
    pub managers: bool,
    pub batch_size: usize,
    pub seed: u64,
}

impl Company {
    /// The rules as an operator writes them.
    pub fn config(&self, folder: &Path) -> Result<Config, BenchError> {
        let mut text = format!("{RULES}batch_size = {}\n{NAME}", self.batch_size);
        let manager = self.managers.then_some(("manager", "[ManagerID]"));
        for (target, expression) in MAPPINGS.into_iter().chain(manager) {
            let _ =
                write!(text, "\n[[jobs.hr-to-entra.mappings]]\ntarget = \"{target}\"\nexpression = '{expression}'\n");
        }
        let file = folder.join("tenure.toml").display().to_string();
        let schemas = |connector: &Connector| matches!(connector, Connector::Graph(_)).then(connector_graph::schema);
        config::load(&text, &file, &schemas).map_err(|mistakes| BenchError::Start {
            what: "the configuration",
            reason: mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        })
    }

    /// Writes the file; `changed` people have moved to another department.
    pub fn write(&self, folder: &Path, changed: usize) -> Result<FilesAt, BenchError> {
        let path = folder.join("people.csv");
        let failed = |error: std::io::Error| BenchError::Start { what: "the file", reason: error.to_string() };
        // A file of its own takes the place of the old one, as from a real drop.
        let fresh = folder.join("people.new");
        let mut file = std::io::BufWriter::new(std::fs::File::create(&fresh).map_err(failed)?);
        writeln!(file, "{HEADER}").map_err(failed)?;
        let dice = Seeded::new(self.seed);
        let apart = (self.records / changed.max(1)).max(1);
        for number in 0..self.records {
            let moved = changed > 0 && number % apart == 0 && number / apart < changed;
            writeln!(file, "{}", line(&dice, number, moved)).map_err(failed)?;
        }
        file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
        std::fs::rename(&fresh, &path).map_err(failed)?;
        Ok(FilesAt { path, config: self.config(folder)? })
    }
}

/// Where the file is and how it is read.
pub(crate) struct FilesAt {
    pub path: PathBuf,
    pub config: Config,
}

impl FilesAt {
    /// The options of its connector.
    pub fn options(&self) -> FilesOptions {
        let options = self.config.connectors.values().find_map(|connector| match connector {
            Connector::Files(options) => Some(options.clone()),
            Connector::Graph(_) | Connector::ActiveDirectory(_) => None,
        });
        let mut options = options.expect("the rules have a file");
        options.url = self.path.display().to_string();
        options
    }

    /// Somebody is hired: a row more.
    pub fn hire(&self, number: usize) -> std::io::Result<String> {
        let mut file = std::fs::OpenOptions::new().append(true).open(&self.path)?;
        writeln!(file, "{}", line(&Seeded::new(number as u64), number, false))?;
        Ok(worker(number))
    }
}

/// The id of a worker.
fn worker(number: usize) -> String {
    format!("W{:07}", number + 1)
}

fn line(dice: &Seeded, number: usize, moved: bool) -> String {
    let draw = |limit: usize| usize::try_from(dice.next() % limit as u64).unwrap_or_default();
    let first = FIRST[draw(FIRST.len())];
    let mut last: String = (0..4).map(|_| SYLLABLES[draw(SYLLABLES.len())]).collect();
    last[..1].make_ascii_uppercase();
    let (city, country) = CITIES[draw(CITIES.len())];
    // Drawn in any case: whoever comes next stays the same.
    let usual = DEPARTMENTS[draw(DEPARTMENTS.len())];
    let department = if moved { "Strategy" } else { usual };
    let (year, month, day) = (2000 + draw(24), 1 + draw(12), 1 + draw(28));
    let manager = if number == 0 { String::new() } else { worker(number / 8) };
    format!(
        "{},{first},{last},Active,{year}-{month:02}-{day:02},{department},Specialist,{city},{country},{manager},CC{:04}",
        worker(number),
        number % 90
    )
}

/// What the simulator knows of the one application.
pub(crate) struct GraphAt {
    pub tenant: String,
    pub client_id: String,
    pub secret: SecretString,
}

impl GraphAt {
    pub fn of(options: &Options) -> Self {
        Self {
            tenant: options.tenant.clone(),
            client_id: options.client_id.clone(),
            secret: SecretString::from(options.client_secret.clone()),
        }
    }
}

/// The connector's options, with the simulator in the place of Microsoft's addresses.
pub(crate) fn graph_options(url: &str, tenant: String, client_id: String) -> GraphOptions {
    let config = Company { records: 0, managers: false, batch_size: 1, seed: 1 }
        .config(Path::new("/"))
        .expect("the rules are right");
    let options = config.connectors.into_values().find_map(|connector| match connector {
        Connector::Graph(options) => Some(options),
        Connector::Files(_) | Connector::ActiveDirectory(_) => None,
    });
    let mut options = options.expect("the rules have a target");
    url.clone_into(&mut options.base_url);
    url.clone_into(&mut options.authority);
    (options.tenant, options.client_id) = (tenant, client_id);
    options
}
