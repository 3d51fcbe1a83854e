//! Dates that are read by a format in which they are never written, and formats whose letters mean something else.

use super::known::{is_date, text};
use super::{Call, Findings};
use crate::Node;
use crate::date_format::Format;

/// Two dates as functions write them: one with as few digits as there can be, one with all.
const WRITTEN: [&str; 2] = ["3/6/2012 7:05:09 AM", "12/16/2012 11:05:09 PM"];

pub(super) fn look(call: Call<'_>, findings: &mut Findings) {
    if call.name != "FormatDateTime" {
        return;
    }
    let input = if call.arguments.len() == 3 { 1 } else { 2 };
    for format in [input, input + 1].into_iter().filter_map(|index| call.argument(index)) {
        mixed_up(format, findings);
    }
    if !call.argument(0).is_some_and(is_date) {
        return;
    }
    let Some(format) = call.argument(input).and_then(|node| Some((node, Format::parse(text(node)?).ok()?))) else {
        return;
    };
    if WRITTEN.iter().any(|date| format.1.read(date).is_none()) {
        let hint = "write \"M/d/yyyy h:mm:ss tt\"";
        findings.doubt(format.0, "date functions do not write dates in this format: reading them fails", hint);
    }
}

/// Letters of .NET's formats that are easily taken for each other: `mm` are minutes, `MM` months, `hh` ends at 12, and
/// `YYYY` and `DD` mean nothing, so that they are written as they stand.
fn mixed_up(node: &Node, findings: &mut Findings) {
    let Some(format) = text(node) else { return };
    let runs = runs(format);
    let has = |letter: char| runs.iter().any(|(one, _)| *one == letter);
    let minute_as_month = has('m') && !has('h') && !has('H');
    let month_as_minute = runs.windows(2).any(|pair| matches!(pair[0].0, 'h' | 'H') && pair[1] == ('M', 2));
    if let Some(foreign) = ['Y', 'D'].into_iter().find(|letter| has(*letter)) {
        let meant = foreign.to_ascii_lowercase();
        let message = format!("`{foreign}` means nothing in a format of dates: it is written as it stands");
        findings.doubt(node, message, &format!("write {}", meant.to_string().repeat(if meant == 'y' { 4 } else { 2 })));
    }
    if minute_as_month && format.len() > 2 {
        findings.doubt(node, "`mm` are minutes, and the format has no hours", "months are `MM`");
    }
    if month_as_minute {
        findings.doubt(node, "`MM` behind the hours are months", "minutes are `mm`");
    }
    if has('h') && !has('t') {
        let message = "`hh` ends at 12, and nothing tells the morning from the afternoon";
        findings.doubt(node, message, "write `HH`, or `tt` behind the time");
    }
}

/// The letters of a format and how often each stands in a row, without what is quoted or escaped.
fn runs(format: &str) -> Vec<(char, usize)> {
    let (mut runs, mut quote, mut last) = (Vec::<(char, usize)>::new(), None, None);
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', _) => drop(letters.next()),
            (_, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => quote = Some(letter),
            (_, None) if letter.is_ascii_alphabetic() => match runs.last_mut() {
                Some((one, count)) if last == Some(letter) && *one == letter => *count += 1,
                _ => runs.push((letter, 1)),
            },
            _ => {}
        }
        last = Some(letter);
    }
    runs
}
