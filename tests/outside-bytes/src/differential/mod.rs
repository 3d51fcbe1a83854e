//! Expressions made from bytes, evaluated twice: compiled, and by walking the tree. Both have to say the same.

mod dice;
mod made;
mod table;
mod values;

use crate::plain::{End, Given, Tree, World, candidates, evaluate, refused};
use dice::Dice;
use jiff::Timestamp;
use mapping::{Context, Expression, Mistake, Outcome};
use record::{Record, Value};

/// What came of an expression, whoever evaluated it.
#[derive(Debug, PartialEq)]
enum Ending {
    Refused,
    Null,
    /// One value, or several.
    Values(Vec<String>),
    Candidates(Vec<String>),
    End(End),
}

/// What kind of case some bytes made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// The expression is refused without a record.
    Refused,
    /// It fails for the record.
    Failed,
    /// It gives a value, null or a word that leaves something alone.
    Gave,
}

/// Makes an expression and a record of the bytes, and compares what comes of them.
pub fn differential(bytes: &[u8]) {
    compared(bytes);
}

/// The same, and says what kind of case it was.
pub fn compared(bytes: &[u8]) -> Case {
    let mut dice = Dice::of(bytes);
    let world = values::world(&mut dice);
    let tree = made::expression(&mut dice);
    let text = made::written(&tree, &mut dice);
    let tree = made::settled(&tree);
    let same = |constants: bool, parse: fn(&str) -> Result<Expression, Vec<Mistake>>| {
        let (expected, found) = (walked(&tree, &world, constants), compiled(parse(&text).ok(), &world));
        assert!(expected == found, "{text}\nof {world:#?}\nwalked: {expected:?}\ncompiled: {found:?}");
        found
    };
    let found = same(true, Expression::parse);
    if found == Ending::Refused {
        // For its constants perhaps, which fail where they are reached if nobody looks at them beforehand.
        same(false, Expression::parse_lazily);
    }
    match found {
        Ending::Refused => Case::Refused,
        Ending::End(End::Failure) => Case::Failed,
        _ => Case::Gave,
    }
}

fn walked(tree: &Tree, world: &World, constants: bool) -> Ending {
    if refused(tree, true, constants) {
        return Ending::Refused;
    }
    if let Tree::Call("SelectUniqueValue", trees) = tree {
        return candidates(trees, world).map_or_else(Ending::End, Ending::Candidates);
    }
    match evaluate(tree, world) {
        Ok(Given::Null) => Ending::Null,
        Ok(Given::Text(text)) => Ending::Values(vec![text]),
        Ok(Given::List(texts)) => Ending::Values(without_empty(texts)),
        Err(end) => Ending::End(end),
    }
}

/// No target takes an empty value of a list.
fn without_empty(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

fn compiled(expression: Option<Expression>, world: &World) -> Ending {
    let Some(expression) = expression else { return Ending::Refused };
    let mut record = Record::new("1");
    for (name, given) in &world.attributes {
        record = match given {
            Given::Null => record,
            Given::Text(text) => record.with(name, text.as_str()),
            Given::List(texts) => record.with(name, texts.clone()),
        };
    }
    let now = Timestamp::from_second(world.now).expect("a second of this century");
    let context = Context { record: &record, now, seed: b"seed", default_domain: world.default_domain };
    match expression.evaluate(&context) {
        Ok(Outcome::Null) => Ending::Null,
        Ok(Outcome::Value(Value::One(text))) => Ending::Values(vec![text]),
        Ok(Outcome::Value(Value::Many(texts))) => Ending::Values(without_empty(texts)),
        Ok(Outcome::Candidates(candidates)) => Ending::Candidates(candidates),
        Ok(Outcome::IgnoreAttribute) => Ending::End(End::IgnoreAttribute),
        Ok(Outcome::IgnoreObject) => Ending::End(End::IgnoreObject),
        Err(_) => Ending::End(End::Failure),
    }
}
