//! Starting the stack: options checked, state locked, stores opened, sockets bound, then everything set going.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::lambda::{self, Function, Launch};
use crate::sqs::{self, Queues};
use crate::stop::{Stopping, stop};
use crate::{FunctionOptions, LocalError, Options, Stack, dynamodb};

/// Starts everything.
pub(crate) async fn start(options: Options) -> Result<Stack, LocalError> {
    check(&options)?;
    let Options { state, table, functions, region } = options;
    let logs = state.join("logs");
    std::fs::create_dir_all(&logs).map_err(io("make the state folder"))?;
    let lock = lock(&state)?;
    let (stop, stopping) = stop();
    let mut tasks = JoinSet::new();

    let database = dynamodb::open(&state.join("dynamodb.db"), table)?;
    let (listener, dynamodb) = bind().await?;
    tasks.spawn(dynamodb::serve(listener, database.clone(), stopping.clone()));
    tasks.spawn(dynamodb::sweep(database, stopping.clone()));

    let (listener, sqs) = bind().await?;
    let queues = Arc::new(Queues::open(Some(&state.join("queues.db")), sqs, region.clone())?);
    for queue in functions.iter().filter_map(|function| function.queue.as_ref()) {
        queues.ensure_pair(queue)?;
    }
    tasks.spawn(serve(listener, sqs::router(Arc::clone(&queues)), stopping.clone()));

    let by_name: BTreeMap<String, Arc<Function>> = functions
        .iter()
        .map(|function| {
            (function.name.clone(), Arc::new(Function::new(function.name.clone(), &region, function.timeout)))
        })
        .collect();
    let by_name = Arc::new(by_name);
    let (listener, runtime_api) = bind().await?;
    tasks.spawn(serve(listener, lambda::runtime_api(Arc::clone(&by_name)), stopping.clone()));

    let mut stack = Stack {
        dynamodb,
        queues,
        functions: by_name,
        urls: BTreeMap::new(),
        stop,
        slots: JoinSet::new(),
        tasks,
        _lock: lock,
    };
    for options in functions {
        let function = Arc::clone(&stack.functions[&options.name]);
        if options.url {
            let (listener, url) = bind().await?;
            stack.tasks.spawn(serve(listener, lambda::function_url(Arc::clone(&function)), stopping.clone()));
            stack.urls.insert(options.name.clone(), url);
        }
        stack.set_going(&function, options, &logs, &region, &runtime_api, &stopping)?;
    }
    Ok(stack)
}

impl Stack {
    fn set_going(
        &mut self,
        function: &Arc<Function>,
        options: FunctionOptions,
        logs: &Path,
        region: &str,
        runtime_api: &str,
        stop: &Stopping,
    ) -> Result<(), LocalError> {
        let mut env = BTreeMap::from([
            ("AWS_REGION".to_owned(), region.to_owned()),
            ("AWS_DEFAULT_REGION".to_owned(), region.to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), self.dynamodb.clone()),
            ("AWS_ENDPOINT_URL_SQS".to_owned(), self.queues.endpoint().to_owned()),
        ]);
        for (name, value) in options.env {
            let value = self.fill_in(&value)?;
            env.insert(name, value);
        }
        let launch = Arc::new(Launch {
            command: options.command,
            env,
            log: logs.join(format!("{}.log", options.name)),
            runtime_api: runtime_api.to_owned(),
        });
        for slot in 0..options.concurrency {
            let (function, launch) = (Arc::clone(function), Arc::clone(&launch));
            self.slots.spawn(lambda::keep_running(function, launch, slot, stop.clone()));
            if let Some(queue) = &options.queue {
                let poll = lambda::poll(
                    Arc::clone(&self.queues),
                    Arc::clone(&self.functions[&options.name]),
                    queue.clone(),
                    stop.clone(),
                );
                self.tasks.spawn(poll);
            }
        }
        for schedule in options.schedules.into_iter().filter(|schedule| schedule.enabled) {
            self.tasks.spawn(lambda::fire(Arc::clone(function), schedule, stop.clone()));
        }
        Ok(())
    }

    /// Puts the addresses of this run in place of `{dynamodb}`, `{sqs}` and `{queue:NAME}`.
    fn fill_in(&self, value: &str) -> Result<String, LocalError> {
        let value = value.replace("{dynamodb}", &self.dynamodb).replace("{sqs}", self.queues.endpoint());
        let mut filled = String::with_capacity(value.len());
        let mut rest = value.as_str();
        while let Some((before, after)) = rest.split_once("{queue:") {
            let (name, after) =
                after.split_once('}').ok_or_else(|| wrong("a {queue:NAME} in env has no end".into()))?;
            if self.queues.depth(name).is_err() {
                return Err(wrong(format!("env names the queue {name:?}, which no function has")));
            }
            filled.push_str(before);
            filled.push_str(&self.queues.url(name));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

fn check(options: &Options) -> Result<(), LocalError> {
    let (mut names, mut queues) = (BTreeSet::new(), BTreeSet::new());
    for function in &options.functions {
        let name = &function.name;
        // The name is a part of paths, of the log file's too.
        if !sqs::is_name(name) || name.len() > 64 {
            return Err(wrong(format!(
                "{name:?} cannot name a function: letters, digits, hyphens and underscores can"
            )));
        }
        if !names.insert(name) {
            return Err(wrong(format!("there are two functions {name:?}")));
        }
        if function.command.is_empty() || function.concurrency == 0 || function.timeout.is_zero() {
            return Err(wrong(format!("function {name:?} needs a command, a concurrency and a timeout")));
        }
        if function.schedules.iter().any(|schedule| schedule.every.is_zero()) {
            return Err(wrong(format!("a schedule of function {name:?} has no period")));
        }
        let Some(queue) = &function.queue else { continue };
        if !sqs::is_name(&queue.name) || queue.name.len() > 76 {
            return Err(wrong(format!("{:?} cannot name a queue", queue.name)));
        }
        if !queues.insert(&queue.name) {
            return Err(wrong(format!("two functions take from the queue {:?}", queue.name)));
        }
        if queue.batch_size == 0 || queue.max_receive_count == 0 || queue.visibility.is_zero() {
            return Err(wrong(format!("queue {:?} needs a batch size, a receive count and a visibility", queue.name)));
        }
    }
    Ok(())
}

/// Takes the state folder for this process. The system lets go of it when the process ends, however that comes.
fn lock(state: &Path) -> Result<File, LocalError> {
    let file = File::create(state.join("lock")).map_err(io("make the lock of the state folder"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LocalError::InUse { state: state.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io("take the lock of the state folder")(source)),
    }
}

/// A socket on a free port, and its address.
async fn bind() -> Result<(TcpListener, String), LocalError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(io("open a port on 127.0.0.1"))?;
    let address = listener.local_addr().map_err(io("open a port on 127.0.0.1"))?;
    Ok((listener, format!("http://{address}")))
}

async fn serve(listener: TcpListener, router: Router, mut stop: Stopping) {
    let stopped = async move {
        let () = stop.heard().await;
    };
    // It ends with an error only if its socket is lost, and then every request tells.
    let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
}

fn wrong(what: String) -> LocalError {
    LocalError::Options { what }
}

fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> LocalError {
    move |source| LocalError::Io { what, source }
}
