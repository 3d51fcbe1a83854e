//! `SelectUniqueValue`: offers values in order; whoever writes them finds out which one is free.

use super::{ANY, Function, function};
use crate::code::{Code, code};
use crate::compile::Call;
use crate::evaluation::Operand;
use std::borrow::Cow;

pub(super) const FUNCTIONS: &[Function] = &[function(
    "SelectUniqueValue",
    "SelectUniqueValue(value1, value2, ...)",
    "Gives the first value that nobody else in the target has. Outermost only.",
    (2, 1, ANY),
    select,
)];

/// A value that cannot be computed ends the offer; it fails only when there is no value before it, since it would be
/// asked for only if all those were taken.
fn select(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let sources = call.rest(0);
    code(move |scope| {
        let mut candidates: Vec<Cow<'_, str>> = Vec::with_capacity(sources.len());
        for source in &sources {
            match source.text_or_empty(scope, site) {
                Ok(text) if text.is_empty() || candidates.contains(&text) => {}
                Ok(text) => {
                    candidates.push(text);
                    if scope.first_only {
                        break;
                    }
                }
                Err(stop) if candidates.is_empty() => return Err(stop),
                Err(_) => break,
            }
        }
        Ok(Operand::List(candidates))
    })
}
