//! Texts that are searched for and never found, and functions of which two readings exist.

use super::comparison::never;
use super::known::{is_foreign, letters, text};
use super::{Call, Findings};

pub(super) fn look(call: Call<'_>, findings: &mut Findings) {
    match call.name {
        "Replace" => replace(call, findings),
        "InStr" => in_str(call, findings),
        "PCase" if call.argument(1).is_none() => findings.dispute(
            call.node,
            "here \"o'neil\" becomes \"O'neil\"; Microsoft's pages differ on whether an apostrophe separates words",
            "state the separators: PCase(source, \" -'\")",
        ),
        _ => {}
    }
}

/// Old values are looked for with case.
fn replace(call: Call<'_>, findings: &mut Findings) {
    let (source, old, value) = (call.argument(0), call.argument(1), call.argument(4));
    if call.argument(5).is_some() {
        findings.dispute(
            call.node,
            "here the source is taken where it has a value, else the group found in the other attribute; one of \
             Microsoft's pages says it the other way round",
            "IIF or Switch says which of the two is taken",
        );
    }
    let Some((node, constant)) = old.and_then(|node| Some((node, text(node)?))) else { return };
    if call.argument(6).is_some() {
        let template = call.argument(6).and_then(text);
        if template.is_some_and(|template| !template.contains(constant)) {
            findings.doubt(node, "this text does not stand in the template: the source is never put in", "");
        }
        return;
    }
    if let Some(case) = source.and_then(letters).filter(|case| is_foreign(constant, *case)) {
        findings.doubt(node, never(case), "");
    }
    if value.and_then(text) == Some(constant) {
        findings.doubt(call.node, "the text is replaced by itself: nothing changes", "");
    }
}

fn in_str(call: Call<'_>, findings: &mut Findings) {
    let Some((node, constant)) = call.argument(1).and_then(|node| Some((node, text(node)?))) else { return };
    let binary = call.argument(3).is_none();
    if let Some(case) = call.argument(0).and_then(letters).filter(|case| binary && is_foreign(constant, *case)) {
        findings.doubt(node, never(case), "compare with vbTextCompare");
    }
}
