//! `/users`: listing, reading, making, changing and deleting.

use super::answer::{Answer, Request};
use super::check;
use super::clock::written;
use super::filter::Filter;
use super::properties::CLOUD_MASTERED;
use super::server::Server;
use super::shape::Shape;
use super::state::{Kind, State, User};
use serde_json::{Map, Value, json};

/// The size of a page without `$top`.
const PAGE: usize = 100;

impl Server {
    pub(super) fn list_users(&self, request: &Request) -> Result<Answer, Answer> {
        let shape = Shape::of(&request.query)?;
        let state = self.directory.view();
        let filter = request.query.get("$filter").map(Filter::parse).transpose()?;
        let page = Page::of(request)?;
        let counts = request.eventual && request.query.get("$count") == Some("true");
        let mut body = json!({ "@odata.context": format!("{}/v1.0/$metadata#users{}", self.base, shape.context()) });
        if counts && page.from == 0 {
            body["@odata.count"] = Value::from(matching(state, filter.as_ref(), 0).count());
        }
        let mut found = matching(state, filter.as_ref(), page.from);
        let users: Vec<Value> = found.by_ref().take(page.size).map(|(_, user)| shape.show(state, user)).collect();
        if let Some((row, _)) = found.next() {
            body["@odata.nextLink"] = Value::from(Page::next_link(&self.base, "users", request, row));
        }
        body["value"] = Value::from(users);
        Ok(Answer::ok(body))
    }

    /// `/users/$count`, an advanced query.
    pub(super) fn count_users(&self, request: &Request) -> Result<Answer, Answer> {
        if !request.eventual {
            return Err(Answer::bad_request("$count is not currently supported."));
        }
        let filter = request.query.get("$filter").map(Filter::parse).transpose()?;
        Ok(Answer::ok(Value::from(matching(self.directory.view(), filter.as_ref(), 0).count())))
    }

    pub(super) fn read_user(&self, request: &Request, key: &str) -> Result<Answer, Answer> {
        let shape = Shape::of(&request.query)?;
        let state = self.directory.view();
        let user = state.user(key).ok_or_else(|| Answer::not_found(key))?;
        let mut body = shape.show(state, user);
        body["@odata.context"] = Value::from(format!("{}/v1.0/$metadata#users{}/$entity", self.base, shape.context()));
        Ok(Answer::ok(body))
    }

    pub(super) fn create_user(&mut self, request: &Request, lying: bool) -> Result<Answer, Answer> {
        let mut fields = check::create(object(request)?, &self.options.default_domain)?;
        let id = self.directory.new_id(&mut self.dice);
        let now = self.now();
        fields.remove("passwordProfile");
        fields.insert("createdDateTime".to_owned(), Value::from(written(now)));
        fields.insert("lastPasswordChangeDateTime".to_owned(), Value::from(written(now)));
        fields.entry("userType").or_insert_with(|| Value::from("Member"));
        addresses(&mut fields, None);
        self.unique(&fields, &id)?;
        if lying {
            return Err(Answer::conflict("userPrincipalName"));
        }
        self.commit(Kind::Set, &id, fields)?;
        self.counts.creates += 1;
        let state = self.directory.truth();
        let user = state.user(&id).ok_or_else(|| Answer::not_found(&id))?;
        let mut body = Shape::of(&super::query::Query::default())?.show(state, user);
        body["@odata.context"] = Value::from(format!("{}/v1.0/$metadata#users/$entity", self.base));
        Ok(Answer::created(body))
    }

    pub(super) fn update_user(&mut self, request: &Request, key: &str) -> Result<Answer, Answer> {
        let mut fields = check::fields(object(request)?, &self.options.default_domain)?;
        let now = self.now();
        let user = self.writable(key)?.clone();
        if user.flag("onPremisesSyncEnabled") && fields.keys().any(|name| !CLOUD_MASTERED.contains(&name.as_str())) {
            return Err(Answer::bad_request(
                "Unable to update the specified properties for on-premises mastered Directory Sync objects \
                 or objects currently undergoing migration.",
            ));
        }
        if fields.get("mail").is_some_and(Value::is_null) && user.fields.contains_key("mail") {
            return Err(Answer::invalid_value("mail"));
        }
        if fields.remove("passwordProfile").is_some() {
            fields.insert("lastPasswordChangeDateTime".to_owned(), Value::from(written(now)));
        }
        merge_extension_attributes(&mut fields, &user);
        addresses(&mut fields, Some(&user));
        self.unique(&fields, &user.id)?;
        self.commit(Kind::Set, &user.id, fields)?;
        self.counts.updates += 1;
        Ok(Answer::no_content())
    }

    pub(super) fn delete_user(&mut self, key: &str) -> Result<Answer, Answer> {
        let user = self.writable(key)?;
        let id = user.id.clone();
        // The principal name is free for others from now on; the recycle bin shows it with the id before it.
        let name = format!("{}{}", id.replace('-', ""), user.text("userPrincipalName").unwrap_or_default());
        let fields = Map::from_iter([("userPrincipalName".to_owned(), Value::from(name))]);
        self.commit(Kind::Deleted, &id, fields)?;
        self.counts.deletes += 1;
        Ok(Answer::no_content())
    }

    /// A user that writes may touch, as it truly is.
    pub(super) fn writable(&self, key: &str) -> Result<&User, Answer> {
        let user = self.directory.truth().user(key).ok_or_else(|| Answer::not_found(key))?;
        if user.flag("isManagementRestricted") { Err(Answer::forbidden()) } else { Ok(user) }
    }

    /// Principal names and mail addresses belong to one user each; `mailNickname` and `employeeId` may be shared.
    pub(super) fn unique(&self, fields: &Map<String, Value>, id: &str) -> Result<(), Answer> {
        let state = self.directory.truth();
        if let Some(name) = fields.get("userPrincipalName").and_then(Value::as_str)
            && state.taken("userPrincipalName", name, id)
        {
            return Err(Answer::conflict("userPrincipalName"));
        }
        let addresses = fields.get("proxyAddresses").and_then(Value::as_array).into_iter().flatten();
        for address in addresses.filter_map(Value::as_str) {
            if state.taken("proxyAddresses", address, id) {
                return Err(Answer::conflict("proxyAddresses"));
            }
        }
        Ok(())
    }
}

pub(super) fn object(request: &Request) -> Result<&Map<String, Value>, Answer> {
    let body = request.body.as_ref().and_then(Value::as_object);
    body.ok_or_else(|| Answer::malformed("Empty Payload. JSON content expected."))
}

/// A new `mail` becomes the primary address; the one before it stays as a further one.
pub(super) fn addresses(fields: &mut Map<String, Value>, before: Option<&User>) {
    let Some(mail) = fields.get("mail").and_then(Value::as_str) else { return };
    let known = before.and_then(|user| user.fields.get("proxyAddresses")).and_then(Value::as_array);
    let older =
        known.into_iter().flatten().filter_map(Value::as_str).map(|address| address.replacen("SMTP:", "smtp:", 1));
    let older = older.filter(|address| !address.eq_ignore_ascii_case(&format!("smtp:{mail}")));
    let all: Vec<Value> = std::iter::once(format!("SMTP:{mail}")).chain(older).map(Value::from).collect();
    fields.insert("proxyAddresses".to_owned(), Value::from(all));
}

fn merge_extension_attributes(fields: &mut Map<String, Value>, user: &User) {
    let name = "onPremisesExtensionAttributes";
    let Some(Value::Object(changed)) = fields.get_mut(name) else { return };
    let mut whole = user.fields.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    whole.extend(std::mem::take(changed));
    *changed = whole;
}

/// The users that match, from a row on, in the order in which they were made.
fn matching<'a>(
    state: &'a State,
    filter: Option<&'a Filter>,
    from: u64,
) -> Box<dyn Iterator<Item = (u64, &'a User)> + 'a> {
    let Some(filter) = filter else { return Box::new(state.users_from(from)) };
    let matches = move |(_, user): &(u64, &User)| filter.matches(user);
    match filter.candidates(state) {
        Some(rows) => {
            let rows = rows.into_iter().filter(move |row| *row >= from);
            Box::new(rows.filter_map(|row| Some((row, state.row(row)?))).filter(matches))
        }
        None => Box::new(state.users_from(from).filter(matches)),
    }
}

/// Where a page begins and how long it is.
pub(super) struct Page {
    pub from: u64,
    pub size: usize,
}

impl Page {
    pub fn of(request: &Request) -> Result<Self, Answer> {
        let token = request.query.get("$skiptoken").map(|token| {
            let row = token.strip_prefix('r').and_then(|row| u64::from_str_radix(row, 16).ok());
            row.ok_or_else(|| Answer::malformed("Skip token is not valid."))
        });
        Ok(Self { from: token.transpose()?.unwrap_or(0), size: request.query.top()?.unwrap_or(PAGE) })
    }

    pub fn next_link(base: &str, path: &str, request: &Request, row: u64) -> String {
        format!("{base}/v1.0/{path}?{}", request.query.with_token("$skiptoken", &format!("r{row:08x}")))
    }
}
