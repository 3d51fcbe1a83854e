//! Reading accounts: by values, by ids, and everybody.

use crate::GraphTarget;
use crate::batch::{BatchFailure, BatchReply, DEFAULT_WAIT, PARTS_MAX, Part, PartReply};
use crate::http::{Http, error_code};
use crate::odata::{encoded, literal};
use crate::user::{account, selection};
use ports::{Account, AccountPage, Anchor, PortError, TargetRead};
use record::TargetSchema;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::time::Duration;

/// Graph takes so many values in one `in`.
const VALUES_MAX: usize = 15;
/// A read that is throttled this often in a row is left to a later try.
const WAITS_MAX: usize = 4;
/// The largest page of users.
const PAGE: usize = 999;

impl TargetRead for GraphTarget {
    fn schema(&self) -> &'static TargetSchema {
        crate::schema()
    }

    async fn find(&self, attribute: &str, values: &[String], select: &[String]) -> Result<Vec<Account>, PortError> {
        let mut select = select.to_vec();
        if !select.iter().any(|name| name == attribute) {
            select.push(attribute.to_owned());
        }
        let fields = selection(&select);
        let parts: Vec<Part> = values
            .chunks(VALUES_MAX)
            .map(|values| {
                let list: Vec<String> = values.iter().map(|value| literal(value)).collect();
                let filter = format!("{attribute} in ({})", list.join(","));
                get(format!("users?$filter={}&$select={}&$top={PAGE}", encoded(&filter), encoded(&fields)))
            })
            .collect();
        let mut accounts = Vec::new();
        for parts in parts.chunks(PARTS_MAX) {
            for reply in self.read_batch(parts).await? {
                let mut body = expect_ok(reply)?;
                loop {
                    take_accounts(&body, &select, &mut accounts);
                    let Some(next) = next_link(&body) else { break };
                    body = self.follow(&next).await?;
                }
            }
        }
        Ok(accounts)
    }

    async fn read(&self, anchors: &[Anchor], select: &[String]) -> Result<Vec<Account>, PortError> {
        let fields = encoded(&selection(select));
        let parts: Vec<Part> =
            anchors.iter().map(|anchor| get(format!("users/{}?$select={fields}", encoded(&anchor.0)))).collect();
        let mut accounts = Vec::new();
        for parts in parts.chunks(PARTS_MAX) {
            for reply in self.read_batch(parts).await? {
                if reply.status != 404 {
                    accounts.extend(account(&expect_ok(reply)?, select));
                }
            }
        }
        Ok(accounts)
    }

    async fn read_all(&self, select: &[String], next: Option<&str>) -> Result<AccountPage, PortError> {
        let url = match next {
            Some(next) => next.to_owned(),
            None => format!("{}/users?$select={}&$top={PAGE}", self.base, encoded(&selection(select))),
        };
        let body = self.follow(&url).await?;
        let mut accounts = Vec::new();
        take_accounts(&body, select, &mut accounts);
        Ok(AccountPage { accounts, next: next_link(&body) })
    }
}

fn get(url: String) -> Part {
    Part { method: "GET", url, body: None, advanced: false }
}

fn take_accounts(body: &Value, select: &[String], accounts: &mut Vec<Account>) {
    let users = body.get("value").and_then(Value::as_array).into_iter().flatten();
    accounts.extend(users.filter_map(|user| account(user, select)));
}

fn next_link(body: &Value) -> Option<String> {
    body.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned)
}

fn expect_ok(reply: PartReply) -> Result<Value, PortError> {
    match reply.status {
        200 => Ok(reply.body),
        401 | 403 => Err(refused("microsoft graph refuses to read users: grant User.Read.All", &reply.body)),
        400..=499 => Err(refused("microsoft graph does not take the query", &reply.body)),
        _ => Err(PortError::transient("reading users failed", error_code(&reply.body))),
    }
}

fn refused(what: &'static str, body: &Value) -> PortError {
    PortError::permanent(what, error_code(body))
}

impl GraphTarget {
    /// A batch of reads; throttled ones are asked again after the wait that Graph wants.
    async fn read_batch(&self, parts: &[Part]) -> Result<Vec<PartReply>, PortError> {
        let mut done: Vec<Option<PartReply>> = parts.iter().map(|_| None).collect();
        for _ in 0..WAITS_MAX {
            let open: Vec<usize> = (0..parts.len()).filter(|index| done[*index].is_none()).collect();
            let asked: Vec<Part> = open.iter().map(|index| parts[*index].clone()).collect();
            let (replies, mut wait) = match self.batch(&asked).await {
                Ok(BatchReply { parts, .. }) => (parts, None),
                Err(BatchFailure::Throttled(wait)) => (Vec::new(), Some(wait)),
                Err(failure) => return Err(failed(failure)),
            };
            for (index, reply) in open.into_iter().zip(replies) {
                match reply {
                    Some(reply) if reply.status == 429 => {
                        let asked = reply.retry_after.unwrap_or(DEFAULT_WAIT);
                        wait = Some(wait.map_or(asked, |wait: Duration| wait.max(asked)));
                    }
                    Some(reply) if reply.status >= 500 => wait = wait.or(Some(Duration::from_secs(2))),
                    None => wait = wait.or(Some(Duration::from_secs(2))),
                    reply => done[index] = reply,
                }
            }
            match wait {
                None => break,
                Some(wait) => self.waits.sleep(wait).await,
            }
        }
        let whole: Option<Vec<PartReply>> = done.into_iter().collect();
        whole.ok_or(PortError::Transient { what: "microsoft graph throttles or fails reads", retry_after: None, source: None })
    }

    /// Reads a page by its whole address, which must be one of the configured Graph's.
    async fn follow(&self, url: &str) -> Result<Value, PortError> {
        if !url.starts_with(&format!("{}/", self.base)) {
            let what = "microsoft graph gave a next link to another host, which is not followed";
            return Err(PortError::Permanent { what, source: None });
        }
        let mut token = self.tokens.get(None).await?;
        let mut renewed = false;
        for _ in 0..=WAITS_MAX {
            let answer = Http::send(self.http.get(url).bearer_auth(token.expose_secret())).await?;
            match answer.status {
                200 => return Ok(answer.body),
                401 if !renewed => {
                    renewed = true;
                    token = self.tokens.get(Some(&token)).await?;
                }
                429 => self.waits.sleep(answer.retry_after().unwrap_or(DEFAULT_WAIT)).await,
                401 | 403 => return Err(refused("microsoft graph refuses to read users: grant User.Read.All", &answer.body)),
                400..=499 => return Err(refused("microsoft graph does not take the query", &answer.body)),
                _ => return Err(PortError::transient("reading users failed", error_code(&answer.body))),
            }
        }
        Err(PortError::Transient { what: "microsoft graph throttles reads", retry_after: None, source: None })
    }
}

fn failed(failure: BatchFailure) -> PortError {
    match failure {
        BatchFailure::Silent(silence) => silence.into(),
        BatchFailure::Throttled(wait) => {
            PortError::Transient { what: "microsoft graph throttles reads", retry_after: Some(wait), source: None }
        }
        BatchFailure::Denied(code) => PortError::permanent("microsoft graph refuses the application", code),
        BatchFailure::Token(error) => error,
    }
}
