//! `/users/{id}/manager`: reading, setting and clearing the reference.

use super::answer::{Answer, Request};
use super::query;
use super::server::Server;
use super::shape::Shape;
use super::state::Kind;
use super::users::object;
use serde_json::{Map, Value, json};

impl Server {
    pub(super) fn read_manager(&self, request: &Request, key: &str) -> Result<Answer, Answer> {
        let shape = Shape::of(&request.query)?;
        let state = self.directory.view();
        let user = state.user(key).ok_or_else(|| Answer::not_found(key))?;
        let manager = user.text("manager").and_then(|id| state.user(id)).ok_or_else(|| Answer::not_found("manager"))?;
        let mut body = shape.show_object(state, manager);
        body["@odata.context"] = Value::from(format!("{}/v1.0/$metadata#directoryObjects/$entity", self.base));
        Ok(Answer::ok(body))
    }

    pub(super) fn read_manager_reference(&self, key: &str) -> Result<Answer, Answer> {
        let state = self.directory.view();
        let user = state.user(key).ok_or_else(|| Answer::not_found(key))?;
        let manager = user.text("manager").and_then(|id| state.user(id)).ok_or_else(|| Answer::not_found("manager"))?;
        Ok(Answer::ok(json!({ "@odata.id": format!("{}/v1.0/directoryObjects/{}", self.base, manager.id) })))
    }

    pub(super) fn set_manager(&mut self, request: &Request, key: &str) -> Result<Answer, Answer> {
        let body = object(request)?;
        let target = body.get("@odata.id").and_then(Value::as_str).and_then(referred);
        if body.keys().any(|name| name != "@odata.id") {
            return Err(Answer::malformed("Only '@odata.id' is expected in the request."));
        }
        let target =
            target.ok_or_else(|| Answer::malformed("The value of '@odata.id' is no address of a directory object."))?;
        let id = self.writable(key)?.id.clone();
        let manager = self.directory.truth().user(&target).ok_or_else(|| Answer::not_found(&target))?.id.clone();
        self.commit(Kind::Set, &id, Map::from_iter([("manager".to_owned(), Value::from(manager))]))?;
        self.counts.references += 1;
        Ok(Answer::no_content())
    }

    pub(super) fn clear_manager(&mut self, key: &str) -> Result<Answer, Answer> {
        let state = self.directory.truth();
        let user = self.writable(key)?;
        if user.text("manager").and_then(|id| state.user(id)).is_none() {
            return Err(Answer::not_found("manager"));
        }
        let id = user.id.clone();
        self.commit(Kind::Set, &id, Map::from_iter([("manager".to_owned(), Value::Null)]))?;
        self.counts.references += 1;
        Ok(Answer::no_content())
    }
}

/// The id in `https://…/v1.0/users/{id}`, `…/directoryObjects/{id}` or `…/users('{id}')`.
fn referred(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let (_, path) = rest.split_once("/v1.0/")?;
    match query::segments(path).as_slice() {
        [kind, id] if kind == "users" || kind == "directoryObjects" => Some(id.clone()),
        [keyed] => {
            let inner = ["users('", "directoryObjects('"].iter().find_map(|prefix| keyed.strip_prefix(prefix))?;
            inner.strip_suffix("')").map(str::to_owned)
        }
        _ => None,
    }
}
