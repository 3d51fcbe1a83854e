//! What is made of bytes that came as an answer, without a connection: for whoever holds an answer already, tests above
//! all. The connector itself makes the same of the same bytes.

use crate::batch::{BatchFailure, batch_reply};
use crate::http::Answer;
use crate::read::{failed, is_below, page};
use crate::reply::reply;
use crate::token::token_of;
use jiff::Timestamp;
use ports::{AccountPage, PortError, Reply, WriteAction};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// An answer as it came.
#[derive(Clone, Copy)]
pub struct Raw<'a> {
    /// The status.
    pub status: u16,
    /// The headers; those that HTTP does not allow are left out.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The body.
    pub body: &'a [u8],
}

impl Raw<'_> {
    fn answer(self) -> Answer {
        let header = |(name, value): &(&str, &[u8])| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value).ok()?))
        };
        Answer::of(self.status, self.headers.iter().filter_map(header).collect::<HeaderMap>(), self.body)
    }
}

/// What a batch of writes came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// A reply for each request, in their order.
    pub replies: Vec<Reply>,
    /// How long is to be waited before the next one, where the whole batch was not taken.
    pub wait: Option<Duration>,
    /// How much of the budget is used, where Graph says so.
    pub budget_used: Option<f64>,
}

/// The accounts that an answer to a question for users holds. A next link is in it only if it will be followed.
pub fn accounts(raw: Raw<'_>, base: &str, select: &[String]) -> Result<AccountPage, PortError> {
    let answer = raw.answer();
    if answer.status != 200 {
        return Err(failed(answer.status, &answer.body));
    }
    let mut page = page(&answer.body, select)?;
    page.next = page.next.filter(|url| is_below(base, url));
    Ok(page)
}

/// What an answer to a batch of these requests says about each of them.
pub fn written(raw: Raw<'_>, actions: &[WriteAction]) -> Written {
    let all = |reply: Reply, wait| Written { replies: vec![reply; actions.len()], wait, budget_used: None };
    match batch_reply(&raw.answer(), actions.len()) {
        Ok(batch) => {
            let judged =
                |(part, action): (&Option<_>, _)| part.as_ref().map_or(Reply::Unknown, |one| reply(one, action));
            let replies = batch.parts.iter().zip(actions).map(judged).collect();
            Written { replies, wait: None, budget_used: batch.budget_used }
        }
        Err(BatchFailure::Silent(silence)) => all(Reply::Unknown, silence.wait),
        Err(BatchFailure::Throttled(wait)) => all(Reply::Throttled(wait), Some(wait)),
        Err(BatchFailure::Denied { code, .. }) => all(Reply::Denied { code }, None),
        Err(BatchFailure::Token(_)) => all(Reply::Unknown, None),
    }
}

/// When the token in an answer of the token service will be renewed.
pub fn renewal(raw: Raw<'_>, asked_at: Timestamp) -> Result<Timestamp, PortError> {
    Ok(token_of(&raw.answer(), asked_at)?.renewed_at)
}
