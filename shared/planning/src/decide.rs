//! What becomes of each record: the decisions of one batch.

mod adding;
mod hear;
mod scope;

use crate::change::{AttributeChange, Before, Change, Decision, Kind, Plan, Reference, Verdict};
use crate::compare::{NOTHING, fingerprint, same_content};
use crate::inputs::{Inputs, Matches, Name, Subject};
use crate::link::{Link, Status};
use crate::names::{evaluate, matching_values};
use crate::protect::is_protected;
use crate::ready::{Fitting, Ready, ReadyMapping};
use crate::reason::Reason;
use crate::revisit;
use crate::rules::Rules;
use adding::added;
use hear::Said;
use mapping::{Apply, Context, Flow, FlowRef};
use record::{Account, AttributeKind, RecordKey, Secret, TargetAttribute, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The pseudo-attribute of Entra whose mapping may say `IgnoreObjectFlow`; it is never written.
pub const OBJECT_FILTER: &str = "objectFilter";

/// Decides a batch. Nothing is looked up and nothing is drawn: the same inputs give the same plan.
pub fn plan(inputs: &Inputs, rules: &Rules, secret: &Secret) -> Plan {
    let ready = Ready::of(rules, secret);
    let decisions = inputs
        .subjects
        .iter()
        .map(|subject| {
            let deciding = Deciding { inputs, subject, rules, ready: &ready, secret };
            let verdict = deciding.verdict().map_or_else(Verdict::Escrow, |verdict| deciding.noted(verdict));
            let revisit = match verdict {
                Verdict::Escrow(_) => None,
                _ => revisit::next(rules, &ready.clocked, &subject.record, inputs.now, &inputs.seed),
            };
            Decision {
                record: subject.id,
                key: subject.record.key.clone(),
                content: subject.content,
                read_in: subject.read_in,
                link_version: subject.link.as_ref().map_or(0, |link| link.version),
                verdict,
                revisit: revisit.map(jiff::Timestamp::as_second),
            }
        })
        .collect();
    Plan { job: inputs.job.clone(), cycle: inputs.cycle, batch: inputs.batch, rules: inputs.rules.clone(), decisions }
}

struct Deciding<'a> {
    inputs: &'a Inputs,
    subject: &'a Subject,
    rules: &'a Rules,
    ready: &'a Ready<'a>,
    secret: &'a Secret,
}

impl Deciding<'_> {
    fn verdict(&self) -> Result<Verdict, Reason> {
        // Two cycles may be on at once, and the open set keeps what was read long ago.
        if self.subject.link.as_ref().is_some_and(|link| !self.subject.read_in.follows(link.read_in)) {
            return Err(Reason::Superseded);
        }
        if self.subject.times > 1 {
            return Err(Reason::RepeatedKey { count: self.subject.times });
        }
        if !self.rules.input_scope.verdict(&self.subject.record).in_scope {
            return Ok(Verdict::Skip(Reason::LeftOut));
        }
        if !self.rules.scope.verdict(&self.subject.record).in_scope {
            return self.out_of_scope();
        }
        let (record, now) = (&self.subject.record, self.inputs.now);
        // The seed means something only to those few expressions that draw from it.
        let context = Context { record, now, seed: b"", default_domain: self.rules.default_domain.as_deref() };
        match (self.subject.live_link(), &self.subject.matches) {
            (Some(link), _) => self.update(link, &context),
            (None, Matches::Several { attribute, anchors }) => {
                self.refused(&context, Reason::several(attribute, anchors))
            }
            (None, Matches::One { attribute, claimed: true, .. } | Matches::Promised { attribute }) => {
                self.refused(&context, Reason::AccountClaimed { attribute: attribute.clone() })
            }
            (None, Matches::One { account, .. }) => self.adopt(account, &context),
            (None, Matches::None | Matches::NotLooked) => self.create(&context),
        }
    }

    fn enabled(&self) -> Option<&'static TargetAttribute> {
        self.rules.schema.attribute(self.rules.schema.enabled)
    }

    /// What the flag says of an account that is disabled.
    fn disabling(&self) -> &'static str {
        self.rules.schema.disabling
    }

    /// Whether the account was last given this text.
    fn has(&self, link: &Link, attribute: &TargetAttribute, text: &str) -> bool {
        let wanted = fingerprint(self.secret, attribute, Some(&Value::from(text)));
        !self.is_being_enabled() && link.marks.get(attribute.name).is_some_and(|mark| mark.fingerprint == wanted)
    }

    /// While an account is being enabled nobody knows whether it is already: a leaver of that moment is disabled again.
    fn is_being_enabled(&self) -> bool {
        self.subject.link.as_ref().is_some_and(|link| link.status == Status::Enabling)
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

    fn create(&self, context: &Context<'_>) -> Result<Verdict, Reason> {
        if matching_values(self.rules, &self.subject.record, self.inputs.now, &self.inputs.seed).is_empty() {
            return self.refused(context, Reason::NothingToMatch);
        }
        let mut change = empty_change(Kind::Create);
        // Where an account was deleted, its link is what the new one is built on.
        change.link_version = self.subject.link.as_ref().map_or(0, |link| link.version);
        let skipped = self.hear(context, |said| {
            if said.attribute.kind == AttributeKind::Reference {
                change.references.extend(self.reference(&said, NOTHING));
                return Ok(());
            }
            let ready = said.ready;
            let (attribute, Some(Some(value))) = (said.attribute, self.wanted(said)?) else { return Ok(()) };
            let print = ready.fingerprint(attribute, Some(&value));
            let planned = attribute_change(ready, Before::Nothing, Some(value.into_value()), print);
            change.attributes.insert(ready.mapping.target.clone(), planned);
            Ok(())
        })?;
        if let Some(skipped) = skipped {
            return Ok(skipped);
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
    fn adopt(&self, account: &Account, context: &Context<'_>) -> Result<Verdict, Reason> {
        let mut change = empty_change(Kind::Update);
        change.anchor = Some(account.anchor.clone());
        change.adopts = true;
        if let Matches::One { attribute, .. } = &self.subject.matches {
            change.matched_by = Some(attribute.clone());
        }
        change.link_version = self.subject.link.as_ref().map_or(0, |link| link.version);
        let skipped = self.hear(context, |said| {
            if said.attribute.kind == AttributeKind::Reference {
                change.references.extend(self.reference(&said, NOTHING));
                return Ok(());
            }
            let (ready, attribute) = (said.ready, said.attribute);
            let (mapping, target) = (ready.mapping, &ready.mapping.target);
            let has = account.attributes.get(target);
            let Some(wanted) = self.wanted(said)? else { return Ok(()) };
            let print = ready.fingerprint(attribute, wanted.as_ref());
            let wanted = wanted.map(Fitting::into_value);
            if same_content(attribute, has, wanted.as_ref()) {
                change.equal.insert(target.clone(), print);
            } else if mapping.apply == Apply::Always || (mapping.apply == Apply::WhenEmpty && has.is_none()) {
                let before = has.map_or(Before::Nothing, |value| Before::Was(value.clone()));
                change.attributes.insert(target.clone(), attribute_change(ready, before, wanted, print));
            } else if let (Apply::AddOnly | Apply::WhenAdding, Some(after)) =
                (mapping.apply, wanted.as_ref().and_then(|wanted| added(mapping.apply, attribute, has, wanted)))
            {
                let before = has.map_or(Before::Nothing, |value| Before::Was(value.clone()));
                let print = fingerprint(self.secret, attribute, Some(&after));
                change.attributes.insert(target.clone(), attribute_change(ready, before, Some(after), print));
            } else if mapping.apply != Apply::OnCreate {
                // The link remembers that there is a value, so that it is never taken for empty.
                change.equal.insert(target.clone(), fingerprint(self.secret, attribute, has));
            }
            Ok(())
        })?;
        if let Some(skipped) = skipped {
            return Ok(skipped);
        }
        change.kind = self.kind_of(&change.attributes);
        self.refuse_protected(&change)?;
        Ok(Verdict::Change(change))
    }

    fn update(&self, link: &Link, context: &Context<'_>) -> Result<Verdict, Reason> {
        let mut change = empty_change(Kind::Update);
        change.link_version = link.version;
        let skipped = self.hear(context, |said| {
            let (ready, attribute, mark) = (said.ready, said.attribute, said.mark);
            let applies = match ready.mapping.apply {
                Apply::Always => true,
                Apply::WhenEmpty => mark == NOTHING,
                Apply::OnCreate => false,
                Apply::WhenAdding | Apply::AddOnly => attribute.kind != AttributeKind::Reference || mark == NOTHING,
            };
            if !applies {
                return Ok(());
            }
            if attribute.kind == AttributeKind::Reference {
                change.references.extend(self.reference(&said, mark));
                return Ok(());
            }
            let Some(wanted) = self.wanted(said)? else { return Ok(()) };
            let print = ready.fingerprint(attribute, wanted.as_ref());
            if print != mark {
                let target = &ready.mapping.target;
                let (mut after, mut print) = (wanted.map(Fitting::into_value), print);
                if matches!(ready.mapping.apply, Apply::WhenAdding | Apply::AddOnly) {
                    let Some(adds) = self.adds(ready, attribute, mark, after) else { return Ok(()) };
                    (after, print) = (Some(adds.0), adds.1);
                }
                let planned = attribute_change(ready, self.before(link, target), after, print);
                change.attributes.insert(target.clone(), planned);
            }
            Ok(())
        })?;
        if let Some(skipped) = skipped {
            return Ok(skipped);
        }
        self.back_in_scope(link, &mut change);
        if change.attributes.is_empty() && change.references.is_empty() {
            return Ok(Verdict::Nothing);
        }
        change.anchor = Some(link.anchor.clone());
        change.kind = self.kind_of(&change.attributes);
        self.refuse_protected(&change)?;
        Ok(Verdict::Change(change))
    }

    #[expect(clippy::option_option, reason = "nothing is said, nothing is to be there, or this")]
    /// What the attribute is to have: `None` leaves it alone, `Some(None)` clears it.
    fn wanted<'s>(&self, said: Said<'s>) -> Result<Option<Option<Fitting<'s>>>, Reason> {
        let target = &said.ready.mapping.target;
        match said.flow {
            FlowRef::Text(_) | FlowRef::Texts(_) | FlowRef::Candidates(_) if said.ready.names => {
                match self.subject.names.get(target) {
                    Some(Name::Reserved(name)) => {
                        Ok(Some(Some(Fitting::one(said.attribute, Cow::Owned(name.clone()))?)))
                    }
                    Some(Name::Exhausted) => Err(Reason::NamesExhausted { attribute: target.clone() }),
                    None => Ok(None),
                }
            }
            FlowRef::Text(text) => Ok(Some(Some(Fitting::one(said.attribute, text)?))),
            FlowRef::Texts(texts) => Ok(Some(Some(Fitting::all(said.attribute, texts)?))),
            FlowRef::Clear => Ok(Some(None)),
            FlowRef::Leave | FlowRef::SkipObject | FlowRef::Candidates(_) => Ok(None),
        }
    }

    /// What the attribute is to refer to, unless this mark says that it does already.
    fn reference(&self, said: &Said<'_>, mark: [u8; 8]) -> Option<Reference> {
        let key = match &said.flow {
            FlowRef::Text(text) => Some(&**text),
            FlowRef::Texts(texts) => Some(texts.first().map_or("", |text| &**text)),
            FlowRef::Clear => None,
            _ => return None,
        };
        // Somebody who is their own manager has none: directories refuse the circle or loop in it.
        let key = key.filter(|key| *key != self.subject.record.key.as_str());
        let to = key.map(|key| self.ready.id_of(key));
        let fingerprint = to.map_or(NOTHING, |to| {
            let mut short = [0; 8];
            short.copy_from_slice(&to.0[..8]);
            short
        });
        (mark != fingerprint).then(|| Reference {
            attribute: said.attribute.name.to_owned(),
            to,
            to_key: key.map(RecordKey::from),
            fingerprint,
            line: said.ready.mapping.line,
        })
    }

    fn before(&self, link: &Link, target: &str) -> Before {
        match (self.subject.before.get(target), link.marks.get(target)) {
            (Some(value), _) => Before::Was(value.clone()),
            (None, Some(mark)) if mark.fingerprint != NOTHING => Before::SetIn(mark.cycle),
            _ => Before::Nothing,
        }
    }

    fn kind_of(&self, attributes: &BTreeMap<String, AttributeChange>) -> Kind {
        match attributes.get(self.rules.schema.enabled).and_then(|change| change.after.as_ref()).map(Value::text) {
            Some(flag) if flag == self.disabling() => Kind::Disable,
            Some(_) => Kind::Enable,
            None => Kind::Update,
        }
    }

    fn refuse_protected(&self, change: &Change) -> Result<(), Reason> {
        let renames = change
            .attributes
            .keys()
            .any(|name| self.rules.schema.attribute(name).is_some_and(|attribute| attribute.unique));
        if self.rules.protected.is_empty() || (!matches!(change.kind, Kind::Disable | Kind::Delete) && !renames) {
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
        matched_by: None,
        link_version: 0,
        in_scope: true,
        attributes: BTreeMap::new(),
        references: Vec::new(),
        equal: BTreeMap::new(),
    }
}

fn attribute_change(
    ready: &ReadyMapping<'_>,
    before: Before,
    after: Option<Value>,
    fingerprint: [u8; 8],
) -> AttributeChange {
    let mapping = ready.mapping;
    let redacted = mapping.expression.redacted();
    AttributeChange { before, fingerprint, after, rule: "mapping".to_owned(), line: mapping.line, redacted }
}
