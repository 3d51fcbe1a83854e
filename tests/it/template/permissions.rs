//! Roles: one for each function, with actions and resources by name. Whether they are enough and not too much is what
//! `tests/deployed` finds out.

use super::document::{Template, bare, listed, referred};
use std::collections::BTreeSet;

/// Resources that end with a star, each with the reason; every other one is named whole.
const STARS: [(&str, &str); 3] = [
    ("${BlobBucket.Arn}/state/*", "objects of the state are named after cycles and contents"),
    ("${BlobBucket.Arn}/config/*", "the configuration and what it refers to"),
    ("${DropBucket.Arn}/*", "HR names its files as it likes"),
];

pub fn roles_are_written_out(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, function) in template.functions() {
        let short = name.trim_end_matches("Function");
        // Without a role SAM makes one, with every queue and every log of the account in it.
        if referred(&function["Role"]) != format!("{short}Role") {
            wrong.push(format!("{name} has no role of its own"));
        }
        let role = &template.root["Resources"][format!("{short}Role")]["Properties"];
        if role.get("ManagedPolicyArns").is_some() || function.get("Policies").is_some() {
            wrong.push(format!("{name}: managed policies allow more than is needed"));
        }
        for statement in template.statements(short) {
            for action in listed(&statement["Action"]) {
                let action = action.as_str().unwrap_or("*");
                if action.contains('*') || statement.get("NotAction").is_some() {
                    wrong.push(format!("{name}: {action} is more than is needed"));
                }
            }
            for resource in listed(&statement["Resource"]) {
                let resource = bare(&resource).as_str().unwrap_or("*").to_owned();
                if resource.contains('*') && !STARS.iter().any(|(known, _)| *known == resource) {
                    wrong.push(format!("{name}: {resource} is more than is needed"));
                }
            }
        }
    }
    wrong
}

pub fn sends_to_the_queues_it_knows(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, function) in template.functions() {
        let mut known = BTreeSet::new();
        for (variable, queue) in function["Environment"]["Variables"].as_mapping().into_iter().flatten() {
            let Some(words) = variable.as_str().and_then(|name| name.strip_suffix("_URL")) else { continue };
            let pascal: String =
                words.split('_').map(|word| word[..1].to_owned() + &word[1..].to_lowercase()).collect();
            if pascal != referred(queue) {
                wrong.push(format!("{name}: {words}_URL is the address of {}", referred(queue)));
            }
            known.insert(referred(queue));
        }
        let statements = template.statements(name.trim_end_matches("Function"));
        let sending = statements.iter().filter(|statement| statement["Action"] == "sqs:SendMessage");
        let allowed: BTreeSet<String> =
            sending.flat_map(|statement| listed(&statement["Resource"])).map(|queue| referred(&queue)).collect();
        if known != allowed {
            wrong.push(format!("{name} knows {known:?} and may send to {allowed:?}"));
        }
        // Whoever settles a cycle asks for the open set, wakes the writer, and asks for records that were overtaken.
        for queue in ["FetchQueue", "WriteQueue", "OnDemandQueue"] {
            if !known.contains(queue) {
                wrong.push(format!("{name} cannot settle a cycle: it does not know {queue}"));
            }
        }
    }
    wrong
}

pub fn people_and_secrets_are_for_few(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (short, files, secret) in
        [("Fetch", true, false), ("Transform", false, true), ("Write", false, true), ("OnDemand", true, true)]
    {
        let text = serde_yaml_ng::to_string(&template.statements(short)).expect("plain data");
        for (what, expected) in [("DropBucket", files), ("GraphSecretArn", secret)] {
            if text.contains(what) != expected {
                wrong.push(format!("{short} and {what}: expected {expected}"));
            }
        }
    }
    wrong
}
