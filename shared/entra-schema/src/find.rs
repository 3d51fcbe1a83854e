//! Where in a file the schema is: it stands alone, inside a job, or in the list that Microsoft Graph answers with.

use crate::ImportError;
use crate::node::Node;
use serde_json::Value;

/// So deep a schema may be wrapped: a list of jobs, a job, its schema.
const WRAPPERS_MAX: usize = 4;

/// A schema with what stands around it.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The schema itself.
    pub(crate) schema: Node<'a>,
    /// The objects around it, the schema included: settings of the job may stand in any of them.
    pub(crate) around: Vec<Node<'a>>,
}

/// Every schema of a file.
pub(crate) fn schemas(root: &Value) -> Result<Vec<Found<'_>>, ImportError> {
    let mut found = Vec::new();
    look(Node { value: root, path: "$".to_owned() }, &[], &mut found)?;
    if found.is_empty() { Err(ImportError::NoSchema { path: "$".to_owned() }) } else { Ok(found) }
}

fn look<'a>(node: Node<'a>, around: &[Node<'a>], found: &mut Vec<Found<'a>>) -> Result<(), ImportError> {
    if node.value.is_array() {
        for item in node.items()? {
            look(item, around, found)?;
        }
        return Ok(());
    }
    let node = node.into_object()?;
    let around = [around, std::slice::from_ref(&node)].concat();
    if node.get("synchronizationRules").is_some() {
        found.push(Found { schema: node, around });
        return Ok(());
    }
    if around.len() > WRAPPERS_MAX {
        return Ok(());
    }
    for key in ["schema", "value"] {
        let inner = node.get(key).filter(|inner| inner.value.is_object() || inner.value.is_array());
        // A list inside a list is no answer of Graph's.
        if let Some(inner) =
            inner.filter(|inner| inner.value.as_array().is_none_or(|all| all.iter().all(Value::is_object)))
        {
            look(inner, &around, found)?;
        }
    }
    Ok(())
}
