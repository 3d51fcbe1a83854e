//! `$filter`, as far as users are looked for: `eq`, `in`, `ge`, `le`, `startswith`, `and`, `or` and parentheses.

use super::answer::Answer;
use super::clock::normalized;
use super::properties::{Kind, at_path};
use super::state::{State, User, indexed};
use serde_json::Value;
use std::collections::BTreeSet;

/// Graph takes so many values in one `in`, and so many clauses joined by `or`.
const CLAUSES_MAX: usize = 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Equal,
    StartsWith,
    AtLeast,
    AtMost,
}

/// An understood filter. Text is compared without case, as Graph does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    Compare(String, Test, Value),
    And(Box<Filter>, Box<Filter>),
    Or(Vec<Filter>),
}

impl Filter {
    pub fn parse(text: &str) -> Result<Self, Answer> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        let filter = parser.or()?;
        if parser.at < parser.tokens.len() { Err(invalid()) } else { Ok(filter) }
    }

    pub fn matches(&self, user: &User) -> bool {
        match self {
            Self::And(left, right) => left.matches(user) && right.matches(user),
            Self::Or(filters) => filters.iter().any(|filter| filter.matches(user)),
            Self::Compare(path, test, wanted) => compare(&at(user, path), *test, wanted),
        }
    }

    /// The rows among which all matches are, when they can be looked up.
    pub fn candidates(&self, state: &State) -> Option<BTreeSet<u64>> {
        match self {
            Self::Compare(path, Test::Equal, Value::String(text)) => {
                indexed(path)?;
                Some(state.having(path, text).cloned().unwrap_or_default())
            }
            Self::Compare(..) => None,
            Self::And(left, right) => left.candidates(state).or_else(|| right.candidates(state)),
            Self::Or(filters) => {
                let sets: Option<Vec<_>> = filters.iter().map(|filter| filter.candidates(state)).collect();
                Some(sets?.into_iter().flatten().collect())
            }
        }
    }
}

fn at(user: &User, path: &str) -> Value {
    let outer = path.split('/').next().unwrap_or_default();
    let found = match path.split_once('/') {
        None if path == "id" => return Value::from(user.id.as_str()),
        None => user.fields.get(path),
        Some((_, inner)) => user.fields.get(outer).and_then(|outer| outer.get(inner)),
    };
    found.cloned().unwrap_or(Value::Null)
}

fn compare(found: &Value, test: Test, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::String(found), Value::String(wanted)) => {
            let (found, wanted) = (found.to_lowercase(), wanted.to_lowercase());
            match test {
                Test::Equal => found == wanted,
                Test::StartsWith => found.starts_with(&wanted),
                Test::AtLeast => found >= wanted,
                Test::AtMost => found <= wanted,
            }
        }
        (Value::Array(items), wanted) => items.iter().any(|item| compare(item, test, wanted)),
        (found, wanted) => test == Test::Equal && found == wanted,
    }
}

fn invalid() -> Answer {
    Answer::bad_request("Invalid filter clause")
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
}

fn tokens(text: &str) -> Result<Vec<Token>, Answer> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        tokens.push(match next {
            ' ' => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '\'' => {
                let mut value = String::new();
                loop {
                    match rest.next() {
                        // A doubled quote is a quote.
                        Some('\'') if rest.next_if_eq(&'\'').is_some() => value.push('\''),
                        Some('\'') => break Token::Text(value),
                        Some(other) => value.push(other),
                        None => return Err(invalid()),
                    }
                }
            }
            first if first.is_ascii_alphanumeric() => {
                let mut word = String::from(first);
                while let Some(more) = rest.next_if(|c| c.is_ascii_alphanumeric() || "/_-:.+".contains(*c)) {
                    word.push(more);
                }
                Token::Word(word)
            }
            _ => return Err(invalid()),
        });
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn next(&mut self) -> Result<Token, Answer> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(invalid)?;
        self.at += 1;
        Ok(token)
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), Answer> {
        if self.next()? == *wanted { Ok(()) } else { Err(invalid()) }
    }

    fn or(&mut self) -> Result<Filter, Answer> {
        let mut filters = vec![self.and()?];
        while self.word("or") {
            filters.push(self.and()?);
        }
        either(filters)
    }

    fn and(&mut self) -> Result<Filter, Answer> {
        let mut filter = self.one()?;
        while self.word("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.one()?));
        }
        Ok(filter)
    }

    fn one(&mut self) -> Result<Filter, Answer> {
        match self.next()? {
            Token::Open => {
                let filter = self.or()?;
                self.expect(&Token::Close)?;
                Ok(filter)
            }
            Token::Word(word) if word.eq_ignore_ascii_case("startswith") => self.starts_with(),
            Token::Word(path) => {
                let kind = known(&path)?;
                match self.next()? {
                    Token::Word(test) if test.eq_ignore_ascii_case("in") => self.any_of(path, kind),
                    Token::Word(test) => {
                        let test = test_of(&test, kind)?;
                        Ok(Filter::Compare(path, test, self.value(kind)?))
                    }
                    _ => Err(invalid()),
                }
            }
            _ => Err(invalid()),
        }
    }

    fn starts_with(&mut self) -> Result<Filter, Answer> {
        self.expect(&Token::Open)?;
        let Token::Word(path) = self.next()? else { return Err(invalid()) };
        let kind = known(&path)?;
        self.expect(&Token::Comma)?;
        let value = self.value(kind)?;
        self.expect(&Token::Close)?;
        if value.is_string() && kind != Kind::Instant {
            Ok(Filter::Compare(path, Test::StartsWith, value))
        } else {
            Err(Answer::unsupported_query())
        }
    }

    fn any_of(&mut self, path: String, kind: Kind) -> Result<Filter, Answer> {
        self.expect(&Token::Open)?;
        let mut filters = vec![Filter::Compare(path.clone(), Test::Equal, self.value(kind)?)];
        loop {
            match self.next()? {
                Token::Comma => filters.push(Filter::Compare(path.clone(), Test::Equal, self.value(kind)?)),
                Token::Close => return either(filters),
                _ => return Err(invalid()),
            }
        }
    }

    fn value(&mut self, kind: Kind) -> Result<Value, Answer> {
        match (self.next()?, kind) {
            (Token::Word(word), _) if word == "null" => Ok(Value::Null),
            (Token::Word(word), Kind::Flag) if word == "true" || word == "false" => Ok(Value::from(word == "true")),
            (Token::Word(word), Kind::Instant) => normalized(&word).map(Value::from).ok_or_else(invalid),
            (Token::Text(text), kind) if kind != Kind::Flag && kind != Kind::Instant => Ok(Value::from(text)),
            _ => Err(invalid()),
        }
    }
}

fn either(mut filters: Vec<Filter>) -> Result<Filter, Answer> {
    if filters.len() > CLAUSES_MAX {
        let count = filters.len();
        return Err(Answer::bad_request(&format!(
            "Too many child clauses specified in search filter expression containing 'OR' operators: {count}. \
             Max allowed: {CLAUSES_MAX}."
        )));
    }
    match filters.len() {
        1 => filters.pop().ok_or_else(invalid),
        _ => Ok(Filter::Or(filters)),
    }
}

fn known(path: &str) -> Result<Kind, Answer> {
    match at_path(path) {
        Some(
            kind @ (Kind::Text(_)
            | Kind::Choice(_)
            | Kind::Nickname
            | Kind::Mail
            | Kind::PrincipalName
            | Kind::Country
            | Kind::Flag
            | Kind::Instant),
        ) => Ok(kind),
        Some(Kind::Texts(..)) if path == "otherMails" => Ok(Kind::Text(0)),
        Some(Kind::ReadOnly) if path == "createdDateTime" => Ok(Kind::Instant),
        Some(Kind::ReadOnly) if path == "id" => Ok(Kind::Text(0)),
        Some(Kind::ReadOnly) if path == "onPremisesSyncEnabled" => Ok(Kind::Flag),
        Some(_) => Err(Answer::unsupported_query()),
        None => {
            let message = format!(
                "Invalid filter clause: Could not find a property named '{path}' on type 'microsoft.graph.user'."
            );
            Err(Answer::malformed(&message))
        }
    }
}

fn test_of(word: &str, kind: Kind) -> Result<Test, Answer> {
    match word.to_ascii_lowercase().as_str() {
        "eq" => Ok(Test::Equal),
        "ge" if kind != Kind::Flag => Ok(Test::AtLeast),
        "le" if kind != Kind::Flag => Ok(Test::AtMost),
        "ne" | "gt" | "lt" | "ge" | "le" => Err(Answer::unsupported_query()),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(fields: &Value) -> User {
        User { id: "1".to_owned(), fields: fields.as_object().unwrap().clone(), deleted_at: None }
    }

    fn matches(filter: &str, fields: &Value) -> bool {
        Filter::parse(filter).unwrap().matches(&user(fields))
    }

    #[test]
    fn texts_are_compared_without_case_and_quotes_are_doubled() {
        assert!(matches("displayName eq 'o''brien'", &json!({ "displayName": "O'Brien" })));
        assert!(matches("startswith(displayName,'ZO')", &json!({ "displayName": "Zoë" })));
        assert!(!matches("displayName eq 'Zo'", &json!({ "displayName": "Zoë" })));
        let nested = json!({ "onPremisesExtensionAttributes": { "extensionAttribute7": "x" } });
        assert!(matches("onPremisesExtensionAttributes/extensionAttribute7 eq 'X'", &nested));
    }

    #[test]
    fn and_binds_closer_than_or() {
        let filter = "employeeId eq '1' or employeeId eq '2' and accountEnabled eq true";
        assert!(matches(filter, &json!({ "employeeId": "1", "accountEnabled": false })));
        assert!(!matches(filter, &json!({ "employeeId": "2", "accountEnabled": false })));
        let filter = "(employeeId eq '1' or employeeId eq '2') and accountEnabled eq true";
        assert!(!matches(filter, &json!({ "employeeId": "1", "accountEnabled": false })));
    }

    #[test]
    fn fifteen_values_are_taken_and_sixteen_are_not() {
        let list = |count: usize| vec!["'a'"; count].join(",");
        assert!(Filter::parse(&format!("employeeId in ({})", list(15))).is_ok());
        assert_eq!(Filter::parse(&format!("employeeId in ({})", list(16))).unwrap_err().status, 400);
        assert!(Filter::parse(&vec!["employeeId eq 'a'"; 16].join(" or ")).is_err());
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for text in [
            "",
            "employeeId",
            "employeeId eq",
            "employeeId eq 'a",
            "employeeId eq 'a' or",
            "nobody eq 'a'",
            "accountEnabled eq 'x'",
            "employeeId ne 'a'",
            "(employeeId eq 'a'",
            "employeeId eq 'a')",
            "employeeHireDate ge 2026-01-05",
        ] {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
        assert!(matches(
            "employeeHireDate ge 2026-01-05T00:00:00Z",
            &json!({ "employeeHireDate": "2026-01-06T00:00:00Z" })
        ));
        assert!(matches("department eq null", &json!({})));
    }
}
