//! Turns the checked tree into closures; notes what is wrong with names, arguments and constants on the way.

use crate::Mistake;
use crate::code::{Attribute, Code, code, test};
use crate::decimal::Decimal;
use crate::evaluation::{Operand, Scope, Site, Stop, integer};
use crate::functions::{self, Function};
use crate::lexer::Comparison;
use crate::suggest::nearest;
use crate::tree::{Node, NodeKind};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Bare words that are values rather than functions.
const WORDS: [&str; 7] =
    ["vbBinaryCompare", "vbTextCompare", "UTF8", "ASCII", "Unicode", "IgnoreAttributeFlow", "IgnoreObjectFlow"];

/// An argument that was given.
pub(crate) struct Argument {
    pub code: Code,
    /// Its text, when that is known without a record.
    pub constant: Option<String>,
    pub start: usize,
    pub end: usize,
}

/// A call that is being compiled. Functions take their arguments out of it.
pub(crate) struct Call<'m> {
    pub site: Site,
    pub arguments: Vec<Option<Argument>>,
    pub mistakes: &'m mut Vec<Mistake>,
    pub start: usize,
    pub end: usize,
}

impl Call<'_> {
    /// Takes an argument that may have been left out.
    pub fn take(&mut self, index: usize) -> Option<Argument> {
        self.arguments.get_mut(index).and_then(Option::take)
    }

    /// Takes an argument's code; what was left out is null.
    pub fn code(&mut self, index: usize) -> Code {
        self.take(index).map_or_else(null, |argument| argument.code)
    }

    /// Takes all that is left.
    pub fn rest(&mut self, from: usize) -> Vec<Code> {
        (from..self.arguments.len()).filter_map(|index| self.take(index)).map(|argument| argument.code).collect()
    }
}

/// Code that gives null.
pub(crate) fn null() -> Code {
    code(|_| Ok(Operand::Null))
}

/// Everything that compiling a tree yields beside the code.
#[derive(Default)]
pub(crate) struct Compiler {
    pub constants: Vec<String>,
    pub attributes: BTreeSet<String>,
    pub mistakes: Vec<Mistake>,
    pub redacted: bool,
    pub draws: bool,
}

impl Compiler {
    /// The code of a node; `outermost` for the root only.
    pub fn compile(&mut self, node: Node, outermost: bool) -> Code {
        let (start, end) = (node.start, node.end);
        match node.kind {
            NodeKind::Empty | NodeKind::Broken => null(),
            NodeKind::Text(text) | NodeKind::Number(text) => self.constant(text),
            NodeKind::Attribute(name) => self.attribute(name, start),
            NodeKind::Word(word) => self.word(word, start, end),
            NodeKind::Compare { comparison, left, right } => self.comparison(comparison, start, (*left, *right)),
            NodeKind::Call { name, name_end, arguments } => {
                if let Some(function) = functions::find(&name) {
                    return self.call(function, arguments, (start, end), outermost);
                }
                self.unknown(&name, start, name_end);
                for argument in arguments {
                    drop(self.compile(argument, false));
                }
                null()
            }
        }
    }

    fn constant(&mut self, text: String) -> Code {
        let (index, whole) = (self.constants.len(), integer(&text));
        self.constants.push(text);
        Code::Constant(index, whole)
    }

    fn attribute(&mut self, name: String, position: usize) -> Code {
        self.attributes.insert(name.clone());
        let site = Site { function: "attribute", position };
        Code::Attribute(Attribute::new(name, site))
    }

    fn word(&mut self, word: String, start: usize, end: usize) -> Code {
        match word.as_str() {
            "IgnoreAttributeFlow" => code(|_| Err(Stop::IgnoreAttribute)),
            "IgnoreObjectFlow" => code(|_| Err(Stop::IgnoreObject)),
            _ if WORDS.contains(&word.as_str()) => self.constant(word),
            _ => {
                let mistake = Mistake::new(format!("the word {} means nothing", shown(&word)), start, end);
                let names = functions::all().map(|function| function.info.name);
                let hint = if let Some(name) = nearest(&word, WORDS.into_iter()) {
                    format!("did you mean {name}?")
                } else if let Some(name) = nearest(&word, names) {
                    format!("write {name}(...) to call the function")
                } else {
                    "write [name] for an attribute, \"text\" for a text".to_owned()
                };
                self.mistakes.push(mistake.hint(hint));
                null()
            }
        }
    }

    fn unknown(&mut self, name: &str, start: usize, end: usize) {
        let mut mistake = Mistake::new(format!("there is no function {}", shown(name)), start, end);
        if let Some(nearest) = nearest(name, functions::all().map(|function| function.info.name)) {
            mistake = mistake.hint(format!("did you mean {nearest}?"));
        }
        self.mistakes.push(mistake);
    }

    fn call(
        &mut self,
        function: &'static Function,
        mut nodes: Vec<Node>,
        (start, end): (usize, usize),
        outermost: bool,
    ) -> Code {
        let name = function.info.name;
        if name == "SelectUniqueValue" && !outermost {
            let mistake = Mistake::new("SelectUniqueValue must be the outermost function", start, start + name.len());
            self.mistakes.push(mistake.hint("put the functions around it into each of its arguments"));
        }
        self.redacted |= name == "Redact";
        self.draws |= matches!(name, "Guid" | "RandomString");
        trim_trailing(function, &mut nodes);
        let sound = self.check_arguments(function, &nodes, (start, end));
        let mut arguments = Vec::with_capacity(nodes.len());
        for node in nodes {
            arguments.push(self.argument(node));
        }
        if !sound {
            return null();
        }
        let site = Site { function: name, position: start };
        (function.build)(&mut Call { site, arguments, mistakes: &mut self.mistakes, start, end })
    }

    fn argument(&mut self, node: Node) -> Option<Argument> {
        let (start, end) = (node.start, node.end);
        let constant = match &node.kind {
            NodeKind::Empty => return None,
            NodeKind::Text(text) | NodeKind::Number(text) => Some(text.clone()),
            NodeKind::Word(word) if WORDS.contains(&word.as_str()) && !word.starts_with("Ignore") => Some(word.clone()),
            _ => None,
        };
        Some(Argument { code: self.compile(node, false), constant, start, end })
    }

    fn check_arguments(&mut self, function: &Function, nodes: &[Node], (start, end): (usize, usize)) -> bool {
        let info = function.info;
        let mistake = |message| Mistake::new(message, start, end).hint(format!("write {}", info.signature));
        let given = nodes.len();
        // What never closes swallowed the rest; that is noted already.
        if let Some(Node { kind: NodeKind::Broken, .. }) = nodes.last() {
            return false;
        }
        if given < function.least {
            self.mistakes.push(mistake(format!(
                "{} needs at least {} and has {given}",
                info.name,
                arguments(function.least)
            )));
            return false;
        }
        if given > function.most {
            self.mistakes.push(mistake(format!(
                "{} takes at most {} and has {given}",
                info.name,
                arguments(function.most)
            )));
            return false;
        }
        if info.name == "Switch" && !given.is_multiple_of(2) {
            self.mistakes.push(mistake(format!("Switch needs an even number of arguments and has {given}")));
            return false;
        }
        let missing = nodes.iter().take(function.required).position(|node| matches!(node.kind, NodeKind::Empty));
        if let Some(index) = missing {
            self.mistakes.push(mistake(format!("argument {} of {} must not be left out", index + 1, info.name)));
        }
        missing.is_none()
    }

    fn comparison(&mut self, comparison: Comparison, position: usize, (left, right): (Node, Node)) -> Code {
        // `[x]=1` compares numbers, `[x]="1"` texts.
        let numeric = matches!(left.kind, NodeKind::Number(_)) || matches!(right.kind, NodeKind::Number(_));
        let by_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let (left, right) = (self.compile(left, false), self.compile(right, false));
        if (numeric || !by_equality) && left.is_integer() && right.is_integer() {
            let site = Site { function: "comparison", position };
            let whole = move |code: &Code, scope: &Scope<'_>| code.integer(scope, site, "a side of the comparison");
            return test(move |scope| Ok(comparison.holds(whole(&left, scope)?.cmp(&whole(&right, scope)?))));
        }
        test(move |scope| compare(scope, comparison, numeric || !by_equality, (&left, &right)))
    }
}

/// Compares numbers where both sides are some and `numeric` says so, texts elsewhere.
fn compare(
    scope: &Scope<'_>,
    comparison: Comparison,
    numeric: bool,
    (left, right): (&Code, &Code),
) -> Result<bool, Stop> {
    let (left, right) = (left.run(scope)?, right.run(scope)?);
    let (Some(left), Some(right)) = (left.comparable(), right.comparable()) else {
        return Ok(comparison == Comparison::NotEqual);
    };
    let numbers = if numeric { as_numbers(left, right) } else { None };
    Ok(comparison.holds(numbers.unwrap_or_else(|| left.cmp(right))))
}

/// How two numbers compare, integers or with decimal places; nothing where one is no number.
fn as_numbers(left: &str, right: &str) -> Option<Ordering> {
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => Some(Decimal::of(left)?.cmp(&Decimal::of(right)?)),
    }
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering == Ordering::Equal,
            Self::NotEqual => ordering != Ordering::Equal,
            Self::Less => ordering == Ordering::Less,
            Self::LessOrEqual => ordering != Ordering::Greater,
            Self::Greater => ordering == Ordering::Greater,
            Self::GreaterOrEqual => ordering != Ordering::Less,
        }
    }
}

/// A comma after the last argument is allowed, as in `ToLower([x], )`; it makes an argument only where one can be.
fn trim_trailing(function: &Function, nodes: &mut Vec<Node>) {
    let odd_switch = |nodes: &Vec<Node>| function.info.name == "Switch" && !nodes.len().is_multiple_of(2);
    while (nodes.len() > function.most
        || odd_switch(nodes)
        || function.most == usize::MAX && function.info.name != "Switch")
        && matches!(nodes.last(), Some(Node { kind: NodeKind::Empty, .. }))
    {
        nodes.pop();
    }
}

/// A number of arguments, in words.
fn arguments(count: usize) -> String {
    if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") }
}

/// A name for a message, cut where it is longer than any name.
fn shown(name: &str) -> String {
    if name.chars().count() > 40 { name.chars().take(40).chain(['…']).collect() } else { name.to_owned() }
}
