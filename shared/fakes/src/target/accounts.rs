//! The accounts themselves: what a target takes, what it refuses, and finding them.

use ports::{Anchor, WriteAction};
use record::{AttributeKind, TargetAttribute, TargetSchema, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Why a request was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Taken,
    Missing,
    Refused(&'static str),
}

const BAD_REQUEST: Refusal = Refusal::Refused("Request_BadRequest");
const BAD_VALUE: Refusal = Refusal::Refused("Property_BadValue");

type Attributes = BTreeMap<String, Value>;

#[derive(Debug)]
pub(super) struct Accounts {
    schema: &'static TargetSchema,
    held: BTreeMap<Anchor, Stored>,
    /// Who has a value in a unique or matchable attribute; values without regard to case.
    index: BTreeMap<(&'static str, String), BTreeSet<Anchor>>,
    last: u64,
}

#[derive(Debug)]
struct Stored {
    attributes: Attributes,
    made_at: Option<u64>,
}

/// The account that a request is for, `None` for one that is yet to be made.
pub(super) fn anchor_of(action: &WriteAction) -> Option<&Anchor> {
    match action {
        WriteAction::Create { .. } => None,
        WriteAction::Update { anchor, .. } | WriteAction::Refer { anchor, .. } | WriteAction::Delete { anchor } => {
            Some(anchor)
        }
    }
}

impl Accounts {
    pub(super) fn new(schema: &'static TargetSchema) -> Self {
        Self { schema, held: BTreeMap::new(), index: BTreeMap::new(), last: 0 }
    }

    pub(super) fn all(&self) -> BTreeMap<Anchor, Attributes> {
        self.iter().map(|(anchor, attributes)| (anchor.clone(), attributes.clone())).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Anchor, &Attributes)> {
        self.held.iter().map(|(anchor, stored)| (anchor, &stored.attributes))
    }

    pub(super) fn get(&self, anchor: &Anchor) -> Option<&Attributes> {
        self.held.get(anchor).map(|stored| &stored.attributes)
    }

    /// The operation that made the account, `None` for one that was always there.
    pub(super) fn made_at(&self, anchor: &Anchor) -> Option<u64> {
        self.held.get(anchor)?.made_at
    }

    pub(super) fn page(&self, after: Option<&str>, size: usize) -> Vec<Anchor> {
        let start = after.map_or(Bound::Unbounded, |after| Bound::Excluded(Anchor(after.to_owned())));
        self.held.range((start, Bound::Unbounded)).take(size).map(|(anchor, _)| anchor.clone()).collect()
    }

    pub(super) fn find(&self, attribute: &str, values: &[String]) -> BTreeSet<Anchor> {
        let Some(known) = self.schema.attribute(attribute) else { return BTreeSet::new() };
        let hits = values.iter().flat_map(|value| {
            let held = self.index.get(&(known.name, value.to_lowercase()));
            held.into_iter().flatten().filter(move |anchor| {
                !known.case_exact || self.get(anchor).is_some_and(|held| held[known.name].values().contains(value))
            })
        });
        hits.cloned().collect()
    }

    pub(super) fn apply(&mut self, action: WriteAction, made_at: u64) -> Result<Anchor, Refusal> {
        match action {
            WriteAction::Create { attributes } => {
                self.check_create(&attributes)?;
                Ok(self.insert(attributes, Some(made_at)))
            }
            WriteAction::Update { anchor, attributes } => {
                self.check_update(&anchor, &attributes)?;
                self.set(&anchor, attributes);
                Ok(anchor)
            }
            WriteAction::Refer { anchor, attribute, to } => {
                let known = self.schema.attribute(&attribute).ok_or(BAD_REQUEST)?;
                if known.kind != AttributeKind::Reference {
                    return Err(BAD_REQUEST);
                }
                let there = |anchor: &Anchor| self.held.contains_key(anchor);
                if !there(&anchor) || !to.as_ref().is_none_or(there) {
                    return Err(Refusal::Missing);
                }
                self.set(&anchor, [(attribute, to.map(|to| Value::One(to.0)))].into());
                Ok(anchor)
            }
            WriteAction::Delete { anchor } => {
                if !self.remove(&anchor) {
                    return Err(Refusal::Missing);
                }
                Ok(anchor)
            }
        }
    }

    pub(super) fn insert(&mut self, attributes: Attributes, made_at: Option<u64>) -> Anchor {
        self.last += 1;
        let anchor = Anchor(format!("00000000-0000-4000-8000-{:012x}", self.last));
        self.held.insert(anchor.clone(), Stored { attributes: BTreeMap::new(), made_at });
        self.set(&anchor, attributes.into_iter().map(|(name, value)| (name, Some(value))).collect());
        anchor
    }

    pub(super) fn set(&mut self, anchor: &Anchor, attributes: BTreeMap<String, Option<Value>>) {
        let Some(stored) = self.held.get_mut(anchor) else { return };
        for (name, value) in attributes {
            let before = match &value {
                Some(value) => stored.attributes.insert(name.clone(), value.clone()),
                None => stored.attributes.remove(&name),
            };
            let Some(known) = self.schema.attribute(&name).filter(|known| known.unique || known.matchable) else {
                continue;
            };
            for gone in before.iter().flat_map(Value::values) {
                let key = (known.name, gone.to_lowercase());
                if let Some(held) = self.index.get_mut(&key) {
                    held.remove(anchor);
                }
            }
            for new in value.iter().flat_map(Value::values) {
                self.index.entry((known.name, new.to_lowercase())).or_default().insert(anchor.clone());
            }
        }
    }

    pub(super) fn remove(&mut self, anchor: &Anchor) -> bool {
        let Some(stored) = self.held.get(anchor) else { return false };
        let cleared = stored.attributes.keys().map(|name| (name.clone(), None)).collect();
        self.set(anchor, cleared);
        self.held.remove(anchor);
        // Nobody is referred to who is not there.
        let references: Vec<&'static str> = self
            .schema
            .attributes
            .iter()
            .filter(|known| known.kind == AttributeKind::Reference)
            .map(|known| known.name)
            .collect();
        for stored in self.held.values_mut() {
            for name in &references {
                if stored.attributes.get(*name).is_some_and(|to| to.text() == anchor.0) {
                    stored.attributes.remove(*name);
                }
            }
        }
        true
    }

    fn check_create(&self, attributes: &Attributes) -> Result<(), Refusal> {
        let lacking = |known: &TargetAttribute| known.required && !attributes.contains_key(known.name);
        if self.schema.attributes.iter().any(lacking) {
            return Err(BAD_REQUEST);
        }
        attributes.iter().try_for_each(|(name, value)| self.check_value(name, value, None))
    }

    fn check_update(&self, anchor: &Anchor, attributes: &BTreeMap<String, Option<Value>>) -> Result<(), Refusal> {
        if !self.held.contains_key(anchor) {
            return Err(Refusal::Missing);
        }
        for (name, value) in attributes {
            if let Some(value) = value {
                self.check_value(name, value, Some(anchor))?;
                continue;
            }
            let known = self.schema.attribute(name).ok_or(BAD_REQUEST)?;
            if known.required || !known.clearable {
                return Err(BAD_VALUE);
            }
        }
        Ok(())
    }

    fn check_value(&self, name: &str, value: &Value, own: Option<&Anchor>) -> Result<(), Refusal> {
        let known = self.schema.attribute(name).ok_or(BAD_REQUEST)?;
        if value.is_empty() || (known.kind != AttributeKind::Texts && value.values().len() > 1) {
            return Err(BAD_VALUE);
        }
        for text in value.values() {
            let fits = match known.kind {
                AttributeKind::Text | AttributeKind::Texts => true,
                AttributeKind::Flag => text == "True" || text == "False",
                AttributeKind::Instant => text.parse::<jiff::Timestamp>().is_ok(),
                // References are written with a request of their own, after both accounts exist.
                AttributeKind::Reference => return Err(BAD_REQUEST),
            };
            if !fits || (known.length_max > 0 && text.chars().count() > known.length_max) {
                return Err(BAD_VALUE);
            }
            let held = self.index.get(&(known.name, text.to_lowercase()));
            if known.unique && held.into_iter().flatten().any(|holder| Some(holder) != own) {
                return Err(Refusal::Taken);
            }
        }
        Ok(())
    }
}
