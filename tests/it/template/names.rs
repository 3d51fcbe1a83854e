//! Every name that the template refers to is defined in it, also where the linters do not look.

use super::document::{Template, listed};
use serde_yaml_ng::Value;
use std::collections::BTreeSet;

/// What a `!GetAtt` may ask of a resource type; types that nothing is asked of are left out.
const ATTRIBUTES: [(&str, &[&str]); 6] = [
    ("AWS::DynamoDB::Table", &["Arn"]),
    ("AWS::SecretsManager::Secret", &["Id"]),
    ("AWS::S3::Bucket", &["Arn"]),
    ("AWS::SQS::Queue", &["Arn", "QueueName"]),
    ("AWS::Logs::LogGroup", &["Arn"]),
    ("AWS::IAM::Role", &["Arn"]),
];

pub fn every_name_is_defined(template: &Template) -> Vec<String> {
    let names = |section: &str| -> BTreeSet<String> {
        let section = template.root[section].as_mapping().into_iter().flatten();
        section.map(|(name, _)| name.as_str().expect("a name").to_owned()).collect()
    };
    let (resources, conditions) = (names("Resources"), names("Conditions"));
    let values: BTreeSet<String> = resources.union(&names("Parameters")).cloned().collect();
    let mut used = Used::default();
    used.collect(&template.root);
    let mut wrong = Vec::new();
    for name in &used.values {
        let known = match name.split_once('.') {
            Some((resource, attribute)) => has_attribute(template, resource, attribute),
            None => name.starts_with("AWS::") || values.contains(name),
        };
        if !known {
            wrong.push(format!("{name} is not defined"));
        }
    }
    wrong.extend(used.resources.difference(&resources).map(|name| format!("the resource {name} is not defined")));
    wrong.extend(used.conditions.difference(&conditions).map(|name| format!("the condition {name} is not defined")));
    wrong
}

fn has_attribute(template: &Template, resource: &str, attribute: &str) -> bool {
    let kind = &template.root["Resources"][resource]["Type"];
    ATTRIBUTES.iter().any(|(known, attributes)| kind == known && attributes.contains(&attribute))
}

#[derive(Default)]
struct Used {
    /// Parameters, resources and `Resource.Attribute`.
    values: BTreeSet<String>,
    /// What is waited for.
    resources: BTreeSet<String>,
    conditions: BTreeSet<String>,
}

impl Used {
    fn collect(&mut self, value: &Value) {
        match value {
            Value::Tagged(tagged) => {
                self.function(&tagged.tag.to_string(), &tagged.value);
                self.collect(&tagged.value);
            }
            Value::Mapping(mapping) => {
                for (key, value) in mapping {
                    let texts = || listed(value).into_iter().filter_map(|one| one.as_str().map(str::to_owned));
                    match key.as_str() {
                        Some("DependsOn") => self.resources.extend(texts()),
                        Some("Condition") if value.is_string() => self.conditions.extend(texts()),
                        _ => {}
                    }
                    self.collect(value);
                }
            }
            Value::Sequence(items) => items.iter().for_each(|value| self.collect(value)),
            _ => {}
        }
    }

    fn function(&mut self, tag: &str, inner: &Value) {
        match (tag, inner) {
            ("!Ref" | "!GetAtt", Value::String(name)) => self.values.extend([name.clone()]),
            ("!Sub", Value::String(text)) => self.values.extend(names_in(text)),
            // The long form brings names of its own.
            ("!Sub", Value::Sequence(parts)) => {
                let own = |name: &String| parts[1].as_mapping().is_some_and(|own| own.contains_key(name.as_str()));
                let text = parts[0].as_str().expect("a text");
                self.values.extend(names_in(text).filter(|name| !own(name)));
            }
            ("!If", Value::Sequence(parts)) => self.conditions.extend(parts[0].as_str().map(str::to_owned)),
            ("!Condition", Value::String(name)) => self.conditions.extend([name.clone()]),
            _ => {}
        }
    }
}

fn names_in(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
}
