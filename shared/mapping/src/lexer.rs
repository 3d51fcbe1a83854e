//! Cuts an expression's text into tokens. Never fails: what is no token becomes a mistake and is passed over.

use crate::Mistake;

/// One piece of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A function's name or a word such as `vbTextCompare`.
    Name(String),
    /// `[name]`.
    Attribute(String),
    /// A quoted text without its escapes.
    Text(String),
    /// A decimal or hexadecimal integer, as decimal digits.
    Number(String),
    Compare(Comparison),
    Open,
    Close,
    Comma,
    /// Something that is wrong but stands where a value would stand; the mistake is already noted.
    Broken,
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// All of them, the longer signs first.
    const ALL: [Self; 6] =
        [Self::NotEqual, Self::LessOrEqual, Self::GreaterOrEqual, Self::Less, Self::Greater, Self::Equal];

    /// As it is written in an expression.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// All tokens of a text; mistakes are added to the list.
pub(crate) fn tokens(text: &str, mistakes: &mut Vec<Mistake>) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, mistakes, tokens: Vec::new() };
    while lexer.step() {}
    lexer.tokens
}

struct Lexer<'t, 'm> {
    text: &'t str,
    at: usize,
    mistakes: &'m mut Vec<Mistake>,
    tokens: Vec<Token>,
}

impl Lexer<'_, '_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn starts_with(&self, prefix: &str) -> bool {
        self.text[self.at..].starts_with(prefix)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, start, end: self.at });
    }

    fn mistake(&mut self, message: impl Into<String>, hint: &str, start: usize) {
        let mistake = Mistake::new(message, start, self.at);
        self.mistakes.push(if hint.is_empty() { mistake } else { mistake.hint(hint) });
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        rest[..length].to_owned()
    }

    fn step(&mut self) -> bool {
        let Some(first) = self.peek() else { return false };
        let start = self.at;
        match first {
            c if c.is_whitespace() || c == '\u{feff}' => self.at += c.len_utf8(),
            '(' => self.single(TokenKind::Open),
            ')' => self.single(TokenKind::Close),
            ',' => self.single(TokenKind::Comma),
            '"' => self.quoted(start),
            '[' => self.attribute(start),
            '=' | '<' | '>' => self.comparison(start),
            '&' => self.ampersand(start),
            '-' | '0'..='9' => self.number(start),
            c if c.is_alphabetic() || c == '_' => {
                let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
                self.push(TokenKind::Name(name), start);
            }
            c => self.stray(c, start),
        }
        true
    }

    fn single(&mut self, kind: TokenKind) {
        let start = self.at;
        self.at += 1;
        self.push(kind, start);
    }

    /// Only `\"` and `\\` are escapes; any other backslash stays, as in `"\d"`.
    fn quoted(&mut self, start: usize) {
        self.at += 1;
        let mut content = String::new();
        let mut escaped = false;
        for (index, c) in self.text[self.at..].char_indices() {
            if escaped {
                if !matches!(c, '"' | '\\') {
                    content.push('\\');
                }
                content.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == '"' {
                self.at += index + 1;
                self.push(TokenKind::Text(content), start);
                return;
            } else {
                content.push(c);
            }
        }
        self.at = self.text.len();
        self.mistake(
            "the quotation mark is never closed",
            "end the text with \", and write \\\" for one inside",
            start,
        );
        self.push(TokenKind::Broken, start);
    }

    fn attribute(&mut self, start: usize) {
        let rest = &self.text[start + 1..];
        let Some(length) = rest.find(']') else {
            self.at = self.text.len();
            self.mistake("the square bracket is never closed", "write [attribute]", start);
            self.push(TokenKind::Broken, start);
            return;
        };
        let name = rest[..length].trim().to_owned();
        self.at = start + length + 2;
        if name.is_empty() {
            self.mistake("an attribute needs a name", "write [attribute]", start);
            self.push(TokenKind::Broken, start);
        } else {
            self.push(TokenKind::Attribute(name), start);
        }
    }

    fn comparison(&mut self, start: usize) {
        for comparison in Comparison::ALL {
            let sign = comparison.sign();
            if self.starts_with(sign) {
                self.at += sign.len();
                if sign == "=" && self.starts_with("=") {
                    self.at += 1;
                    self.mistake("there is no operator ==", "write =", start);
                }
                return self.push(TokenKind::Compare(comparison), start);
            }
        }
    }

    fn ampersand(&mut self, start: usize) {
        self.at += 1;
        if !self.starts_with("H") && !self.starts_with("h") {
            let _ = self.take_while(|c| c == '&');
            return self.mistake(
                "there is no operator &",
                "use Append or Join for texts, nested IIF for conditions",
                start,
            );
        }
        self.at += 1;
        let digits = self.take_while(|c| c.is_ascii_alphanumeric());
        if let Ok(number) = i64::from_str_radix(&digits, 16) {
            self.push(TokenKind::Number(number.to_string()), start);
        } else {
            self.mistake("this is no hexadecimal number", "write &H and up to 15 of 0-9 and A-F", start);
            self.push(TokenKind::Broken, start);
        }
    }

    fn number(&mut self, start: usize) {
        let sign = if self.starts_with("-") { "-" } else { "" };
        self.at += sign.len();
        let digits = self.take_while(|c| c.is_ascii_digit());
        let tail = self.take_while(|c| c.is_alphanumeric() || c == '.' || c == '_');
        if digits.is_empty() && tail.is_empty() {
            return self.mistake("there is no arithmetic", "a minus sign stands directly before a number", start);
        }
        if digits.is_empty() || !tail.is_empty() {
            self.mistake("this is no integer", "put a text between quotation marks", start);
            return self.push(TokenKind::Broken, start);
        }
        self.push(TokenKind::Number(format!("{sign}{digits}")), start);
    }

    fn stray(&mut self, c: char, start: usize) {
        self.at += c.len_utf8();
        match c {
            '“' | '”' | '„' | '«' | '»' | '\'' | '’' | '‘' | '`' => {
                let _ = self.take_while(|c| !matches!(c, ',' | '(' | ')' | '[' | '"'));
                self.mistake("a text stands between straight double quotation marks", "write \"text\"", start);
                self.push(TokenKind::Broken, start);
            }
            '!' => {
                let negated = self.starts_with("=");
                self.at += usize::from(negated);
                self.mistake("there is no operator !", "write <> or use Not(...)", start);
                if negated {
                    self.push(TokenKind::Compare(Comparison::NotEqual), start);
                }
            }
            ']' => self.mistake("this bracket closes nothing", "write [attribute]", start),
            ';' => {
                self.mistake("arguments are separated by commas", "write ,", start);
                self.push(TokenKind::Comma, start);
            }
            _ => {
                self.mistake("this character means nothing here", "put a text between quotation marks", start);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        let mut mistakes = Vec::new();
        let kinds = tokens(text, &mut mistakes).into_iter().map(|token| token.kind).collect();
        assert_eq!(mistakes, [], "{text}");
        kinds
    }

    #[test]
    fn an_unknown_escape_keeps_its_backslash() {
        assert_eq!(kinds(r#""\d\\d\"""#), [TokenKind::Text(r#"\d\d""#.to_owned())]);
    }

    #[test]
    fn numbers_may_be_negative_or_hexadecimal() {
        assert_eq!(kinds("-14 &HF7"), [TokenKind::Number("-14".to_owned()), TokenKind::Number("247".to_owned())]);
    }

    #[test]
    fn what_is_never_closed_is_a_mistake_at_its_beginning() {
        for (text, start) in [("Trim(\"abc", 5), ("Trim([abc", 5)] {
            let mut mistakes = Vec::new();
            tokens(text, &mut mistakes);
            assert_eq!((mistakes.len(), mistakes[0].start, mistakes[0].end), (1, start, text.len()));
        }
    }
}
