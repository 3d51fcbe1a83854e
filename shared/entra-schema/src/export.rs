//! The way back: jobs as a fragment of a synchronization schema.

use crate::naming::Target;
use crate::tree;
use config::{Config, Connector, Job};
use mapping::{Apply, Group, Mapping, NodeKind, Operator, outline};
use planning::OutOfScope;
use record::Value;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Rules as a schema has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// `directories` with the sources' keys, and `synchronizationRules`.
    pub schema: Json,
    /// What has no place in a schema.
    pub left_out: Vec<String>,
}

/// What the object of a source is called; a file has no word for it.
const OBJECT: &str = "User";

/// Writes the jobs down, one rule with one object mapping each.
pub fn export<'c>(config: &Config, jobs: impl IntoIterator<Item = &'c Job>) -> Export {
    let mut left_out = Vec::new();
    let mut directories = BTreeMap::new();
    let (mut rules, mut leaving) = (Vec::new(), Vec::new());
    for job in jobs {
        let target = match config.connectors.get(&job.target) {
            Some(Connector::Graph(_)) => Target::Entra,
            Some(Connector::ActiveDirectory(_)) => Target::ActiveDirectory,
            Some(Connector::Files(_)) | None => continue,
        };
        if let Some(Connector::Files(options)) = config.connectors.get(&job.source) {
            let key = json!({ "name": options.key, "type": "String", "anchor": true });
            let object = json!({ "name": OBJECT, "attributes": [key] });
            directories.insert(job.source.clone(), json!({ "name": job.source, "objects": [object] }));
        }
        rules.push(rule(job, target, rules.len() + 1, &mut left_out));
        leaving.push(job.rules.out_of_scope == OutOfScope::Leave);
        left_out.push(format!("job {}: default_domain, guards, protected, every and batch_size", job.name));
    }
    let directories: Vec<Json> = directories.into_values().collect();
    let mut schema = json!({ "directories": directories, "synchronizationRules": rules });
    if !leaving.is_empty() && leaving.iter().all(|leaves| *leaves) {
        schema["secrets"] = json!([{ "key": "SkipOutOfScopeDeletions", "value": "True" }]);
    } else if leaving.contains(&true) {
        left_out.push(
            "out_of_scope is a setting of a whole schema, and the jobs differ in it: export them one by one".to_owned(),
        );
    }
    Export { schema, left_out }
}

fn rule(job: &Job, target: Target, priority: usize, left_out: &mut Vec<String>) -> Json {
    let matching = |name: &str| job.rules.matching.iter().position(|known| known == name).map_or(0, |place| place + 1);
    let mappings: Vec<Json> = job
        .rules
        .mappings
        .iter()
        .map(|mapping| one(mapping, target, matching(&mapping.target), job, left_out))
        .collect();
    let groups: Vec<Json> = job.rules.scope.written().groups.iter().map(group).collect();
    json!({
        "name": job.name,
        "priority": priority,
        "editable": true,
        "sourceDirectoryName": job.source,
        "targetDirectoryName": target.directory(),
        "objectMappings": [{
            "enabled": true,
            "flowTypes": "Add,Update,Delete",
            "name": job.name,
            "sourceObjectName": OBJECT,
            "targetObjectName": OBJECT,
            "scope": { "groups": groups, "inputFilterGroups": [], "categoryFilterGroups": [] },
            "attributeMappings": mappings,
        }],
    })
}

fn one(mapping: &Mapping, target: Target, priority: usize, job: &Job, left_out: &mut Vec<String>) -> Json {
    let default = match &mapping.default {
        Some(Value::One(text)) => Some(text.as_str()),
        Some(Value::Many(_)) => {
            left_out.push(format!("job {}: the default of `{}`, which has several values", job.name, mapping.target));
            None
        }
        None => None,
    };
    // What was compiled parses.
    let tree = outline(mapping.expression.text()).map_or(NodeKind::Empty, |node| node.kind);
    let (source, default) = match (&tree, default) {
        (NodeKind::Text(constant), None) if !constant.is_empty() => (Json::Null, Some(constant.as_str())),
        (tree, default) => {
            let mut source = tree::stored(tree);
            source["expression"] = json!(mapping.expression.text());
            (source, default)
        }
    };
    let mut one = json!({
        "defaultValue": default,
        "exportMissingReferences": false,
        "flowBehavior": "FlowWhenChanged",
        "flowType": flow_type(mapping.apply),
        "matchingPriority": priority,
        "source": source,
        "targetAttributeName": target.there(&mapping.target),
    });
    if mapping.clear {
        one["flowNullValues"] = json!(true);
    }
    one
}

fn flow_type(apply: Apply) -> &'static str {
    match apply {
        Apply::Always => "Always",
        Apply::OnCreate => "ObjectAddOnly",
        Apply::WhenEmpty => "AttributeAddOnly",
        Apply::WhenAdding => "MultiValueAddOnly",
        Apply::AddOnly => "ValueAddOnly",
    }
}

fn group(group: &Group) -> Json {
    let clause = |clause: &mapping::Clause| {
        let values: Vec<&str> = clause.value.iter().map(String::as_str).collect();
        json!({
            "sourceOperandName": clause.attribute,
            "operatorName": operator_name(clause.operator),
            "targetOperand": { "values": values },
        })
    };
    json!({ "name": group.name, "clauses": group.clauses.iter().map(clause).collect::<Vec<_>>() })
}

/// The names of a filter's operators in a schema.
fn operator_name(operator: Operator) -> &'static str {
    match operator {
        Operator::Equals => "EQUALS",
        Operator::NotEquals => "NOT EQUALS",
        Operator::IsTrue => "IS TRUE",
        Operator::IsFalse => "IS FALSE",
        Operator::IsNull => "IS NULL",
        Operator::IsNotNull => "IS NOT NULL",
        Operator::RegexMatch => "REGEX MATCH",
        Operator::NotRegexMatch => "NOT REGEX MATCH",
        Operator::GreaterThan => "Greater_Than",
        Operator::GreaterThanOrEquals => "Greater_Than_OR_EQUALS",
        Operator::Includes => "Includes",
        Operator::EndsWith => "ENDS_WITH",
        Operator::HasFlags => "&",
        Operator::HasNotFlags => "!&",
    }
}
