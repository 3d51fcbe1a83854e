//! Finds the files of examples, and reads them with all their mistakes.

use crate::error::CommandError;
use config::{Config, Level, Mistake};
use rehearsal::Example;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One example and the file that it stands in.
pub(crate) struct Found {
    /// The file as it is named to the operator.
    pub(crate) file: String,
    /// The example.
    pub(crate) example: Example,
}

/// The folder beside the configuration where examples are looked for.
const FOLDER: &str = "examples";

/// Every example of these files and folders; of `examples` beside the configuration where none is named.
pub(crate) fn find(config_file: &Path, named: &[PathBuf], config: &Config) -> Result<Vec<Found>, CommandError> {
    let beside = config_file.parent().unwrap_or_else(|| Path::new("")).join(FOLDER);
    let places = if named.is_empty() { std::slice::from_ref(&beside) } else { named };
    let mut paths = Vec::new();
    for place in places {
        paths.extend(files_of(place)?);
    }
    if paths.is_empty() {
        let message = format!("there are no examples; put files such as {}/joiner.toml there", beside.display());
        return Err(CommandError::because(message));
    }
    let (mut found, mut mistakes) = (Vec::new(), Vec::new());
    for path in paths {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| CommandError::failed(format!("the examples of {file} cannot be read"), error))?;
        match rehearsal::read(&text) {
            Ok(examples) => {
                for example in examples {
                    mistakes.extend(unknown(&file, &example, config));
                    found.push(Found { file: file.clone(), example });
                }
            }
            Err(wrong) => mistakes.extend(wrong.into_iter().map(|one| Mistake {
                file: file.clone(),
                line: one.line,
                column: one.column,
                message: one.message,
                hint: None,
                level: Level::Error,
            })),
        }
    }
    if mistakes.is_empty() { Ok(found) } else { Err(CommandError::Mistakes(mistakes)) }
}

/// The file itself, or the TOML files of a folder in the order of their names.
fn files_of(place: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !place.is_dir() {
        return Ok(if place.exists() { vec![place.to_path_buf()] } else { Vec::new() });
    }
    let unreadable = |error| CommandError::failed(format!("the folder {} cannot be read", place.display()), error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(place).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Attributes that an example expects and the target does not have, and slips in the names of what the rules read.
fn unknown(file: &str, example: &Example, config: &Config) -> Vec<Mistake> {
    let chosen = example.job.as_ref().and_then(|job| config.jobs.get(job));
    let Some(job) = chosen.or_else(|| config.jobs.values().next().filter(|_| config.jobs.len() == 1)) else {
        return Vec::new();
    };
    let schema = job.rules.schema;
    let read: BTreeSet<&str> = job.reads.iter().map(|read| read.attribute.as_str()).collect();
    let mut mistakes = Vec::new();
    let mut note = |line: usize, message: String, near: Option<&str>| {
        let hint = near.map(|near| format!("did you mean `{near}`?"));
        mistakes.push(Mistake { file: file.to_owned(), line, column: 1, message, hint, level: Level::Error });
    };
    let mut told = BTreeSet::new();
    for step in &example.steps {
        let expect = &step.expect;
        let names = expect.attributes.keys().chain(&expect.without).chain(expect.changed.iter().flatten());
        for name in names.filter(|name| schema.attribute(name).is_none()) {
            if told.insert(("target", name.clone())) {
                let near = config::nearest(name, schema.attributes.iter().map(|attribute| attribute.name));
                note(step.line, format!("the target ({}) has no attribute `{name}`", schema.target), near);
            }
        }
        for name in step.attributes.keys().filter(|name| !read.contains(name.as_str())) {
            // A source states more than the rules read; only what looks like a slip is one.
            if let Some(near) = config::nearest(name, read.iter().copied())
                && !step.attributes.contains_key(near)
                && told.insert(("source", name.clone()))
            {
                note(step.line, format!("no rule reads `{name}`"), Some(near));
            }
        }
    }
    mistakes
}
