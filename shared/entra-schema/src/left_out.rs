//! Rules and object mappings that are not carried over stand in the configuration as comments, so that nothing is lost.

use crate::ImportError;
use crate::node::Node;
use std::fmt::Write;

/// Everything that an object mapping says, as lines of a comment.
pub(crate) fn described(mapping: &Node<'_>, why: &str) -> Result<String, ImportError> {
    let name = |key: &str| Ok::<_, ImportError>(mapping.text(key)?.unwrap_or_default());
    let mut lines =
        format!("left out: {} -> {}: {why} ({})", name("sourceObjectName")?, name("targetObjectName")?, mapping.path);
    for row in mapping.objects("attributeMappings")? {
        let source = row.object("source")?;
        let text = source.as_ref().map_or(Ok(None), |source| source.filled("expression"))?;
        let constant = row.text("defaultValue")?.map(|text| crate::tree::quoted(&text));
        let said = text.map(std::borrow::Cow::into_owned).or(constant).unwrap_or_default();
        let _ = write!(
            lines,
            "\n  {} <- {}",
            row.text("targetAttributeName")?.unwrap_or_default(),
            said.replace('\n', " ")
        );
    }
    Ok(lines)
}
