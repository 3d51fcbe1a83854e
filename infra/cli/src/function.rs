//! This program as one of the functions: the local stack starts it again under their names.

use crate::error::{CommandError, Exit};
use std::io::Read;

/// Runs a function until its runtime or the local stack ends.
pub(crate) async fn run(name: &str) -> Result<Exit, CommandError> {
    // The stack never writes to the standard input; its end means that the stack is gone, however it ended.
    std::thread::spawn(|| {
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let ran = match name {
        "fetch" => fetch::run().await,
        "transform" => transform::run().await,
        "write" => write::run().await,
        "on-demand" => on_demand::run().await,
        _ => return Err(CommandError::because(format!("there is no function {name}"))),
    };
    ran.map(|()| Exit::Done).map_err(|error| CommandError::failed(format!("the function {name} failed"), error))
}
