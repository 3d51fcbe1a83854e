//! What compiled code works with: values, the scope of one evaluation with its budget, and the ways to stop.

use crate::decimal::Decimal;
use crate::{Context, EvaluateError};
use record::{Texts, Value};
use std::borrow::Cow;
use std::cell::Cell;

/// No text that an expression makes may be longer, in bytes.
pub(crate) const TEXT_MAX: usize = 1 << 20;
/// No list that an expression makes may hold more values.
pub(crate) const LIST_MAX: usize = 100_000;
/// What one evaluation may spend. A byte made costs two, so that an evaluation makes 32 MiB at the most.
const BUDGET: usize = 64 << 20;

/// What code gives.
pub(crate) type Step<'a> = Result<Operand<'a>, Stop>;

/// A value during an evaluation, borrowed from the record or the expression's constants where possible.
#[derive(Clone)]
pub(crate) enum Operand<'a> {
    Null,
    Text(Cow<'a, str>),
    List(Vec<Cow<'a, str>>),
}

/// Why an evaluation ends early. The two flow words end it through any number of functions around them.
pub(crate) enum Stop {
    Fault(Box<EvaluateError>),
    IgnoreAttribute,
    IgnoreObject,
}

/// The function that is being evaluated, for messages.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    pub function: &'static str,
    pub position: usize,
}

/// One evaluation.
pub(crate) struct Scope<'a> {
    pub context: &'a Context<'a>,
    pub constants: &'a [String],
    /// Of what `SelectUniqueValue` offers, the first candidate is enough.
    pub first_only: bool,
    spent: Cell<usize>,
}

/// The text of a boolean.
pub(crate) fn flag(value: bool) -> Operand<'static> {
    Operand::Text(Cow::Borrowed(if value { "True" } else { "False" }))
}

/// Whether a text counts as true: `true` in any case, or a number other than 0.
pub(crate) fn truth(text: &str) -> bool {
    // The texts of a condition first: most of what is asked about is one.
    match text {
        "True" => return true,
        "False" | "" => return false,
        _ => {}
    }
    text.trim().eq_ignore_ascii_case("true")
        || integer(text).is_some_and(|number| number != 0)
        || Decimal::of(text).is_some_and(|number| !number.is_zero())
}

/// The integer that a text states, decimal or with `&H`.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix("&H").or_else(|| text.strip_prefix("&h")) {
        Some(digits) if digits.starts_with(['+', '-']) => None,
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

impl Site {
    /// The function cannot go on.
    pub fn fault(self, what: impl Into<Cow<'static, str>>) -> Stop {
        Stop::Fault(Box::new(EvaluateError::new(what.into(), self)))
    }
}

impl<'a> Scope<'a> {
    pub fn new(context: &'a Context<'a>, constants: &'a [String]) -> Self {
        Self { context, constants, first_only: false, spent: Cell::new(0) }
    }

    /// Takes from the budget; whether there was enough.
    #[inline]
    pub fn affords(&self, cost: usize) -> bool {
        let spent = self.spent.get().saturating_add(cost);
        self.spent.set(spent);
        spent <= BUDGET
    }

    /// Takes from the budget; stops the evaluation when it is used up.
    #[inline]
    pub fn spend(&self, site: Site, cost: usize) -> Result<(), Stop> {
        if self.affords(cost) {
            Ok(())
        } else {
            Err(site.fault("the expression takes too much time or memory for this record"))
        }
    }

    /// Takes what a text of that many bytes costs; call it before the text is made where its length is known.
    #[inline]
    pub fn spend_text(&self, site: Site, length: usize) -> Result<(), Stop> {
        if length > TEXT_MAX {
            return Err(site.fault("the text would be longer than 1 MiB"));
        }
        self.spend(site, 2 * length + 16)
    }

    /// A text that was just made.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the text is not to be moved once more")]
    pub fn made(&self, site: Site, text: String) -> Step<'a> {
        self.spend_text(site, text.len())?;
        Ok(Operand::Text(Cow::Owned(text)))
    }
}

impl<'a> Operand<'a> {
    /// What the record holds under a name.
    #[inline]
    pub fn of(value: Option<Texts<'a>>) -> Self {
        let Some(value) = value else { return Self::Null };
        match value.single() {
            Some(text) => Self::Text(Cow::Borrowed(text)),
            None => Self::List(value.values().map(Cow::Borrowed).collect()),
        }
    }

    /// The one text; `None` for null. Several values are a fault.
    #[inline]
    pub fn text(self, site: Site) -> Result<Option<Cow<'a, str>>, Stop> {
        match self {
            Self::Null => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            Self::List(mut texts) => match texts.len() {
                0 => Ok(Some(Cow::Borrowed(""))),
                1 => Ok(texts.pop()),
                _ => Err(site.fault("several values stand where one is expected; use Item or Join")),
            },
        }
    }

    /// The one text, `""` for null.
    #[inline]
    pub fn text_or_empty(self, site: Site) -> Result<Cow<'a, str>, Stop> {
        Ok(self.text(site)?.unwrap_or_default())
    }

    /// The integer; null and anything else are a fault.
    pub fn integer(self, site: Site, what: &str) -> Result<i64, Stop> {
        let text = self.text_or_empty(site)?;
        integer(&text).ok_or_else(|| site.fault(format!("{what} is no integer")))
    }

    /// All values; null has none, and neither has `""`.
    pub fn values(self) -> Vec<Cow<'a, str>> {
        match self {
            Self::Null => Vec::new(),
            Self::Text(text) if text.is_empty() => Vec::new(),
            Self::Text(text) => vec![text],
            Self::List(texts) => texts,
        }
    }

    /// The text for a comparison: null is `""`, and a list of several equals nothing.
    #[inline]
    pub fn comparable(&self) -> Option<&str> {
        match self {
            Self::Null => Some(""),
            Self::Text(text) => Some(text),
            Self::List(texts) => match texts.as_slice() {
                [] => Some(""),
                [text] => Some(text),
                _ => None,
            },
        }
    }

    /// Whether there is no content: null, `""` or nothing but that.
    #[inline]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(texts) => texts.iter().all(|text| text.is_empty()),
        }
    }

    /// The value that leaves the evaluation. Empty values of a list are dropped: no target takes them.
    pub fn into_value(self) -> Option<Value> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(Value::One(text.into_owned())),
            Self::List(texts) => {
                Some(Value::Many(texts.into_iter().filter(|text| !text.is_empty()).map(Cow::into_owned).collect()))
            }
        }
    }
}
