//! Functions that decide whether anything flows, and what comes from outside of the record.

use super::{Function, function};
use crate::code::{Code, code};
use crate::compile::Call;
use crate::evaluation::{Operand, Stop};
use std::borrow::Cow;

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "IgnoreFlowIfNullOrEmpty",
        "IgnoreFlowIfNullOrEmpty(value)",
        "Leaves the attribute out of the change when the value is null or empty.",
        (1, 1, 1),
        ignore_flow,
    ),
    function("Error", "Error(text)", "Fails the attribute with that text.", (1, 1, 1), error),
    function("DefaultDomain", "DefaultDomain()", "Gives the default domain of the target.", (0, 0, 0), default_domain),
];

fn ignore_flow(call: &mut Call<'_>) -> Code {
    let source = call.code(0);
    code(move |scope| match source.run(scope) {
        Ok(operand) if operand.is_empty() => Err(Stop::IgnoreAttribute),
        value_or_stop => value_or_stop,
    })
}

/// Only a text that stands in the configuration is told: a computed one may hold what HR stated.
fn error(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let text = match call.take(0).and_then(|argument| argument.constant) {
        Some(text) => Cow::Owned(text),
        None => Cow::Borrowed("the expression asks for a failure with a computed text"),
    };
    code(move |_| Err(site.fault(text.clone())))
}

fn default_domain(call: &mut Call<'_>) -> Code {
    let site = call.site;
    code(move |scope| match scope.context.default_domain {
        Some(domain) => Ok(Operand::Text(Cow::Borrowed(domain))),
        None => Err(site.fault("the target has no default domain; state one in the configuration")),
    })
}
