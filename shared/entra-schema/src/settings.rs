//! Settings of the job that stand beside its schema: `synchronizationJobSettings` and the switches among the secrets.

use crate::ImportError;
use crate::node::Node;
use crate::note::{Notes, plain};

/// What the settings mean here.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// Who falls out of scope is left alone.
    pub(crate) leave: bool,
    /// So many disables and deletes of one cycle are too many.
    pub(crate) deletes_max: Option<u64>,
}

/// Reads the settings of every object around a schema.
pub(crate) fn read(around: &[Node<'_>], notes: &mut Notes) -> Result<Settings, ImportError> {
    let mut settings = Settings::default();
    for node in around {
        for key in ["synchronizationJobSettings", "secrets"] {
            let Some(list) = node.get(key) else { continue };
            // Secrets are answered as an object with a list in it.
            let list = if list.value.is_object() { list.get("value") } else { Some(list) };
            for entry in list.map_or(Ok(Vec::new()), |list| list.items())? {
                one(&entry.into_object()?, &mut settings, notes)?;
            }
        }
    }
    Ok(settings)
}

/// Values are told only where they are known to be no secrets.
fn one(entry: &Node<'_>, settings: &mut Settings, notes: &mut Notes) -> Result<(), ImportError> {
    let name = entry.text("name")?.or(entry.text("key")?).unwrap_or_default();
    match &*name {
        "SkipOutOfScopeDeletions" => settings.leave = entry.flag("value")?.unwrap_or(false),
        "QuarantineTooManyDeletesThreshold" => {
            settings.deletes_max = entry.whole("value")?;
            if settings.deletes_max.is_some() {
                let what = "became a guard: more disables than this are held, and so are more than 5 % of the people, as \
                            without it; any delete is held";
                notes.changed(&entry.path, what);
            }
        }
        _ if entry.path.contains(".secrets") => {
            notes.left_out(&entry.path, "secrets are not carried over", None);
        }
        _ => notes.left_out(&entry.path, format!("the setting `{}` is not known here", plain(&name)), None),
    }
    Ok(())
}
