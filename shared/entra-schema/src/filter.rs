//! Scoping filters: groups of clauses, each carried as a whole or not at all.

use crate::ImportError;
use crate::node::Node;
use crate::note::Notes;
use mapping::{Clause, Filter, Group, Operator};

/// What became of the groups of one kind.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Those that are carried.
    pub(crate) carried: Vec<Group>,
    /// Those that are not: why, and what they say.
    pub(crate) left_out: Vec<(String, String)>,
}

impl Groups {
    /// Whether nobody is let in, because no group could be carried although there are some.
    pub(crate) fn nobody(&self) -> bool {
        self.carried.is_empty() && !self.left_out.is_empty()
    }
}

/// Reads the groups that a filter has under a key.
pub(crate) fn groups(filter: &Node<'_>, key: &str, notes: &mut Notes) -> Result<Groups, ImportError> {
    let mut groups = Groups::default();
    for (index, node) in filter.objects(key)?.iter().enumerate() {
        let name = node.filled("name")?.map_or_else(|| format!("group {}", index + 1), |name| name.trim().to_owned());
        let mut clauses = Vec::new();
        let (mut said, mut refused) = (Vec::new(), None);
        for clause in node.objects("clauses")? {
            let (text, read) = one(&clause)?;
            said.push(text);
            match read {
                Ok(clause) => clauses.push(clause),
                Err(why) => refused = refused.or(Some((clause.path, why))),
            }
        }
        if clauses.is_empty() && refused.is_none() {
            notes.changed(&node.path, "the group has no clauses and was dropped");
            continue;
        }
        match refused {
            None => groups.carried.push(Group { name, clauses }),
            Some((path, why)) => {
                let what = format!("{why}; its whole group was left out, so that fewer people are in scope");
                notes.decide(&path, what, "write the group with other operators, or with a column that HR fills");
                groups.left_out.push((format!("{name}: {why}"), said.join(" and ")));
            }
        }
    }
    Ok(groups)
}

/// A clause as text, and as a clause here or why there is none.
fn one(node: &Node<'_>) -> Result<(String, Result<Clause, String>), ImportError> {
    let attribute = node.text("sourceOperandName")?.unwrap_or_default().into_owned();
    let word = node.text("operatorName")?.unwrap_or_default().into_owned();
    let mut values = Vec::new();
    if let Some(values_node) = node.object("targetOperand")?.and_then(|operand| operand.get("values")) {
        for value in values_node.items()? {
            values.push(if value.value.is_null() { String::new() } else { value.as_text()?.into_owned() });
        }
    }
    let attribute = crate::column::name_of(&attribute).unwrap_or(attribute);
    let said = format!("[{attribute}] {word} {}", values.join(" | "));
    Ok((said, clause(attribute, &word, values)))
}

fn clause(attribute: String, word: &str, mut values: Vec<String>) -> Result<Clause, String> {
    let Ok(operator) = word.parse::<Operator>() else {
        return Err("the operator is not one of those that are known here".to_owned());
    };
    if attribute.trim().is_empty() {
        return Err("the clause names no source attribute".to_owned());
    }
    if operator.unary() {
        values.clear();
    }
    if values.len() > 1 {
        return Err("the clause has several values, and it is not documented what they mean together".to_owned());
    }
    let clause = Clause { attribute, operator, value: values.pop() };
    let group = Group { name: String::new(), clauses: vec![clause.clone()] };
    let compiled = Filter { groups: vec![group] }.compile();
    compiled
        .map(|_| clause)
        .map_err(|mistakes| mistakes.into_iter().next().map_or_else(String::new, |first| first.message))
}
