//! `/directory/deletedItems`: deleted users stay for 30 days, can be restored, or be deleted for good.

use super::answer::{Answer, Request};
use super::server::Server;
use super::shape::Shape;
use super::state::Kind;
use super::users::Page;
use serde_json::{Map, Value, json};

impl Server {
    pub(super) fn list_deleted(&self, request: &Request) -> Result<Answer, Answer> {
        let shape = Shape::of(&request.query)?;
        let state = self.directory.view();
        let page = Page::of(request)?;
        if request.query.get("$filter").is_some() {
            return Err(Answer::unsupported_query());
        }
        let mut found = state.deleted_from(page.from);
        let users: Vec<Value> = found.by_ref().take(page.size).map(|(_, user)| shape.show(state, user)).collect();
        let mut body = json!({ "@odata.context": format!("{}/v1.0/$metadata#users{}", self.base, shape.context()) });
        if let Some((row, _)) = found.next() {
            let path = "directory/deletedItems/microsoft.graph.user";
            body["@odata.nextLink"] = Value::from(Page::next_link(&self.base, path, request, row));
        }
        body["value"] = Value::from(users);
        Ok(Answer::ok(body))
    }

    pub(super) fn read_deleted(&self, request: &Request, id: &str) -> Result<Answer, Answer> {
        let shape = Shape::of(&request.query)?;
        let state = self.directory.view();
        let user = state.deleted_user(id).ok_or_else(|| Answer::not_found(id))?;
        let mut body = shape.show_object(state, user);
        body["@odata.context"] = Value::from(format!("{}/v1.0/$metadata#directoryObjects/$entity", self.base));
        Ok(Answer::ok(body))
    }

    /// Fails when the principal name or an address has been taken meanwhile.
    pub(super) fn restore(&mut self, id: &str) -> Result<Answer, Answer> {
        let user = self.directory.truth().deleted_user(id).ok_or_else(|| Answer::not_found(id))?;
        let (id, prefix) = (user.id.clone(), user.id.replace('-', ""));
        let mut fields = user.fields.clone();
        let name = user.text("userPrincipalName").unwrap_or_default();
        let name = name.strip_prefix(&prefix).unwrap_or(name).to_owned();
        fields.insert("userPrincipalName".to_owned(), Value::from(name.clone()));
        self.unique(&fields, &id)?;
        self.commit(Kind::Restored, &id, Map::from_iter([("userPrincipalName".to_owned(), Value::from(name))]))?;
        self.counts.restores += 1;
        let state = self.directory.truth();
        let user = state.user(&id).ok_or_else(|| Answer::not_found(&id))?;
        let mut body = Shape::of(&super::query::Query::default())?.show_object(state, user);
        body["@odata.context"] = Value::from(format!("{}/v1.0/$metadata#directoryObjects/$entity", self.base));
        Ok(Answer::ok(body))
    }

    pub(super) fn purge(&mut self, id: &str) -> Result<Answer, Answer> {
        let id = self.directory.truth().deleted_user(id).ok_or_else(|| Answer::not_found(id))?.id.clone();
        self.commit(Kind::Purged, &id, Map::new())?;
        self.counts.deletes += 1;
        Ok(Answer::no_content())
    }
}
