//! `tenure import entra` and `tenure export entra`: rules of Microsoft Entra become a configuration, and the way back.

use crate::args::{ExportEntraArgs, ImportEntraArgs};
use crate::error::{CommandError, Exit};
use crate::{configuration, print};
use bootstrap::schemas;
use config::Job;
use entra_schema::{Effect, Import, Note, SIZE_MAX};
use serde_json::json;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Makes a configuration of a schema's export.
pub(crate) fn entra(args: &ImportEntraArgs) -> Result<Exit, CommandError> {
    let file = args.file.display();
    let bytes = read(&args.file).map_err(|error| CommandError::failed(format!("{file} cannot be read"), error))?;
    let imported = entra_schema::import(&bytes, &schemas);
    let import = imported.map_err(|error| CommandError::because(format!("{file}: {error}")))?;
    let output = args.output.as_deref().map(|output| write(output, &import.toml, args.force)).transpose()?;
    if args.json {
        print::document(&json!({ "output": output, "toml": import.toml, "report": import.report }));
    } else if let Some(output) = output {
        import.report.iter().for_each(print::line);
        print::line(summary(&import));
        print::line(format_args!("written: {}; try `tenure check --config {}`", output.display(), output.display()));
    } else {
        print::line(import.toml.trim_end());
        import.report.iter().for_each(print::note);
        print::note(summary(&import));
    }
    Ok(Exit::Done)
}

/// Writes jobs as rules of a synchronization schema.
pub(crate) fn to_entra(args: &ExportEntraArgs) -> Result<Exit, CommandError> {
    let config = configuration::load(&args.config.config)?;
    let jobs: Vec<&Job> = match &args.job {
        None => config.jobs.values().collect(),
        Some(name) => {
            let known = || config.jobs.keys().cloned().collect::<Vec<_>>().join(", ");
            let job = config.jobs.get(name);
            vec![job.ok_or_else(|| CommandError::because(format!("there is no job {name}; known are {}", known())))?]
        }
    };
    let export = entra_schema::export(&config, jobs);
    print::document(&export.schema);
    for left_out in &export.left_out {
        print::note(format_args!("left out: {left_out}"));
    }
    Ok(Exit::Done)
}

/// The file's bytes, and no more of them than show that it is too large.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(SIZE_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes the configuration, into a folder under its usual name. What is there already is kept unless told otherwise.
fn write(output: &Path, toml: &str, force: bool) -> Result<PathBuf, CommandError> {
    let path = if output.is_dir() { output.join("tenure.toml") } else { output.to_path_buf() };
    let mut options = std::fs::OpenOptions::new();
    let options =
        if force { options.write(true).create(true).truncate(true) } else { options.write(true).create_new(true) };
    let written = options.open(&path).and_then(|mut file| file.write_all(toml.as_bytes()));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CommandError::because(format!("{} is there already; name another file, or say --force", path.display()))
        }
        _ => CommandError::failed(format!("{} cannot be written", path.display()), error),
    })?;
    Ok(path)
}

fn summary(import: &Import) -> String {
    let count = |effect| import.report.iter().filter(|note: &&Note| note.effect == effect).count();
    format!(
        "report: {} to decide, {} left out, {} changed",
        count(Effect::Decide),
        count(Effect::LeftOut),
        count(Effect::Changed)
    )
}
