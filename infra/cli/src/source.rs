//! Opens a source by its connector and reads it page by page.

use crate::error::CommandError;
use config::Connector;
use connector_files::FilesSource;
use ports::{Page, Reading, Rejected, Source};

/// The source that a connector is.
pub(crate) fn open(name: &str, connector: &Connector) -> Result<FilesSource, CommandError> {
    match connector {
        Connector::Files(options) => FilesSource::local(options.clone())
            .map_err(|error| CommandError::failed(format!("connector {name} cannot be opened"), error)),
        Connector::Graph(_) | Connector::ActiveDirectory(_) => {
            Err(CommandError::because(format!("connector {name} is a target and cannot be read; name a source")))
        }
    }
}

/// The pages of one full read.
pub(crate) struct Pages<'a, S> {
    name: &'a str,
    source: &'a S,
    cursor: Option<String>,
    ended: bool,
}

impl<'a, S: Source> Pages<'a, S> {
    /// Begins a read.
    pub(crate) fn of(name: &'a str, source: &'a S) -> Self {
        Self { name, source, cursor: None, ended: false }
    }

    /// The next page, `None` behind the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Page>, CommandError> {
        if self.ended {
            return Ok(None);
        }
        let page = self
            .source
            .read(&Reading::Full, self.cursor.as_deref())
            .await
            .map_err(|error| CommandError::failed(format!("connector {} cannot be read", self.name), error))?;
        self.cursor.clone_from(&page.next);
        self.ended = page.next.is_none();
        Ok(Some(page))
    }
}

/// A row that could not be read, in one line.
pub(crate) fn rejection(rejected: &Rejected) -> String {
    let attribute = rejected.place.attribute.as_ref().map_or_else(String::new, |name| format!(" {name}:"));
    format!("{}:{}:{attribute} rejected: {}", rejected.place.within, rejected.place.line, rejected.reason)
}
