//! The functions of the language: what each takes, what it does in a sentence, and how its code is made.

mod condition;
mod convert;
mod date;
mod flow;
mod list;
mod position;
mod random;
mod replace;
mod text;
mod unique;

use crate::code::{self, Code};
use crate::compile::Call;
use crate::evaluation::{Operand, Scope, Site, Stop};
use std::borrow::Cow;
use std::sync::OnceLock;

/// One function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its name, exactly spelt.
    pub name: &'static str,
    /// Name and parameters.
    pub signature: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
}

/// Every function of the language, by name.
pub fn functions() -> &'static [FunctionInfo] {
    static FUNCTIONS: OnceLock<Vec<FunctionInfo>> = OnceLock::new();
    FUNCTIONS.get_or_init(|| {
        let mut functions: Vec<FunctionInfo> = all().map(|function| function.info).collect();
        functions.sort_by_key(|info| info.name);
        functions
    })
}

/// One function: its description, how many arguments it takes, and what makes its code.
pub(crate) struct Function {
    pub info: FunctionInfo,
    /// At least so many arguments, counting those left out.
    pub least: usize,
    /// So many of the first arguments must not be left out.
    pub required: usize,
    /// At most so many arguments.
    pub most: usize,
    pub build: fn(&mut Call<'_>) -> Code,
}

/// As many arguments as one likes.
const ANY: usize = usize::MAX;

const fn function(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    (least, required, most): (usize, usize, usize),
    build: fn(&mut Call<'_>) -> Code,
) -> Function {
    Function { info: FunctionInfo { name, signature, summary }, least, required, most, build }
}

/// Every function, in no special order.
pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    const GROUPS: [&[Function]; 10] = [
        text::FUNCTIONS,
        position::FUNCTIONS,
        condition::FUNCTIONS,
        flow::FUNCTIONS,
        list::FUNCTIONS,
        unique::FUNCTIONS,
        date::FUNCTIONS,
        convert::FUNCTIONS,
        random::FUNCTIONS,
        replace::FUNCTIONS,
    ];
    GROUPS.into_iter().flatten()
}

/// The function of that name, exactly spelt.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.info.name == name)
}

/// Code that makes another text of one text, or of each of several. Null stays null.
fn each<F>(call: &mut Call<'_>, change: F) -> Code
where
    F: for<'a> Fn(&Scope<'a>, Cow<'a, str>) -> Result<Cow<'a, str>, Stop> + Send + Sync + 'static,
{
    in_place(call, move |scope, text| {
        *text = change(scope, std::mem::take(text))?;
        Ok(())
    })
}

/// The same where the text lies. What is not borrowed is paid for after each change.
fn in_place<F>(call: &mut Call<'_>, change: F) -> Code
where
    F: for<'a> Fn(&Scope<'a>, &mut Cow<'a, str>) -> Result<(), Stop> + Send + Sync + 'static,
{
    let site = call.site;
    code::each(call.code(0), move |scope, text| {
        change(scope, text)?;
        if let Cow::Owned(text) = text { scope.spend_text(site, text.len()) } else { Ok(()) }
    })
}

/// Takes away white space around a text.
fn trim(text: &mut Cow<'_, str>) {
    match text {
        Cow::Borrowed(text) => *text = text.trim(),
        Cow::Owned(text) => {
            text.truncate(text.trim_end().len());
            text.drain(..text.len() - text.trim_start().len());
        }
    }
}

/// A part of a text, borrowed where the text was.
fn part(text: Cow<'_, str>, from: usize, to: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[from..to]),
        Cow::Owned(mut text) => {
            text.truncate(to);
            text.drain(..from);
            Cow::Owned(text)
        }
    }
}

/// The byte where the character with this number (from 0) begins; the text's length beyond the end.
fn byte_of(text: &str, character: usize) -> usize {
    if text.is_ascii() {
        return character.min(text.len());
    }
    text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte)
}

/// A mistake of a constant argument, noted at its place. Whoever evaluates all the same fails there.
fn bad_constant(call: &mut Call<'_>, index: usize, check: impl Fn(&str) -> Result<(), (String, String)>) {
    let site = call.site;
    let Some(Some(argument)) = call.arguments.get_mut(index) else { return };
    let Some(Err((message, hint))) = argument.constant.as_deref().map(check) else { return };
    argument.constant = None;
    let mistake = crate::Mistake::of_constant(message.clone(), argument.start, argument.end);
    argument.code = code::code(move |_| Err(site.fault(message.clone())));
    call.mistakes.push(if hint.is_empty() { mistake } else { mistake.hint(hint) });
}

/// A constant argument that has to be an integer.
fn integer_constant(call: &mut Call<'_>, index: usize) {
    bad_constant(call, index, |text| match crate::evaluation::integer(text) {
        Some(_) => Ok(()),
        None => Err(("this argument must be an integer".to_owned(), String::new())),
    });
}

/// A position or count that was stated, as a number of characters.
fn count(number: i64) -> usize {
    usize::try_from(number.max(0)).unwrap_or(usize::MAX)
}

/// For functions that need a text where there may be null.
fn needed<'a>(operand: Operand<'a>, site: Site, what: &'static str) -> Result<Cow<'a, str>, Stop> {
    match operand.text(site)? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(site.fault(what)),
    }
}
