//! What keeps the stack usable and its data safe.

use super::document::{Template, bare, workspace};
use std::collections::BTreeSet;

/// Runtimes that Lambda has for programs that bring everything with them.
const RUNTIMES: [&str; 1] = ["provided.al2023"];

pub fn functions_are_the_folders(template: &Template) -> Vec<String> {
    let folders = std::fs::read_dir(workspace().join("functions")).expect("functions");
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    let mut wrong = Vec::new();
    let mut deployed = BTreeSet::new();
    for (name, function) in template.functions() {
        let uri = function["CodeUri"].as_str().unwrap_or_default();
        let folder = uri.trim_start_matches("target/lambda/").trim_end_matches('/').to_owned();
        let words = folder.split('-').filter(|word| !word.is_empty());
        let pascal: String = words.map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        if name != format!("{pascal}Function") {
            wrong.push(format!("{name} is made of {uri}"));
        }
        deployed.insert(folder);
    }
    if folders != deployed {
        wrong.push(format!("there are {folders:?}, and {deployed:?} are deployed"));
    }
    wrong
}

pub fn runtime_is_known(template: &Template) -> Vec<String> {
    let globals = &template.root["Globals"]["Function"];
    let mut wrong = Vec::new();
    for (name, function) in template.functions() {
        let of = |what: &str| function.get(what).unwrap_or(&globals[what]).as_str().unwrap_or_default().to_owned();
        if !RUNTIMES.contains(&of("Runtime").as_str()) || of("Handler") != "bootstrap" {
            wrong.push(format!("{name}: {} with {}", of("Runtime"), of("Handler")));
        }
    }
    wrong
}

pub fn state_is_safe(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut need = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    for (name, table) in template.resources("AWS::DynamoDB::Table") {
        let restored = &table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
        need(*restored == true, format!("{name} cannot be restored"));
        need(table["SSESpecification"]["SSEEnabled"] == true, format!("{name} is not encrypted"));
        need(table["TimeToLiveSpecification"]["AttributeName"] == "ttl", format!("{name} does not expire what it may"));
    }
    for (name, bucket) in template.resources("AWS::S3::Bucket") {
        let closed = &bucket["PublicAccessBlockConfiguration"];
        for what in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
            need(closed[what] == true, format!("{name} may be public"));
        }
        need(bucket["VersioningConfiguration"]["Status"] == "Enabled", format!("{name} keeps no versions"));
        need(bucket.get("BucketEncryption").is_some(), format!("{name} is not encrypted"));
    }
    let resources = template.root["Resources"].as_mapping().expect("resources");
    for (name, resource) in resources {
        let kept = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"];
        if resource["Type"].as_str().is_some_and(|kind| kept.contains(&kind)) {
            let retained = resource["DeletionPolicy"] == "Retain" && resource["UpdateReplacePolicy"] == "Retain";
            need(retained, format!("{name:?} goes with the stack"));
        }
    }
    wrong
}

pub fn logs_expire(template: &Template) -> Vec<String> {
    let logs = template.resources("AWS::Logs::LogGroup");
    let kept = logs.iter().filter(|(_, log)| log.get("RetentionInDays").is_none());
    let mut wrong: Vec<String> = kept.map(|(name, _)| format!("{name} keeps everything for ever")).collect();
    for (name, function) in template.functions() {
        let log = bare(&function["LoggingConfig"]["LogGroup"]).as_str().unwrap_or_default();
        if !logs.contains_key(log) {
            wrong.push(format!("{name} writes into a log of its own making"));
        }
    }
    wrong
}

pub fn cycles_expire_and_manifests_stay(template: &Template) -> Vec<String> {
    let bucket = template.resources("AWS::S3::Bucket")["BlobBucket"];
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_sequence().into_iter().flatten();
    let expiring: Vec<String> = rules
        .filter(|rule| rule.get("ExpirationInDays").is_some())
        .map(|rule| bare(&rule["Prefix"]).as_str().unwrap_or_default().replace("${JobName}", "hr-to-entra"))
        .collect();
    let expires = |path: String| expiring.iter().any(|prefix| format!("state/{path}").starts_with(prefix));
    let base = pipeline::paths::cycle("hr-to-entra", 7, "0f");
    let of_cycles =
        [pipeline::paths::records(&base, 1), pipeline::paths::inputs(&base, 1), pipeline::paths::plan(&base, 1)];
    let stay = of_cycles.into_iter().filter(|path| !expires(path.clone()));
    let mut wrong: Vec<String> = stay.map(|path| format!("{path} never expires")).collect();
    if expires(pipeline::paths::manifest("hr-to-entra", "0f")) {
        wrong.push("manifests expire: a quiet job would lose what it knows".to_owned());
    }
    let url = bare(&template.root["Globals"]["Function"]["Environment"]["Variables"]["BLOB_URL"]);
    if !url.as_str().unwrap_or_default().ends_with("/state") {
        wrong.push("the prefixes of the rules start with another folder than BLOB_URL".to_owned());
    }
    wrong
}

pub fn no_plain_secrets(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, parameter) in template.root["Parameters"].as_mapping().expect("parameters") {
        let name = name.as_str().expect("a name");
        let secret = ["Secret", "Password", "Token", "Key"].iter().any(|word| name.contains(word));
        if secret && !name.ends_with("Arn") && parameter["NoEcho"] != true {
            wrong.push(format!("{name} is shown to everybody"));
        }
        if !parameter["Description"].as_str().is_some_and(|text| text.ends_with('.')) {
            wrong.push(format!("{name} is not explained"));
        }
    }
    if template.text.contains("{{resolve:") {
        wrong.push("a resolved secret would stand in the function's settings".to_owned());
    }
    wrong
}
