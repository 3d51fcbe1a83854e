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
#[must_use]
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

impl TargetAttribute {
    /// One text of at most so many characters (0: no limit known) that may be cleared, compared with its case.
    pub const fn text(name: &'static str, length_max: usize) -> Self {
        Self {
            name,
            kind: AttributeKind::Text,
            unique: false,
            required: false,
            clearable: true,
            length_max,
            matchable: false,
            case_exact: true,
        }
    }

    /// The same of another kind.
    pub const fn of_kind(self, kind: AttributeKind) -> Self {
        Self { kind, ..self }
    }

    /// Accounts are found by it, whatever its case.
    pub const fn matchable(self) -> Self {
        Self { matchable: true, case_exact: false, ..self }
    }

    /// No two accounts have the same.
    pub const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    /// No account is made without it.
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Set and changed, but never cleared.
    pub const fn fixed(self) -> Self {
        Self { clearable: false, ..self }
    }
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
