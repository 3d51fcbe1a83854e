//! What a target says about its accounts' attributes: enough to decide, to check a configuration and to compare.

use serde::{Deserialize, Serialize};

/// What kind of content an attribute of a target takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeKind {
    /// One text.
    Text,
    /// `True` or `False`.
    Flag,
    /// An instant or date, ISO 8601.
    Instant,
    /// Several texts.
    Texts,
    /// Another account of the same target, stated by the record's key on the source side. Written after both exist.
    Reference,
}

/// One attribute of a target's accounts.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a table that is read by people")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetAttribute {
    /// Its name in the target, e.g. `employeeHireDate`; a complex property is addressed with `/`.
    pub name: &'static str,
    /// What it takes.
    pub kind: AttributeKind,
    /// No two accounts may have the same value; it is reserved before it is planned.
    pub unique: bool,
    /// A create without it is refused by the target.
    pub required: bool,
    /// Whether the target refuses an empty value on update (then `clear` is an error of the mapping).
    pub clearable: bool,
    /// Longest content in characters, 0 for no limit known.
    pub length_max: usize,
    /// Whether the target finds accounts by it, so that it can serve for matching.
    pub matchable: bool,
    /// Whether two contents that differ in case only are different.
    pub case_exact: bool,
}

/// What is known about a kind of target.
#[derive(Clone, Copy, Debug)]
pub struct TargetSchema {
    /// The kind of connector, e.g. `graph`.
    pub target: &'static str,
    /// Every attribute that can be mapped.
    pub attributes: &'static [TargetAttribute],
    /// The flag that says whether somebody can sign in: `accountEnabled`, or the opposite, `accountDisabled`.
    pub enabled: &'static str,
    /// What the flag says of somebody who cannot: `False` for `accountEnabled`. Setting it is a *disable*.
    pub disabling: &'static str,
}

impl TargetSchema {
    /// What the flag says of somebody who can sign in.
    pub fn enabling(&self) -> &'static str {
        if self.disabling == "True" { "False" } else { "True" }
    }

    /// The attribute with this name, exactly spelt.
    pub fn attribute(&self, name: &str) -> Option<&'static TargetAttribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}
