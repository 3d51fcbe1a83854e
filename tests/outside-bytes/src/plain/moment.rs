//! Functions about dates, and the reading of dates without a stated format.

use super::calendar::{DAY, Parts, SECOND, apart, bounded, joined, month_length, weekday, written};
use super::format::{self, MONTHS, WEEKDAYS};
use super::{Arguments, End, Given, Step};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Step<Given>> {
    let step = match name {
        "Now" => Ok(written((i128::from(arguments.world.now) + 62_135_596_800) * SECOND)),
        "CDate" => date(arguments, 0).map(written),
        "DateAdd" => add(arguments).map(written),
        "DateDiff" => difference(arguments).map(|number| number.to_string()),
        "NumFromDate" => number(arguments),
        "DateFromNum" => from_number(arguments).map(written),
        "FormatDateTime" => return Some(reformat(arguments)),
        _ => return None,
    };
    Some(step.map(Given::Text))
}

fn date(arguments: &Arguments<'_>, index: usize) -> Step<i128> {
    read(&arguments.text(index)?).ok_or(End::Failure)
}

pub(super) fn is_interval(name: &str) -> bool {
    ["yyyy", "m", "ww", "d", "h", "n", "s"].contains(&name.to_ascii_lowercase().as_str())
}

fn interval(arguments: &Arguments<'_>) -> Step<String> {
    let name = arguments.text(0)?.to_ascii_lowercase();
    if is_interval(&name) { Ok(name) } else { Err(End::Failure) }
}

/// Seconds of the intervals that always are as long.
fn seconds(interval: &str) -> i128 {
    match interval {
        "ww" => 7 * 86_400,
        "d" => 86_400,
        "h" => 3_600,
        "n" => 60,
        _ => 1,
    }
}

/// Months and years keep the day, or take the last one of a shorter month.
fn add(arguments: &Arguments<'_>) -> Step<i128> {
    let interval = interval(arguments)?;
    let count = i128::from(arguments.whole(1)?);
    let at = date(arguments, 2)?;
    if interval != "m" && interval != "yyyy" {
        return bounded(at + count * seconds(&interval) * SECOND).ok_or(End::Failure);
    }
    let parts = apart(at);
    let months = parts.year * 12 + parts.month - 1 + count * if interval == "m" { 1 } else { 12 };
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let day = parts.day.min(month_length(year, month));
    joined(Parts { year, month, day, ..parts }).ok_or(End::Failure)
}

fn difference(arguments: &Arguments<'_>) -> Step<i128> {
    let interval = interval(arguments)?;
    let (first, second) = (date(arguments, 1)?, date(arguments, 2)?);
    let (from, to) = (apart(first), apart(second));
    Ok(match interval.as_str() {
        "yyyy" => to.year - from.year,
        "m" => (to.year - from.year) * 12 + to.month - from.month,
        // How many Sundays came between.
        "ww" => {
            let sunday = |at: i128| at / DAY - weekday(at);
            (sunday(second) - sunday(first)) / 7
        }
        interval => (second - first) / SECOND / seconds(interval),
    })
}

fn directory_epoch() -> Step<i128> {
    read("1601-01-01").ok_or(End::Failure)
}

fn number(arguments: &Arguments<'_>) -> Step<String> {
    let ticks = date(arguments, 0)? - directory_epoch()?;
    if ticks < 0 { Err(End::Failure) } else { Ok(ticks.to_string()) }
}

fn from_number(arguments: &Arguments<'_>) -> Step<i128> {
    let ticks = i128::from(arguments.whole(0)?);
    if ticks < 0 {
        return Err(End::Failure);
    }
    bounded(directory_epoch()? + ticks).ok_or(End::Failure)
}

fn reformat(arguments: &Arguments<'_>) -> Step<Given> {
    let (input, output) = formats(arguments.trees.len(), &|index| arguments.is_given(index));
    let Some(text) = arguments.one(0)? else { return Ok(Given::Null) };
    let input = format::parsed(&arguments.text(input)?).ok_or(End::Failure)?;
    let stamp = format::read(&input, text.trim()).ok_or(End::Failure)?;
    let output = format::parsed(&arguments.text(output)?).ok_or(End::Failure)?;
    Ok(Given::Text(format::write(&output, stamp)))
}

/// Which arguments are the formats: the styles may be missing, and a comma may follow the last one.
pub(super) fn formats(count: usize, is_given: &dyn Fn(usize) -> bool) -> (usize, usize) {
    if count == 3 || count == 4 && is_given(1) && !is_given(3) { (1, 2) } else { (2, 3) }
}

/// A date in one of the usual forms.
pub(super) fn read(text: &str) -> Option<i128> {
    let rest = text.trim();
    let (year, month, day, rest) = read_day(rest)?;
    let rest = match rest.strip_prefix(['T', 't']) {
        Some(rest) if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) => rest,
        _ => rest,
    };
    let (hour, minute, second, fraction, rest) = read_time(rest.trim_start())?;
    let offset = read_offset(rest.trim_start())?;
    let local = joined(Parts { year, month, day, hour, minute, second, fraction })?;
    if word(text.trim(), &WEEKDAYS).is_some_and(|(stated, _)| stated != weekday(local)) {
        return None;
    }
    bounded(local - offset * 60 * SECOND)
}

/// The digits at the beginning: their number, how many there are, and what comes after them.
fn digits(text: &str) -> Option<(i128, usize, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 || count > 30 { None } else { Some((text[..count].parse().ok()?, count, &text[count..])) }
}

/// One of some words at the beginning, in full or its first three letters.
fn word<'t>(text: &'t str, words: &[&str]) -> Option<(i128, &'t str)> {
    let count = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let index = words.iter().position(|word| {
        text[..count].eq_ignore_ascii_case(word) || text[..count].eq_ignore_ascii_case(&word[..word.len().min(3)])
    })?;
    Some((i128::try_from(index).ok()?, &text[count..]))
}

fn full_year(year: i128, count: usize) -> i128 {
    match (count, year) {
        (3.., _) => year,
        (_, 0..=49) => year + 2000,
        _ => year + 1900,
    }
}

fn read_day(text: &str) -> Option<(i128, i128, i128, &str)> {
    let between = |text| str::trim_start_matches(text, [' ', ',', '-', '/', '.']);
    let text = match word(text, &WEEKDAYS) {
        Some((_, rest)) => rest.strip_prefix(',').unwrap_or(rest).trim_start(),
        None => text,
    };
    if let Some((month, rest)) = word(text, &MONTHS) {
        let (number, count, rest) = digits(between(rest)).filter(|(_, count, _)| *count <= 4)?;
        if count >= 3 {
            return Some((number, month + 1, 1, rest));
        }
        let (year, count, rest) = digits(between(rest)).filter(|(_, count, _)| *count <= 4)?;
        return Some((full_year(year, count), month + 1, number, rest));
    }
    let (first, first_count, rest) = digits(text).filter(|(_, count, _)| *count <= 4)?;
    if let Some((month, rest)) = word(between(rest), &MONTHS) {
        let (year, count, rest) = digits(between(rest)).filter(|(_, count, _)| *count <= 4)?;
        return Some((full_year(year, count), month + 1, first, rest));
    }
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (second, second_count, rest) = digits(between(rest)).filter(|(_, count, _)| *count <= 4)?;
    if first_count < 3 && second_count >= 3 {
        return Some((second, first, 1, rest));
    }
    if first_count >= 3 && rest.is_empty() {
        return Some((first, second, 1, rest)).filter(|_| second_count <= 2);
    }
    let (third, third_count, rest) = digits(rest.strip_prefix(separator)?).filter(|(_, count, _)| *count <= 4)?;
    if second_count > 2 {
        return None;
    }
    if first_count >= 3 {
        return Some((first, second, third, rest)).filter(|_| third_count <= 2);
    }
    Some((full_year(third, third_count), first, second, rest))
}

/// Hour, minute, second and fraction; midnight where there is no time.
fn read_time(text: &str) -> Option<(i128, i128, i128, i128, &str)> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Some((0, 0, 0, 0, text));
    }
    let two = |text| digits(text).filter(|(_, count, _)| *count <= 2);
    let (hour, _, mut rest) = two(text)?;
    let (mut minute, mut second, mut fraction) = (0, 0, 0);
    let clock = rest.starts_with(':');
    if clock {
        (minute, _, rest) = two(&rest[1..])?;
        if let Some(after) = rest.strip_prefix(':') {
            (second, _, rest) = two(after)?;
            if let Some(after) = rest.strip_prefix(['.', ',']) {
                let count = digits(after)?.1;
                fraction = format!("{:0<7}", &after[..count])[..7].parse().ok()?;
                rest = &after[count..];
            }
        }
    }
    rest = rest.trim_start();
    match word(rest, &["AM", "PM", "A", "P"]) {
        Some((half, rest)) if hour <= 12 || half % 2 == 1 && hour < 24 => {
            Some((hour % 12 + half % 2 * 12, minute, second, fraction, rest))
        }
        None if clock => Some((hour, minute, second, fraction, rest)),
        _ => None,
    }
}

/// Minutes.
fn read_offset(text: &str) -> Option<i128> {
    if text.is_empty() || ["Z", "GMT", "UTC"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Some(0);
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (number, count, rest) = digits(&text[1..]).filter(|(_, count, _)| *count <= 4)?;
    let (hours, minutes) = match (count, rest.strip_prefix(':')) {
        (3 | 4, _) if rest.is_empty() => (number / 100, number % 100),
        (1 | 2, None) if rest.is_empty() => (number, 0),
        (1 | 2, Some(after)) => (number, digits(after).filter(|(_, count, rest)| *count <= 2 && rest.is_empty())?.0),
        _ => return None,
    };
    if hours > 14 || minutes > 59 { None } else { Some(sign * (hours * 60 + minutes)) }
}
