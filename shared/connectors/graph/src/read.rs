//! Reading accounts: by values, by ids, and everybody.

use crate::GraphTarget;
use crate::batch::{BatchFailure, BatchReply, DEFAULT_WAIT, PARTS_MAX, Part, PartReply};
use crate::http::{Http, error_code, is_missing};
use crate::odata::{ODataLiteral, QueryValue, Segment};
use crate::user::{account, selection};
use ports::{Account, AccountPage, Anchor, PortError, TargetRead};
use record::TargetSchema;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// Graph takes so many values in one `in`.
const VALUES_MAX: usize = 15;
/// Bytes of an escaped filter; longer addresses are cut or refused on their way.
const FILTER_BYTES_MAX: usize = 4_000;
/// The largest page of users.
const PAGE: usize = 999;
/// So many pages of accounts with one of 15 values: whoever needs more gives links in a circle.
const PAGES_MAX: usize = 50;
/// A read that has waited this often is left to a later try.
const WAITS_MAX: u32 = 4;
/// Longer waits are left to the caller.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Waited after a failure without a wait of its own.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

const DENIED: &str = "microsoft graph denies reading users: grant the application User.Read.All, \
                      and User-LifeCycleInfo.Read.All where employeeLeaveDateTime is mapped";
const NOT_TAKEN: &str = "microsoft graph does not take the query";

impl TargetRead for GraphTarget {
    fn schema(&self) -> &'static TargetSchema {
        crate::schema()
    }

    async fn find(&self, attribute: &str, values: &[String], select: &[String]) -> Result<Vec<Account>, PortError> {
        if !crate::schema().attribute(attribute).is_some_and(|attribute| attribute.matchable) {
            let what = "microsoft graph does not find users by this attribute: match by another one";
            return Err(PortError::permanent(what, attribute.to_owned()));
        }
        let mut select = select.to_vec();
        if !select.iter().any(|name| name == attribute) {
            select.push(attribute.to_owned());
        }
        let fields = selection(&select);
        let parts: Vec<Part> = filters(attribute, values)
            .into_iter()
            .map(|filter| get(format!("users?$filter={filter}&{fields}&$top={PAGE}")))
            .collect();
        let mut accounts = Vec::new();
        for parts in parts.chunks(PARTS_MAX) {
            for reply in self.read_batch(parts).await? {
                let mut body = expect_ok(reply)?;
                let mut pages = 1;
                take_accounts(&body, &select, &mut accounts)?;
                while let Some(next) = next_link(&body) {
                    if pages == PAGES_MAX {
                        return Err(PortError::transient("reading users failed", "too many next links"));
                    }
                    body = self.follow(&next).await?;
                    take_accounts(&body, &select, &mut accounts)?;
                    pages += 1;
                }
            }
        }
        let mut seen = BTreeSet::new();
        accounts.retain(|account| seen.insert(account.anchor.clone()));
        Ok(accounts)
    }

    async fn read(&self, anchors: &[Anchor], select: &[String]) -> Result<Vec<Account>, PortError> {
        let fields = selection(select);
        let distinct: BTreeSet<&Anchor> = anchors.iter().collect();
        let segments = distinct.into_iter().filter_map(|anchor| Segment::of(&anchor.0));
        let parts: Vec<Part> = segments.map(|id| get(format!("users/{id}?{fields}"))).collect();
        let mut accounts = Vec::new();
        for parts in parts.chunks(PARTS_MAX) {
            for reply in self.read_batch(parts).await? {
                if !is_missing(reply.status, &reply.body) {
                    let user = expect_ok(reply)?;
                    accounts.push(account(&user, select).ok_or_else(unusable)?);
                }
            }
        }
        Ok(accounts)
    }

    async fn read_all(&self, select: &[String], next: Option<&str>) -> Result<AccountPage, PortError> {
        let first = || format!("{}/users?{}&$top={PAGE}", self.base, selection(select));
        page(&self.follow(&next.map_or_else(first, str::to_owned)).await?, select)
    }
}

/// The page that a body is.
pub(crate) fn page(body: &Value, select: &[String]) -> Result<AccountPage, PortError> {
    let mut accounts = Vec::new();
    take_accounts(body, select, &mut accounts)?;
    Ok(AccountPage { accounts, next: next_link(body) })
}

/// Whether an address is below the base: only there the token may go.
pub(crate) fn is_below(base: &str, url: &str) -> bool {
    url.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'))
}

/// Escaped filters that together ask for all the values.
fn filters(attribute: &str, values: &[String]) -> Vec<QueryValue> {
    let distinct: BTreeSet<&str> = values.iter().map(String::as_str).filter(|value| !value.is_empty()).collect();
    let filter = |list: &[String]| QueryValue::of(&format!("{attribute} in ({})", list.join(",")));
    let mut filters = Vec::new();
    let mut list: Vec<String> = Vec::new();
    for value in distinct {
        list.push(ODataLiteral::of(value).to_string());
        if list.len() > 1 && (list.len() > VALUES_MAX || filter(&list).len() > FILTER_BYTES_MAX) {
            let overflow = list.split_off(list.len() - 1);
            filters.push(filter(&list));
            list = overflow;
        }
    }
    if !list.is_empty() {
        filters.push(filter(&list));
    }
    filters
}

fn get(url: String) -> Part {
    Part { method: "GET", url, body: None }
}

/// A page without its list is no page: taken for an empty one, it would hide accounts.
fn take_accounts(body: &Value, select: &[String], accounts: &mut Vec<Account>) -> Result<(), PortError> {
    let users = body.get("value").and_then(Value::as_array).ok_or_else(unusable)?;
    for user in users {
        accounts.push(account(user, select).ok_or_else(unusable)?);
    }
    Ok(())
}

fn unusable() -> PortError {
    PortError::transient("microsoft graph gave an unusable reply", "no users in it")
}

fn next_link(body: &Value) -> Option<String> {
    body.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned)
}

fn expect_ok(reply: PartReply) -> Result<Value, PortError> {
    if reply.status == 200 { Ok(reply.body) } else { Err(failed(reply.status, &reply.body)) }
}

pub(crate) fn failed(status: u16, body: &Value) -> PortError {
    match status {
        401 | 403 => PortError::permanent(DENIED, error_code(body)),
        408 | 429 | 500.. => PortError::transient("reading users failed", error_code(body)),
        400..=499 => PortError::permanent(NOT_TAKEN, error_code(body)),
        _ => PortError::transient("microsoft graph gave an unusable reply", "an unexpected status"),
    }
}

/// The waits of one read.
#[derive(Default)]
struct Waits(u32);

impl Waits {
    async fn wait(&mut self, target: &GraphTarget, wait: Duration) -> Result<(), PortError> {
        self.0 += 1;
        if self.0 > WAITS_MAX || wait > WAIT_MAX {
            let what = "microsoft graph throttles or fails reads";
            return Err(PortError::Transient { what, retry_after: Some(wait), source: None });
        }
        target.waits.sleep(wait).await;
        Ok(())
    }
}

impl GraphTarget {
    /// A batch of reads; those that are throttled or fail are asked again after the wait that Graph wants.
    async fn read_batch(&self, parts: &[Part]) -> Result<Vec<PartReply>, PortError> {
        let mut done: Vec<Option<PartReply>> = parts.iter().map(|_| None).collect();
        let mut waits = Waits::default();
        loop {
            let open: Vec<usize> = (0..parts.len()).filter(|index| done[*index].is_none()).collect();
            let asked: Vec<Part> = open.iter().map(|index| parts[*index].clone()).collect();
            let mut wait = Duration::ZERO;
            match self.batch(&asked).await {
                Ok(BatchReply { parts, .. }) => {
                    for (index, reply) in open.into_iter().zip(parts) {
                        match reply {
                            Some(reply) if !matches!(reply.status, 429 | 500..) => done[index] = Some(reply),
                            reply => wait = wait.max(wait_after(reply.as_ref())),
                        }
                    }
                }
                Err(BatchFailure::Throttled(asked)) => wait = asked,
                Err(BatchFailure::Silent(silence)) => return Err(silence.into()),
                Err(BatchFailure::Denied { code, .. }) => return Err(PortError::permanent(DENIED, code)),
                Err(BatchFailure::Token(failure)) => return Err(failure.into()),
            }
            if done.iter().all(Option::is_some) {
                return Ok(done.into_iter().flatten().collect());
            }
            waits.wait(self, wait).await?;
        }
    }

    /// Reads a page by its whole address, which must be one of the configured Graph's: the token goes with it.
    async fn follow(&self, url: &str) -> Result<Value, PortError> {
        if !is_below(&self.base, url) {
            let what =
                "microsoft graph gave a next link to another address, which is not followed: check the base address";
            return Err(PortError::Permanent { what, source: None });
        }
        let mut token = self.tokens.get(None).await?;
        let mut renewed = false;
        let mut waits = Waits::default();
        loop {
            let answer = Http::send(self.http.get(url).bearer_auth(token.expose_secret())).await?;
            match answer.status {
                200 => return Ok(answer.body),
                401 if !renewed => {
                    renewed = true;
                    token = self.tokens.get(Some(&token)).await?;
                }
                429 => waits.wait(self, answer.retry_after().unwrap_or(DEFAULT_WAIT)).await?,
                500.. => waits.wait(self, answer.retry_after().unwrap_or(AFTER_FAILURE)).await?,
                status => return Err(failed(status, &answer.body)),
            }
        }
    }
}

fn wait_after(reply: Option<&PartReply>) -> Duration {
    let asked = reply.and_then(|reply| reply.retry_after);
    asked.unwrap_or(if reply.is_some_and(|reply| reply.status == 429) { DEFAULT_WAIT } else { AFTER_FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_at_most_15_values_and_a_bounded_length() {
        let values: Vec<String> = (0..31).map(|n| format!("{n:02}")).chain([String::new(), "00".to_owned()]).collect();
        let counts: Vec<usize> =
            filters("employeeId", &values).iter().map(|filter| filter.to_string().matches("%2C").count() + 1).collect();
        assert_eq!(counts, [15, 15, 1]);
        let long: Vec<String> = (0..10).map(|n| format!("{n}{}", "漢".repeat(100))).collect();
        let filters = filters("employeeId", &long);
        assert!(filters.len() > 1 && filters.iter().all(|filter| filter.len() <= FILTER_BYTES_MAX));
    }
}
