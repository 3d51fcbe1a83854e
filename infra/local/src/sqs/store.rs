//! The file of the queues: its schema, the queues with their settings, and what is said of a queue as a whole.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::Depth;

use super::fault::Fault;

/// How a queue behaves. Times are in milliseconds, so that a local stack may be quicker than whole seconds.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct QueueSettings {
    pub(crate) visibility_ms: i64,
    pub(crate) delay_ms: i64,
    pub(crate) wait_ms: i64,
    pub(crate) retention_ms: i64,
    pub(crate) size_max: usize,
    pub(crate) redrive: Option<Redrive>,
    pub(crate) created_at: i64,
    pub(crate) modified_at: i64,
}

/// Where messages go that nobody could deal with.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Redrive {
    pub(crate) dead_letter_queue: String,
    pub(crate) max_receive_count: u32,
}

/// Most bytes of a message.
pub(crate) const SIZE_MAX: usize = 1024 * 1024;

impl QueueSettings {
    /// What SQS gives to a queue whose maker says nothing.
    pub(crate) fn default_at(now: i64) -> QueueSettings {
        QueueSettings {
            visibility_ms: 30_000,
            delay_ms: 0,
            wait_ms: 0,
            retention_ms: 4 * 24 * 3_600_000,
            size_max: SIZE_MAX,
            redrive: None,
            created_at: now,
            modified_at: now,
        }
    }
}

/// The open file. All times are arguments.
pub(crate) struct Store {
    pub(super) connection: Connection,
    pub(super) queues: BTreeMap<String, QueueSettings>,
}

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, settings TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS messages (
        seq INTEGER PRIMARY KEY,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT,
        group_id TEXT,
        sent_at INTEGER NOT NULL,
        visible_at INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        first_received_at INTEGER,
        receipt TEXT,
        origin TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_in_turn ON messages (queue, visible_at, seq);
";

impl Store {
    /// Opens the file, or memory without one. Messages that were in flight become visible: their consumers ended with
    /// the process that served them, so that receive does not count either.
    pub(crate) fn open(path: Option<&Path>, now: i64) -> Result<Store, rusqlite::Error> {
        let connection = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A killed process loses nothing this way; only a power cut could take the last few commits.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        connection.execute(
            "UPDATE messages SET visible_at = ?1, receipt = NULL, receive_count = MAX(receive_count - 1, 0)
             WHERE receipt IS NOT NULL AND visible_at > ?1",
            [now],
        )?;
        let queues = read_queues(&connection)?;
        Ok(Store { connection, queues })
    }

    /// Settings of a queue.
    pub(crate) fn settings(&self, queue: &str) -> Result<&QueueSettings, Fault> {
        self.queues.get(queue).ok_or(Fault::QueueDoesNotExist)
    }

    /// Makes a queue or changes its settings.
    pub(crate) fn put_queue(&mut self, queue: &str, settings: QueueSettings) -> Result<(), Fault> {
        let json = serde_json::to_string(&settings).map_err(|_| Fault::Malformed("the settings are no json".into()))?;
        self.connection.execute(
            "INSERT INTO queues (name, settings) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET settings = excluded.settings",
            params![queue, json],
        )?;
        self.queues.insert(queue.to_owned(), settings);
        Ok(())
    }

    /// Queues whose dead-letter queue this is.
    pub(crate) fn sources_of(&self, dead_letter_queue: &str) -> Vec<String> {
        let feeds = |settings: &QueueSettings| {
            settings.redrive.as_ref().is_some_and(|redrive| redrive.dead_letter_queue == dead_letter_queue)
        };
        self.queues.iter().filter(|(_, settings)| feeds(settings)).map(|(name, _)| name.clone()).collect()
    }

    /// How many messages a queue holds.
    pub(crate) fn depth(&self, queue: &str, now: i64) -> Result<Depth, Fault> {
        self.settings(queue)?;
        let depth = self
            .connection
            .prepare_cached(
                "SELECT COUNT(*) FILTER (WHERE visible_at <= ?2),
                        COUNT(*) FILTER (WHERE visible_at > ?2 AND receipt IS NOT NULL),
                        COUNT(*) FILTER (WHERE visible_at > ?2 AND receipt IS NULL)
                 FROM messages WHERE queue = ?1",
            )?
            .query_row(params![queue, now], |row| {
                let count = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
                Ok(Depth { visible: count(0)?, in_flight: count(1)?, delayed: count(2)? })
            })?;
        Ok(depth)
    }

    /// When the next hidden message of a queue becomes visible.
    pub(crate) fn next_visible_at(&self, queue: &str, now: i64) -> Result<Option<i64>, Fault> {
        let next = self
            .connection
            .prepare_cached("SELECT MIN(visible_at) FROM messages WHERE queue = ?1 AND visible_at > ?2")?
            .query_row(params![queue, now], |row| row.get(0))?;
        Ok(next)
    }

    /// Deletes every message of a queue.
    pub(crate) fn purge(&mut self, queue: &str) -> Result<(), Fault> {
        self.settings(queue)?;
        self.connection.execute("DELETE FROM messages WHERE queue = ?1", [queue])?;
        Ok(())
    }
}

fn read_queues(connection: &Connection) -> Result<BTreeMap<String, QueueSettings>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT name, settings FROM queues")?;
    let rows = statement.query_map([], |row| {
        let json: String = row.get(1)?;
        let settings = serde_json::from_str(&json)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error.into()))?;
        Ok((row.get(0)?, settings))
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::super::messages::Outgoing;
    use super::*;

    const DAY: i64 = 24 * 3_600_000;

    fn with_queue() -> Store {
        let mut store = Store::open(None, 0).unwrap();
        store.put_queue("work", QueueSettings::default_at(0)).unwrap();
        store
    }

    fn send(store: &mut Store, now: i64) {
        let message = Outgoing { body: "x".into(), attributes: None, group_id: None, delay_ms: None };
        store.send("work", now, &[message]).unwrap();
    }

    #[test]
    fn a_message_past_its_retention_is_gone() {
        let mut store = with_queue();
        send(&mut store, 0);
        send(&mut store, 1);
        assert_eq!(store.receive("work", 4 * DAY, 10, None).unwrap().messages.len(), 1);
        assert_eq!(store.depth("work", 4 * DAY).unwrap().total(), 1);
    }

    #[test]
    fn a_message_is_visible_again_at_the_very_end_of_its_visibility_timeout() {
        let mut store = with_queue();
        send(&mut store, 0);
        assert_eq!(store.receive("work", 10, 10, Some(1000)).unwrap().messages.len(), 1);
        assert_eq!(store.next_visible_at("work", 10).unwrap(), Some(1010));
        assert!(store.receive("work", 1009, 10, None).unwrap().messages.is_empty());
        let again = store.receive("work", 1010, 10, None).unwrap().messages;
        assert_eq!((again[0].receive_count, again[0].sent_at, again[0].first_received_at), (2, 0, 10));
    }

    #[test]
    fn a_visibility_of_nothing_hands_a_message_out_once_in_a_batch() {
        let mut store = with_queue();
        send(&mut store, 0);
        assert_eq!(store.receive("work", 10, 10, Some(0)).unwrap().messages.len(), 1);
        assert_eq!(store.receive("work", 11, 10, Some(0)).unwrap().messages.len(), 1);
    }

    #[test]
    fn a_receive_that_the_end_of_the_process_cut_off_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("queues.db");
        let mut store = Store::open(Some(&file), 0).unwrap();
        store.put_queue("work", QueueSettings::default_at(0)).unwrap();
        send(&mut store, 0);
        store.receive("work", 0, 10, None).unwrap();
        drop(store);
        let mut store = Store::open(Some(&file), 1).unwrap();
        let again = store.receive("work", 1, 10, None).unwrap().messages;
        assert_eq!(again[0].receive_count, 1);
    }
}
