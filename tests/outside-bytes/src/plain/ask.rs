//! Questions and choices.

use super::{Arguments, End, Given, Step, Tree, World, evaluate, flag, whole};
use std::cmp::Ordering;

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Step<Given>> {
    Some(match name {
        "IIF" => iif(arguments),
        "Switch" => switch(arguments),
        "Coalesce" => coalesce(arguments),
        "IsNull" => arguments.given(0).map(|given| flag(given == Given::Null)),
        "IsNullOrEmpty" => arguments.given(0).map(|given| flag(given.is_empty())),
        "IsPresent" => arguments.given(0).map(|given| flag(!given.is_empty())),
        "IsString" => arguments.given(0).map(|given| flag(given != Given::Null && given.compared().is_some())),
        "Not" => arguments
            .given(0)
            .map(|given| flag(!given.compared().is_some_and(|text| text.eq_ignore_ascii_case("true")))),
        "CBool" => arguments.given(0).map(|given| flag(holds(given))),
        "BitAnd" => bit_and(arguments),
        "IgnoreFlowIfNullOrEmpty" => match arguments.given(0) {
            Ok(given) if given.is_empty() => Err(End::IgnoreAttribute),
            step => step,
        },
        "Error" => Err(End::Failure),
        "DefaultDomain" => {
            arguments.world.default_domain.map(|domain| Given::Text(domain.to_owned())).ok_or(End::Failure)
        }
        _ => return None,
    })
}

/// `True` in any case, or a number other than 0.
fn holds(given: Given) -> bool {
    let Some(text) = given.compared() else { return false };
    text.trim().eq_ignore_ascii_case("true")
        || whole(&text).is_some_and(|number| number != 0)
        || decimal(&text).is_some_and(|number| number != (0, 0))
}

/// A number with places, in units small enough for all that is generated.
fn decimal(text: &str) -> Option<(i128, i128)> {
    let text = text.trim();
    let negative = text.starts_with('-');
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (before, after) = match text.split_once('.') {
        Some((before, after)) => (before, after),
        None => (text, "0"),
    };
    if before.is_empty() || after.is_empty() || !format!("{before}{after}").bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = if negative { -1 } else { 1 };
    let places = format!("{:0<30}", after.get(..30.min(after.len()))?);
    Some((sign * before.parse::<i128>().ok()?, sign * places.parse::<i128>().ok()?))
}

pub(super) fn compare(sign: &str, (left, right): (&Tree, &Tree), world: &World) -> Step<Given> {
    let equality = matches!(sign, "=" | "<>");
    let literal = matches!(left, Tree::Number(..)) || matches!(right, Tree::Number(..));
    let (left, right) = (evaluate(left, world)?, evaluate(right, world)?);
    let (Some(left), Some(right)) = (left.compared(), right.compared()) else { return Ok(flag(sign == "<>")) };
    let numbers = || match (whole(&left), whole(&right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => Some(decimal(&left)?.cmp(&decimal(&right)?)),
    };
    let texts = left.cmp(&right);
    let ordering = if literal || !equality { numbers().unwrap_or(texts) } else { texts };
    Ok(flag(match sign {
        "=" => ordering == Ordering::Equal,
        "<>" => ordering != Ordering::Equal,
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        ">" => ordering == Ordering::Greater,
        _ => ordering != Ordering::Less,
    }))
}

fn iif(arguments: &Arguments<'_>) -> Step<Given> {
    if holds(arguments.given(0)?) { arguments.given(1) } else { arguments.given(2) }
}

fn switch(arguments: &Arguments<'_>) -> Step<Given> {
    let Some(wanted) = arguments.given(0)?.compared() else { return arguments.given(1) };
    for index in (2..arguments.trees.len()).step_by(2) {
        if arguments.given(index)?.compared().as_ref() == Some(&wanted) {
            return arguments.given(index + 1);
        }
    }
    arguments.given(1)
}

fn coalesce(arguments: &Arguments<'_>) -> Step<Given> {
    for index in 0..arguments.trees.len() {
        let given = arguments.given(index)?;
        if given != Given::Null {
            return Ok(given);
        }
    }
    Ok(Given::Null)
}

fn bit_and(arguments: &Arguments<'_>) -> Step<Given> {
    let (left, right) = (arguments.whole(0)?, arguments.whole(1)?);
    Ok(Given::Text((left & right).to_string()))
}
