//! What is read of a reply's bytes, without a connection: for recorded replies, and for whoever tries what a reply may hold.

use crate::batch::replies;
use crate::http::Answer;
use crate::read::{next_link, take_accounts};
use crate::reply::reply;
use ports::{Account, PortError, Reply, WriteAction};

/// What the body of a batch reply (status 200) says about each of the requests, in their order.
pub fn replies_of(body: &[u8], actions: &[WriteAction]) -> Vec<Reply> {
    let parts = replies(&Answer::recorded(200, body), actions.len()).parts;
    let judged = parts.iter().zip(actions);
    judged.map(|(part, action)| part.as_ref().map_or(Reply::Unknown, |part| reply(part, action))).collect()
}

/// The accounts on a page of users with the attributes that were asked for, and the address of the next page.
pub fn accounts_of(body: &[u8], select: &[String]) -> Result<(Vec<Account>, Option<String>), PortError> {
    let body = Answer::recorded(200, body).body;
    let mut accounts = Vec::new();
    take_accounts(&body, select, &mut accounts)?;
    Ok((accounts, next_link(&body)))
}
