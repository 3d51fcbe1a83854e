//! Query strings and paths: percent-decoding, by segment and by pair.

use super::answer::Answer;

/// The query options that exist.
const KNOWN: &[&str] =
    &["$select", "$filter", "$expand", "$top", "$count", "$skiptoken", "$deltatoken", "$orderby", "$search", "$format"];

/// The pairs of a query string, decoded, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
        });
        Self { pairs: pairs.collect() }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Refuses options that do not exist, or exist and are not simulated. Names without `$` are the client's own.
    pub fn check(&self) -> Result<(), Answer> {
        for (name, _) in self.pairs.iter().filter(|(name, _)| name.starts_with('$')) {
            if !KNOWN.contains(&name.as_str()) {
                let message = format!("The query parameter '{name}' is not supported.");
                return Err(Answer::malformed(&message));
            }
            if self.pairs.iter().filter(|(other, _)| other == name).count() > 1 {
                let message = format!(
                    "Query option '{name}' was specified more than once, but it must be specified at most once."
                );
                return Err(Answer::malformed(&message));
            }
        }
        if self.get("$orderby").or(self.get("$search")).is_some() { Err(Answer::unsupported_query()) } else { Ok(()) }
    }

    /// `$top`, from 1 to 999.
    pub fn top(&self) -> Result<Option<usize>, Answer> {
        let Some(text) = self.get("$top") else { return Ok(None) };
        match text.parse() {
            Ok(top @ 1..=999) => Ok(Some(top)),
            _ => Err(Answer::bad_request(&format!(
                "Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive."
            ))),
        }
    }

    /// The query again, with another token in it.
    pub fn with_token(&self, name: &str, token: &str) -> String {
        let kept = self.pairs.iter().filter(|(key, _)| key != "$skiptoken" && key != "$deltatoken");
        let mut text: Vec<String> = kept.map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
        text.push(format!("{name}={token}"));
        text.join("&")
    }
}

/// The segments of a path, decoded one by one, so that an escaped slash stays within its segment.
pub(super) fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(decoded).collect()
}

/// Text without its percent escapes.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let digits = others.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        if let (b'%', Some(byte)) = (first, digits.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            bytes.push(byte);
            rest = &others[2..];
        } else {
            bytes.push(*first);
            rest = others;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~$(),'/".contains(&byte);
    let part = |byte: u8| if safe(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_slash_stays_within_its_segment() {
        assert_eq!(segments("/users/a%2Fb%40c/manager"), ["users", "a/b@c", "manager"]);
    }

    #[test]
    fn a_query_comes_back_as_it_was_with_another_token() {
        let text = "%24filter=displayName%20eq+'Zo%C3%AB%26Co'&$skiptoken=old";
        let query = Query::parse(&Query::parse(text).with_token("$skiptoken", "new"));
        assert_eq!(query.get("$filter"), Some("displayName eq 'Zoë&Co'"));
        assert_eq!(query.get("$skiptoken"), Some("new"));
    }

    #[test]
    fn a_page_has_1_to_999_users() {
        let top = |text: &str| Query::parse(text).top().map_err(|answer| answer.status);
        assert_eq!(top("$top=999"), Ok(Some(999)));
        assert_eq!((top("$top=0"), top("$top=1000"), top("$top=x")), (Err(400), Err(400), Err(400)));
    }
}
