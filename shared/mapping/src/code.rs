//! Compiled code: one piece per node of the tree. What a piece gives is a text in the language, yet a condition, a
//! number or a date is handed to whoever wants exactly that without becoming a text and being read again.

use crate::date_text::{written, written_length};
use crate::evaluation::{Operand, Scope, Site, Step, Stop, flag, truth};
use jiff::civil::DateTime;
use record::{Hint, Texts};
use std::borrow::Cow;

/// What gives something other than a text.
type Giving<T> = Box<dyn Fn(&Scope<'_>) -> Result<T, Stop> + Send + Sync>;

/// One piece of compiled code.
pub(crate) enum Code {
    /// A text of the expression by its number, and the integer that it states.
    Constant(usize, Option<i64>),
    Attribute(Attribute),
    Any(Box<dyn for<'s, 'a> Fn(&'s Scope<'a>) -> Step<'a> + Send + Sync>),
    Each(Box<Each>),
    /// Gives `True` or `False`.
    Test(Giving<bool>),
    /// Gives an integer, and pays for its text.
    Number(Site, Giving<i64>),
    /// Gives a date without parts of a second, and pays for its text.
    Date(Site, Giving<DateTime>),
}

/// What changes one text where it lies.
type Change = Box<dyn for<'s, 'a> Fn(&'s Scope<'a>, &mut Cow<'a, str>) -> Result<(), Stop> + Send + Sync>;

/// Functions of one text around each other, the innermost first.
pub(crate) struct Each {
    source: Code,
    changes: Vec<Change>,
}

/// An attribute of the record.
pub(crate) struct Attribute {
    name: String,
    hint: Hint,
    site: Site,
}

/// Makes code of a closure (and tells the compiler the closure's lifetimes).
pub(crate) fn code<F>(run: F) -> Code
where
    F: for<'s, 'a> Fn(&'s Scope<'a>) -> Step<'a> + Send + Sync + 'static,
{
    Code::Any(Box::new(run))
}

/// Makes code of what changes one text, or each of several. Null stays null.
pub(crate) fn each<F>(source: Code, change: F) -> Code
where
    F: for<'s, 'a> Fn(&'s Scope<'a>, &mut Cow<'a, str>) -> Result<(), Stop> + Send + Sync + 'static,
{
    let mut each = match source {
        Code::Each(each) => each,
        source => Box::new(Each { source, changes: Vec::new() }),
    };
    each.changes.push(Box::new(change));
    Code::Each(each)
}

/// Makes code of a condition.
pub(crate) fn test(run: impl Fn(&Scope<'_>) -> Result<bool, Stop> + Send + Sync + 'static) -> Code {
    Code::Test(Box::new(run))
}

/// Makes code of what gives an integer.
pub(crate) fn number(site: Site, run: impl Fn(&Scope<'_>) -> Result<i64, Stop> + Send + Sync + 'static) -> Code {
    Code::Number(site, Box::new(run))
}

/// Makes code of what gives a date.
pub(crate) fn date(site: Site, run: impl Fn(&Scope<'_>) -> Result<DateTime, Stop> + Send + Sync + 'static) -> Code {
    Code::Date(site, Box::new(run))
}

impl Code {
    /// The value. Every caller has its own copy, so that nothing is called for a constant.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is small, and half of all evaluation goes through it")]
    pub fn run<'a>(&self, scope: &Scope<'a>) -> Step<'a> {
        match self {
            Self::Constant(index, _) => Ok(Operand::Text(Cow::Borrowed(&scope.constants[*index]))),
            Self::Attribute(attribute) => match attribute.single(scope) {
                Some(text) => Ok(Operand::Text(Cow::Borrowed(text))),
                None => attribute.operand(scope),
            },
            Self::Any(run) => run(scope),
            Self::Each(each) => each.run(scope),
            Self::Test(_) | Self::Number(..) | Self::Date(..) => self.spelt(scope),
        }
    }

    /// The one text; `None` for null. Several values are a fault. A borrowed text is taken out of the value where it
    /// lies: moving the whole value first makes the processor wait for its own writing, at every level of a tree.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as for run")]
    pub fn text<'a>(&self, scope: &Scope<'a>, site: Site) -> Result<Option<Cow<'a, str>>, Stop> {
        match self.run(scope) {
            Ok(Operand::Text(Cow::Borrowed(text))) => Ok(Some(Cow::Borrowed(text))),
            Ok(operand) => operand.text(site),
            Err(stop) => Err(stop),
        }
    }

    /// The one text, `""` for null.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as for run")]
    pub fn text_or_empty<'a>(&self, scope: &Scope<'a>, site: Site) -> Result<Cow<'a, str>, Stop> {
        match self.run(scope) {
            Ok(Operand::Text(Cow::Borrowed(text))) => Ok(Cow::Borrowed(text)),
            Ok(operand) => operand.text_or_empty(site),
            Err(stop) => Err(stop),
        }
    }

    /// Whether there is no content.
    #[inline]
    pub fn is_empty(&self, scope: &Scope<'_>) -> Result<bool, Stop> {
        match self.run(scope) {
            Ok(Operand::Text(Cow::Borrowed(text))) => Ok(text.is_empty()),
            Ok(operand) => Ok(operand.is_empty()),
            Err(stop) => Err(stop),
        }
    }

    /// The text of what is none.
    fn spelt<'a>(&self, scope: &Scope<'a>) -> Step<'a> {
        match self {
            Self::Test(run) => Ok(flag(run(scope)?)),
            Self::Number(site, run) => scope.made(*site, run(scope)?.to_string()),
            Self::Date(site, run) => scope.made(*site, written(run(scope)?)),
            Self::Constant(..) | Self::Attribute(_) | Self::Any(_) | Self::Each(_) => Ok(Operand::Null),
        }
    }

    /// Whether the value counts as true.
    #[inline]
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, Stop> {
        match self {
            Self::Test(run) => run(scope),
            _ => match self.run(scope) {
                Ok(Operand::Text(Cow::Borrowed(text))) => Ok(truth(text)),
                Ok(operand) => Ok(operand.comparable().is_some_and(truth)),
                Err(stop) => Err(stop),
            },
        }
    }

    /// Whether the value is always an integer, so that [`Code::integer`] never finds anything else.
    pub fn is_integer(&self) -> bool {
        matches!(self, Self::Constant(_, Some(_)) | Self::Number(..))
    }

    /// The integer; null and anything else are a fault.
    #[inline]
    pub fn integer(&self, scope: &Scope<'_>, site: Site, what: &str) -> Result<i64, Stop> {
        match self {
            Self::Constant(_, Some(number)) => Ok(*number),
            Self::Number(own, run) => {
                let number = run(scope)?;
                scope.spend_text(*own, decimal_length(number))?;
                Ok(number)
            }
            _ => self.run(scope)?.integer(site, what),
        }
    }

    /// The date, where the code gives one rather than a text that may be one.
    #[inline]
    pub fn date(&self, scope: &Scope<'_>) -> Option<Result<DateTime, Stop>> {
        let Self::Date(site, run) = self else { return None };
        Some(run(scope).and_then(|at| {
            scope.spend_text(*site, written_length(at))?;
            Ok(at)
        }))
    }
}

impl Each {
    fn run<'a>(&self, scope: &Scope<'a>) -> Step<'a> {
        let mut step = self.source.run(scope);
        for change in &self.changes {
            match &mut step {
                Ok(Operand::Text(text)) => change(scope, text)?,
                Ok(Operand::List(texts)) => texts.iter_mut().try_for_each(|text| change(scope, text))?,
                Ok(Operand::Null) | Err(_) => return step,
            }
        }
        step
    }
}

impl Attribute {
    pub fn new(name: String, site: Site) -> Self {
        Self { name, hint: Hint::default(), site }
    }

    /// What the record holds, paid for, where it is one text. Nothing where it cannot be paid for, which
    /// [`Attribute::operand`] tells.
    pub fn single<'a>(&self, scope: &Scope<'a>) -> Option<&'a str> {
        let text = scope.context.record.attributes.single_hinted(&self.name, &self.hint)?;
        scope.affords(text.len() / 4).then_some(text)
    }

    /// What the record holds, paid for, as a value.
    pub fn operand<'a>(&self, scope: &Scope<'a>) -> Step<'a> {
        Ok(Operand::of(self.texts(scope)?))
    }

    /// What the record holds, paid for.
    #[inline]
    pub fn texts<'a>(&self, scope: &Scope<'a>) -> Result<Option<Texts<'a>>, Stop> {
        let found = scope.context.record.attributes.get_hinted(&self.name, &self.hint);
        let cost = found.map_or(0, |texts| match texts.single() {
            Some(text) => text.len() / 4,
            None => texts.values().map(|text| text.len() / 4 + 32).sum(),
        });
        scope.spend(self.site, cost)?;
        Ok(found)
    }
}

/// How many characters an integer takes as a text.
fn decimal_length(number: i64) -> usize {
    let digits = number.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
    usize::from(number < 0) + digits as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_integer_costs_what_its_text_costs(number: i64, small in -1_200_i64..1_200) {
            for number in [number, small, i64::MIN] {
                prop_assert_eq!(decimal_length(number), number.to_string().len());
            }
        }
    }
}
