//! The template as rules see it.

use serde_yaml_ng::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// A template, parsed; CloudFormation's functions are tagged values.
pub struct Template {
    pub text: String,
    pub root: Value,
}

pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

impl Template {
    /// The one that is deployed.
    pub fn ours() -> Self {
        Self::parse(std::fs::read_to_string(workspace().join("template.yaml")).expect("the template is there"))
    }

    pub fn parse(text: String) -> Self {
        let root = serde_yaml_ng::from_str(&text).expect("the template is YAML");
        Self { text, root }
    }

    /// Resources of a type, by name.
    pub fn resources(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let all = self.root["Resources"].as_mapping().expect("resources");
        let of_kind = all.iter().filter(|(_, resource)| resource["Type"] == *kind);
        of_kind.map(|(name, resource)| (name.as_str().expect("a name"), &resource["Properties"])).collect()
    }

    pub fn functions(&self) -> BTreeMap<&str, &Value> {
        self.resources("AWS::Serverless::Function")
    }

    pub fn queues(&self) -> BTreeMap<&str, &Value> {
        self.resources("AWS::SQS::Queue")
    }

    /// Events of a type, each with its function's name.
    pub fn events(&self, kind: &str) -> Vec<(String, &Value)> {
        let functions = self.functions();
        let all = functions.into_iter().flat_map(|(function, properties)| {
            let events = properties["Events"].as_mapping().into_iter().flatten();
            events.map(move |(name, event)| (format!("{function}.{}", name.as_str().expect("a name")), event))
        });
        all.filter(|(_, event)| event["Type"] == *kind).map(|(name, event)| (name, &event["Properties"])).collect()
    }

    /// What the role of a function allows; `short` is its name without `Function`.
    pub fn statements(&self, short: &str) -> Vec<Value> {
        let role = &self.root["Resources"][format!("{short}Role")]["Properties"];
        let policies = role["Policies"].as_sequence().into_iter().flatten();
        policies.flat_map(|policy| listed(&policy["PolicyDocument"]["Statement"])).collect()
    }

    /// A value, or what the parameter behind a `!Ref` is by default.
    pub fn default_of<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value {
            Value::Tagged(reference) => &self.root["Parameters"][referred(&reference.value)]["Default"],
            plain => plain,
        }
    }
}

/// The value without its CloudFormation tag.
pub fn bare(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => &tagged.value,
        other => other,
    }
}

/// The resource behind a `!GetAtt Name.Attribute` or `!Ref Name`; empty for anything else.
pub fn referred(value: &Value) -> String {
    bare(value).as_str().unwrap_or_default().split('.').next().unwrap_or_default().to_owned()
}

/// One or several, as a list.
pub fn listed(value: &Value) -> Vec<Value> {
    match bare(value) {
        Value::Sequence(items) => items.clone(),
        Value::Null => Vec::new(),
        _ => vec![value.clone()],
    }
}
