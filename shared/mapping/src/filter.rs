//! Scoping filters: which records a job looks after.

use crate::{Operator, pattern};
use record::{Hint, Record, State, Texts};
use regex::Regex;
use serde::{Deserialize, Serialize};

/// Who is in scope: whoever passes one of the groups; everybody when there is no group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The groups, any of which is enough.
    #[serde(default)]
    pub groups: Vec<Group>,
}

/// Clauses that have to hold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What the operator calls the group.
    pub name: String,
    /// The clauses, all of which have to hold.
    pub clauses: Vec<Clause>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// The source attribute.
    pub attribute: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what, for operators that need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What is wrong with a filter, and in which clause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("group {group}{}: {message}", clause.map_or_else(String::new, |clause| format!(", clause {clause}")))]
pub struct FilterMistake {
    /// What is wrong.
    pub message: String,
    /// The group's place in the filter, from 0.
    pub group: usize,
    /// The clause's place in its group, from 0; `None` when the group itself is wrong.
    pub clause: Option<usize>,
}

/// A filter that was checked and is ready to be asked.
#[derive(Clone, Debug)]
pub struct CompiledFilter {
    groups: Vec<(String, Vec<Test>)>,
}

#[derive(Clone, Debug)]
struct Test {
    attribute: String,
    hint: Hint,
    operator: Operator,
    value: String,
    number: Option<u64>,
    pattern: Option<Regex>,
}

/// A clause that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The group's name.
    pub group: String,
    /// The attribute that was compared.
    pub attribute: String,
    /// How.
    pub operator: Operator,
}

/// Whether a record is in scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// True for a record that passed.
    pub in_scope: bool,
    /// Every clause that did not hold, of all groups; empty for a record in scope.
    pub failed: Vec<Failure>,
}

impl Filter {
    /// Checks every clause and makes the filter ready; reports all mistakes at once.
    pub fn compile(self) -> Result<CompiledFilter, Vec<FilterMistake>> {
        let mut mistakes = Vec::new();
        let mut groups = Vec::with_capacity(self.groups.len());
        for (index, group) in self.groups.into_iter().enumerate() {
            if group.clauses.is_empty() {
                let message = "a group needs at least one clause; leave the group out to take in everybody".to_owned();
                mistakes.push(FilterMistake { message, group: index, clause: None });
            }
            let mut tests = Vec::with_capacity(group.clauses.len());
            for (place, clause) in group.clauses.into_iter().enumerate() {
                match Test::of(clause) {
                    Ok(test) => tests.push(test),
                    Err(message) => mistakes.push(FilterMistake { message, group: index, clause: Some(place) }),
                }
            }
            groups.push((group.name, tests));
        }
        if mistakes.is_empty() { Ok(CompiledFilter { groups }) } else { Err(mistakes) }
    }
}

impl CompiledFilter {
    /// Whether the record is in scope, and if not, every clause that kept it out.
    pub fn verdict(&self, record: &Record) -> Verdict {
        let passes = |(_, tests): &(String, Vec<Test>)| tests.iter().all(|test| test.holds(record));
        if self.groups.is_empty() || self.groups.iter().any(passes) {
            return Verdict { in_scope: true, failed: Vec::new() };
        }
        let failed = self.groups.iter().flat_map(|(name, tests)| {
            tests.iter().filter(|test| !test.holds(record)).map(|test| Failure {
                group: name.clone(),
                attribute: test.attribute.clone(),
                operator: test.operator,
            })
        });
        Verdict { in_scope: false, failed: failed.collect() }
    }

    /// The filter as it was written.
    pub fn written(&self) -> Filter {
        let clause = |test: &Test| Clause {
            attribute: test.attribute.clone(),
            operator: test.operator,
            value: (!test.operator.unary()).then(|| test.value.clone()),
        };
        let group = |(name, tests): &(String, Vec<Test>)| Group {
            name: name.clone(),
            clauses: tests.iter().map(clause).collect(),
        };
        Filter { groups: self.groups.iter().map(group).collect() }
    }

    /// The source attributes that the filter reads.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|(_, tests)| tests.iter().map(|test| test.attribute.as_str()))
    }
}

impl Test {
    fn of(clause: Clause) -> Result<Self, String> {
        let Clause { attribute, operator, value } = clause;
        if attribute.is_empty() {
            return Err("a clause needs the name of an attribute".to_owned());
        }
        let value = match value {
            Some(_) if operator.unary() => return Err(format!("{operator} takes no value; leave it out")),
            None if !operator.unary() => return Err(format!("{operator} needs a value to compare with")),
            // No clause but is-null holds without a value, so that nobody, or everybody with one, would be in scope.
            Some(value) if value.is_empty() => {
                return Err(format!("{operator} cannot compare with an empty text; write is-null or is-not-null"));
            }
            value => value.unwrap_or_default(),
        };
        let hint = Hint::default();
        let mut test = Self { attribute, hint, operator, value, number: None, pattern: None };
        match operator {
            // The documented samples ("an id from 1000000 to 1999999") make sense only for the value as a whole.
            Operator::RegexMatch | Operator::NotRegexMatch => test.pattern = Some(pattern::whole(&test.value)?),
            Operator::GreaterThan | Operator::GreaterThanOrEquals => {
                let number = integer(&test.value).ok_or_else(|| format!("{operator} needs an integer from 0 up"))?;
                test.number = Some(number);
            }
            Operator::HasFlags | Operator::HasNotFlags => test.number = integer(&test.value),
            _ => {}
        }
        Ok(test)
    }

    /// Whether the clause holds. Without a value only `is-null` does. Of several values one has to satisfy the
    /// operator; a negated operator has to be satisfied by all of them.
    fn holds(&self, record: &Record) -> bool {
        let stated = record.attributes.get_hinted(&self.attribute, &self.hint);
        let mut values = match stated.map_or(State::Absent, Texts::state) {
            State::Set(values) if values.values().any(|value| !value.is_empty()) => values.values(),
            _ => return self.operator == Operator::IsNull,
        };
        match self.operator {
            Operator::IsNull => false,
            Operator::IsNotNull => true,
            Operator::NotEquals | Operator::NotRegexMatch | Operator::HasNotFlags => {
                values.all(|value| self.accepts(value))
            }
            _ => values.any(|value| self.accepts(value)),
        }
    }

    fn accepts(&self, value: &str) -> bool {
        let matches = || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(value));
        match self.operator {
            Operator::Equals => value == self.value,
            Operator::NotEquals => value != self.value,
            Operator::IsTrue => value == "1" || value.eq_ignore_ascii_case("true"),
            Operator::IsFalse => value == "0" || value.eq_ignore_ascii_case("false"),
            Operator::RegexMatch => matches(),
            Operator::NotRegexMatch => !matches(),
            Operator::GreaterThan => integer(value).zip(self.number).is_some_and(|(left, right)| left > right),
            Operator::GreaterThanOrEquals => integer(value).zip(self.number).is_some_and(|(left, right)| left >= right),
            Operator::Includes => value.contains(&self.value),
            Operator::EndsWith => value.ends_with(&self.value),
            Operator::HasFlags => self.has_flags(value),
            Operator::HasNotFlags => !self.has_flags(value),
            Operator::IsNull | Operator::IsNotNull => false,
        }
    }

    fn has_flags(&self, value: &str) -> bool {
        match self.number {
            Some(flags) => integer(value).is_some_and(|value| value & flags != 0),
            None => self.value.contains(value),
        }
    }
}

fn integer(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(attribute: &str, operator: &str, value: Option<&str>) -> Clause {
        let operator = operator.parse().unwrap();
        Clause { attribute: attribute.to_owned(), operator, value: value.map(str::to_owned) }
    }

    fn filter(groups: Vec<Vec<Clause>>) -> Filter {
        let named = |(index, clauses)| Group { name: format!("group {index}"), clauses };
        Filter { groups: groups.into_iter().enumerate().map(named).collect() }
    }

    fn holds(operator: &str, value: Option<&str>, actual: Option<&str>) -> bool {
        let mut record = Record::new("1");
        if let Some(actual) = actual {
            record = record.with("a", actual);
        }
        filter(vec![vec![clause("a", operator, value)]]).compile().unwrap().verdict(&record).in_scope
    }

    #[test]
    fn every_operator_has_its_rule() {
        for (operator, value, yes, no) in [
            ("EQUALS", Some("x"), "x", "X"),
            ("NOT EQUALS", Some("x"), "X", "x"),
            ("&", Some("6"), "2", "9"),
            ("&", Some("SE NO"), "NO", "DK"),
            ("!&", Some("6"), "9", "2"),
            ("IS TRUE", None, "True", "False"),
            ("IS FALSE", None, "0", "1"),
            ("IS NULL", None, "", "x"),
            ("IS NOT NULL", None, "x", ""),
            ("REGEX MATCH", Some("[1-9][0-9]"), "10", "100"),
            ("NOT REGEX MATCH", Some("[1-9][0-9]"), "100", "10"),
            ("REGEX MATCH", Some(".*\\@example.com"), "jo@example.com", "jo@example.org"),
            ("Greater_Than", Some("9"), "10", "9"),
            ("Greater_Than_OR_EQUALS", Some("9"), "9", "x"),
            ("Includes", Some("bc"), "abcd", "aBcd"),
            ("ENDS_WITH", Some("cd"), "abcd", "cda"),
        ] {
            assert!(holds(operator, value, Some(yes)), "{operator} {yes}");
            assert!(!holds(operator, value, Some(no)), "{operator} {no}");
            assert_eq!(holds(operator, value, None), operator == "IS NULL", "{operator} without a value");
        }
    }

    #[test]
    fn values_are_compared_as_they_stand_and_numbers_only_where_both_are_some() {
        for (operator, value, actual, expected) in [
            ("EQUALS", "7", "07", false),
            ("EQUALS", "x", " x", false),
            ("EQUALS", "é", "e\u{301}", false),
            ("Greater_Than", "9", "-10", false),
            ("Greater_Than", "9", "9.5", false),
            ("Greater_Than", "9", " 10", false),
            ("Greater_Than", "9", "00010", true),
            ("Greater_Than_OR_EQUALS", "0", "0", true),
            ("REGEX MATCH", "(1[0-9][0-9][0-9][0-9][0-9][0-9])", "1999999", true),
            ("REGEX MATCH", "(1[0-9][0-9][0-9][0-9][0-9][0-9])", "21999999", false),
            ("REGEX MATCH", "a|b", "ab", false),
            ("REGEX MATCH", r"\p{Lu}.*", "Ångström", true),
            ("REGEX MATCH", "abc", "ABC", false),
            ("NOT REGEX MATCH", "abc", "ABC", true),
            ("Includes", "a.c", "abc", false),
            ("ENDS_WITH", "@example.com", "jo@example.com", true),
        ] {
            assert_eq!(holds(operator, Some(value), Some(actual)), expected, "{operator} {value} {actual}");
        }
        for flag in ["yes", "2", " True"] {
            assert!(!holds("IS TRUE", None, Some(flag)) && !holds("IS FALSE", None, Some(flag)), "{flag}");
        }
        for operator in ["EQUALS", "NOT EQUALS", "NOT REGEX MATCH", "!&", "Includes"] {
            assert!(!holds(operator, Some("x"), Some("")), "{operator} of an empty value");
        }
    }

    #[test]
    fn clauses_hold_together_and_one_group_is_enough() {
        let filter = filter(vec![
            vec![clause("country", "equals", Some("DE")), clause("active", "is-true", None)],
            vec![clause("country", "equals", Some("FR"))],
        ]);
        let filter = filter.compile().unwrap();
        assert!(filter.verdict(&Record::new("1").with("country", "FR")).in_scope);
        let verdict = filter.verdict(&Record::new("1").with("country", "DE").with("active", "0"));
        let failed: Vec<_> =
            verdict.failed.iter().map(|failure| (failure.group.as_str(), failure.attribute.as_str())).collect();
        assert!(!verdict.in_scope);
        assert_eq!(failed, [("group 0", "active"), ("group 1", "country")]);
    }

    #[test]
    fn without_a_group_everybody_is_in_scope() {
        assert!(Filter::default().compile().unwrap().verdict(&Record::new("1")).in_scope);
    }

    #[test]
    fn of_several_values_one_is_enough_but_a_denial_is_about_all() {
        let record = Record::new("1").with("a", vec!["x".to_owned(), "y".to_owned()]);
        let passes =
            |operator| filter(vec![vec![clause("a", operator, Some("x"))]]).compile().unwrap().verdict(&record);
        assert!(passes("equals").in_scope);
        assert!(!passes("not-equals").in_scope);
    }

    #[test]
    fn all_mistakes_are_reported_with_their_places() {
        let mistakes = filter(vec![
            vec![],
            vec![
                clause("a", "regex-match", Some("(")),
                clause("a", "equals", None),
                clause("a", "is-null", Some("x")),
                clause("a", "greater-than", Some("-1")),
                clause("", "equals", Some("x")),
                clause("a", "not-equals", Some("")),
            ],
        ]);
        let mistakes = mistakes.compile().unwrap_err();
        let places: Vec<_> = mistakes.iter().map(|mistake| (mistake.group, mistake.clause)).collect();
        let of_second = [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5)].map(|clause| (1, clause));
        assert_eq!((places[0], &places[1..]), ((0, None), &of_second[..]));
        assert!(mistakes[2].to_string().starts_with("group 1, clause 1: equals needs a value"), "{}", mistakes[2]);
    }
}
