//! The child processes of a function: started, kept warm, ended when too slow, started again when they die.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time::{sleep, sleep_until, timeout};

use crate::stop::Stopping;

use super::function::{Function, ProcessId};

/// How a function's process is started.
pub(crate) struct Launch {
    pub(crate) command: Vec<OsString>,
    /// Placeholders are filled in already.
    pub(crate) env: BTreeMap<String, String>,
    /// What the process prints is appended here.
    pub(crate) log: PathBuf,
    /// Address of the Runtime API, without a path.
    pub(crate) runtime_api: String,
}

/// How long a process may take to end once its standard input is closed.
const GRACE: Duration = Duration::from_secs(2);
const BACK_OFF_MIN: Duration = Duration::from_millis(100);
const BACK_OFF_MAX: Duration = Duration::from_secs(5);

/// Keeps one process until the stack stops. The first slot of a function has one from the start, the others when
/// there is work for another.
pub(crate) async fn keep_running(function: Arc<Function>, launch: Arc<Launch>, slot: usize, mut stop: Stopping) {
    let mut back_off = Duration::ZERO;
    loop {
        let wanted = async {
            sleep(back_off).await;
            function.wanted(slot == 0).await
        };
        let (id, changed) = tokio::select! {
            wanted = wanted => wanted,
            () = stop.heard() => return,
        };
        let end = match launch.start(&function, id) {
            Ok(child) => supervise(child, &function, id, &changed, &mut stop).await,
            Err(error) => {
                launch.note(&format!("the process of function {:?} could not be started: {error}", function.name));
                End::Died
            }
        };
        let was_ready = function.ended(id);
        back_off = match end {
            End::Stopped => return,
            // It worked and was too slow once; the next one may start at once, as on AWS.
            End::Expired if was_ready => Duration::ZERO,
            End::Died if was_ready => BACK_OFF_MIN,
            End::Died | End::Expired => (back_off * 2).clamp(BACK_OFF_MIN, BACK_OFF_MAX),
        };
    }
}

enum End {
    Died,
    Expired,
    Stopped,
}

async fn supervise(mut child: Child, function: &Function, id: ProcessId, changed: &Notify, stop: &mut Stopping) -> End {
    // Taken out, because waiting for a child closes the one it holds.
    let stdin = child.stdin.take();
    loop {
        let deadline = function.deadline(id);
        let expiry = async {
            match deadline {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = child.wait() => return End::Died,
            () = changed.notified() => {}
            () = expiry => {
                if function.expire(id) {
                    let _ = child.kill().await;
                    return End::Expired;
                }
            }
            () = stop.heard() => {
                drop(stdin);
                if timeout(GRACE, child.wait()).await.is_err() {
                    let _ = child.kill().await;
                }
                return End::Stopped;
            }
        }
    }
}

impl Launch {
    fn start(&self, function: &Function, id: ProcessId) -> std::io::Result<Child> {
        let log = self.open_log()?;
        let (program, arguments) = self.command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command.args(arguments);
        // Profiles, keys and endpoints of whoever runs the stack are nothing to a function in it.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"AWS_") {
                command.env_remove(name);
            }
        }
        command
            .env("AWS_LAMBDA_RUNTIME_API", format!("{}/{}/{id}", self.runtime_api, function.name))
            .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/{id}"))
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("TZ", "UTC")
            .envs(&self.env)
            // Never written to: its end tells the process that the stack is gone, however that came.
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        // Ctrl-C reaches the stack alone, which then ends its functions in order.
        #[cfg(unix)]
        command.process_group(0);
        command.spawn()
    }

    fn open_log(&self) -> std::io::Result<File> {
        OpenOptions::new().create(true).append(true).open(&self.log)
    }

    fn note(&self, line: &str) {
        // The log is all there is to report to; without it the failed invocations still tell.
        if let Ok(mut log) = self.open_log() {
            let _ = writeln!(log, "{line}");
        }
    }
}
