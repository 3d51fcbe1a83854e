//! What becomes of each record: the decisions of one batch.

use crate::change::{AttributeChange, Before, Change, Decision, Kind, Plan, Reason, Reference, Verdict};
use crate::compare::{fingerprint, same_content};
use crate::inputs::{Inputs, Matches, Name, Subject};
use crate::link::Link;
use crate::names::{evaluate, matching_values, needs_name};
use crate::protect::is_protected;
use crate::revisit;
use crate::rules::{OutOfScope, Rules};
use mapping::{Apply, Flow, Mapping};
use record::{Account, AttributeKind, RecordId, RecordKey, Secret, TargetAttribute, Value};
use std::collections::BTreeMap;

/// The pseudo-attribute of Entra whose mapping may say `IgnoreObjectFlow`; it is never written.
pub const OBJECT_FILTER: &str = "objectFilter";

/// Decides a batch. Nothing is looked up and nothing is drawn: the same inputs give the same plan.
pub fn plan(inputs: &Inputs, rules: &Rules, secret: &Secret) -> Plan {
    let decisions = inputs
        .subjects
        .iter()
        .map(|subject| {
            let deciding = Deciding { inputs, subject, rules, secret };
            let verdict = deciding.verdict().unwrap_or_else(Verdict::Escrow);
            let revisit = match verdict {
                Verdict::Escrow(_) => None,
                _ => revisit::next(rules, &subject.record, inputs.now, &inputs.seed),
            };
            Decision {
                record: subject.id,
                key: subject.record.key.clone(),
                content: subject.content,
                verdict,
                revisit: revisit.map(jiff::Timestamp::as_second),
            }
        })
        .collect();
    Plan { job: inputs.job.clone(), cycle: inputs.cycle, batch: inputs.batch, rules: inputs.rules.clone(), decisions }
}

/// One mapping with its attribute and what it says about the record.
struct Said<'a> {
    mapping: &'a Mapping,
    attribute: &'static TargetAttribute,
    flow: Flow,
}

struct Deciding<'a> {
    inputs: &'a Inputs,
    subject: &'a Subject,
    rules: &'a Rules,
    secret: &'a Secret,
}

impl<'a> Deciding<'a> {
    fn verdict(&self) -> Result<Verdict, Reason> {
        if self.subject.times > 1 {
            return Err(Reason::RepeatedKey { count: self.subject.times });
        }
        if !self.rules.scope.verdict(&self.subject.record).in_scope {
            return self.out_of_scope();
        }
        let said = self.said()?;
        if let Some(line) = said.skip {
            return Ok(Verdict::Skip(Reason::Ignored { line }));
        }
        let said = said.flows;
        match (&self.subject.link, &self.subject.matches) {
            (Some(link), _) => self.update(link, &said),
            (None, Matches::Several { attribute, anchors }) => {
                Err(Reason::SeveralAccounts { attribute: attribute.clone(), count: anchors.len() })
            }
            (None, Matches::One { attribute, claimed: true, .. } | Matches::Promised { attribute }) => {
                Err(Reason::AccountClaimed { attribute: attribute.clone() })
            }
            (None, Matches::One { account, .. }) => self.adopt(account, &said),
            (None, Matches::None | Matches::NotLooked) => self.create(&said),
        }
    }

    /// A linked record that fell out of scope loses its access, if the rules want that; one that never had an account is skipped.
    fn out_of_scope(&self) -> Result<Verdict, Reason> {
        let skip = Ok(Verdict::Skip(Reason::OutOfScope));
        let (Some(link), Some(enabled)) = (&self.subject.link, self.enabled()) else { return skip };
        if self.rules.out_of_scope == OutOfScope::Leave || self.has(link, enabled, "False") {
            return skip;
        }
        if is_protected(self.rules, self.secret, self.subject, &self.matchable_flows()) {
            return Err(Reason::Protected);
        }
        let mut whole = empty_change(Kind::Disable);
        whole.anchor = Some(link.anchor.clone());
        whole.link_version = link.version;
        whole.in_scope = false;
        whole.attributes.insert(enabled.name.to_owned(), self.scope_change(link, enabled, "False"));
        Ok(Verdict::Change(whole))
    }

    /// The flag set because of the scope, without a mapping.
    fn scope_change(&self, link: &Link, enabled: &'static TargetAttribute, to: &str) -> AttributeChange {
        let after = Value::from(to);
        AttributeChange {
            before: self.before(link, enabled.name),
            fingerprint: fingerprint(self.secret, enabled, Some(&after)),
            after: Some(after),
            rule: "out-of-scope".to_owned(),
            line: 0,
            redacted: false,
        }
    }

    fn enabled(&self) -> Option<&'static TargetAttribute> {
        self.rules.schema.attribute(self.rules.schema.enabled)
    }

    /// Whether the account was last given this text.
    fn has(&self, link: &Link, attribute: &TargetAttribute, text: &str) -> bool {
        let wanted = fingerprint(self.secret, attribute, Some(&Value::from(text)));
        link.marks.get(attribute.name).is_some_and(|mark| mark.fingerprint == wanted)
    }

    /// What the mappings of attributes that name an account say; those that fail say nothing.
    fn matchable_flows(&self) -> Vec<Flow> {
        let naming = self.rules.mappings.iter().filter(|mapping| {
            self.rules.schema.attribute(&mapping.target).is_some_and(|one| one.matchable || one.unique)
        });
        naming
            .filter_map(|mapping| {
                evaluate(self.rules, mapping, &self.subject.record, self.inputs.now, &self.inputs.seed).ok()
            })
            .collect()
    }

    fn said(&self) -> Result<AllSaid<'a>, Reason> {
        let mut all = AllSaid { skip: None, flows: Vec::with_capacity(self.rules.mappings.len()) };
        for mapping in &self.rules.mappings {
            let flow = evaluate(self.rules, mapping, &self.subject.record, self.inputs.now, &self.inputs.seed)
                .map_err(|error| Reason::MappingFailed {
                    attribute: mapping.target.clone(),
                    line: mapping.line,
                    message: error.to_string(),
                })?;
            if flow == Flow::SkipObject {
                all.skip = all.skip.or(Some(mapping.line));
            } else if mapping.target != OBJECT_FILTER
                && let Some(attribute) = self.rules.schema.attribute(&mapping.target)
            {
                all.flows.push(Said { mapping, attribute, flow });
            }
        }
        Ok(all)
    }

    fn create(&self, said: &[Said<'_>]) -> Result<Verdict, Reason> {
        if matching_values(self.rules, &self.subject.record, self.inputs.now, &self.inputs.seed).is_empty() {
            return Err(Reason::NothingToMatch);
        }
        let mut change = empty_change(Kind::Create);
        for said in said {
            if said.attribute.kind == AttributeKind::Reference {
                change.references.extend(self.reference(said).filter(|reference| reference.to.is_some()));
                continue;
            }
            let Some(Some(value)) = self.wanted(said)? else { continue };
            change
                .attributes
                .insert(said.mapping.target.clone(), self.attribute_change(said, Before::Nothing, Some(value)));
        }
        let missing = self
            .rules
            .schema
            .attributes
            .iter()
            .find(|attribute| attribute.required && !change.attributes.contains_key(attribute.name));
        match missing {
            Some(attribute) => Err(Reason::Required { attribute: attribute.name.to_owned() }),
            None => Ok(Verdict::Change(change)),
        }
    }

    /// An account that was there before us: its own attributes are what is compared with.
    fn adopt(&self, account: &Account, said: &[Said<'_>]) -> Result<Verdict, Reason> {
        let mut change = empty_change(Kind::Update);
        change.anchor = Some(account.anchor.clone());
        change.adopts = true;
        for said in said {
            if said.attribute.kind == AttributeKind::Reference {
                change.references.extend(self.reference(said).filter(|reference| reference.to.is_some()));
                continue;
            }
            let has = account.attributes.get(&said.mapping.target);
            let Some(wanted) = self.wanted(said)? else { continue };
            if same_content(said.attribute, has, wanted.as_ref()) {
                let mark = fingerprint(self.secret, said.attribute, wanted.as_ref());
                change.equal.insert(said.mapping.target.clone(), mark);
            } else if said.mapping.apply == Apply::Always || (said.mapping.apply == Apply::WhenEmpty && has.is_none()) {
                let before = has.map_or(Before::Nothing, |value| Before::Was(value.clone()));
                change.attributes.insert(said.mapping.target.clone(), self.attribute_change(said, before, wanted));
            } else if said.mapping.apply == Apply::WhenEmpty {
                // The link remembers that there is a value, so that it is never taken for empty.
                change.equal.insert(said.mapping.target.clone(), fingerprint(self.secret, said.attribute, has));
            }
        }
        change.kind = self.kind_of(&change.attributes);
        self.refuse_protected(&change)?;
        Ok(Verdict::Change(change))
    }

    fn update(&self, link: &Link, said: &[Said<'_>]) -> Result<Verdict, Reason> {
        let mut change = empty_change(Kind::Update);
        change.anchor = Some(link.anchor.clone());
        change.link_version = link.version;
        for said in said {
            let target = &said.mapping.target;
            let mark = link.marks.get(target).map_or([0; 8], |mark| mark.fingerprint);
            let applies = match said.mapping.apply {
                Apply::Always => true,
                Apply::WhenEmpty => mark == [0; 8],
                Apply::OnCreate | Apply::WhenAdding | Apply::AddOnly => false,
            };
            if !applies {
                continue;
            }
            if said.attribute.kind == AttributeKind::Reference {
                change.references.extend(self.reference(said).filter(|one| one.fingerprint != mark));
                continue;
            }
            let Some(wanted) = self.wanted(said)? else { continue };
            if fingerprint(self.secret, said.attribute, wanted.as_ref()) != mark {
                let before = self.before(link, target);
                change.attributes.insert(target.clone(), self.attribute_change(said, before, wanted));
            }
        }
        self.back_in_scope(link, &mut change);
        if change.attributes.is_empty() && change.references.is_empty() {
            return Ok(Verdict::Nothing);
        }
        change.kind = self.kind_of(&change.attributes);
        self.refuse_protected(&change)?;
        Ok(Verdict::Change(change))
    }

    /// Where no mapping says who may sign in, an account that was disabled for its scope is enabled with its return.
    fn back_in_scope(&self, link: &Link, change: &mut Change) {
        let Some(enabled) = self.enabled() else { return };
        let mapped = self.rules.mappings.iter().any(|mapping| mapping.target == enabled.name);
        if !link.in_scope && !mapped && self.has(link, enabled, "False") {
            change.attributes.insert(enabled.name.to_owned(), self.scope_change(link, enabled, "True"));
        }
    }

    #[expect(clippy::option_option, reason = "nothing is said, nothing is to be there, or this")]
    /// What the attribute is to have: `None` leaves it alone, `Some(None)` clears it.
    fn wanted(&self, said: &Said<'_>) -> Result<Option<Option<Value>>, Reason> {
        let target = &said.mapping.target;
        match &said.flow {
            Flow::Set(_) | Flow::Candidates(_) if needs_name(said.mapping, said.attribute) => {
                match self.subject.names.get(target) {
                    Some(Name::Reserved(name)) => Ok(Some(Some(fitting(said.attribute, &name.as_str().into())?))),
                    Some(Name::Exhausted) => Err(Reason::NamesExhausted { attribute: target.clone() }),
                    None => Ok(None),
                }
            }
            Flow::Set(value) => Ok(Some(Some(fitting(said.attribute, value)?))),
            Flow::Clear => Ok(Some(None)),
            Flow::Leave | Flow::SkipObject | Flow::Candidates(_) => Ok(None),
        }
    }

    fn reference(&self, said: &Said<'_>) -> Option<Reference> {
        let key = match &said.flow {
            Flow::Set(value) => Some(RecordKey::from(value.text())),
            Flow::Clear => None,
            _ => return None,
        };
        // Somebody who is their own manager has none: directories refuse the circle or loop in it.
        let key = key.filter(|key| *key != self.subject.record.key);
        let to = key.as_ref().map(|key| RecordId::of(self.secret, key));
        let fingerprint = to.map_or([0; 8], |to| {
            let mut short = [0; 8];
            short.copy_from_slice(&to.0[..8]);
            short
        });
        Some(Reference {
            attribute: said.mapping.target.clone(),
            to,
            to_key: key,
            fingerprint,
            line: said.mapping.line,
        })
    }

    fn attribute_change(&self, said: &Said<'_>, before: Before, after: Option<Value>) -> AttributeChange {
        AttributeChange {
            before,
            fingerprint: fingerprint(self.secret, said.attribute, after.as_ref()),
            after,
            rule: "mapping".to_owned(),
            line: said.mapping.line,
            redacted: said.mapping.expression.redacted(),
        }
    }

    fn before(&self, link: &Link, target: &str) -> Before {
        match (self.subject.before.get(target), link.marks.get(target)) {
            (Some(value), _) => Before::Was(value.clone()),
            (None, Some(mark)) if mark.fingerprint != [0; 8] => Before::SetIn(mark.cycle),
            _ => Before::Nothing,
        }
    }

    fn kind_of(&self, attributes: &BTreeMap<String, AttributeChange>) -> Kind {
        match attributes.get(self.rules.schema.enabled).and_then(|change| change.after.as_ref()).map(Value::text) {
            Some("False") => Kind::Disable,
            Some(_) => Kind::Enable,
            None => Kind::Update,
        }
    }

    fn refuse_protected(&self, change: &Change) -> Result<(), Reason> {
        let renames = change
            .attributes
            .keys()
            .any(|name| self.rules.schema.attribute(name).is_some_and(|attribute| attribute.unique));
        if self.rules.protected.is_empty() || (change.kind != Kind::Disable && !renames) {
            return Ok(());
        }
        let known = is_protected(self.rules, self.secret, self.subject, &self.matchable_flows());
        if known { Err(Reason::Protected) } else { Ok(()) }
    }
}

fn empty_change(kind: Kind) -> Change {
    Change {
        kind,
        anchor: None,
        adopts: false,
        link_version: 0,
        in_scope: true,
        attributes: BTreeMap::new(),
        references: Vec::new(),
        equal: BTreeMap::new(),
    }
}

struct AllSaid<'a> {
    /// Line of the first rule that said to leave the record alone.
    skip: Option<usize>,
    flows: Vec<Said<'a>>,
}

/// The value in the form that the target takes, or the reason why it cannot take it.
fn fitting(attribute: &TargetAttribute, value: &Value) -> Result<Value, Reason> {
    let name = || attribute.name.to_owned();
    let several = attribute.kind == AttributeKind::Texts;
    if !several && value.values().len() > 1 {
        return Err(Reason::Several { attribute: name(), count: value.values().len() });
    }
    let longest = value.values().iter().map(|text| text.chars().count()).max().unwrap_or(0);
    if attribute.length_max > 0 && longest > attribute.length_max {
        return Err(Reason::TooLong { attribute: name(), length: longest, length_max: attribute.length_max });
    }
    match attribute.kind {
        AttributeKind::Flag if value.text().eq_ignore_ascii_case("true") => Ok(Value::from("True")),
        AttributeKind::Flag if value.text().eq_ignore_ascii_case("false") => Ok(Value::from("False")),
        AttributeKind::Flag => Err(Reason::NotAFlag { attribute: name() }),
        AttributeKind::Texts => Ok(Value::Many(value.values().to_vec())),
        _ => Ok(Value::from(value.text())),
    }
}
