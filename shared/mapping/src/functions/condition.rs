//! Functions that ask and choose. Only the branch that is chosen is evaluated.

use super::{ANY, Function, function, needed};
use crate::code::{Code, code, number, test};
use crate::compile::{Argument, Call};
use crate::evaluation::{Operand, integer};
use std::borrow::Cow;

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "IIF",
        "IIF(condition, ifTrue, ifFalse)",
        "Gives one of two values, as a condition holds or not.",
        (3, 1, 3),
        iif,
    ),
    function(
        "Switch",
        "Switch(source, default, key1, value1, ...)",
        "Gives the value whose key equals the source, else the default.",
        (2, 1, ANY),
        switch,
    ),
    function(
        "Coalesce",
        "Coalesce(source1, source2, ..., default)",
        "Gives the first value that is not null.",
        (1, 0, ANY),
        coalesce,
    ),
    function("IsNull", "IsNull(value)", "Says whether there is no value at all.", (1, 1, 1), |call| {
        ask(call, |operand| matches!(operand, Operand::Null))
    }),
    function("IsNullOrEmpty", "IsNullOrEmpty(value)", "Says whether a value is null or empty.", (1, 1, 1), |call| {
        let source = call.code(0);
        test(move |scope| source.is_empty(scope))
    }),
    function("IsPresent", "IsPresent(value)", "Says whether a value is neither null nor empty.", (1, 1, 1), |call| {
        let source = call.code(0);
        test(move |scope| Ok(!source.is_empty(scope)?))
    }),
    function("IsString", "IsString(value)", "Says whether a value can be read as one text.", (1, 1, 1), |call| {
        ask(call, |operand| !matches!(operand, Operand::Null) && operand.comparable().is_some())
    }),
    function("Not", "Not(value)", "Gives False for True and True for everything else.", (1, 1, 1), |call| {
        ask(call, |operand| !operand.comparable().is_some_and(|text| text.eq_ignore_ascii_case("true")))
    }),
    function(
        "CBool",
        "CBool(value or comparison)",
        "Gives True for a comparison that holds, for True and for a number other than 0.",
        (1, 1, 1),
        |call| {
            let source = call.code(0);
            test(move |scope| source.holds(scope))
        },
    ),
    function("BitAnd", "BitAnd(value1, value2)", "Gives the bits that two integers share.", (2, 2, 2), bit_and),
];

fn ask(call: &mut Call<'_>, question: fn(&Operand<'_>) -> bool) -> Code {
    let source = call.code(0);
    test(move |scope| Ok(question(&source.run(scope)?)))
}

fn iif(call: &mut Call<'_>) -> Code {
    let (condition, chosen, other) = (call.code(0), call.code(1), call.code(2));
    code(move |scope| if condition.holds(scope)? { chosen.run(scope) } else { other.run(scope) })
}

/// A key of `Switch`: most are constants, which need no evaluation.
enum Key {
    Constant(String),
    Code(Code),
}

impl Key {
    fn of(argument: Option<Argument>) -> Self {
        match argument {
            None => Self::Constant(String::new()),
            Some(Argument { constant: Some(constant), .. }) => Self::Constant(constant),
            Some(argument) => Self::Code(argument.code),
        }
    }
}

/// Null has the key `""`; a list of several values has none.
fn switch(call: &mut Call<'_>) -> Code {
    let (source, default) = (call.code(0), call.code(1));
    let mut cases = Vec::with_capacity(call.arguments.len() / 2);
    for index in (2..call.arguments.len()).step_by(2) {
        cases.push((Key::of(call.take(index)), call.code(index + 1)));
    }
    code(move |scope| {
        let operand;
        let wanted = match source.run(scope) {
            Ok(Operand::Text(Cow::Borrowed(text))) => text,
            Ok(other) => {
                operand = other;
                let Some(wanted) = operand.comparable() else { return default.run(scope) };
                wanted
            }
            Err(stop) => return Err(stop),
        };
        for (key, value) in &cases {
            let equal = match key {
                Key::Constant(key) => key == wanted,
                Key::Code(key) => key.run(scope)?.comparable() == Some(wanted),
            };
            if equal {
                return value.run(scope);
            }
        }
        default.run(scope)
    })
}

fn coalesce(call: &mut Call<'_>) -> Code {
    let sources = call.rest(0);
    code(move |scope| {
        for source in &sources {
            match source.run(scope) {
                Ok(Operand::Null) => {}
                value_or_stop => return value_or_stop,
            }
        }
        Ok(Operand::Null)
    })
}

fn bit_and(call: &mut Call<'_>) -> Code {
    super::integer_constant(call, 0);
    super::integer_constant(call, 1);
    let site = call.site;
    let (left, right) = (call.code(0), call.code(1));
    number(site, move |scope| {
        let mut bits = -1;
        for side in [&left, &right] {
            let text = needed(side.run(scope)?, site, "there is no integer")?;
            bits &= integer(&text).ok_or_else(|| site.fault("a value is no integer"))?;
        }
        Ok(bits)
    })
}
