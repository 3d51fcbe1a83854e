//! An expression's text out of the stored tree of `name`, `type` and `parameters`, and that tree out of a text.

use crate::ImportError;
use crate::node::Node;
use mapping::Tree;
use serde_json::{Value, json};

/// Under which keys parameters are stored that signatures call otherwise.
const KEYS: [(&str, &str); 2] = [("Find", "oldValue"), ("Replacement", "replacementValue")];

/// Comparisons have no documented form in the tree. Here they are functions with the sign as their name.
const SIGNS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

/// The text of a stored tree, or why there is none.
pub(crate) fn text(source: &Node<'_>) -> Result<Result<String, String>, ImportError> {
    let name = source.text("name")?.unwrap_or_default();
    let stored = source.text("expression")?.and_then(|text| Tree::parse(&text).ok());
    let function = match source.filled("type")?.as_deref() {
        Some("Attribute") => return Ok(attribute(name.trim(), stored.as_ref())),
        Some("Constant") => return Ok(Ok(constant(&name, stored))),
        Some("Function") | None => name.trim().to_owned(),
        Some(_) => return Ok(Err(format!("{}.type is none of Attribute, Constant and Function", source.path))),
    };
    let mut parameters = Vec::new();
    for parameter in source.objects("parameters")? {
        let key = parameter.text("key")?.unwrap_or_default().into_owned();
        let Some(value) = parameter.object("value")? else {
            parameters.push((key, String::new()));
            continue;
        };
        match text(&value)? {
            Ok(text) => parameters.push((key, text)),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    if SIGNS.contains(&function.as_str()) {
        let sides: Vec<String> = parameters.into_iter().map(|(_, text)| text).collect();
        return Ok(Ok(sides.join(&format!(" {function} "))));
    }
    if function.is_empty() || !function.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Ok(Err(format!("{}.name is no name of a function", source.path)));
    }
    Ok(Ok(format!("{function}({})", placed(&function, parameters).join(", "))))
}

fn attribute(name: &str, stored: Option<&Tree>) -> Result<String, String> {
    let name = match stored {
        Some(Tree::Attribute(stored)) => stored,
        _ => name,
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    if let Some(column) = crate::column::name_of(bare) {
        return Ok(format!("[{column}]"));
    }
    if bare.is_empty() || bare.contains(']') {
        return Err("the name of the source attribute is empty or has a bracket in it".to_owned());
    }
    Ok(format!("[{bare}]"))
}

fn constant(name: &str, stored: Option<Tree>) -> String {
    match stored {
        Some(Tree::Number(number)) => number,
        Some(Tree::Word(word)) => word,
        Some(Tree::Text(text)) => quoted(&text),
        _ => quoted(name),
    }
}

/// A text of the language.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The arguments at their places: what was left out is not stored, only the keys say where it was.
fn placed(function: &str, parameters: Vec<(String, String)>) -> Vec<String> {
    let names = parameter_names(function);
    let place = |key: &str| {
        let known = KEYS.iter().find(|(stored, _)| stored.eq_ignore_ascii_case(key)).map_or(key, |(_, name)| *name);
        names.iter().position(|name| !name.is_empty() && name.eq_ignore_ascii_case(known))
    };
    let places: Vec<Option<usize>> = parameters.iter().map(|(key, _)| place(key)).collect();
    let rising = places.iter().all(Option::is_some) && places.windows(2).all(|pair| pair[0] < pair[1]);
    if rising && let Some(Some(last)) = places.last() {
        let mut arguments = vec![String::new(); last + 1];
        for (place, (_, text)) in places.iter().zip(parameters) {
            if let Some(argument) = place.and_then(|place| arguments.get_mut(place)) {
                *argument = text;
            }
        }
        return arguments;
    }
    let mut arguments: Vec<String> = parameters.into_iter().map(|(_, text)| text).collect();
    // Keys and values come in pairs: an odd number means that the default was left out.
    if function == "Switch" && !arguments.len().is_multiple_of(2) {
        arguments.insert(1, String::new());
    }
    arguments
}

/// The names in a function's signature, as far as they are names.
fn parameter_names(function: &str) -> Vec<String> {
    let known = mapping::functions().iter().find(|known| known.name == function);
    let signature = known.and_then(|known| known.signature.split_once('(')).map_or("", |(_, names)| names);
    let name = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    signature.split(',').map(name).collect()
}

/// The stored tree of an expression.
pub(crate) fn stored(tree: &Tree) -> Value {
    let text = written(tree);
    let node = |kind: &str, name: &str, parameters: Vec<Value>| json!({ "expression": text, "name": name, "type": kind, "parameters": parameters });
    match tree {
        Tree::Attribute(name) => node("Attribute", name, Vec::new()),
        Tree::Text(constant) | Tree::Number(constant) | Tree::Word(constant) => node("Constant", constant, Vec::new()),
        Tree::Empty => Value::Null,
        Tree::Compare { sign, sides } => {
            let side = |(key, tree): (&str, &Tree)| json!({ "key": key, "value": stored(tree) });
            node("Function", sign, ["left", "right"].into_iter().zip(&**sides).map(side).collect())
        }
        Tree::Call { name, arguments } => {
            let names = parameter_names(name);
            let key = |index: usize| {
                let own = names.get(index).filter(|name| !name.is_empty());
                let key = own.cloned().unwrap_or_else(|| format!("argument{}", index + 1));
                KEYS.iter().find(|(_, known)| *known == key).map_or(key, |(stored, _)| (*stored).to_owned())
            };
            let given = arguments.iter().enumerate().filter(|(_, argument)| **argument != Tree::Empty);
            node(
                "Function",
                name,
                given.map(|(index, argument)| json!({ "key": key(index), "value": stored(argument) })).collect(),
            )
        }
    }
}

/// The text of a tree.
pub(crate) fn written(tree: &Tree) -> String {
    match tree {
        Tree::Empty => String::new(),
        Tree::Text(text) => quoted(text),
        Tree::Number(text) | Tree::Word(text) => text.clone(),
        Tree::Attribute(name) => format!("[{name}]"),
        Tree::Compare { sign, sides } => format!("{} {sign} {}", written(&sides[0]), written(&sides[1])),
        Tree::Call { name, arguments } => {
            format!("{name}({})", arguments.iter().map(written).collect::<Vec<_>>().join(", "))
        }
    }
}
