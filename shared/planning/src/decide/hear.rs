//! What the rules say about a record, one after another.

use super::Deciding;
use crate::change::Verdict;
use crate::compare::NOTHING;
use crate::link::Mark;
use crate::names::evaluate;
use crate::ready::ReadyMapping;
use crate::reason::Reason;
use mapping::{Context, FlowRef, Offer};
use record::TargetAttribute;

/// One mapping with its attribute and what it says about the record.
pub(super) struct Said<'a> {
    pub ready: &'a ReadyMapping<'a>,
    /// The mark of the link, all zeros where there is none.
    pub mark: [u8; 8],
    pub attribute: &'static TargetAttribute,
    pub flow: FlowRef<'a>,
}

impl Deciding<'_> {
    /// A record that cannot be decided, unless a rule leaves it alone or fails.
    pub(super) fn refused(&self, context: &Context<'_>, reason: Reason) -> Result<Verdict, Reason> {
        let skipped = self.hear(context, |_| Ok(()))?;
        skipped.ok_or(reason)
    }

    /// Asks all rules and gives what they say to `take`. A rule that fails counts before all else, then one that leaves the
    /// record alone, whose verdict is given back, and only then what `take` refuses.
    pub(super) fn hear<'s>(
        &'s self,
        context: &'s Context<'s>,
        mut take: impl FnMut(Said<'s>) -> Result<(), Reason>,
    ) -> Result<Option<Verdict>, Reason> {
        let (mut skip, mut refusal) = (None, None);
        for ready in &self.ready.mappings {
            let mapping = ready.mapping;
            // Which candidate it is to be was settled when the name was reserved.
            let flow = if ready.draws {
                evaluate(self.rules, mapping, context.record, context.now, &self.inputs.seed).map(FlowRef::from)
            } else {
                mapping.evaluate_ref(context, Offer::First)
            };
            let flow = flow.map_err(|error| Reason::MappingFailed {
                attribute: mapping.target.clone(),
                line: mapping.line,
                message: error.to_string(),
            })?;
            if matches!(flow, FlowRef::SkipObject) {
                skip = skip.or(Some(mapping.line));
            } else if let Some(attribute) = ready.attribute
                && refusal.is_none()
            {
                let enabling = ready.enables && self.is_being_enabled();
                let mark = match self.subject.live_link() {
                    Some(_) if enabling => Mark::UNKNOWN,
                    Some(link) => ready.mark(link),
                    None => NOTHING,
                };
                refusal = take(Said { ready, mark, attribute, flow }).err();
            }
        }
        match (skip, refusal) {
            (Some(line), _) => Ok(Some(Verdict::Skip(Reason::Ignored { line }))),
            (None, Some(reason)) => Err(reason),
            (None, None) => Ok(None),
        }
    }
}
