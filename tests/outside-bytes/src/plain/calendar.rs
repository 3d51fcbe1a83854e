//! Dates as numbers: 100 ns since the beginning of the year 1, always in UTC.

/// 100 ns in a second.
pub(super) const SECOND: i128 = 10_000_000;
pub(super) const DAY: i128 = 86_400 * SECOND;

/// A date taken apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parts {
    pub year: i128,
    pub month: i128,
    pub day: i128,
    pub hour: i128,
    pub minute: i128,
    pub second: i128,
    /// Of a second, in 100 ns.
    pub fraction: i128,
}

fn is_leap(year: i128) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn month_length(year: i128, month: i128) -> i128 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days before a year.
fn days_before(year: i128) -> i128 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

/// Within the years 1 to 9999.
pub(super) fn bounded(at: i128) -> Option<i128> {
    (0..days_before(10_000) * DAY).contains(&at).then_some(at)
}

/// The number of a date; nothing where there is no such date.
pub(super) fn joined(parts: Parts) -> Option<i128> {
    let Parts { year, month, day, hour, minute, second, fraction } = parts;
    let sound = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=month_length(year, month)).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second);
    if !sound {
        return None;
    }
    let days = days_before(year) + (1..month).map(|month| month_length(year, month)).sum::<i128>() + day - 1;
    Some(days * DAY + ((hour * 60 + minute) * 60 + second) * SECOND + fraction)
}

pub(super) fn apart(at: i128) -> Parts {
    let mut days = at / DAY;
    let mut year = days / 366 + 1;
    while days_before(year + 1) <= days {
        year += 1;
    }
    days -= days_before(year);
    let mut month = 1;
    while days >= month_length(year, month) {
        days -= month_length(year, month);
        month += 1;
    }
    let seconds = at % DAY / SECOND;
    Parts {
        year,
        month,
        day: days + 1,
        hour: seconds / 3600,
        minute: seconds / 60 % 60,
        second: seconds % 60,
        fraction: at % SECOND,
    }
}

/// From Sunday, which is 0; the first day of the year 1 was a Monday.
pub(super) fn weekday(at: i128) -> i128 {
    (at / DAY + 1) % 7
}

/// `M/d/yyyy h:mm:ss tt`, cut off at the second.
pub(super) fn written(at: i128) -> String {
    let Parts { year, month, day, hour, minute, second, .. } = apart(at);
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { "AM" } else { "PM" };
    format!("{month}/{day}/{year:04} {twelve}:{minute:02}:{second:02} {half}")
}
