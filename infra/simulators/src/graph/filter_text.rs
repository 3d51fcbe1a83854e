//! The text of a `$filter`, from words to an understood filter.

use super::answer::Answer;
use super::clock::normalized;
use super::filter::{Filter, Test};
use super::properties::{Kind, at_path};
use serde_json::Value;

/// Graph takes so many values in one `in`, and so many clauses joined by `or`.
const CLAUSES_MAX: usize = 15;

pub(super) fn parse(text: &str) -> Result<Filter, Answer> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let filter = parser.or()?;
    if parser.at < parser.tokens.len() { Err(invalid()) } else { Ok(filter) }
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
                    Token::Word(test) if test.eq_ignore_ascii_case("in") => self.any_of(&path, kind),
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

    fn any_of(&mut self, path: &str, kind: Kind) -> Result<Filter, Answer> {
        self.expect(&Token::Open)?;
        let mut filters = vec![Filter::Compare(path.to_owned(), Test::Equal, self.value(kind)?)];
        loop {
            match self.next()? {
                Token::Comma => filters.push(Filter::Compare(path.to_owned(), Test::Equal, self.value(kind)?)),
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
