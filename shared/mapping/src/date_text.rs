//! Dates as texts without a stated format: what `CDate` and its siblings read, and the form in which they write.
//!
//! Every date is a civil date and time in UTC; a text without an offset is taken as UTC.

use crate::date_forms;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, tz::Offset};

/// The months' names, in full.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The weekdays' names, in full, from Sunday on.
pub(crate) const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// `M/d/yyyy h:mm:ss tt`, the form that every date function gives.
pub(crate) fn written(at: DateTime) -> String {
    let hour = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let mut output = String::with_capacity(22);
    digits(&mut output, at.month().into(), 1);
    output.push('/');
    digits(&mut output, at.day().into(), 1);
    output.push('/');
    digits(&mut output, at.year(), 4);
    output.push(' ');
    digits(&mut output, hour.into(), 1);
    output.push(':');
    digits(&mut output, at.minute().into(), 2);
    output.push(':');
    digits(&mut output, at.second().into(), 2);
    output.push_str(if at.hour() < 12 { " AM" } else { " PM" });
    output
}

/// How many bytes [`written`] takes.
pub(crate) fn written_length(at: DateTime) -> usize {
    let two = |number: i8| usize::from(number >= 10);
    19 + two(at.month()) + two(at.day()) + two((at.hour() + 11) % 12 + 1)
}

/// The same date without the parts of a second, which [`written`] does not tell either.
#[inline]
pub(crate) fn whole_second(at: DateTime) -> DateTime {
    if at.subsec_nanosecond() == 0 {
        return at;
    }
    at.date().at(at.hour(), at.minute(), at.second(), 0)
}

/// Adds a number that is not negative, with zeros before it up to the width. Dates are written for every record, and
/// the standard formatting takes several times as long.
pub(crate) fn digits(output: &mut String, number: i16, width: u32) {
    let small = u8::try_from(number).unwrap_or(u8::MAX);
    if width <= 2 && small < 100 {
        if width == 2 || small >= 10 {
            output.push(char::from(b'0' + small / 10));
        }
        return output.push(char::from(b'0' + small % 10));
    }
    if width == 4 && (0..10_000).contains(&number) {
        digits(output, number / 100, 2);
        return digits(output, number % 100, 2);
    }
    let count = number.max(1).ilog10().max(width - 1) + 1;
    for place in (0..count).rev() {
        let digit = u32::from(number.unsigned_abs()) / 10_u32.pow(place) % 10;
        output.push(char::from(b'0' + u8::try_from(digit).unwrap_or_default()));
    }
}

/// An instant as civil time in UTC.
#[inline]
pub(crate) fn civil(at: Timestamp) -> DateTime {
    Offset::UTC.to_datetime(at)
}

/// The same time with the offset (in seconds) taken off; `None` outside of the years 1 to 9999.
pub(crate) fn to_utc(local: DateTime, offset: i32) -> Option<DateTime> {
    local.checked_sub(SignedDuration::from_secs(i64::from(offset))).ok().filter(|at| at.year() >= 1)
}

/// Reads a date in one of the usual forms: ISO 8601 (also a date with an offset and no time, also with a blank for
/// the `T`), `M/d/yyyy` with or without a time, and dates with the month's name.
pub(crate) fn read(text: &str) -> Option<DateTime> {
    if let Some(date) = plain_date(text.as_bytes()).or_else(|| own_form(text.as_bytes())) {
        return Some(date);
    }
    date_forms::read(text)
}

/// A date as nearly every source writes it, `yyyy-MM-dd` and nothing else; all that is odd about it is left to the reader.
#[inline]
pub(crate) fn plain_date(text: &[u8]) -> Option<DateTime> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return None };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [y1, y2, y3, y4, m1, m2, d1, d2] = digits.map(|digit| (digit - b'0').cast_signed());
    let year = i16::from(y1) * 1_000 + i16::from(y2) * 100 + i16::from(y3) * 10 + i16::from(y4);
    let date = DateTime::new(year, m1 * 10 + m2, d1 * 10 + d2, 0, 0, 0, 0).ok()?;
    (date.year() >= 1).then_some(date)
}

/// A date as [`written`] gives it: what one function makes, another one reads.
fn own_form(text: &[u8]) -> Option<DateTime> {
    let (month, rest) = number(text, 1, 2)?;
    let (day, rest) = number(rest.strip_prefix(b"/")?, 1, 2)?;
    let (year, rest) = number(rest.strip_prefix(b"/")?, 4, 4)?;
    let (hour, rest) = number(rest.strip_prefix(b" ")?, 1, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 2, 2)?;
    let (second, rest) = number(rest.strip_prefix(b":")?, 2, 2)?;
    let afternoon = match rest {
        b" AM" => 0,
        b" PM" => 12,
        _ => return None,
    };
    if !(1..=12).contains(&hour) || year < 1 {
        return None;
    }
    let small = |number: i16| i8::try_from(number).ok();
    let hour = small(hour % 12 + afternoon)?;
    DateTime::new(year, small(month)?, small(day)?, hour, small(minute)?, small(second)?, 0).ok()
}

/// The number of so many digits that a text begins with, and what comes after it.
fn number(text: &[u8], least: usize, most: usize) -> Option<(i16, &[u8])> {
    let count = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(count).filter(|_| count >= least)?;
    Some((digits.iter().fold(0, |number, digit| number * 10 + i16::from(digit - b'0')), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reread(text: &str) -> String {
        read(text).map_or_else(|| "none".to_owned(), written)
    }

    #[test]
    fn a_plain_date_is_read_as_any_other() {
        for text in [
            "2020-03-16",
            "0000-01-01",
            "0001-01-01",
            "9999-12-31",
            "2021-02-29",
            "2020-00-10",
            "2020-3-161",
            "3/16/2012 7:00:00 AM",
            "12/31/9999 12:59:59 PM",
            "2/29/2021 1:00:00 AM",
            "1/1/0000 1:00:00 AM",
            "1/1/2020 13:00:00 PM",
            "1/1/2020 0:00:00 AM",
        ] {
            // A blank before it leaves it to the reader of everything.
            assert_eq!(read(text), read(&format!(" {text}")), "{text}");
        }
    }

    #[test]
    fn the_usual_forms_are_read_and_an_offset_moves_the_time_to_utc() {
        for (text, expected) in [
            ("2020-03-16-07:00", "3/16/2020 7:00:00 AM"),
            ("2021-06-30+08:00", "6/29/2021 4:00:00 PM"),
            ("2009-06-15T01:45:30-07:00", "6/15/2009 8:45:30 AM"),
            ("2009-06-15T01:45:30.5Z", "6/15/2009 1:45:30 AM"),
            ("2012-01-01 23:00:00", "1/1/2012 11:00:00 PM"),
            ("3/16/2012 7:00:00 AM", "3/16/2012 7:00:00 AM"),
            ("12/31/9999 12:00:00 AM", "12/31/9999 12:00:00 AM"),
            ("12/31/99", "12/31/1999 12:00:00 AM"),
            ("2024/02/29", "2/29/2024 12:00:00 AM"),
            ("16 Mar 2020", "3/16/2020 12:00:00 AM"),
            ("March 16, 2020 5 PM", "3/16/2020 5:00:00 PM"),
            ("Mon, 16 Mar 2020 10:00:00 GMT", "3/16/2020 10:00:00 AM"),
            ("2020-03-16T10:00", "3/16/2020 10:00:00 AM"),
            ("1/1/2020 13:00 PM", "1/1/2020 1:00:00 PM"),
            ("1/1/2020 0:30 am", "1/1/2020 12:30:00 AM"),
            ("2020-03", "3/1/2020 12:00:00 AM"),
            ("3/2020", "3/1/2020 12:00:00 AM"),
            ("March 2020", "3/1/2020 12:00:00 AM"),
        ] {
            assert_eq!(reread(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_read() {
        for text in [
            "",
            "x",
            "2020",
            "20200316",
            "2020-13-01",
            "2021-02-29",
            "31/12/2020",
            "1/1/2020 25:00",
            "1/1/2020 13:00 AM",
            "1/1/2020 24:00 PM",
            "0001-01-01+01:00",
            "2020-03-16 x",
            "2020-03x",
            "Mon, 17 Mar 2020",
            "0000-12-31-14:00",
            "2020-13",
            "1-2/2020",
            "99999-01-01",
            "2020-03-16-99:00",
        ] {
            assert_eq!(reread(text), "none", "{text}");
        }
    }
}
