//! What a create or an update may say. Messages follow Graph's where they are known.

use super::answer::Answer;
use super::clock::normalized;
use super::properties::{Kind, PROPERTIES, Property, is_extension_attribute, property};
use serde_json::{Map, Value, json};

/// The checked fields of a create: `null` says nothing there.
pub(super) fn create(body: &Map<String, Value>, domain: &str) -> Result<Map<String, Value>, Answer> {
    let body: Map<String, Value> =
        body.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())).collect();
    for Property { name, .. } in PROPERTIES.iter().filter(|property| property.required) {
        if !body.contains_key(*name) {
            let message = format!("A value is required for property '{name}' of resource 'User'.");
            return Err(Answer::property(name, "MissingValue", &message));
        }
    }
    fields(&body, domain)
}

/// The checked fields of an update: `null` clears.
pub(super) fn fields(body: &Map<String, Value>, domain: &str) -> Result<Map<String, Value>, Answer> {
    let mut fields = Map::new();
    for (name, value) in body.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        let Some(property) = property(name) else { return Err(unknown(name)) };
        fields.insert(name.clone(), field(property, value, domain)?);
    }
    Ok(fields)
}

fn unknown(name: &str) -> Answer {
    Answer::bad_request(&format!("Property '{name}' does not exist as a declared property or extension property."))
}

fn field(property: &Property, value: &Value, domain: &str) -> Result<Value, Answer> {
    let name = property.name;
    match (property.kind, value) {
        (Kind::ReadOnly | Kind::ReadOnlyList, _) => {
            Err(Answer::bad_request(&format!("Property '{name}' is read-only and cannot be set.")))
        }
        (Kind::NotSimulated, _) => Err(Answer::bad_request(&format!("Property '{name}' is not simulated."))),
        (_, Value::Null) if property.required => Err(Answer::invalid_value(name)),
        // Lists are emptied and not cleared, and a country that was once given can only become another.
        (Kind::Texts(..) | Kind::Country, Value::Null) => Err(Answer::invalid_value(name)),
        (_, Value::Null) => Ok(Value::Null),
        (Kind::Flag, Value::Bool(flag)) => Ok(Value::from(*flag)),
        (Kind::Instant, Value::String(text)) => {
            normalized(text).map(Value::from).ok_or_else(|| mistyped(name, "Edm.DateTimeOffset"))
        }
        (Kind::Texts(most, length), Value::Array(items)) => texts(name, items, most, length),
        (Kind::Password, Value::Object(profile)) => password(profile),
        (Kind::OrgData, Value::Object(data)) => org_data(data),
        (Kind::ExtensionAttributes, Value::Object(attributes)) => extension_attributes(attributes),
        (kind, Value::String(text)) => written(name, kind, text, domain),
        (kind, _) => Err(mistyped(name, type_of(kind))),
    }
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "Edm.Boolean",
        Kind::Instant => "Edm.DateTimeOffset",
        Kind::Texts(..) => "Collection(Edm.String)",
        Kind::Password => "microsoft.graph.passwordProfile",
        Kind::OrgData => "microsoft.graph.employeeOrgData",
        Kind::ExtensionAttributes => "microsoft.graph.onPremisesExtensionAttributes",
        _ => "Edm.String",
    }
}

fn mistyped(name: &str, expected: &str) -> Answer {
    Answer::bad_request(&format!("Cannot convert the value of property '{name}' to the expected type '{expected}'."))
}

fn too_long(name: &str) -> Answer {
    let message = format!("Invalid value specified for property '{name}' of resource 'User'.");
    Answer::property(name, "InvalidLength", &message)
}

/// Text that must have 1 to so many characters.
fn bounded(name: &str, text: &str, most: usize) -> Result<(), Answer> {
    if text.is_empty() {
        return Err(Answer::invalid_value(name));
    }
    if most > 0 && text.chars().count() > most { Err(too_long(name)) } else { Ok(()) }
}

fn written(name: &str, kind: Kind, text: &str, domain: &str) -> Result<Value, Answer> {
    let sound = match kind {
        Kind::Text(most) => return bounded(name, text, most).map(|()| Value::from(text)),
        Kind::Nickname => {
            bounded(name, text, 64)?;
            text.bytes().all(|byte| byte.is_ascii_graphic() && !b"@()\\[]\";:<>,".contains(&byte))
        }
        Kind::Mail => {
            text.is_ascii() && text.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
        }
        Kind::Country => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()),
        Kind::PrincipalName => return principal_name(text, domain),
        Kind::Choice(words) => match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            Some(word) => return Ok(Value::from(*word)),
            None => false,
        },
        Kind::Policies => text
            .split(',')
            .all(|word| ["DisablePasswordExpiration", "DisableStrongPassword", "None"].contains(&word.trim())),
        _ => return Err(mistyped(name, type_of(kind))),
    };
    if sound { Ok(Value::from(text)) } else { Err(Answer::invalid_value(name)) }
}

fn principal_name(text: &str, domain: &str) -> Result<Value, Answer> {
    let name = "userPrincipalName";
    let invalid = || Answer::property(name, "InvalidValue", "Property userPrincipalName is invalid.");
    let (alias, named) = text.rsplit_once('@').ok_or_else(invalid)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'.-_!#^~".contains(&byte);
    if alias.is_empty() || alias.ends_with('.') || !alias.bytes().all(allowed) {
        return Err(invalid());
    }
    if alias.len() > 64 || named.len() > 48 {
        return Err(too_long(name));
    }
    if !named.eq_ignore_ascii_case(domain) {
        let message = "The domain portion of the userPrincipalName property is invalid. \
                       You must use one of the verified domain names in your organization.";
        return Err(Answer::property(name, "InvalidValue", message));
    }
    Ok(Value::from(text))
}

fn texts(name: &str, items: &[Value], most: usize, length: usize) -> Result<Value, Answer> {
    if items.len() > most {
        return Err(too_long(name));
    }
    for item in items {
        let text = item.as_str().ok_or_else(|| mistyped(name, "Edm.String"))?;
        bounded(name, text, length)?;
        if name == "otherMails" && !text.is_ascii() {
            return Err(Answer::invalid_value(name));
        }
    }
    Ok(Value::from(items))
}

/// Three of four kinds of characters and 8 to 256 of them, as the default policy wants. The password is not kept.
fn password(profile: &Map<String, Value>) -> Result<Value, Answer> {
    for (name, value) in profile.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        let sound = match name.as_str() {
            "forceChangePasswordNextSignIn" | "forceChangePasswordNextSignInWithMfa" => {
                value.is_boolean() || value.is_null()
            }
            "password" => value.is_string(),
            _ => return Err(unknown(name)),
        };
        if !sound {
            return Err(mistyped("passwordProfile", "microsoft.graph.passwordProfile"));
        }
    }
    let Some(password) = profile.get("password").and_then(Value::as_str) else {
        return Err(Answer::invalid_value("passwordProfile"));
    };
    let kinds: [fn(char) -> bool; 4] =
        [|c| c.is_lowercase(), |c| c.is_uppercase(), |c| c.is_ascii_digit(), |c| !c.is_alphanumeric()];
    let strength = kinds.iter().filter(|kind| password.chars().any(**kind)).count();
    if strength < 3 || !(8..=256).contains(&password.chars().count()) {
        let message = "The specified password does not comply with password complexity requirements. \
                       Please provide a different password.";
        return Err(Answer::property("password", "InvalidValue", message));
    }
    Ok(Value::Null)
}

/// What is not named becomes null.
fn org_data(data: &Map<String, Value>) -> Result<Value, Answer> {
    let mut whole = json!({ "costCenter": null, "division": null });
    for (name, value) in data.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        if !["costCenter", "division"].contains(&name.as_str()) {
            return Err(unknown(name));
        }
        if !value.is_null() {
            bounded("employeeOrgData", value.as_str().ok_or_else(|| mistyped(name, "Edm.String"))?, 0)?;
        }
        whole[name] = value.clone();
    }
    Ok(whole)
}

fn extension_attributes(attributes: &Map<String, Value>) -> Result<Value, Answer> {
    let mut checked = Map::new();
    for (name, value) in attributes.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        if !is_extension_attribute(name) {
            return Err(unknown(name));
        }
        if !value.is_null() {
            bounded(name, value.as_str().ok_or_else(|| mistyped(name, "Edm.String"))?, 1024)?;
        }
        checked.insert(name.clone(), value.clone());
    }
    Ok(Value::Object(checked))
}
