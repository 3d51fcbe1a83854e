//! Functions about dates. A date is a text; without one these functions fail, so that no comparison goes on without.

use super::{Function, bad_constant, function, integer_constant, needed};
use crate::code::{Code, code, date, number};
use crate::compile::{Argument, Call};
use crate::date_format::Format;
use crate::date_text::{civil, read, whole_second, written};
use crate::evaluation::{Operand, Scope, Site, Stop, integer};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Span};

pub(super) const FUNCTIONS: &[Function] = &[
    function("Now", "Now()", "Gives the present date and time in UTC.", (0, 0, 0), now),
    function("CDate", "CDate(date)", "Reads a date and gives it in UTC.", (1, 1, 1), to_date),
    function(
        "DateAdd",
        "DateAdd(interval, number, date)",
        "Adds years (yyyy), months (m), weeks (ww), days (d), hours (h), minutes (n) or seconds (s) to a date.",
        (3, 3, 3),
        date_add,
    ),
    function(
        "DateDiff",
        "DateDiff(interval, date1, date2)",
        "Says how many intervals lie between two dates; positive when the second is later.",
        (3, 3, 3),
        date_diff,
    ),
    function(
        "FormatDateTime",
        "FormatDateTime(source, [styles], inputFormat, outputFormat)",
        "Reads a date by one format and writes it by another.",
        (3, 1, 4),
        format_date,
    ),
    function(
        "NumFromDate",
        "NumFromDate(date)",
        "Gives a date as Active Directory counts: in 100 ns since 1601.",
        (1, 1, 1),
        number_from_date,
    ),
    function(
        "DateFromNum",
        "DateFromNum(number)",
        "Gives the date of a number that Active Directory uses for one.",
        (1, 1, 1),
        date_from_number,
    ),
];

const NO_DATE: &str = "the value is no date; use FormatDateTime for another form";

#[derive(Clone, Copy)]
enum Interval {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

impl Interval {
    fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "yyyy" => Self::Year,
            "m" => Self::Month,
            "ww" => Self::Week,
            "d" => Self::Day,
            "h" => Self::Hour,
            "n" => Self::Minute,
            "s" => Self::Second,
            _ => return None,
        })
    }
}

/// An interval that is known beforehand where it is a constant.
enum IntervalArgument {
    Ready(Interval),
    Code(Code),
}

impl IntervalArgument {
    fn of(call: &mut Call<'_>) -> Self {
        bad_constant(call, 0, |name| {
            if Interval::of(name).is_some() {
                return Ok(());
            }
            let hint = "write \"yyyy\", \"m\", \"ww\", \"d\", \"h\", \"n\" or \"s\"";
            Err(("this is no interval".to_owned(), hint.to_owned()))
        });
        let constant = call.arguments.first().and_then(|argument| argument.as_ref()?.constant.as_deref());
        match constant.and_then(Interval::of) {
            Some(interval) => Self::Ready(interval),
            None => Self::Code(call.code(0)),
        }
    }

    fn get(&self, scope: &Scope<'_>, site: Site) -> Result<Interval, Stop> {
        match self {
            Self::Ready(interval) => Ok(*interval),
            Self::Code(code) => {
                let name = code.text_or_empty(scope, site)?;
                Interval::of(&name).ok_or_else(|| site.fault("the interval is unknown"))
            }
        }
    }
}

/// The date of an argument. What another function gives as a date is not written and read again.
#[inline]
fn argument(source: &Code, scope: &Scope<'_>, site: Site) -> Result<DateTime, Stop> {
    let read = match source.date(scope) {
        Some(at) => as_read(at?),
        None => return stated(source.run(scope)?, site),
    };
    read.ok_or_else(|| site.fault(NO_DATE))
}

/// A date as it is read again: the text tells nothing of the years before the first.
fn as_read(at: DateTime) -> Option<DateTime> {
    if at.year() >= 1 { Some(at) } else { read(&written(at)) }
}

fn stated(operand: Operand<'_>, site: Site) -> Result<DateTime, Stop> {
    let text = needed(operand, site, "there is no date; guard the function with IIF(IsPresent([attribute]), ...)")?;
    read(&text).ok_or_else(|| site.fault(NO_DATE))
}

fn now(call: &mut Call<'_>) -> Code {
    let site = call.site;
    date(site, move |scope| Ok(whole_second(civil(scope.context.now))))
}

fn to_date(call: &mut Call<'_>) -> Code {
    let site = call.site;
    bad_constant(call, 0, |text| match read(text) {
        Some(_) => Ok(()),
        None => Err(("this is no date".to_owned(), "write it as \"2030-12-31\"".to_owned())),
    });
    let source = call.code(0);
    date(site, move |scope| Ok(whole_second(argument(&source, scope, site)?)))
}

fn date_add(call: &mut Call<'_>) -> Code {
    integer_constant(call, 1);
    let site = call.site;
    let interval = IntervalArgument::of(call);
    let (number, source) = (call.code(1), call.code(2));
    date(site, move |scope| {
        let interval = interval.get(scope, site)?;
        let number = number.integer(scope, site, "the number of intervals")?;
        let at = argument(&source, scope, site)?;
        let later = added(at, interval, number);
        later.map(whole_second).ok_or_else(|| site.fault("the date would lie outside of the calendar"))
    })
}

/// Months and years keep the day, or take the last one of a shorter month.
fn added(at: DateTime, interval: Interval, number: i64) -> Option<DateTime> {
    let seconds = |length: i64| seconds_later(at, number.checked_mul(length)?);
    let later = match interval {
        Interval::Year => at.checked_add(Span::new().try_years(number).ok()?).ok(),
        Interval::Month => at.checked_add(Span::new().try_months(number).ok()?).ok(),
        Interval::Week => seconds(604_800),
        Interval::Day => seconds(86_400),
        Interval::Hour => seconds(3_600),
        Interval::Minute => seconds(60),
        Interval::Second => seconds(1),
    };
    later.filter(|at| at.year() >= 1)
}

/// So many seconds later. Durations reach less far than the calendar, so that days are added by themselves.
fn seconds_later(at: DateTime, seconds: i64) -> Option<DateTime> {
    let rest = SignedDuration::from_secs(seconds.rem_euclid(86_400));
    let days = Span::new().try_days(seconds.div_euclid(86_400)).ok()?;
    at.checked_add(days).and_then(|day| day.checked_add(rest)).ok()
}

fn date_diff(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let interval = IntervalArgument::of(call);
    let (first, second) = (call.code(1), call.code(2));
    number(site, move |scope| {
        let interval = interval.get(scope, site)?;
        let (first, second) = (argument(&first, scope, site)?, argument(&second, scope, site)?);
        Ok(difference(first, second, interval))
    })
}

/// Visual Basic's rule: years and months by the calendar, weeks by their Sundays, the rest by elapsed time, cut off
/// towards zero.
fn difference(first: DateTime, second: DateTime, interval: Interval) -> i64 {
    let seconds = || second.duration_since(first).as_secs();
    let years = i64::from(second.year()) - i64::from(first.year());
    match interval {
        Interval::Year => years,
        Interval::Month => years * 12 + i64::from(second.month()) - i64::from(first.month()),
        Interval::Week => {
            let days = second.date().duration_since(first.date()).as_secs() / 86_400;
            let weekday = |at: DateTime| i64::from(at.weekday().to_sunday_zero_offset());
            (days - weekday(second) + weekday(first)) / 7
        }
        Interval::Day => seconds() / 86_400,
        Interval::Hour => seconds() / 3_600,
        Interval::Minute => seconds() / 60,
        Interval::Second => seconds(),
    }
}

/// A format that was taken apart beforehand where it is a constant.
enum DateFormat {
    Ready(Format),
    Code(Code),
}

impl DateFormat {
    fn of(argument: Argument, call: &mut Call<'_>) -> Self {
        let Some(text) = &argument.constant else { return Self::Code(argument.code) };
        match Format::parse(text) {
            Ok(format) => Self::Ready(format),
            Err(message) => {
                call.mistakes.push(crate::Mistake::of_constant(message, argument.start, argument.end));
                Self::Code(argument.code)
            }
        }
    }

    /// What comes of the format.
    fn with<T>(&self, scope: &Scope<'_>, site: Site, work: impl FnOnce(&Format) -> T) -> Result<T, Stop> {
        match self {
            Self::Ready(format) => Ok(work(format)),
            Self::Code(code) => {
                let text = code.text_or_empty(scope, site)?;
                Format::parse(&text).map(|format| work(&format)).map_err(|message| site.fault(message))
            }
        }
    }
}

/// With three arguments the styles are left out. The usual styles are the only ones: white space around counts
/// nothing, and a date without an offset is taken as it is.
fn format_date(call: &mut Call<'_>) -> Code {
    let site = call.site;
    // A comma may follow the last argument of the short form.
    if call.arguments.len() == 4 && call.arguments[1].is_some() && call.arguments[3].is_none() {
        call.arguments.pop();
    }
    let given = call.arguments.len();
    let (Some(input), Some(output)) = (call.take(given - 2), call.take(given - 1)) else {
        let mistake =
            crate::Mistake::new("FormatDateTime needs the format of its input and of its output", call.start, call.end);
        call.mistakes.push(mistake.hint("write FormatDateTime(source, , inputFormat, outputFormat)"));
        return crate::compile::null();
    };
    let (input, output) = (DateFormat::of(input, call), DateFormat::of(output, call));
    let source = call.code(0);
    code(move |scope| {
        let Some(text) = source.text(scope, site)? else { return Ok(Operand::Null) };
        let stamp = input.with(scope, site, |format| format.read(&text))?;
        let stamp = stamp.ok_or_else(|| site.fault("the value does not have the input format"))?;
        scope.made(site, output.with(scope, site, |format| format.write(stamp))?)
    })
}

/// 1601-01-01, where Active Directory begins to count.
const EPOCH: DateTime = jiff::civil::date(1601, 1, 1).at(0, 0, 0, 0);

fn number_from_date(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let source = call.code(0);
    code(move |scope| {
        let ticks = argument(&source, scope, site)?.duration_since(EPOCH).as_nanos() / 100;
        if ticks < 0 {
            return Err(site.fault("Active Directory knows no date before 1601"));
        }
        scope.made(site, ticks.to_string())
    })
}

fn date_from_number(call: &mut Call<'_>) -> Code {
    integer_constant(call, 0);
    let site = call.site;
    let source = call.code(0);
    date(site, move |scope| {
        let text = needed(source.run(scope)?, site, "there is no number")?;
        let ticks =
            integer(&text).filter(|ticks| *ticks >= 0).ok_or_else(|| site.fault("the value is no number of ticks"))?;
        seconds_later(EPOCH, ticks / 10_000_000)
            .ok_or_else(|| site.fault("the number lies beyond the year 9999, which stands for never"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_count_the_sundays_between() {
        let at = |text: &str| read(text).unwrap();
        // 2025-08-02 is a Saturday, so one day can be one week.
        assert_eq!(difference(at("2025-08-02"), at("2025-08-03"), Interval::Week), 1);
        assert_eq!(difference(at("2025-08-03"), at("2025-08-09"), Interval::Week), 0);
        assert_eq!(difference(at("2025-08-03"), at("2025-08-02"), Interval::Week), -1);
    }

    #[test]
    fn a_month_later_is_never_in_the_month_after() {
        let at = |text: &str| read(text).unwrap();
        assert_eq!(added(at("2025-01-31"), Interval::Month, 1), Some(at("2025-02-28")));
        assert_eq!(added(at("2024-02-29"), Interval::Year, -1), Some(at("2023-02-28")));
        assert_eq!(added(at("9999-12-31"), Interval::Day, 1), None);
        assert_eq!(added(at("0001-01-01"), Interval::Second, -1), None);
        assert_eq!(added(at("0001-01-01"), Interval::Day, 3_652_058), Some(at("9999-12-31")));
        assert_eq!(added(at("9999-12-31"), Interval::Second, -315_537_811_200), Some(at("0001-01-01")));
        assert_eq!(seconds_later(EPOCH, 265_046_774_399), Some(at("9999-12-31T23:59:59")));
        assert_eq!(seconds_later(EPOCH, i64::MAX), None);
    }

    #[test]
    fn a_day_is_over_after_24_hours_only() {
        let at = |text: &str| read(text).unwrap();
        assert_eq!(difference(at("2025-08-01T12:00"), at("2025-08-02T11:59"), Interval::Day), 0);
        assert_eq!(difference(at("2025-08-02T11:59"), at("2025-08-01T12:00"), Interval::Day), 0);
    }
}
