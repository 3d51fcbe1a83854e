//! The operators of scoping filters, under the portal's names and the schema's.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How a clause of a filter compares an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operator {
    /// The same text, case counts.
    Equals,
    /// Another text, case counts; false where there is no value.
    NotEquals,
    /// The flag is set.
    IsTrue,
    /// The flag is not set; false where there is no value.
    IsFalse,
    /// There is no value.
    IsNull,
    /// There is a value.
    IsNotNull,
    /// The whole value matches the pattern.
    RegexMatch,
    /// The value does not match the pattern as a whole; false where there is no value.
    NotRegexMatch,
    /// A larger integer.
    GreaterThan,
    /// A larger integer or the same.
    GreaterThanOrEquals,
    /// The value contains the text, case counts.
    Includes,
    /// The value ends with the text, case counts.
    EndsWith,
    /// Entra's `&`, whose meaning Microsoft describes as the value being found in the text, while its sign says a test of
    /// bits. Here it is both: with an integer any of its bits is set in the value, with another text the value stands in it.
    HasFlags,
    /// Entra's `!&`: not so; false where there is no value.
    HasNotFlags,
}

/// Every operator with its own name first and the names under which Microsoft knows it after it, all without
/// anything but lower-case letters.
const NAMES: [(Operator, &str, &[&str]); 14] = [
    (Operator::Equals, "equals", &["equals", "equal"]),
    (Operator::NotEquals, "not-equals", &["notequals", "notequal"]),
    (Operator::IsTrue, "is-true", &["istrue"]),
    (Operator::IsFalse, "is-false", &["isfalse"]),
    (Operator::IsNull, "is-null", &["isnull"]),
    (Operator::IsNotNull, "is-not-null", &["isnotnull"]),
    (Operator::RegexMatch, "regex-match", &["regexmatch", "regularexpressionmatch"]),
    (Operator::NotRegexMatch, "not-regex-match", &["notregexmatch", "notregularexpressionmatch"]),
    (Operator::GreaterThan, "greater-than", &["greaterthan"]),
    (Operator::GreaterThanOrEquals, "greater-than-or-equals", &["greaterthanorequals", "greaterthanorequal"]),
    (Operator::Includes, "includes", &["includes", "include", "contains"]),
    (Operator::EndsWith, "ends-with", &["endswith"]),
    (Operator::HasFlags, "has-flags", &["hasflags", "bitand"]),
    (Operator::HasNotFlags, "has-not-flags", &["hasnotflags", "notbitand"]),
];

impl Operator {
    /// Whether the operator needs no value to compare with.
    pub fn unary(self) -> bool {
        matches!(self, Self::IsTrue | Self::IsFalse | Self::IsNull | Self::IsNotNull)
    }

    /// The operator's name in a configuration.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(operator, ..)| *operator == self).map_or("", |(_, name, _)| name)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown filter operator; known are equals, not-equals, is-true, is-false, is-null, is-not-null, regex-match, \
         not-regex-match, greater-than, greater-than-or-equals, includes, ends-with, has-flags (&), has-not-flags (!&)"
)]
pub struct OperatorError;

impl FromStr for Operator {
    type Err = OperatorError;

    /// Case, blanks, `-` and `_` do not count, so that `NOT EQUALS`, `notEquals` and `not-equals` are one name.
    fn from_str(text: &str) -> Result<Self, OperatorError> {
        match text.trim() {
            "&" => return Ok(Self::HasFlags),
            "!&" => return Ok(Self::HasNotFlags),
            _ => {}
        }
        let plain: String =
            text.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).map(|c| c.to_ascii_lowercase()).collect();
        NAMES
            .iter()
            .find(|(.., names)| names.contains(&plain.as_str()))
            .map(|(operator, ..)| *operator)
            .ok_or(OperatorError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_known_under_the_names_of_portal_and_schema() {
        for (text, operator) in [
            ("EQUALS", Operator::Equals),
            ("NOT EQUALS", Operator::NotEquals),
            ("IS NOT NULL", Operator::IsNotNull),
            ("NOT REGEX MATCH", Operator::NotRegexMatch),
            ("Greater_Than_OR_EQUALS", Operator::GreaterThanOrEquals),
            ("ENDS_WITH", Operator::EndsWith),
            ("notEquals", Operator::NotEquals),
            ("Includes", Operator::Includes),
        ] {
            assert_eq!(text.parse(), Ok(operator), "{text}");
        }
        assert_eq!("IsMemberOf".parse::<Operator>(), Err(OperatorError));
    }

    #[test]
    fn a_name_in_a_configuration_is_the_displayed_one() {
        for (operator, name, _) in NAMES {
            assert_eq!(serde_json::to_value(operator).expect("an operator is a word"), name);
            assert_eq!(operator.to_string().parse(), Ok(operator));
        }
    }
}
