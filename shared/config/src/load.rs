//! From the text of a configuration to typed jobs, or to every mistake in it.

use crate::report::Report;
use crate::table::Table;
use crate::{Config, Level, Mistake, Schemas, connectors, jobs, owners};
use std::path::Path;
use toml::de::DeTable;

/// Reads a configuration from its text. `file` names it in messages; relative paths in it begin in that file's folder.
pub fn load(text: &str, file: &str, schemas: Schemas<'_>) -> Result<Config, Vec<Mistake>> {
    let folder = Path::new(file).parent().unwrap_or_else(|| Path::new(""));
    load_from(text, file, folder, schemas)
}

/// Reads a configuration file. Relative paths in it become absolute from its folder on.
pub fn read(path: &Path, schemas: Schemas<'_>) -> Result<Config, Vec<Mistake>> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path);
    let absolute = std::path::absolute(path);
    match (text, absolute) {
        (Ok(text), Ok(absolute)) => {
            load_from(&text, &file, absolute.parent().unwrap_or_else(|| Path::new("/")), schemas)
        }
        (Err(error), _) | (_, Err(error)) => {
            let hint = match error.kind() {
                std::io::ErrorKind::NotFound => Some("say where it is with --config".to_owned()),
                std::io::ErrorKind::InvalidData => Some("save the file as utf-8".to_owned()),
                _ => None,
            };
            let message = format!("cannot read the configuration: {error}");
            Err(vec![Mistake { file, line: 0, column: 0, message, hint, level: Level::Error }])
        }
    }
}

fn load_from(text: &str, file: &str, folder: &Path, schemas: Schemas<'_>) -> Result<Config, Vec<Mistake>> {
    // Some editors begin a file with a byte order mark; as a part of the text it would be a syntax error.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (root, syntax) = DeTable::parse_recoverable(text);
    let report = Report::new(file, text, &syntax);
    let (connectors, jobs) = {
        let root = Table::root(&report, root.get_ref());
        let connectors = connectors::read(&root, folder);
        let (jobs, owned) = jobs::read(&root, &connectors, schemas);
        owners::check(&report, &owned);
        root.finish();
        (connectors, jobs)
    };
    let mistakes = report.finish();
    if mistakes.iter().any(|mistake| mistake.level == Level::Error) {
        return Err(mistakes);
    }
    let connectors = connectors.into_iter().filter_map(|(name, connector)| Some((name, connector?))).collect();
    Ok(Config { connectors, jobs, warnings: mistakes })
}
