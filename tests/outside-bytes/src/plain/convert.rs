//! Other alphabets, bit by bit.

use super::{Arguments, End, Given, Step};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Step<Given>> {
    Some(match name {
        "ConvertToBase64" => arguments.each(|text| Ok(to_base64(&text))),
        "ConvertFromBase64" => arguments.each(|text| {
            let encoding = if arguments.is_given(1) { arguments.text(1)? } else { "Unicode".to_owned() };
            let bytes = from_base64(&text).ok_or(End::Failure)?;
            decoded(bytes, &encoding).ok_or(End::Failure)
        }),
        "ConvertToUTF8Hex" => {
            arguments.each(|text| Ok(text.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat()))
        }
        "DNComponent" => component(arguments),
        "StringFromSid" => sid(arguments),
        _ => return None,
    })
}

const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(text: &str) -> String {
    let bytes = text.encode_utf16().flat_map(u16::to_le_bytes);
    let bits = bytes.map(|byte| format!("{byte:08b}")).collect::<Vec<_>>().concat();
    let mut output = String::new();
    for start in (0..bits.len()).step_by(6) {
        let six = format!("{:0<6}", &bits[start..bits.len().min(start + 6)]);
        let place = usize::from_str_radix(&six, 2).unwrap_or(0);
        output.push(char::from(SIGNS.as_bytes()[place]));
    }
    while !output.len().is_multiple_of(4) {
        output.push('=');
    }
    output
}

/// With `=` at the end or without, or with too few of them; what is left over of the bits has to be nothing but zeros.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')).collect();
    let signs = text.trim_end_matches('=');
    let padding = text.len() - signs.len();
    let missing = (4 - signs.len() % 4) % 4;
    if signs.len() % 4 == 1 || padding > missing {
        return None;
    }
    let places = signs.chars().map(|sign| Some(format!("{:06b}", SIGNS.find(sign)?)));
    let bits = places.collect::<Option<Vec<_>>>()?.concat();
    let whole = bits.len() / 8 * 8;
    if bits[whole..].contains('1') {
        return None;
    }
    (0..whole).step_by(8).map(|start| u8::from_str_radix(&bits[start..start + 8], 2).ok()).collect()
}

fn decoded(bytes: Vec<u8>, encoding: &str) -> Option<String> {
    match encoding {
        "UTF8" => String::from_utf8(bytes).ok(),
        "ASCII" if bytes.iter().all(|byte| *byte < 128) => String::from_utf8(bytes).ok(),
        "Unicode" if bytes.len().is_multiple_of(2) => {
            let units: Vec<u16> = bytes.chunks(2).map(|two| u16::from(two[0]) + 256 * u16::from(two[1])).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

fn component(arguments: &Arguments<'_>) -> Step<Given> {
    let Some(name) = arguments.one(0)? else { return Ok(Given::Null) };
    let number = arguments.whole(1)?;
    let mut components = vec![String::new()];
    let mut escaped = false;
    for c in name.chars() {
        if c == ',' && !escaped {
            components.push(String::new());
        } else if let Some(component) = components.last_mut() {
            component.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or(End::Failure)?;
    let component = components.get(place).ok_or(End::Failure)?;
    let value = component.split_once('=').ok_or(End::Failure)?.1;
    Ok(Given::Text(value.trim().replace('\\', "")))
}

fn sid(arguments: &Arguments<'_>) -> Step<Given> {
    let bytes = from_base64(&arguments.text(0)?).ok_or(End::Failure)?;
    if bytes.len() < 8 || bytes.len() != 8 + 4 * usize::from(bytes[1]) {
        return Err(End::Failure);
    }
    let authority = bytes[2..8].iter().fold(0_u64, |number, byte| number * 256 + u64::from(*byte));
    let mut output = format!("S-{}-{authority}", bytes[0]);
    for four in bytes[8..].chunks(4) {
        let number = four.iter().rev().fold(0_u64, |number, byte| number * 256 + u64::from(*byte));
        output = format!("{output}-{number}");
    }
    Ok(Given::Text(output))
}
