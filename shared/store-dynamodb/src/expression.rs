//! Conditions and edits as expressions. Names and values always travel beside the text, never in it.

use crate::error::malformed;
use crate::item::{PARTITION, SORT, to_attribute};
use aws_sdk_dynamodb::types::AttributeValue;
use ports::{Condition, Edit, Field, PortError};
use std::collections::{BTreeSet, HashMap};

/// The placeholders of one request.
#[derive(Debug, Default)]
pub(crate) struct Expression {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    /// The condition's text, `None` where there is nothing to check.
    pub(crate) fn condition(&mut self, condition: Condition) -> Option<String> {
        match reduced(condition) {
            Condition::Always => None,
            Condition::Any(conditions) if conditions.is_empty() => {
                let name = self.name(PARTITION);
                Some(format!("attribute_exists({name}) AND attribute_not_exists({name})"))
            }
            condition => Some(self.text(condition)),
        }
    }

    /// The edits' text, `None` where there are none.
    pub(crate) fn edits(&mut self, edits: Vec<Edit>) -> Result<Option<String>, PortError> {
        let (mut sets, mut removes, mut adds) = (Vec::new(), Vec::new(), Vec::new());
        let mut names = BTreeSet::new();
        for edit in edits {
            let (Edit::Set(name, _) | Edit::Remove(name) | Edit::Add(name, _) | Edit::Include(name, _)) = edit;
            if !names.insert(name) {
                return Err(malformed("one update edits a field twice"));
            }
            let name = self.name(name);
            match edit {
                Edit::Set(_, field) => sets.push(format!("{name} = {}", self.value(to_attribute(field)))),
                Edit::Remove(_) => removes.push(name),
                Edit::Add(_, by) => adds.push(format!("{name} {}", self.value(AttributeValue::N(by.to_string())))),
                Edit::Include(_, member) => {
                    adds.push(format!("{name} {}", self.value(AttributeValue::Ns(vec![member.to_string()]))));
                }
            }
        }
        let clauses: Vec<String> = [("SET", sets), ("REMOVE", removes), ("ADD", adds)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect();
        Ok((!clauses.is_empty()).then(|| clauses.join(" ")))
    }

    /// Edits that change nothing, where the service wants some: no item has a field of this name.
    pub(crate) fn nothing(&mut self) -> String {
        format!("REMOVE {}", self.name("nothing"))
    }

    /// A condition that holds for everything, where the service wants one.
    pub(crate) fn tautology(&mut self) -> String {
        let name = self.name(PARTITION);
        format!("attribute_exists({name}) OR attribute_not_exists({name})")
    }

    /// The key condition of a query.
    pub(crate) fn keys(&mut self, partition: &str, prefix: &str) -> String {
        let name = self.name(PARTITION);
        let whole = format!("{name} = {}", self.value(AttributeValue::S(partition.to_owned())));
        if prefix.is_empty() {
            return whole;
        }
        let (name, value) = (self.name(SORT), self.value(AttributeValue::S(prefix.to_owned())));
        format!("{whole} AND begins_with({name}, {value})")
    }

    /// What the name placeholders stand for.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// What the value placeholders stand for.
    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    /// The text of a condition that is reduced and not known beforehand.
    fn text(&mut self, condition: Condition) -> String {
        match condition {
            Condition::Always | Condition::Present => format!("attribute_exists({})", self.name(PARTITION)),
            Condition::Absent => format!("attribute_not_exists({})", self.name(PARTITION)),
            Condition::Equals(name, field) => {
                format!("{} = {}", self.name(name), self.value(to_attribute(field)))
            }
            Condition::Without(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::AtMost(name, most) => {
                format!("{} <= {}", self.name(name), self.value(AttributeValue::N(most.to_string())))
            }
            Condition::All(conditions) => self.joined(conditions, " AND "),
            Condition::Any(conditions) => self.joined(conditions, " OR "),
        }
    }

    /// Only what is itself joined stands in parentheses: the service refuses redundant ones.
    fn joined(&mut self, conditions: Vec<Condition>, word: &str) -> String {
        let part = |condition| {
            let compound = matches!(condition, Condition::All(_) | Condition::Any(_));
            let text = self.text(condition);
            if compound { format!("({text})") } else { text }
        };
        conditions.into_iter().map(part).collect::<Vec<_>>().join(word)
    }

    fn name(&mut self, name: &str) -> String {
        if let Some((placeholder, _)) = self.names.iter().find(|(_, known)| *known == name) {
            return placeholder.clone();
        }
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }
}

/// The same condition without parts that are known beforehand: what always holds is [`Condition::Always`], what never
/// does is an empty [`Condition::Any`], and neither stands within another. The service refuses empty expressions.
fn reduced(condition: Condition) -> Condition {
    let never = |condition: &Condition| matches!(condition, Condition::Any(parts) if parts.is_empty());
    match condition {
        Condition::Equals(_, Field::Numbers(numbers)) if numbers.is_empty() => Condition::Any(Vec::new()),
        Condition::All(parts) => {
            let mut parts: Vec<Condition> = parts.into_iter().map(reduced).collect();
            parts.retain(|part| *part != Condition::Always);
            if parts.iter().any(never) { Condition::Any(Vec::new()) } else { only(parts, Condition::All) }
        }
        Condition::Any(parts) => {
            let mut parts: Vec<Condition> = parts.into_iter().map(reduced).collect();
            parts.retain(|part| !never(part));
            if parts.contains(&Condition::Always) { Condition::Always } else { only(parts, Condition::Any) }
        }
        condition => condition,
    }
}

/// One part needs no joining.
fn only(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match (parts.pop(), parts.is_empty()) {
        (Some(part), true) => part,
        (Some(part), false) => {
            parts.push(part);
            join(parts)
        }
        // All of nothing always holds, one of nothing never does.
        (None, _) => match join(parts) {
            Condition::All(_) => Condition::Always,
            never => never,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_stand_in_the_text() {
        let mut expression = Expression::default();
        let edits = vec![
            Edit::Set("state", Field::Text("a = b OR c".to_owned())),
            Edit::Remove("old"),
            Edit::Add("count", -3),
            Edit::Include("done", 7),
        ];
        let text = expression.edits(edits).unwrap().unwrap();
        assert_eq!(text, "SET #n0 = :v0 REMOVE #n1 ADD #n2 :v1, #n3 :v2");
        let condition = Condition::All(vec![
            Condition::Equals("state", Field::Flag(true)),
            Condition::Any(vec![Condition::Absent, Condition::AtMost("until", 9)]),
        ]);
        let text = expression.condition(condition).unwrap();
        assert_eq!(text, "#n0 = :v3 AND (attribute_not_exists(#n4) OR #n5 <= :v4)");
        assert_eq!((expression.names().unwrap().len(), expression.values().unwrap().len()), (6, 5));
    }

    #[test]
    fn what_is_known_beforehand_is_not_asked() {
        let never = Condition::Any(Vec::new());
        let open = Condition::Without("state");
        for (condition, expected) in [
            (Condition::All(Vec::new()), Condition::Always),
            (Condition::All(vec![Condition::Always, Condition::All(Vec::new())]), Condition::Always),
            (Condition::All(vec![open.clone(), never.clone()]), never.clone()),
            (Condition::Any(vec![open.clone(), Condition::Always]), Condition::Always),
            (Condition::Any(vec![open.clone(), never.clone()]), open.clone()),
            (Condition::All(vec![Condition::Any(vec![Condition::All(vec![open.clone()])])]), open),
            (Condition::Equals("done", Field::Numbers(BTreeSet::new())), never),
        ] {
            assert_eq!(reduced(condition), expected);
        }
        assert_eq!(Expression::default().condition(Condition::Always), None);
    }

    #[test]
    fn a_field_edited_twice_is_an_error() {
        let edits = vec![Edit::Add("count", 1), Edit::Remove("count")];
        assert!(Expression::default().edits(edits).is_err());
    }
}
