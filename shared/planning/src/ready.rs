//! Rules made ready for a batch: what is the same for all its records is found out once.

use crate::compare::{NOTHING, fingerprint_of_all, fingerprint_of_one};
use crate::decide::OBJECT_FILTER;
use crate::link::Link;
use crate::names::needs_name;
use crate::reason::Reason;
use crate::revisit::Clocked;
use crate::rules::Rules;
use mapping::Mapping;
use record::{AttributeKind, Fingerprinter, Hint, RecordId, RecordKey, Secret, TargetAttribute, Value};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

/// The rules of a batch.
pub(crate) struct Ready<'a> {
    /// In the operator's order.
    pub mappings: Vec<ReadyMapping<'a>>,
    /// What may read the clock.
    pub clocked: Clocked<'a>,
    secret: &'a Secret,
    /// Ids of records that others refer to: a manager has several people.
    ids: RefCell<HashMap<RecordKey, RecordId>>,
}

/// One mapping.
pub(crate) struct ReadyMapping<'a> {
    pub mapping: &'a Mapping,
    /// The attribute that is written; none for the pseudo-attribute and for one that the target does not have.
    pub attribute: Option<&'static TargetAttribute>,
    /// Whether a value is reserved before it is planned.
    pub names: bool,
    /// Whether the expression draws from the seed.
    pub draws: bool,
    /// Whether the attribute says who may sign in.
    pub enables: bool,
    /// A fingerprint that has the attribute's name in it already.
    printer: Fingerprinter,
    /// Where the mark of the attribute stood in the last link.
    hint: Hint,
}

/// A value in the form that the target takes.
pub(crate) enum Fitting<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Ready<'a> {
    pub fn of(rules: &'a Rules, secret: &'a Secret) -> Self {
        let mappings: Vec<_> = rules.mappings.iter().map(|mapping| ReadyMapping::of(rules, secret, mapping)).collect();
        Self { mappings, clocked: Clocked::of(rules), secret, ids: RefCell::default() }
    }

    /// The id of the record with this key.
    pub fn id_of(&self, key: &str) -> RecordId {
        if let Some(id) = self.ids.borrow().get(key) {
            return *id;
        }
        let key = RecordKey::from(key);
        let id = RecordId::of(self.secret, &key);
        self.ids.borrow_mut().insert(key, id);
        id
    }
}

impl<'a> ReadyMapping<'a> {
    fn of(rules: &Rules, secret: &Secret, mapping: &'a Mapping) -> Self {
        let attribute = rules.schema.attribute(&mapping.target).filter(|_| mapping.target != OBJECT_FILTER);
        let names = attribute.is_some_and(|attribute| needs_name(mapping, attribute));
        let (draws, enables) = (mapping.expression.draws(), mapping.target == rules.schema.enabled);
        let printer = secret.fingerprinter(&mapping.target);
        Self { mapping, attribute, names, draws, enables, printer, hint: Hint::default() }
    }

    /// What the link keeps of the attribute, all zeros for nothing.
    #[inline]
    pub fn mark(&self, link: &Link) -> [u8; 8] {
        link.marks.get_hinted(&self.mapping.target, &self.hint).map(|mark| mark.fingerprint).unwrap_or_default()
    }

    /// The fingerprint of what the attribute is to have.
    pub fn fingerprint(&self, attribute: &TargetAttribute, value: Option<&Fitting<'_>>) -> [u8; 8] {
        match value {
            None => NOTHING,
            Some(Fitting::One(text)) => fingerprint_of_one(&self.printer, attribute, text),
            Some(Fitting::Many(texts)) => {
                fingerprint_of_all(&self.printer, attribute, texts.iter().map(|text| &**text))
            }
        }
    }
}

impl<'a> Fitting<'a> {
    /// One text in the form that the target takes, or the reason why it cannot take it.
    #[inline]
    pub fn one(attribute: &TargetAttribute, text: Cow<'a, str>) -> Result<Self, Reason> {
        too_long(attribute, &text)?;
        let name = || attribute.name.to_owned();
        Ok(match attribute.kind {
            AttributeKind::Flag if text.eq_ignore_ascii_case("true") => Self::One(Cow::Borrowed("True")),
            AttributeKind::Flag if text.eq_ignore_ascii_case("false") => Self::One(Cow::Borrowed("False")),
            AttributeKind::Flag => return Err(Reason::NotAFlag { attribute: name() }),
            AttributeKind::Texts => Self::Many(vec![text]),
            _ => Self::One(text),
        })
    }

    /// The same for several texts; one that stands alone will do for an attribute that takes one.
    pub fn all(attribute: &TargetAttribute, mut texts: Vec<Cow<'a, str>>) -> Result<Self, Reason> {
        if attribute.kind == AttributeKind::Texts {
            let longest = texts.iter().max_by_key(|text| text.chars().count());
            longest.map_or(Ok(()), |text| too_long(attribute, text))?;
            return Ok(Self::Many(texts));
        }
        match texts.pop() {
            Some(text) if texts.is_empty() => Self::one(attribute, text),
            only => {
                let count = texts.len() + usize::from(only.is_some());
                Err(Reason::Several { attribute: attribute.name.to_owned(), count })
            }
        }
    }

    /// A copy that stands on its own.
    pub fn into_value(self) -> Value {
        match self {
            Self::One(text) => Value::One(text.into_owned()),
            Self::Many(texts) => Value::Many(texts.into_iter().map(Cow::into_owned).collect()),
        }
    }
}

#[inline]
fn too_long(attribute: &TargetAttribute, text: &str) -> Result<(), Reason> {
    // There are never more characters than bytes, and most texts are far from the limit.
    if attribute.length_max == 0 || text.len() <= attribute.length_max {
        return Ok(());
    }
    let length = text.chars().count();
    if length <= attribute.length_max {
        return Ok(());
    }
    Err(Reason::TooLong { attribute: attribute.name.to_owned(), length, length_max: attribute.length_max })
}
