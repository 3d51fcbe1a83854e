//! Numbers with decimal places, which are compared and nothing else.

use std::cmp::Ordering;

/// A number as it is written, without the zeros that say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal<'t> {
    negative: bool,
    whole: &'t str,
    places: &'t str,
}

impl<'t> Decimal<'t> {
    /// The number that a text states: digits, a sign before them, a point between them.
    pub fn of(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
        let number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !number(whole) || !number(places) {
            return None;
        }
        let (whole, places) = (whole.trim_start_matches('0'), places.trim_end_matches('0'));
        Some(Self { negative: negative && (whole, places) != ("", ""), whole, places })
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.whole.is_empty() && self.places.is_empty()
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |number: &Self| (number.whole.len(), number.whole, number.places);
        match (self.negative, other.negative) {
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_what_they_state() {
        let at = |text: &'static str| Decimal::of(text).unwrap();
        let ordered = ["-10", "-9.75", "-9.7", "-0.5", "0", "0.05", "0.5", "1", "9.5", "10.5", "99999999999999999999"];
        for pair in ordered.windows(2) {
            assert!(at(pair[0]) < at(pair[1]), "{pair:?}");
        }
        for (left, right) in [("1", "1.0"), ("-0", "0.00"), ("007.50", "+7.5"), (" 3 ", "3")] {
            assert_eq!(at(left), at(right));
        }
        assert!(at("0.0").is_zero() && !at("0.01").is_zero());
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".", "1.", ".5", "1,5", "1e3", "--1", "1.2.3", "&HF", "x"] {
            assert_eq!(Decimal::of(text), None, "{text}");
        }
    }
}
