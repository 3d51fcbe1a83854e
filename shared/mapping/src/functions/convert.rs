//! Functions that write a text in another alphabet, and those that read directory notations.

use super::{Function, bad_constant, count, each, function, integer_constant, needed};
use crate::code::{Code, code};
use crate::compile::Call;
use crate::evaluation::Operand;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;
use std::fmt::Write;

pub(super) const FUNCTIONS: &[Function] = &[
    function("ConvertToBase64", "ConvertToBase64(source)", "Gives a text's UTF-16 in Base64.", (1, 1, 1), to_base64),
    function(
        "ConvertFromBase64",
        "ConvertFromBase64(source, [Unicode | UTF8 | ASCII])",
        "Gives the text that stands in Base64.",
        (1, 1, 2),
        from_base64,
    ),
    function(
        "ConvertToUTF8Hex",
        "ConvertToUTF8Hex(source)",
        "Gives a text's UTF-8 as hexadecimal digits.",
        (1, 1, 1),
        to_hex,
    ),
    function(
        "DNComponent",
        "DNComponent(distinguishedName, number)",
        "Takes the value of one component of a distinguished name, counted from the left.",
        (2, 2, 2),
        dn_component,
    ),
    function(
        "StringFromSid",
        "StringFromSid(sid)",
        "Gives the text form of a security identifier that stands in Base64.",
        (1, 1, 1),
        string_from_sid,
    ),
];

/// Reads with and without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes that stand in Base64; blanks and line breaks between the signs mean nothing.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    if text.bytes().any(|byte| blank(&byte)) {
        let signs: Vec<u8> = text.bytes().filter(|byte| !blank(byte)).collect();
        return LENIENT.decode(signs).ok();
    }
    LENIENT.decode(text).ok()
}

fn to_base64(call: &mut Call<'_>) -> Code {
    let site = call.site;
    each(call, move |scope, text| {
        scope.spend_text(site, text.len() * 3)?;
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Ok(Cow::Owned(LENIENT.encode(bytes)))
    })
}

fn from_base64(call: &mut Call<'_>) -> Code {
    bad_constant(call, 1, |word| match word {
        "Unicode" | "UTF8" | "ASCII" => Ok(()),
        _ => Err(("this encoding is unknown".to_owned(), "write Unicode, UTF8 or ASCII".to_owned())),
    });
    let site = call.site;
    let encoding = call.take(1);
    each(call, move |scope, text| {
        let encoding = match &encoding {
            Some(encoding) => encoding.code.text_or_empty(scope, site)?,
            None => Cow::Borrowed("Unicode"),
        };
        let bytes = bytes_of(&text).ok_or_else(|| site.fault("the value is no Base64"))?;
        scope.spend_text(site, bytes.len())?;
        let decoded = match &*encoding {
            "UTF8" => String::from_utf8(bytes).ok(),
            "ASCII" if bytes.is_ascii() => String::from_utf8(bytes).ok(),
            "Unicode" if bytes.len().is_multiple_of(2) => {
                let units: Vec<u16> =
                    bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
                String::from_utf16(&units).ok()
            }
            _ => None,
        };
        decoded.map(Cow::Owned).ok_or_else(|| site.fault("the bytes are no text of this encoding"))
    })
}

fn to_hex(call: &mut Call<'_>) -> Code {
    let site = call.site;
    each(call, move |scope, text| {
        scope.spend_text(site, text.len() * 2)?;
        let mut output = String::with_capacity(text.len() * 2);
        for byte in text.bytes() {
            let _ = write!(output, "{byte:02X}");
        }
        Ok(Cow::Owned(output))
    })
}

fn dn_component(call: &mut Call<'_>) -> Code {
    integer_constant(call, 1);
    let site = call.site;
    let (source, number) = (call.code(0), call.code(1));
    code(move |scope| {
        let Some(name) = source.text(scope, site)? else { return Ok(Operand::Null) };
        let number = number.integer(scope, site, "the number of the component")?;
        let component = if number < 1 { None } else { components(&name).nth(count(number - 1)) };
        let component = component.ok_or_else(|| site.fault("the name has no such component"))?;
        let value = component.split_once('=').ok_or_else(|| site.fault("the value is no distinguished name"))?.1;
        scope.made(site, value.trim().replace('\\', ""))
    })
}

/// The components of a distinguished name; a comma after a backslash separates nothing.
fn components(name: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    name.split(move |c| {
        let separates = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        separates
    })
}

fn string_from_sid(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let source = call.code(0);
    code(move |scope| {
        let text = needed(source.run(scope)?, site, "there is no security identifier")?;
        let bytes = bytes_of(&text).ok_or_else(|| site.fault("the value is no Base64"))?;
        let sid = sid(&bytes).ok_or_else(|| site.fault("the bytes are no security identifier"))?;
        scope.made(site, sid)
    })
}

/// Revision, the count of sub-authorities, six bytes of authority, then four bytes for each sub-authority.
fn sid(bytes: &[u8]) -> Option<String> {
    let [revision, parts, authority @ ..] = bytes else { return None };
    let (authority, rest) = authority.split_at_checked(6)?;
    if rest.len() != usize::from(*parts) * 4 {
        return None;
    }
    let authority = authority.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut output = format!("S-{revision}-{authority}");
    for part in rest.chunks_exact(4) {
        let _ = write!(output, "-{}", u32::from_le_bytes([part[0], part[1], part[2], part[3]]));
    }
    Some(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_security_identifier_has_a_text_form() {
        let administrators = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        assert_eq!(sid(&administrators).as_deref(), Some("S-1-5-32-544"));
        assert_eq!(sid(&administrators[..15]), None);
        assert_eq!(sid(&[]), None);
    }

    #[test]
    fn an_escaped_comma_belongs_to_its_component() {
        assert_eq!(components(r"CN=Doe\, Jo,DC=x").collect::<Vec<_>>(), [r"CN=Doe\, Jo", "DC=x"]);
    }
}
