//! What a command works on: the local stack in the folder `.tenure` beside the configuration, or a deployed stack when
//! the environment names its table.

use crate::error::CommandError;
use bootstrap::{Runtime, RuntimePorts, Settings};
use config::{Connector, SecretReference};
use local::{FunctionOptions, Options, QueueOptions, Schedule, Stack};
use ports::{Queue, QueueName};
use serde_json::{Value, json};
use simulators::graph::{Budget, Options as GraphOptions, Simulator};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The table's name on the local stack.
const TABLE: &str = "tenure";
/// The region that the local stack takes for its own.
const REGION: &str = "us-east-1";
/// What the simulator takes for the right client secret; it guards nothing but invented people.
const SIMULATOR_SECRET: &str = "simulated-secret";

/// How much of the local stack a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// The state alone.
    State,
    /// The state and the simulated target.
    Target,
    /// The functions too.
    Functions,
    /// The functions, on their schedules.
    Schedules,
}

/// An open stack.
pub(crate) struct Session {
    /// Configuration and ports.
    pub(crate) runtime: Runtime,
    /// The local stack; `None` for a deployed one.
    pub(crate) stack: Option<Stack>,
    /// The simulated target.
    pub(crate) simulator: Option<Simulator>,
    /// The folder of the local stack.
    pub(crate) state: PathBuf,
}

impl Session {
    /// Opens the stack that belongs to a configuration.
    #[expect(clippy::disallowed_methods, reason = "the operator's environment says whether a deployed stack is meant")]
    pub(crate) async fn open(config: &Path, needs: Needs) -> Result<Self, CommandError> {
        if std::env::var("TABLE_NAME").is_ok() {
            return Self::deployed().await;
        }
        let loaded = crate::configuration::load(config)?;
        let config = std::path::absolute(config).map_err(|error| CommandError::failed("no such path", error))?;
        let state = config.parent().unwrap_or_else(|| Path::new("/")).join(".tenure");
        std::fs::create_dir_all(&state)
            .map_err(|error| CommandError::failed(format!("{} cannot be made", state.display()), error))?;
        let stack_secret = stack_secret(&state)?;
        let wants_simulator = needs != Needs::State;
        let simulator = if wants_simulator { simulator(&loaded, &state).await? } else { None };
        let mut shared = BTreeMap::from([
            ("TABLE_NAME".to_owned(), TABLE.to_owned()),
            ("BLOB_URL".to_owned(), state.join("blobs").display().to_string()),
            ("CONFIG_URL".to_owned(), config.display().to_string()),
            ("STACK_SECRET_FILE".to_owned(), stack_secret.display().to_string()),
            ("AWS_REGION".to_owned(), REGION.to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), "{dynamodb}".to_owned()),
            ("AWS_ENDPOINT_URL_SQS".to_owned(), "{sqs}".to_owned()),
        ]);
        for queue in QueueName::ALL {
            let name = queue.function();
            let variable = format!("{}_QUEUE_URL", name.to_uppercase().replace('-', "_"));
            shared.insert(variable, format!("{{queue:{name}}}"));
        }
        if let Some(simulator) = &simulator {
            shared.insert("GRAPH_SIMULATOR_URL".to_owned(), simulator.url());
            shared.extend(simulator_secrets(&loaded));
        }
        let runs = matches!(needs, Needs::Functions | Needs::Schedules);
        let options = Options {
            state: state.clone(),
            table: store_dynamodb::create_table_request(TABLE),
            functions: if runs { functions(&loaded, &shared, needs == Needs::Schedules)? } else { Vec::new() },
            region: REGION.to_owned(),
        };
        let stack =
            Stack::start(options).await.map_err(|error| CommandError::failed("the local stack cannot start", error))?;
        let runtime = Runtime::start(own_settings(&stack, shared)?);
        let runtime = runtime.await.map_err(|error| CommandError::failed("the local stack cannot be used", error))?;
        Ok(Self { runtime, stack: Some(stack), simulator, state })
    }

    async fn deployed() -> Result<Self, CommandError> {
        let settings = Settings::load().map_err(|error| CommandError::failed("the stack cannot be reached", error))?;
        let runtime = Runtime::start(settings).await;
        let runtime = runtime.map_err(|error| CommandError::failed("the stack cannot be reached", error))?;
        Ok(Self { runtime, stack: None, simulator: None, state: PathBuf::new() })
    }

    /// The ports.
    pub(crate) fn ports(&self) -> &RuntimePorts {
        &self.runtime.ports
    }

    /// The same for commands that go on to the job's target, which has to be one that can be written.
    pub(crate) fn writable_job(&self, name: Option<&str>) -> Result<String, CommandError> {
        let name = self.job_name(name)?;
        let config = &self.runtime.config;
        match config.connectors.get(&config.jobs[&name].target).and_then(Connector::unwritable) {
            Some(what) => Err(CommandError::because(format!("job {name}: {what}"))),
            None => Ok(name),
        }
    }

    /// The job with this name, or the only one.
    pub(crate) fn job_name(&self, name: Option<&str>) -> Result<String, CommandError> {
        let known: Vec<&str> = self.runtime.config.jobs.keys().map(String::as_str).collect();
        match (name, known.as_slice()) {
            (Some(name), _) if known.contains(&name) => Ok(name.to_owned()),
            (None, [only]) => Ok((*only).to_owned()),
            (Some(name), _) => {
                let hint = config::nearest(name, known.iter().copied())
                    .map_or_else(String::new, |near| format!("; did you mean {near}?"));
                Err(CommandError::because(format!("there is no job {name}{hint}")))
            }
            (None, _) => Err(CommandError::because(format!("say which job: {}", known.join(", ")))),
        }
    }

    /// Starts a function and waits for it; on a deployed stack, sends its message and does not wait.
    pub(crate) async fn send(&self, queue: QueueName, message: &impl serde::Serialize) -> Result<Value, CommandError> {
        let failed = |error: ports::BoxError| CommandError::Failed {
            what: format!("{} failed; its log is in {}", queue.function(), self.state.join("logs").display()),
            source: Some(error),
        };
        if let Some(stack) = &self.stack {
            let payload = serde_json::to_value(message).map_err(|error| failed(error.into()))?;
            return stack.invoke(queue.function(), payload).await.map_err(|error| failed(error.into()));
        }
        let sent = self.ports().queue.send(queue, &[messages::encode(message)], Duration::ZERO).await;
        sent.map(|()| json!({})).map_err(|error| failed(error.into()))
    }

    /// Ends the local stack. Nothing is lost when it is not called.
    pub(crate) async fn close(self) {
        if let Some(stack) = self.stack {
            stack.stop().await;
        }
        if let Some(simulator) = self.simulator {
            simulator.stop().await;
        }
    }
}

/// The settings of the operator's program itself, with the addresses of this run.
fn own_settings(stack: &Stack, shared: BTreeMap<String, String>) -> Result<Settings, CommandError> {
    let mut pairs: BTreeMap<String, String> = std::env::vars().filter(|(name, _)| !name.starts_with("AWS_")).collect();
    for (name, value) in shared {
        let value = match value.as_str() {
            "{dynamodb}" => stack.dynamodb_url(),
            "{sqs}" => stack.sqs_url(),
            text => match text.strip_prefix("{queue:").and_then(|rest| rest.strip_suffix('}')) {
                Some(queue) => stack.queue_url(queue),
                None => value,
            },
        };
        pairs.insert(name, value);
    }
    pairs.insert("AWS_ACCESS_KEY_ID".to_owned(), "local".to_owned());
    pairs.insert("AWS_SECRET_ACCESS_KEY".to_owned(), "local".to_owned());
    Settings::from_pairs(pairs).map_err(|error| CommandError::failed("the local stack cannot be used", error))
}

/// The functions as the template has them, each a process of this very program.
fn functions(
    config: &config::Config,
    shared: &BTreeMap<String, String>,
    scheduled: bool,
) -> Result<Vec<FunctionOptions>, CommandError> {
    let program =
        std::env::current_exe().map_err(|error| CommandError::failed("this program cannot find itself", error))?;
    let function = |queue: QueueName, timeout: u64, concurrency: usize| {
        let name = queue.function();
        FunctionOptions {
            name: name.to_owned(),
            command: vec![program.clone().into(), "function".into(), name.into()],
            env: shared.clone(),
            timeout: Duration::from_secs(timeout),
            concurrency,
            queue: Some(QueueOptions {
                name: name.to_owned(),
                batch_size: 1,
                window: Duration::ZERO,
                visibility: Duration::from_secs(6 * timeout),
                max_receive_count: 5,
            }),
            schedules: Vec::new(),
            url: false,
        }
    };
    let mut functions = vec![
        function(QueueName::Fetch, 300, 1),
        function(QueueName::Transform, 60, 2),
        function(QueueName::Write, 60, 1),
        function(QueueName::OnDemand, 60, 1),
    ];
    let writable =
        |job: &&config::Job| config.connectors.get(&job.target).is_some_and(|target| target.unwritable().is_none());
    for job in config.jobs.values().filter(writable).filter(|_| scheduled) {
        let fetch = json!({ "v": 1, "job": job.name, "mode": "incremental" });
        functions[0].schedules.extend(job.every.map(|every| Schedule { every, payload: fetch, enabled: true }));
        let write = json!({ "v": 1, "target": job.target });
        functions[2].schedules.push(Schedule { every: Duration::from_mins(1), payload: write, enabled: true });
    }
    Ok(functions)
}

/// The local stack's secret for hashes, made once.
fn stack_secret(state: &Path) -> Result<PathBuf, CommandError> {
    let path = state.join("stack-secret");
    if !path.exists() {
        let mut bytes = [0; 32];
        ports::Entropy::fill(&bootstrap::SystemEntropy, &mut bytes);
        let text: String = bytes
            .chunks(16)
            .filter_map(|half| half.try_into().ok())
            .map(|half| record::RecordId(half).to_string())
            .collect();
        let failed = |error| CommandError::failed(format!("{} cannot be written", path.display()), error);
        let part = state.join("stack-secret.part");
        std::fs::write(&part, text).map_err(failed)?;
        std::fs::rename(&part, &path).map_err(failed)?;
    }
    Ok(path)
}

/// The simulated target, if a connector asks for it. It keeps its accounts in the state folder.
async fn simulator(config: &config::Config, state: &Path) -> Result<Option<Simulator>, CommandError> {
    let simulated = config.connectors.values().find_map(|connector| match connector {
        Connector::Graph(options) if options.base_url == "simulator" => Some(options),
        _ => None,
    });
    let Some(connector) = simulated else { return Ok(None) };
    let domain = config.jobs.values().find_map(|job| job.rules.default_domain.clone());
    let defaults = GraphOptions::default();
    let options = GraphOptions {
        state: Some(state.join("graph-simulator.jsonl")),
        tenant: connector.tenant.clone(),
        client_id: connector.client_id.clone(),
        client_secret: SIMULATOR_SECRET.to_owned(),
        default_domain: domain.unwrap_or_else(|| defaults.default_domain.clone()),
        budget: Budget {
            writes: connector.writes,
            window: Duration::from_secs(connector.window_seconds.into()),
            ..defaults.budget
        },
        ..defaults
    };
    let started = Simulator::start(options).await;
    started.map(Some).map_err(|error| CommandError::failed("the simulated target cannot start", error))
}

/// Where the configuration takes the simulated target's secret from, with that secret.
fn simulator_secrets(config: &config::Config) -> Vec<(String, String)> {
    let names = config.connectors.values().filter_map(|connector| match connector {
        Connector::Graph(options) if options.base_url == "simulator" => match &options.client_secret {
            SecretReference::Environment(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    });
    names.map(|name| (name, SIMULATOR_SECRET.to_owned())).collect()
}
