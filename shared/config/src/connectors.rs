//! The `[connectors]` table.

use crate::connector::Connector;
use crate::report::Report;
use crate::table::{Entry, Table};
use crate::{active_directory, files, graph};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Clone, Copy)]
enum Kind {
    Files,
    Graph,
    ActiveDirectory,
}

/// Every connector that has a name; `None` where its type is not known, so that jobs do not complain about it again.
pub(crate) fn read(root: &Table<'_>, folder: &Path) -> BTreeMap<String, Option<Connector>> {
    let Some(table) = root.table("connectors") else {
        if root.get("connectors").is_none() {
            let hint = "begin with `[connectors.hr]`".to_owned();
            root.report.missing(root.span.clone(), "there are no connectors", Some(hint));
        }
        return BTreeMap::new();
    };
    let mut connectors = BTreeMap::new();
    for entry in table.entries() {
        named(root.report, "connector", &entry);
        let connector = Table::of(root.report, entry.value, format!("connector `{}`", entry.key))
            .and_then(|table| connector(table, folder));
        connectors.insert(entry.key.to_owned(), connector);
    }
    connectors
}

fn connector(table: Table<'_>, folder: &Path) -> Option<Connector> {
    table.need_text("type")?;
    let kinds = [("files", Kind::Files), ("graph", Kind::Graph), ("active-directory", Kind::ActiveDirectory)];
    let connector = match table.word("type", &kinds)? {
        Kind::Files => Connector::Files(files::read(&table, folder)),
        Kind::Graph => Connector::Graph(graph::read(&table, folder)),
        Kind::ActiveDirectory => Connector::ActiveDirectory(active_directory::read(&table)),
    };
    table.finish();
    Some(connector)
}

/// Names stand in commands, keys of state and names of files.
pub(crate) fn named(report: &Report<'_>, what: &str, entry: &Entry<'_>) {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if entry.key.is_empty() || entry.key.len() > 64 || !entry.key.chars().all(fits) {
        let hint = "use up to 64 letters, digits, `-` and `_`".to_owned();
        report.error(entry.key_span.clone(), format!("the {what}'s name cannot be used"), Some(hint));
    }
}
