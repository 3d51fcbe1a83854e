//! Functions that change a text. Null stays null; of several values each is changed.

use super::{Function, bad_constant, each, function, in_place};
use crate::casing::{self, Culture};
use crate::code::{Code, code};
use crate::compile::Call;
use crate::diacritics;
use crate::evaluation::Operand;
use std::borrow::Cow;

pub(super) const FUNCTIONS: &[Function] = &[
    function("Append", "Append(source, suffix)", "Adds a suffix to the end of a text.", (2, 1, 2), append),
    function("Trim", "Trim(source)", "Takes away white space at both ends.", (1, 1, 1), trim),
    function("StripSpaces", "StripSpaces(source)", "Takes away every blank, also inside.", (1, 1, 1), strip_spaces),
    function("ToLower", "ToLower(source, [culture])", "Writes a text in lower case.", (1, 1, 2), to_lower),
    function("ToUpper", "ToUpper(source, [culture])", "Writes a text in upper case.", (1, 1, 2), to_upper),
    function(
        "PCase",
        "PCase(source, [wordSeparators])",
        "Writes every word with a capital first and lower case after it.",
        (1, 1, 2),
        proper_case,
    ),
    function(
        "NormalizeDiacritics",
        "NormalizeDiacritics(source)",
        "Replaces letters with diacritics by plain ones.",
        (1, 1, 1),
        normalize_diacritics,
    ),
    function("CStr", "CStr(value)", "Gives a value as text.", (1, 1, 1), pass),
    function("CRef", "CRef(value)", "Gives a reference as text.", (1, 1, 1), pass),
    function(
        "Redact",
        "Redact(value)",
        "Gives the value itself, which then appears in no log or report.",
        (1, 1, 1),
        pass,
    ),
];

fn pass(call: &mut Call<'_>) -> Code {
    call.code(0)
}

fn append(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let suffix = call.code(1);
    let source = call.code(0);
    code(move |scope| {
        let source = source.run(scope)?;
        let suffix = suffix.text_or_empty(scope, site)?;
        let joined = |text: Cow<'_, str>| {
            scope.spend_text(site, text.len() + suffix.len())?;
            let mut text = text.into_owned();
            text.push_str(&suffix);
            Ok(Cow::Owned(text))
        };
        Ok(match source {
            Operand::Null => Operand::Null,
            Operand::Text(text) => Operand::Text(joined(text)?),
            Operand::List(texts) => Operand::List(texts.into_iter().map(joined).collect::<Result<_, _>>()?),
        })
    })
}

fn trim(call: &mut Call<'_>) -> Code {
    in_place(call, |_, text| {
        super::trim(text);
        Ok(())
    })
}

fn strip_spaces(call: &mut Call<'_>) -> Code {
    in_place(call, |_, text| {
        if text.contains(' ') {
            let mut output = String::with_capacity(text.len());
            text.split(' ').for_each(|part| output.push_str(part));
            *text = Cow::Owned(output);
        }
        Ok(())
    })
}

fn to_lower(call: &mut Call<'_>) -> Code {
    cased(call, casing::lowered, casing::lower)
}

fn to_upper(call: &mut Call<'_>) -> Code {
    cased(call, casing::raised, casing::upper)
}

const NO_CULTURE: &str = "this is no name of a culture";

fn cased(call: &mut Call<'_>, plain: fn(&mut Cow<'_, str>), change: fn(&str, Culture) -> String) -> Code {
    bad_constant(call, 1, |name| match Culture::of(name) {
        Some(_) => Ok(()),
        None => Err((NO_CULTURE.to_owned(), "write one such as \"tr-TR\", or leave it out".to_owned())),
    });
    let site = call.site;
    let Some(culture) = call.take(1) else {
        return in_place(call, move |_, text| {
            plain(text);
            Ok(())
        });
    };
    if let Some(culture) = culture.constant.as_deref().and_then(Culture::of) {
        return each(call, move |_, text| Ok(Cow::Owned(change(&text, culture))));
    }
    each(call, move |scope, text| {
        let culture = Culture::of(&culture.code.text_or_empty(scope, site)?);
        Ok(Cow::Owned(change(&text, culture.ok_or_else(|| site.fault(NO_CULTURE))?)))
    })
}

fn proper_case(call: &mut Call<'_>) -> Code {
    let site = call.site;
    match call.take(1) {
        None => each(call, |_, text| Ok(Cow::Owned(casing::proper(&text, None)))),
        Some(separators) => each(call, move |scope, text| {
            let separators = separators.code.text_or_empty(scope, site)?;
            if separators.len() > 200 {
                return Err(site.fault("there are more than 200 bytes of word separators"));
            }
            scope.spend(site, text.len() * separators.len() / 8)?;
            Ok(Cow::Owned(casing::proper(&text, Some(&separators))))
        }),
    }
}

fn normalize_diacritics(call: &mut Call<'_>) -> Code {
    in_place(call, |_, text| {
        diacritics::normalize(text);
        Ok(())
    })
}
