//! Microsoft Graph v1.0 users and the token endpoint, with the documented budgets, replica lag and seeded faults.
//!
//! Rules are those of Microsoft's documentation: JSON batching, throttling limits of identity resources, the properties
//! of the user resource, soft delete for 30 days. What Graph does beyond them is not claimed; error texts follow Graph's
//! where they are known.

mod answer;
mod batch;
mod budget;
mod check;
mod clock;
mod delta;
mod directory;
mod faults;
mod filter;
mod filter_text;
mod http;
mod journal;
mod operations;
mod properties;
mod query;
mod recycled;
mod references;
mod server;
mod shape;
mod state;
mod token;
mod users;
mod wire;

pub use budget::{Budget, Window};
pub use faults::Faults;
pub use operations::OPERATIONS;

use serde_json::Value;
use server::Server;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use wire::{Wire, Wires};

/// How a simulator behaves.
#[derive(Clone)]
pub struct Options {
    /// What faults, ids and the order of batch replies are drawn from.
    pub seed: u64,
    /// A file to which every change is appended before it is answered, and which is read at the start.
    pub state: Option<PathBuf>,
    /// Faults.
    pub faults: Faults,
    /// Throttling.
    pub budget: Budget,
    /// Reads show the state of this long ago; writes are checked against the true one.
    pub replica_lag: Duration,
    /// The tenant, in the token address.
    pub tenant: String,
    /// The one application that is known.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The tenant's verified domain.
    pub default_domain: String,
    /// Every reply takes this long.
    pub latency: Duration,
    /// Its clock stands still at this time since 1970, and only [`Simulator::advance`] moves it.
    pub still: Option<Duration>,
    /// The address that clients come by, where it is not the simulator's own: links in replies begin with it.
    pub public: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            state: None,
            faults: Faults::default(),
            budget: Budget::default(),
            replica_lag: Duration::ZERO,
            tenant: "contoso.example".to_owned(),
            client_id: "00000000-0000-4000-8000-000000000001".to_owned(),
            client_secret: "simulated-secret".to_owned(),
            default_domain: "contoso.example".to_owned(),
            latency: Duration::ZERO,
            still: None,
            public: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("seed", &self.seed).field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// What was asked so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// HTTP requests, those for tokens among them.
    pub requests: u64,
    /// Tokens given.
    pub tokens: u64,
    /// `$batch` requests.
    pub batches: u64,
    /// Requests inside of batches.
    pub parts: u64,
    /// Users made by `POST`.
    pub creates: u64,
    /// Users changed by `PATCH`.
    pub updates: u64,
    /// References set by `PUT` or cleared by `DELETE`.
    pub references: u64,
    /// Users deleted, softly or for good, by `DELETE`.
    pub deletes: u64,
    /// Users restored by `POST`.
    pub restores: u64,
    /// Writes that reached the budgets, whether they were then carried out, refused or throttled.
    pub asked_writes: u64,
    /// Requests and parts answered with 429.
    pub throttled: u64,
    /// Resource units asked for.
    pub resource_units: u64,
}

impl Counts {
    /// Everything that changed something.
    pub fn writes(&self) -> u64 {
        self.creates + self.updates + self.references + self.deletes + self.restores
    }
}

/// A running simulator. Dropping it cuts its connections.
pub struct Simulator {
    server: Arc<Mutex<Server>>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinSet<()>,
}

fn locked(server: &Mutex<Server>) -> MutexGuard<'_, Server> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Simulator {
    /// Starts one on a free loopback port.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let base = options.public.clone().unwrap_or_else(|| format!("http://{address}"));
        let server = Arc::new(Mutex::new(Server::new(options, base)?));
        let service = http::router(Arc::clone(&server)).into_make_service_with_connect_info::<Wire>();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let end = async {
                let _ = stopped.await;
            };
            let _ = axum::serve(Wires(listener), service).with_graceful_shutdown(end).await;
        });
        Ok(Self { server, address, stop: Some(stop), task })
    }

    /// The base address, `http://127.0.0.1:PORT`: Graph is at `/v1.0`, tokens are at `/{tenant}/oauth2/v2.0/token`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every user as it truly is, in the order in which they were made; `manager` is the manager's id.
    pub fn users(&self) -> Vec<Value> {
        let mut server = locked(&self.server);
        server.settle();
        let state = server.directory.truth();
        state.users_from(0).map(|(_, user)| state.whole(user)).collect()
    }

    /// Soft-deleted users as they truly are.
    pub fn deleted(&self) -> Vec<Value> {
        let mut server = locked(&self.server);
        server.settle();
        let state = server.directory.truth();
        state.deleted_from(0).map(|(_, user)| state.whole(user)).collect()
    }

    /// Changes the faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        locked(&self.server).options.faults = faults;
    }

    /// What was asked so far.
    pub fn counts(&self) -> Counts {
        locked(&self.server).counts
    }

    /// Puts users there as if they had always been: JSON objects of properties, without checks and without budget.
    /// `id` is drawn where it is missing, `manager` is the manager's id.
    ///
    /// # Panics
    ///
    /// When the state file cannot be written.
    pub fn seed_users(&self, users: Vec<Value>) {
        locked(&self.server).seed(users).expect("the simulator's state file can be written");
    }

    /// Moves the simulator's clock on: budgets fill, tokens expire, replicas catch up, late requests land, deleted users
    /// reach the end of their 30 days.
    ///
    /// # Panics
    ///
    /// When the state file cannot be written.
    pub fn advance(&self, by: Duration) {
        locked(&self.server).advance(by).expect("the simulator's state file can be written");
    }

    /// Ends it: requests that are being answered are finished, idle connections are closed.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = tokio::time::timeout(Duration::from_millis(200), self.task.join_next()).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Connections outlive the listener; nothing may reach the state file after this.
        locked(&self.server).stopped = true;
    }
}
