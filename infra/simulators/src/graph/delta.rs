//! `/users/delta`: everybody once, and from then on what has changed. The query is frozen in the token.

use super::answer::{Answer, Request};
use super::properties::DEFAULT;
use super::query::decoded;
use super::server::Server;
use super::shape::{selection, shown};
use super::state::{Kind, State, Touch, User};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Users on a page.
const PAGE: usize = 100;
/// Tokens of directory objects are good for so long.
const TOKEN_LIFE_MS: u64 = 7 * 86_400_000;

/// What stands in a token.
#[derive(Clone, Debug)]
struct Cursor {
    /// `Some`: the first round goes on at this row.
    row: Option<u64>,
    /// How many changes are known.
    touches: usize,
    made_at: u64,
    select: Vec<String>,
}

impl Cursor {
    fn token(&self) -> String {
        let row = self.row.map_or_else(|| "-".to_owned(), |row| row.to_string());
        format!("{row}.{}.{}.{}", self.touches, self.made_at, self.select.join("."))
    }

    fn parse(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let row = parts.next()?;
        let row = if row == "-" { None } else { Some(row.parse().ok()?) };
        let (touches, made_at) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { row, touches, made_at, select: selection(&parts.collect::<Vec<_>>().join(",")).ok()? })
    }
}

impl Server {
    pub(super) fn delta(&self, request: &Request) -> Result<Answer, Answer> {
        let query = &request.query;
        if ["$expand", "$top", "$filter"].iter().any(|name| query.get(name).is_some()) {
            return Err(Answer::unsupported_query());
        }
        let state = self.directory.view();
        let fresh = || -> Result<Cursor, Answer> {
            let select = query.get("$select").map(|text| selection(&decoded(text))).transpose()?;
            let select = select.unwrap_or_else(|| DEFAULT.iter().map(|name| (*name).to_owned()).collect());
            Ok(Cursor { row: Some(0), touches: state.touches().len(), made_at: self.now(), select })
        };
        let cursor = match query.get("$deltatoken").or(query.get("$skiptoken")) {
            None => fresh()?,
            Some("latest") => Cursor { row: None, ..fresh()? },
            Some(token) => Cursor::parse(token).ok_or_else(|| Answer::malformed("Badly formed token."))?,
        };
        if cursor.made_at.saturating_add(TOKEN_LIFE_MS) < self.now() || cursor.touches > state.touches().len() {
            return Err(self.gone());
        }
        let (value, next) = match cursor.row {
            Some(row) => first_round(state, &cursor, row),
            None => later_round(state, &cursor),
        };
        let mut body = json!({ "@odata.context": format!("{}/v1.0/$metadata#users", self.base), "value": value });
        let (link, parameter) = match next {
            Next::Page(ref cursor) => ("@odata.nextLink", format!("$skiptoken={}", cursor.token())),
            Next::Round(touches) => {
                let cursor = Cursor { row: None, touches, made_at: self.now(), select: cursor.select };
                ("@odata.deltaLink", format!("$deltatoken={}", cursor.token()))
            }
        };
        body[link] = Value::from(format!("{}/v1.0/users/delta?{parameter}", self.base));
        Ok(Answer::ok(body))
    }

    fn gone(&self) -> Answer {
        let mut answer =
            Answer::error(410, "syncStateNotFound", "The sync state generation is not found; start a full sync.");
        answer.headers.push(("Location".to_owned(), format!("{}/v1.0/users/delta", self.base)));
        answer
    }
}

enum Next {
    Page(Cursor),
    Round(usize),
}

fn first_round(state: &State, cursor: &Cursor, row: u64) -> (Vec<Value>, Next) {
    let mut users = state.users_from(row);
    let page: Vec<Value> = users.by_ref().take(PAGE).map(|(_, user)| show(state, user, cursor, &[])).collect();
    let next = match users.next() {
        Some((row, _)) => Next::Page(Cursor { row: Some(row), ..cursor.clone() }),
        // Changes during the first round show again in the next one.
        None => Next::Round(cursor.touches),
    };
    (page, next)
}

/// Each user once, in the order of its first change, as it is now.
fn later_round(state: &State, cursor: &Cursor) -> (Vec<Value>, Next) {
    let mut touched: BTreeMap<u64, Vec<&Touch>> = BTreeMap::new();
    let (mut page, mut taken) = (Vec::new(), cursor.touches);
    for touch in state.touches().iter().skip(cursor.touches) {
        if !touched.contains_key(&touch.row) && touched.len() == PAGE {
            break;
        }
        taken += 1;
        if touch.change.kind != Kind::Set || touch.change.fields.keys().any(|name| cursor.select.contains(name)) {
            touched.entry(touch.row).or_default().push(touch);
        }
    }
    for (row, touches) in &touched {
        page.push(match state.row(*row) {
            Some(user) if user.deleted_at.is_none() => show(state, user, cursor, touches),
            Some(user) => json!({ "id": user.id, "@removed": { "reason": "changed" } }),
            None => json!({ "id": touches[0].change.id, "@removed": { "reason": "deleted" } }),
        });
    }
    if taken == state.touches().len() {
        (page, Next::Round(taken))
    } else {
        (page, Next::Page(Cursor { touches: taken, ..cursor.clone() }))
    }
}

/// Properties that were never set are left out; cleared ones are `null`.
fn show(state: &State, user: &User, cursor: &Cursor, touches: &[&Touch]) -> Value {
    let is_new = |name: &str| touches.iter().any(|touch| touch.change.fields.contains_key(name));
    let mut body = json!({ "id": user.id });
    for name in cursor.select.iter().filter(|name| *name != "manager" && *name != "id") {
        if user.fields.contains_key(name) || is_new(name) {
            body[name] = shown(user, name);
        }
    }
    if cursor.select.iter().any(|name| name == "manager") {
        let manager = user.text("manager").filter(|id| state.user(id).is_some());
        let before = touches.iter().find(|touch| touch.change.fields.contains_key("manager"));
        let before = before.and_then(|touch| touch.manager.as_deref()).filter(|before| Some(*before) != manager);
        let mut entries: Vec<Value> = Vec::new();
        entries.extend(manager.map(|id| json!({ "@odata.type": "#microsoft.graph.user", "id": id })));
        entries.extend(before.map(
            |id| json!({ "@odata.type": "#microsoft.graph.user", "id": id, "@removed": { "reason": "deleted" } }),
        ));
        if !entries.is_empty() {
            body["manager@delta"] = Value::from(entries);
        }
    }
    body
}
