//! The embedded `DynamoDB`: one file, one table, one endpoint, and a timer that deletes what is past its time to live.

use std::path::Path;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

use crate::LocalError;
use crate::stop::Stopping;

/// AWS takes up to days, so nothing may rely on this being short.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Opens the file and makes the table unless it stands.
pub(crate) fn open(path: &Path, table: Value) -> Result<Database, LocalError> {
    let wrong = |what: &str| LocalError::Options { what: what.into() };
    let path = path.to_str().ok_or_else(|| wrong("the path of the state folder is no unicode"))?;
    let database = Database::new(path).map_err(|error| failed("open the file of the table", &error))?;
    let Value::Object(mut request) = table else { return Err(wrong("the table is no CreateTable request")) };
    let ttl = request.remove("TimeToLiveSpecification");
    let name = request.get("TableName").cloned().unwrap_or_default();
    let request = serde_json::from_value(Value::Object(request))
        .map_err(|error| wrong(&format!("the table is no CreateTable request: {error}")))?;
    match database.create_table(request) {
        Ok(_) | Err(DynoxideError::ResourceInUseException(_)) => {}
        Err(error) => return Err(failed("create the table", &error)),
    }
    if let Some(specification) = ttl {
        let request = json!({ "TableName": name, "TimeToLiveSpecification": specification });
        let request = serde_json::from_value(request)
            .map_err(|error| wrong(&format!("the time to live of the table is wrong: {error}")))?;
        database.update_time_to_live(request).map_err(|error| failed("set the time to live of the table", &error))?;
    }
    Ok(database)
}

/// Serves until the stack stops.
pub(crate) async fn serve(listener: TcpListener, database: Database, mut stop: Stopping) {
    let stopped = async move {
        let () = stop.heard().await;
    };
    // It ends with an error only if its socket is lost, and then every request tells.
    let _ = dynoxide::server::serve_with_shutdown(listener, database, stopped).await;
}

/// Deletes what is past its time to live, again and again, until the stack stops.
pub(crate) async fn sweep(database: Database, mut stop: Stopping) {
    let mut ticks = interval(SWEEP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.heard() => return,
        }
        let database = database.clone();
        // What one sweep could not delete the next one will.
        let _ = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
    }
}

fn failed(what: &'static str, error: &DynoxideError) -> LocalError {
    LocalError::Table { what, reason: error.to_string() }
}
