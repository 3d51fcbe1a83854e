//! The expression language once more, as plainly as it can be said: a tree is walked, every value is a text of its own,
//! nothing is prepared and nothing is fast. What compiled expressions give is compared with it.
//!
//! It follows the rules of the language and shares neither the parser nor a function with the compiled evaluator. Only
//! regular expressions are the same crate's.

mod ask;
mod calendar;
mod check;
mod convert;
mod format;
mod letters;
mod list;
mod moment;
mod part;
mod replace;

pub(crate) use check::{refused, shortened};
pub(crate) use letters::DIAERESIS;
pub(crate) use list::candidates;

use std::collections::BTreeMap;

/// An expression as it was made.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// An argument that is left out.
    Nothing,
    Text(String),
    /// A number as it is written, and the text that it means.
    Number(String, String),
    Attribute(&'static str),
    Word(&'static str),
    Call(&'static str, Vec<Tree>),
    Compare(&'static str, Box<Tree>, Box<Tree>),
}

/// What a tree gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given {
    Null,
    Text(String),
    List(Vec<String>),
}

/// Why nothing is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Failure,
    IgnoreAttribute,
    IgnoreObject,
}

pub(crate) type Step<T> = Result<T, End>;

/// What a tree is evaluated with.
#[derive(Debug)]
pub(crate) struct World {
    pub attributes: BTreeMap<&'static str, Given>,
    /// Seconds since 1970.
    pub now: i64,
    pub default_domain: Option<&'static str>,
}

impl Given {
    /// The one text; nothing for null. Several values are a failure.
    fn one(self) -> Step<Option<String>> {
        match self {
            Self::Null => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            Self::List(texts) if texts.is_empty() => Ok(Some(String::new())),
            Self::List(texts) if texts.len() == 1 => Ok(texts.into_iter().next()),
            Self::List(_) => Err(End::Failure),
        }
    }

    /// What it is compared as: null is `""`, and several values equal nothing.
    fn compared(self) -> Option<String> {
        self.one().ok().map(Option::unwrap_or_default)
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(texts) => texts.iter().all(String::is_empty),
        }
    }
}

/// A whole number: decimal, or hexadecimal after `&H`, with white space around it.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("&H").or_else(|| text.strip_prefix("&h")) {
        let hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        return if hexadecimal { i64::from_str_radix(digits, 16).ok() } else { None };
    }
    text.parse().ok()
}

fn flag(value: bool) -> Given {
    Given::Text(if value { "True" } else { "False" }.to_owned())
}

/// The arguments of a call that is evaluated.
struct Arguments<'t> {
    world: &'t World,
    trees: &'t [Tree],
}

impl Arguments<'_> {
    fn tree(&self, index: usize) -> &Tree {
        self.trees.get(index).unwrap_or(&Tree::Nothing)
    }

    fn is_given(&self, index: usize) -> bool {
        !matches!(self.tree(index), Tree::Nothing)
    }

    fn given(&self, index: usize) -> Step<Given> {
        evaluate(self.tree(index), self.world)
    }

    fn one(&self, index: usize) -> Step<Option<String>> {
        self.given(index)?.one()
    }

    /// The one text, `""` for null.
    fn text(&self, index: usize) -> Step<String> {
        Ok(self.one(index)?.unwrap_or_default())
    }

    fn whole(&self, index: usize) -> Step<i64> {
        whole(&self.text(index)?).ok_or(End::Failure)
    }

    /// Changes the one text, or each of several; null stays null.
    fn each(&self, change: impl Fn(String) -> Step<String>) -> Step<Given> {
        Ok(match self.given(0)? {
            Given::Null => Given::Null,
            Given::Text(text) => Given::Text(change(text)?),
            Given::List(texts) => Given::List(texts.into_iter().map(change).collect::<Step<_>>()?),
        })
    }
}

/// What a tree gives.
pub(crate) fn evaluate(tree: &Tree, world: &World) -> Step<Given> {
    match tree {
        Tree::Nothing => Ok(Given::Null),
        Tree::Text(text) | Tree::Number(_, text) => Ok(Given::Text(text.clone())),
        Tree::Attribute(name) => Ok(world.attributes.get(name).cloned().unwrap_or(Given::Null)),
        Tree::Word("IgnoreAttributeFlow") => Err(End::IgnoreAttribute),
        Tree::Word("IgnoreObjectFlow") => Err(End::IgnoreObject),
        Tree::Word(name) => Ok(Given::Text((*name).to_owned())),
        Tree::Compare(sign, left, right) => ask::compare(sign, (left, right), world),
        Tree::Call(name, trees) => {
            let arguments = Arguments { world, trees };
            let families = [ask::call, list::call, letters::call, part::call, moment::call, convert::call];
            let found = families.iter().find_map(|family| family(name, &arguments));
            found.unwrap_or_else(|| replace::replace(&arguments))
        }
    }
}
