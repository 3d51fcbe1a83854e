//! What happens to messages: send, receive, delete, hide, move. Every method is one transaction.

use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use crate::clock::{random_hex, random_id};

use super::fault::Fault;
use super::store::Store;

/// A message on its way in.
pub(crate) struct Outgoing {
    pub(crate) body: String,
    /// Message attributes as JSON.
    pub(crate) attributes: Option<String>,
    pub(crate) group_id: Option<String>,
    /// Overrides the queue's delay.
    pub(crate) delay_ms: Option<i64>,
}

/// A message on its way out.
pub(crate) struct Received {
    seq: i64,
    pub(crate) message_id: String,
    pub(crate) receipt: String,
    pub(crate) body: String,
    /// Message attributes as JSON.
    pub(crate) attributes: Option<String>,
    pub(crate) group_id: Option<String>,
    pub(crate) sent_at: i64,
    pub(crate) first_received_at: i64,
    pub(crate) receive_count: u32,
    /// The queue it came from, for a message in a dead-letter queue.
    pub(crate) origin: Option<String>,
}

/// What one receive brought.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) messages: Vec<Received>,
    /// The dead-letter queue that got messages meanwhile.
    pub(crate) moved_to: Option<String>,
}

impl Store {
    /// Stores messages, all or none, and names them.
    pub(crate) fn send(&mut self, queue: &str, now: i64, messages: &[Outgoing]) -> Result<Vec<String>, Fault> {
        let delay = self.settings(queue)?.delay_ms;
        let transaction = self.connection.transaction()?;
        let mut ids = Vec::with_capacity(messages.len());
        for message in messages {
            let id = random_id();
            transaction
                .prepare_cached(
                    "INSERT INTO messages (queue, message_id, body, attributes, group_id, sent_at, visible_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    queue,
                    id,
                    message.body,
                    message.attributes,
                    message.group_id,
                    now,
                    now + message.delay_ms.unwrap_or(delay),
                ])?;
            ids.push(id);
        }
        transaction.commit()?;
        Ok(ids)
    }

    /// Takes up to `most` visible messages and hides them. What was received too often moves on instead.
    pub(crate) fn receive(
        &mut self,
        queue: &str,
        now: i64,
        most: usize,
        visibility_ms: Option<i64>,
    ) -> Result<Batch, Fault> {
        let settings = self.settings(queue)?;
        let until = now + visibility_ms.unwrap_or(settings.visibility_ms);
        let expired_at = now - settings.retention_ms;
        let redrive = settings.redrive.clone().filter(|redrive| self.queues.contains_key(&redrive.dead_letter_queue));
        let transaction = self.connection.transaction()?;
        let mut batch = Batch::default();
        while batch.messages.len() < most {
            let found = visible(&transaction, queue, now, most - batch.messages.len())?;
            if found.is_empty() {
                break;
            }
            for mut message in found {
                if message.sent_at <= expired_at {
                    remove(&transaction, message.seq)?;
                } else if let Some(redrive) = &redrive
                    && message.receive_count >= redrive.max_receive_count
                {
                    bury(&transaction, &message, queue, &redrive.dead_letter_queue, now)?;
                    batch.moved_to = Some(redrive.dead_letter_queue.clone());
                } else {
                    // A visibility of zero hands the message out and leaves it visible, but not twice in one batch.
                    hide(&transaction, &mut message, now, until.max(now + 1))?;
                    batch.messages.push(message);
                }
            }
        }
        transaction.commit()?;
        Ok(batch)
    }

    /// Deletes a message. A receipt that a later receive has replaced deletes nothing, and neither is an error.
    pub(crate) fn delete(&mut self, queue: &str, receipt: &str) -> Result<(), Fault> {
        let seq = seq_of(receipt)?;
        self.settings(queue)?;
        self.connection
            .prepare_cached("DELETE FROM messages WHERE seq = ?1 AND queue = ?2 AND receipt = ?3")?
            .execute(params![seq, queue, receipt])?;
        Ok(())
    }

    /// Hides a received message for so long from now, or shows it again.
    pub(crate) fn change_visibility(&mut self, queue: &str, now: i64, receipt: &str, ms: i64) -> Result<(), Fault> {
        let seq = seq_of(receipt)?;
        self.settings(queue)?;
        let visible_at: Option<i64> = self
            .connection
            .prepare_cached("SELECT visible_at FROM messages WHERE seq = ?1 AND queue = ?2 AND receipt = ?3")?
            .query_row(params![seq, queue, receipt], |row| row.get(0))
            .optional()?;
        match visible_at {
            None => Err(Fault::parameter(
                "ReceiptHandle",
                "Message does not exist or is not available for visibility timeout change",
            )),
            Some(at) if at <= now => Err(Fault::MessageNotInflight),
            Some(_) => {
                self.connection
                    .prepare_cached("UPDATE messages SET visible_at = ?2 WHERE seq = ?1")?
                    .execute(params![seq, now + ms])?;
                Ok(())
            }
        }
    }

    /// Moves every visible message of a dead-letter queue to `target`, or each back to where it came from. They count
    /// as sent anew. Returns how many went, and where to.
    pub(crate) fn move_back(
        &mut self,
        from: &str,
        target: Option<&str>,
        now: i64,
    ) -> Result<Vec<(String, u64)>, Fault> {
        let sources = self.sources_of(from);
        let Some(first) = sources.first() else {
            return Err(Fault::parameter("SourceArn", "Source queue must be configured as a Dead Letter Queue"));
        };
        let targets = match target {
            Some(target) => {
                self.settings(target)?;
                vec![target.to_owned()]
            }
            None => sources.clone(),
        };
        let transaction = self.connection.transaction()?;
        let mut moved = Vec::new();
        for queue in targets {
            // What was sent to the dead-letter queue by hand has no origin; it goes to the first queue it serves.
            let count = transaction.execute(
                "UPDATE messages SET queue = ?1, origin = NULL, receipt = NULL, receive_count = 0,
                     first_received_at = NULL, sent_at = ?2, visible_at = ?2
                 WHERE queue = ?3 AND visible_at <= ?2 AND (?4 OR COALESCE(origin, ?5) = ?1)",
                params![queue, now, from, target.is_some(), first],
            )?;
            moved.push((queue, count as u64));
        }
        transaction.commit()?;
        Ok(moved)
    }
}

fn visible(transaction: &Transaction<'_>, queue: &str, now: i64, most: usize) -> Result<Vec<Received>, Fault> {
    let mut statement = transaction.prepare_cached(
        "SELECT seq, message_id, body, attributes, group_id, sent_at, first_received_at, receive_count, origin
         FROM messages WHERE queue = ?1 AND visible_at <= ?2 ORDER BY visible_at, seq LIMIT ?3",
    )?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![queue, now, limit], |row| message(row, now))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn message(row: &Row<'_>, now: i64) -> Result<Received, rusqlite::Error> {
    Ok(Received {
        seq: row.get(0)?,
        message_id: row.get(1)?,
        receipt: String::new(),
        body: row.get(2)?,
        attributes: row.get(3)?,
        group_id: row.get(4)?,
        sent_at: row.get(5)?,
        first_received_at: row.get::<_, Option<i64>>(6)?.unwrap_or(now),
        receive_count: row.get(7)?,
        origin: row.get(8)?,
    })
}

fn hide(transaction: &Transaction<'_>, message: &mut Received, now: i64, until: i64) -> Result<(), Fault> {
    message.receipt = format!("{}.{}", message.seq, random_hex(24));
    message.receive_count += 1;
    transaction
        .prepare_cached(
            "UPDATE messages SET visible_at = ?2, receipt = ?3, receive_count = receive_count + 1,
                 first_received_at = COALESCE(first_received_at, ?4)
             WHERE seq = ?1",
        )?
        .execute(params![message.seq, until, message.receipt, now])?;
    Ok(())
}

fn bury(transaction: &Transaction<'_>, message: &Received, from: &str, to: &str, now: i64) -> Result<(), Fault> {
    transaction
        .prepare_cached("UPDATE messages SET queue = ?2, origin = ?3, receipt = NULL, visible_at = ?4 WHERE seq = ?1")?
        .execute(params![message.seq, to, from, now])?;
    Ok(())
}

fn remove(transaction: &Transaction<'_>, seq: i64) -> Result<(), Fault> {
    transaction.prepare_cached("DELETE FROM messages WHERE seq = ?1")?.execute([seq])?;
    Ok(())
}

/// The row a receipt names; receipts of other servers are refused.
fn seq_of(receipt: &str) -> Result<i64, Fault> {
    receipt.split_once('.').and_then(|(seq, _)| seq.parse().ok()).ok_or(Fault::ReceiptHandleIsInvalid)
}
