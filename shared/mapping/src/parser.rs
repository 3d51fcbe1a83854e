//! Builds the tree of an expression from its tokens. Goes on after a mistake, so that all of them are found.

use crate::lexer::{self, Token, TokenKind};
use crate::{Mistake, Node, NodeKind};

/// Calls may stand this deep inside each other; deeper ones would only serve to exhaust the stack.
pub(crate) const NESTING_MAX: usize = 64;

/// Longest expression, in characters.
const LENGTH_MAX: usize = 10_000;

/// The tree of a text; mistakes are added to the list.
pub(crate) fn tree(text: &str, mistakes: &mut Vec<Mistake>) -> Node {
    if let Some((end, _)) = text.char_indices().nth(LENGTH_MAX) {
        let mistake = Mistake::new("an expression has at most 10,000 characters", end, text.len());
        mistakes.push(mistake.hint("move a long table into a column of the source"));
        return Node { kind: NodeKind::Broken, start: 0, end: text.len() };
    }
    let tokens = lexer::tokens(text, mistakes);
    let node = parse(tokens, text.len(), mistakes);
    mistakes.sort_by_key(|mistake| (mistake.start, mistake.end));
    node
}

/// The tree of all the tokens of a text of `length` bytes.
fn parse(tokens: Vec<Token>, length: usize, mistakes: &mut Vec<Mistake>) -> Node {
    // An open quotation mark or bracket at the end swallowed whatever would have closed the call.
    let unclosed = matches!(tokens.last(), Some(Token { kind: TokenKind::Broken, end, .. }) if *end == length);
    let mut parser = Parser { tokens, at: 0, length, unclosed, mistakes };
    if parser.tokens.is_empty() {
        if parser.mistakes.is_empty() {
            let hint = "write a function such as Trim([givenName]), or [attribute]";
            parser.mistakes.push(Mistake::new("the expression is empty", 0, length).hint(hint));
        }
        return Node { kind: NodeKind::Broken, start: 0, end: length };
    }
    let node = parser.argument(0);
    if let NodeKind::Compare { .. } = node.kind {
        let mistake = Mistake::new("a comparison alone is no expression", node.start, node.end);
        parser.mistakes.push(mistake.hint("write IIF(comparison, …, …) or CBool(comparison)"));
    }
    if let Some(token) = parser.tokens.get(parser.at) {
        let (start, hint) = (
            token.start,
            match token.kind {
                TokenKind::Close => "there are more closing than opening parentheses",
                _ => "the expression ends before this; join texts with Append or Join",
            },
        );
        parser.mistakes.push(Mistake::new("nothing may follow the expression", start, length).hint(hint));
    }
    node
}

struct Parser<'m> {
    tokens: Vec<Token>,
    at: usize,
    length: usize,
    /// An open parenthesis at the end is noted already, or follows from another mistake.
    unclosed: bool,
    mistakes: &'m mut Vec<Mistake>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get_mut(self.at)?;
        self.at += 1;
        let (start, end) = (token.start, token.end);
        Some(Token { kind: std::mem::replace(&mut token.kind, TokenKind::Broken), start, end })
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.length, |token| token.start)
    }

    /// An operand, possibly compared with another one.
    fn argument(&mut self, depth: usize) -> Node {
        let left = self.operand(depth);
        let Some(TokenKind::Compare(comparison)) = self.peek() else { return left };
        let comparison = *comparison;
        self.at += 1;
        let right = self.operand(depth);
        for side in [&left, &right] {
            if let NodeKind::Empty = side.kind {
                let mistake = Mistake::new("a comparison needs two sides", left.start, right.end.max(left.end));
                self.mistakes.push(mistake.hint("compare with \"\" to ask whether there is a value"));
            }
        }
        let (start, end) = (left.start, right.end);
        let node = Node { kind: NodeKind::Compare { comparison, left: left.into(), right: right.into() }, start, end };
        if let Some(TokenKind::Compare(_)) = self.peek() {
            let mistake = Mistake::new("one comparison at a time", start, self.place());
            self.mistakes.push(mistake.hint("nest IIF for two conditions"));
            while matches!(self.peek(), Some(TokenKind::Compare(_))) {
                self.at += 1;
                self.operand(depth);
            }
        }
        node
    }

    fn operand(&mut self, depth: usize) -> Node {
        let place = self.place();
        if matches!(self.peek(), None | Some(TokenKind::Comma | TokenKind::Close | TokenKind::Compare(_))) {
            return Node { kind: NodeKind::Empty, start: place, end: place };
        }
        let Some(token) = self.next() else { return Node { kind: NodeKind::Empty, start: place, end: place } };
        let (start, mut end) = (token.start, token.end);
        let kind = match token.kind {
            TokenKind::Text(text) => NodeKind::Text(text),
            TokenKind::Number(number) => NodeKind::Number(number),
            TokenKind::Attribute(name) => NodeKind::Attribute(name),
            TokenKind::Name(name) if self.peek() == Some(&TokenKind::Open) => {
                let name_end = end;
                let arguments = self.call(depth, (start, name_end));
                end = self.tokens[self.at - 1].end;
                NodeKind::Call { name, name_end, arguments }
            }
            TokenKind::Name(name) => NodeKind::Word(name),
            TokenKind::Open => {
                let mistake = Mistake::new("a parenthesis without a function before it", start, end);
                self.mistakes.push(mistake.hint("write Function(...); there is nothing to group"));
                self.at -= 1;
                self.skip_call();
                end = self.tokens[self.at - 1].end;
                NodeKind::Broken
            }
            _ => NodeKind::Broken,
        };
        Node { kind, start, end }
    }

    /// The arguments of a call, whose opening parenthesis comes next.
    fn call(&mut self, depth: usize, name: (usize, usize)) -> Vec<Node> {
        if depth >= NESTING_MAX {
            let message = format!("calls stand more than {NESTING_MAX} deep inside each other");
            let hint = "use one Switch instead of many nested IIF";
            self.mistakes.push(Mistake::new(message, name.0, name.1).hint(hint));
            self.skip_call();
            return Vec::new();
        }
        self.at += 1;
        let mut arguments = vec![self.argument(depth + 1)];
        loop {
            match self.peek() {
                Some(TokenKind::Comma) => {
                    self.at += 1;
                    arguments.push(self.argument(depth + 1));
                }
                Some(TokenKind::Close) => {
                    self.at += 1;
                    break;
                }
                None => {
                    self.unclosed(name);
                    break;
                }
                Some(_) => {
                    let place = self.place();
                    let mistake = Mistake::new("a comma or ) is missing", place, self.tokens[self.at].end);
                    let word = matches!(self.peek(), Some(TokenKind::Name(_)));
                    let hint = if word { "there is no And or Or; nest IIF" } else { "separate arguments by commas" };
                    self.mistakes.push(mistake.hint(hint));
                    self.argument(depth + 1);
                }
            }
        }
        if arguments.len() == 1 && matches!(arguments[0].kind, NodeKind::Empty) {
            arguments.clear();
        }
        arguments
    }

    /// Notes an open parenthesis at the end of the text, once only: further ones are mostly the same slip.
    fn unclosed(&mut self, (start, end): (usize, usize)) {
        if !self.unclosed {
            let mistake = Mistake::new("the parenthesis of this call is never closed", start, end);
            self.mistakes.push(mistake.hint("add )"));
        }
        self.unclosed = true;
    }

    /// Passes over a parenthesis and all that it holds, without recursion.
    fn skip_call(&mut self) {
        let mut open = 0_usize;
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::Open => open += 1,
                TokenKind::Close => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline;

    fn mistakes(text: &str) -> Vec<Mistake> {
        outline(text).err().unwrap_or_default()
    }

    #[test]
    fn arguments_may_be_left_out() {
        assert_eq!(mistakes("Replace([a],\"b\", , ,\"\", ,)"), []);
        assert_eq!(mistakes("Now()"), []);
    }

    #[test]
    fn white_space_may_stand_before_the_parenthesis() {
        assert_eq!(mistakes("Trim\n (\n[a]\n)\n"), []);
    }

    #[test]
    fn every_mistake_is_found_not_only_the_first() {
        let found = mistakes("Join(\",\" [a], Trim(([b]), [c] = )");
        assert_eq!(found.len(), 4, "{found:#?}");
    }

    #[test]
    fn thousands_of_nested_calls_are_a_mistake_and_no_overflow() {
        let found = mistakes(&"F(".repeat(4_000));
        assert!(found.iter().any(|mistake| mistake.message.contains("deep")), "{found:#?}");
        assert!(mistakes(&format!("{}[a]{}", "F(".repeat(64), ")".repeat(64))).is_empty());
    }
}
