//! Texts, numbers and dates as records and constants have them: usual ones, and those at the edge of a rule.

use super::dice::Dice;
use super::table::{FORMATS, PATTERNS};
use crate::plain::{DIAERESIS, Given, World};
use std::collections::BTreeMap;

/// Letters, digits and signs that mean something to one function or another.
const CHARACTERS: &[char] = &[
    'a', 'B', 'b', 'x', 'Z', 'e', 'I', 'i', ' ', '1', '2', '0', '-', '\'', '.', ',', '@', 'é', 'Ö', 'ß', 'ø', 'İ', 'ı',
    'Ł', DIAERESIS, '日', '😀', '\t', '\\', '"', '$', '{', '}', '=', '_', ';', '(', '\u{a0}',
];

const WORDS: &[&str] = &[
    "Jo",
    "Smith, John",
    "True",
    "false",
    "o'NEIL-maier",
    "1",
    "0",
    "007",
    "-5",
    "10.5",
    "9.75",
    "&HF",
    "a,b,,a",
    "x@y.z",
    "",
    " ",
    "2024-02-29",
    "zoë",
    "99999999999999999999",
    "0.0",
    "+3",
];

pub(super) const NUMBERS: &[&str] = &[
    "1",
    "0",
    "2",
    "3",
    "-1",
    "5",
    "10",
    "12",
    "-13",
    "100",
    "007",
    "1000000",
    "9223372036854775807",
    "-9223372036854775808",
    "129699324000000000",
    "99999999999999999999",
];

const NAMES: &[&str] = &["cn=Joe,dc=contoso", r"CN=Doe\, Jo , DC=x", "Joe", "a=b=c", "", ","];

const BASE64: &[&str] = &[
    "SABlAGwAbABvAA==",
    "SGVsbG8=",
    "SGVsbG8",
    "SGVs bG8=",
    "AQEAAAAAAAUSAAAA",
    "AQIAAAAAAAUgAAAAIAIAAA==",
    "QQ=",
    "QQ",
    "QR",
    "4pyT",
    "2D3c",
    "!",
    "",
];

pub(super) fn text(dice: &mut Dice<'_>) -> String {
    if dice.below(2) == 0 {
        return dice.pick(WORDS).to_owned();
    }
    let length = dice.below(9);
    (0..length).map(|_| dice.pick(CHARACTERS)).collect()
}

pub(super) fn number(dice: &mut Dice<'_>) -> String {
    dice.pick(NUMBERS).to_owned()
}

pub(super) fn name(dice: &mut Dice<'_>) -> String {
    dice.pick(NAMES).to_owned()
}

pub(super) fn base64(dice: &mut Dice<'_>) -> String {
    dice.pick(BASE64).to_owned()
}

const YEARS: &[&str] =
    &["2024", "2025", "2023", "1999", "9999", "0001", "1601", "1600", "2000", "1900", "0000", "24", "49", "50"];
const MONTHS: &[&str] = &["2", "1", "12", "02", "11", "6", "13", "0"];
const DAYS: &[&str] = &["1", "28", "29", "30", "31", "07", "15", "0"];
const LONG_MONTHS: &[&str] = &["February", "feb", "Dec", "May", "Marc"];
const WEEKDAYS: &[&str] = &["", "", "", "Mon, ", "thursday ", "Fri,"];
const TIMES: &[&str] = &[
    "",
    "",
    "T10:00:00",
    " 23:59:59",
    " 12:00:00 AM",
    " 1:05:09 PM",
    "T00:30",
    " 7 PM",
    "T10:00:00.1234567",
    " 24:00",
    " 0:30 am",
    " 12:30 p",
    " 10:60",
    " 5",
];
const OFFSETS: &[&str] =
    &["", "", "Z", "+08:00", "-07:00", " GMT", "+0530", "-14", "+14:00", "+15:00", "-7", "+8:5", " -00:30", "z"];

/// A date in one of the usual forms, now and then with something wrong.
pub(super) fn date(dice: &mut Dice<'_>) -> String {
    let (year, month, day) = (dice.pick(YEARS), dice.pick(MONTHS), dice.pick(DAYS));
    let long = dice.pick(LONG_MONTHS);
    let weekday = dice.pick(WEEKDAYS);
    let date = match dice.below(10) {
        0..=2 => format!("{year}-{month:0>2}-{day:0>2}"),
        3 | 4 => format!("{month}/{day}/{year}"),
        5 => format!("{year}/{month}/{day}"),
        6 => format!("{weekday}{day} {long} {year}"),
        7 => format!("{weekday}{long} {day}, {year}"),
        8 => format!("{year}-{month}"),
        _ => format!("{month}.{day}.{year}"),
    };
    let mut date = format!("{date}{}{}", dice.pick(TIMES), dice.pick(OFFSETS));
    match dice.below(24) {
        20 => date.push_str(dice.pick(&["x", " ", "0", ":", "T", "-"])),
        21 => drop(date.pop()),
        22 => date.insert(0, ' '),
        23 => return dice.pick(&["", "tomorrow", "2020", "20200316", "1", "12/31/9999 11:59:59 PM"]).to_owned(),
        _ => {}
    }
    date
}

/// A date as one of the formats writes it, now and then as another one does.
pub(super) fn formatted(format: &str, dice: &mut Dice<'_>) -> String {
    let format = if dice.once_in(12) { dice.pick(FORMATS) } else { format };
    let samples: &[&str] = match format {
        "yyyy-MM-dd" => &["2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", " 2024-01-31 ", "2024-1-31"],
        "M/d/yyyy h:mm:ss tt" => {
            &["3/16/2012 7:00:00 AM", "12/31/9999 12:00:00 AM", "1/2/2020 12:00:00 pm", "1/1/2020 13:00:00 PM"]
        }
        "yyyyMMddHHmmss.fZ" => &["20150123105347.1Z", "20150123105347.1z", "20150123105347.1GMT", "20150123105347.1"],
        "d.M.yy" => &["1.2.24", "31.12.49", "31.12.50", "1.2.2024"],
        "dddd, d MMMM yyyy HH:mm" => {
            &["Thursday, 29 February 2024 23:59", "friday, 29 February 2024 23:59", "Thursday, 29 Feb 2024 23:59"]
        }
        "yyyy-MM-ddTHH:mm:ssK" => &[
            "2024-02-29T10:00:00",
            "2024-02-29T10:00:00Z",
            "2024-02-29T23:00:00-07:00",
            "2024-02-29T10:00:00+8:00",
            "0001-01-01T00:00:00+01:00",
        ],
        "yyyy-MM-dd HH:mm:ss.FFF" => {
            &["2024-02-29 10:00:07.25", "2024-02-29 10:00:07", "2024-02-29 10:00:07.", "2024-02-29 10:00:07.1234"]
        }
        "yyyy-MM-ddzzz" => {
            &["2021-01-01+08:00", "2020-12-31-08:00", "2020-12-31Z", "2020-12-31-0830", "2020-12-31+15:00"]
        }
        "MMM d yyyy hh t" => &["Feb 9 2024 12 A", "feb 29 2024 01 p", "February 9 2024 12 A"],
        "s" => &["2024-02-29T10:00:59", "2024-02-29T10:00:60"],
        "d" | "R" => &["02/29/2024", "Thu, 29 Feb 2024 10:00:00 GMT", "Wed, 29 Feb 2024 10:00:00 GMT"],
        "o" => &["2024-02-29T10:00:59.1234567Z", "2024-02-29T10:00:59.0000000", "2024-02-29T10:00:59.5000000+01:00"],
        "yyyy'year'MM\\ddd" => &["2024year02d29", "2024year02d9"],
        "H:m:s.fffffff zz" => &["1:2:3.1234567 +01", "13:02:03.0000000 -5"],
        "yyy g z" => &["999 A.D. +1", "2024 A.D. +1"],
        _ => &["12", "2", "29 February", ""],
    };
    dice.pick(samples).to_owned()
}

fn list(dice: &mut Dice<'_>) -> Given {
    let count = dice.below(5);
    Given::List((0..count).map(|_| text(dice)).collect())
}

/// A record, a clock and a domain.
pub(super) fn world(dice: &mut Dice<'_>) -> World {
    let mut attributes = BTreeMap::new();
    for name in ["a", "b", "c"] {
        attributes.insert(name, Given::Text(text(dice)));
    }
    attributes.insert("empty", Given::Text(String::new()));
    attributes.insert("number", Given::Text(number(dice)));
    attributes.insert("date", Given::Text(date(dice)));
    attributes.insert("list", list(dice));
    attributes.insert("pattern", Given::Text(dice.pick(PATTERNS).to_owned()));
    let now = 1_700_000_000 + i64::try_from(dice.below(256)).unwrap_or(0) * 86_399 * 3;
    let default_domain = if dice.once_in(8) { None } else { Some("example.com") };
    World { attributes, now, default_domain }
}
