//! One attribute of the target: what it is made of, when it is written, and what happens when there is nothing.

use crate::evaluation::{Operand, Stop};
use crate::{Context, EvaluateError, Expression};
use record::{Texts, Value};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// When a mapping is written: the flow types of Entra's synchronization schema, whose names are accepted as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Apply {
    /// On create and whenever it differs.
    #[default]
    #[serde(alias = "Always")]
    Always,
    /// On create only.
    #[serde(alias = "ObjectAddOnly")]
    OnCreate,
    /// Only while the target has no value at all.
    #[serde(alias = "AttributeAddOnly")]
    WhenEmpty,
    /// Only when the change adds values.
    #[serde(alias = "MultiValueAddOnly")]
    WhenAdding,
    /// Values are added, never removed.
    #[serde(alias = "ValueAddOnly")]
    AddOnly,
}

/// How one attribute of the target comes about.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The attribute's name in the target.
    pub target: String,
    /// What it is made of.
    pub expression: Expression,
    /// What it gets when the result is null or empty.
    pub default: Option<Value>,
    /// When it is written.
    pub apply: Apply,
    /// Whether an empty result clears the target's value; without it the value stays.
    pub clear: bool,
    /// The line of the configuration where the mapping stands.
    pub line: usize,
}

/// What a mapping says about its attribute for one record.
#[derive(Clone, PartialEq, Eq)]
pub enum Flow {
    /// The attribute is to have this value, which is never empty.
    Set(Value),
    /// The attribute is to have no value.
    Clear,
    /// Nothing is said: the target keeps what it has.
    Leave,
    /// The whole record is to be left alone.
    SkipObject,
    /// The attribute is to have the first of these that nobody else has.
    Candidates(Vec<String>),
}

/// The same as [`Flow`], borrowed from the record and the mapping where possible.
pub enum FlowRef<'a> {
    /// The attribute is to have this text, which is not empty.
    Text(Cow<'a, str>),
    /// The attribute is to have these texts, one of which is not empty.
    Texts(Vec<Cow<'a, str>>),
    /// The attribute is to have no value.
    Clear,
    /// Nothing is said: the target keeps what it has.
    Leave,
    /// The whole record is to be left alone.
    SkipObject,
    /// The attribute is to have the first of these that nobody else has.
    Candidates(Vec<Cow<'a, str>>),
}

/// How many of the candidates of `SelectUniqueValue` are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// All.
    All,
    /// Only the first: enough to know that there is one.
    First,
}

impl FlowRef<'_> {
    /// A copy that stands on its own.
    #[inline]
    pub fn into_flow(self) -> Flow {
        let owned = |texts: Vec<Cow<'_, str>>| texts.into_iter().map(Cow::into_owned).collect();
        match self {
            Self::Text(text) => Flow::Set(Value::One(text.into_owned())),
            Self::Texts(texts) => Flow::Set(Value::Many(owned(texts))),
            Self::Clear => Flow::Clear,
            Self::Leave => Flow::Leave,
            Self::SkipObject => Flow::SkipObject,
            Self::Candidates(candidates) => Flow::Candidates(owned(candidates)),
        }
    }
}

impl From<Flow> for FlowRef<'_> {
    fn from(flow: Flow) -> Self {
        let owned = |texts: Vec<String>| texts.into_iter().map(Cow::Owned).collect();
        match flow {
            Flow::Set(Value::One(text)) => Self::Text(Cow::Owned(text)),
            Flow::Set(Value::Many(texts)) => Self::Texts(owned(texts)),
            Flow::Clear => Self::Clear,
            Flow::Leave => Self::Leave,
            Flow::SkipObject => Self::SkipObject,
            Flow::Candidates(candidates) => Self::Candidates(owned(candidates)),
        }
    }
}

/// Never prints a value.
impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(value) => write!(f, "Set({value:?})"),
            Self::Clear => f.write_str("Clear"),
            Self::Leave => f.write_str("Leave"),
            Self::SkipObject => f.write_str("SkipObject"),
            Self::Candidates(candidates) => write!(f, "Candidates({} values)", candidates.len()),
        }
    }
}

impl Mapping {
    /// What the mapping says for the record of `context`.
    #[inline]
    pub fn evaluate(&self, context: &Context<'_>) -> Result<Flow, EvaluateError> {
        self.evaluate_ref(context, Offer::All).map(FlowRef::into_flow)
    }

    /// The same without a copy of what need not be copied.
    #[inline]
    pub fn evaluate_ref<'a>(&'a self, context: &'a Context<'a>, offer: Offer) -> Result<FlowRef<'a>, EvaluateError> {
        // Most mappings copy an attribute, and most attributes are one text.
        if let Some((name, hint)) = self.expression.copied()
            && let Some(text) = context.record.attributes.single_hinted(name, hint)
        {
            return Ok(if text.is_empty() { self.missing() } else { FlowRef::Text(Cow::Borrowed(text)) });
        }
        self.computed(context, offer)
    }

    /// The same the long way.
    fn computed<'a>(&'a self, context: &'a Context<'a>, offer: Offer) -> Result<FlowRef<'a>, EvaluateError> {
        Ok(match self.expression.run(context, offer == Offer::First) {
            Ok(Operand::Text(Cow::Borrowed(text))) if !text.is_empty() => FlowRef::Text(Cow::Borrowed(text)),
            Ok(Operand::Text(text)) if !text.is_empty() => FlowRef::Text(text),
            Ok(Operand::Null | Operand::Text(_)) => self.missing(),
            Ok(Operand::List(texts)) if texts.iter().all(|text| text.is_empty()) => self.missing(),
            Ok(Operand::List(texts)) if self.expression.unique() => FlowRef::Candidates(texts),
            // What is copied directly is copied as it is; no target takes the empty values that functions leave.
            Ok(Operand::List(texts)) if self.expression.direct().is_some() => FlowRef::Texts(texts),
            Ok(Operand::List(mut texts)) => {
                texts.retain(|text| !text.is_empty());
                FlowRef::Texts(texts)
            }
            Err(Stop::IgnoreAttribute) => FlowRef::Leave,
            Err(Stop::IgnoreObject) => FlowRef::SkipObject,
            Err(Stop::Fault(error)) => return Err(*error),
        })
    }

    /// What is said where the expression gives nothing.
    fn missing(&self) -> FlowRef<'_> {
        match self.default.as_ref().map(Texts::from) {
            Some(value) if value.values().any(|text| !text.is_empty()) => match value.single() {
                Some(text) => FlowRef::Text(Cow::Borrowed(text)),
                None => FlowRef::Texts(value.values().map(Cow::Borrowed).collect()),
            },
            _ if self.clear => FlowRef::Clear,
            _ => FlowRef::Leave,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::Record;

    fn mapping(expression: &str) -> Mapping {
        let expression = Expression::parse(expression).unwrap();
        let (target, apply) = ("department".to_owned(), Apply::Always);
        Mapping { target, expression, default: None, apply, clear: false, line: 1 }
    }

    fn flow(mapping: &Mapping, record: &Record) -> Flow {
        let context = Context { record, now: jiff::Timestamp::UNIX_EPOCH, seed: b"", default_domain: None };
        mapping.evaluate(&context).unwrap()
    }

    #[test]
    fn nothing_is_left_alone_unless_the_mapping_clears() {
        let absent = Record::new("1");
        let empty = Record::new("1").with("department", "");
        let blank_list = Record::new("1").with("department", vec![String::new()]);
        for record in [&absent, &empty, &blank_list] {
            let mut mapping = mapping("[department]");
            assert_eq!(flow(&mapping, record), Flow::Leave);
            mapping.clear = true;
            assert_eq!(flow(&mapping, record), Flow::Clear);
            mapping.default = Some("None".into());
            assert_eq!(flow(&mapping, record), Flow::Set("None".into()));
        }
    }

    #[test]
    fn a_flow_word_beats_default_and_clear() {
        let record = Record::new("1");
        for (expression, expected) in [
            ("IgnoreFlowIfNullOrEmpty([department])", Flow::Leave),
            ("Switch([department], IgnoreObjectFlow, \"x\", \"y\")", Flow::SkipObject),
        ] {
            let mut mapping = mapping(expression);
            mapping.clear = true;
            mapping.default = Some("None".into());
            assert_eq!(flow(&mapping, &record), expected);
        }
    }

    #[test]
    fn candidates_are_each_offered_once_and_without_empty_ones() {
        let record = Record::new("1").with("name", "Jo");
        let offered = mapping("SelectUniqueValue([name], Mid([name], 1, 2), \"\", [nickname], Append([name], \"2\"))");
        assert_eq!(flow(&offered, &record), Flow::Candidates(vec!["Jo".to_owned(), "Jo2".to_owned()]));
        let none = mapping("SelectUniqueValue([nickname], \"\")");
        assert_eq!(flow(&none, &record), Flow::Leave);
    }

    #[test]
    fn debug_output_holds_no_value() {
        let record = Record::new("1").with("name", "Placeholder");
        for expression in ["[name]", "SelectUniqueValue([name], [name])"] {
            let text = format!("{:?}", flow(&mapping(expression), &record));
            assert!(!text.contains("Placeholder"), "{text}");
        }
    }

    #[test]
    fn a_flow_type_is_known_under_both_names() {
        for (text, apply) in [("on-create", Apply::OnCreate), ("ObjectAddOnly", Apply::OnCreate)] {
            assert_eq!(serde_json::from_value::<Apply>(text.into()).unwrap(), apply);
        }
        assert_eq!(serde_json::to_value(Apply::WhenEmpty).unwrap(), "when-empty");
    }
}
