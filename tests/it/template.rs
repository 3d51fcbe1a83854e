//! What the linters of `template.yaml` miss, each rule a test.

use serde_yaml_ng::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn template() -> Value {
    let text = std::fs::read_to_string(root().join("template.yaml")).expect("the template is there");
    serde_yaml_ng::from_str(&text).expect("the template is YAML")
}

/// The value without its CloudFormation tag.
fn bare(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => &tagged.value,
        other => other,
    }
}

fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| bare(value).get(*name))
}

fn resources(template: &Value, kind: &str) -> BTreeMap<String, Value> {
    let all = template["Resources"].as_mapping().expect("resources");
    let of_kind = all.iter().filter(|(_, resource)| resource["Type"] == *kind);
    of_kind.map(|(name, resource)| (name.as_str().expect("a name").to_owned(), resource.clone())).collect()
}

fn functions(template: &Value) -> BTreeMap<String, Value> {
    resources(template, "AWS::Serverless::Function")
}

/// The resource behind a `!GetAtt Name.Attribute` or `!Ref Name`.
fn referred(value: &Value) -> String {
    bare(value).as_str().expect("a reference").split('.').next().expect("a name").to_owned()
}

#[test]
fn every_function_folder_has_a_resource_and_the_other_way_round() {
    let template = template();
    let folders: BTreeSet<String> = std::fs::read_dir(root().join("functions"))
        .expect("functions")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    let resources: BTreeSet<String> = functions(&template)
        .iter()
        .map(|(name, function)| {
            let uri = function["Properties"]["CodeUri"].as_str().expect("CodeUri").to_owned();
            let folder = uri.trim_start_matches("target/lambda/").trim_end_matches('/').to_owned();
            let pascal: String = folder
                .split('-')
                .map(|part| part[..1].to_uppercase() + &part[1..])
                .collect();
            assert_eq!(*name, format!("{pascal}Function"));
            folder
        })
        .collect();
    assert_eq!(folders, resources);
}

#[test]
fn every_queue_event_reports_single_failures_and_waits_six_timeouts() {
    let template = template();
    let queues = resources(&template, "AWS::SQS::Queue");
    for (name, function) in functions(&template) {
        let timeout = function["Properties"]["Timeout"].as_u64().expect("a timeout");
        let events = function["Properties"]["Events"].as_mapping().expect("events");
        let mut fed = 0;
        for event in events.values().filter(|event| event["Type"] == "SQS") {
            fed += 1;
            let properties = &event["Properties"];
            let reports = properties["FunctionResponseTypes"].as_sequence().expect("response types");
            assert!(reports.iter().any(|one| one == "ReportBatchItemFailures"), "{name}");
            let batch = properties["BatchSize"].as_u64().expect("a batch size");
            assert!(batch <= 10 || properties.get("MaximumBatchingWindowInSeconds").is_some(), "{name}");
            let queue = &queues[&referred(&properties["Queue"])];
            let visibility = queue["Properties"]["VisibilityTimeout"].as_u64().expect("a visibility timeout");
            assert!(visibility >= 6 * timeout, "{name}: {visibility} < 6 x {timeout}");
        }
        assert_eq!(fed, 1, "{name} has one queue");
    }
}

#[test]
fn every_queue_is_encrypted_and_has_a_dead_letter_queue() {
    let template = template();
    let queues = resources(&template, "AWS::SQS::Queue");
    let mut ends = BTreeSet::new();
    for (name, queue) in &queues {
        assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true, "{name}");
        if let Some(redrive) = at(queue, &["Properties", "RedrivePolicy"]) {
            assert!(redrive["maxReceiveCount"].as_u64().is_some_and(|count| (3..=10).contains(&count)), "{name}");
            ends.insert(referred(&redrive["deadLetterTargetArn"]));
        }
    }
    let without: Vec<_> = queues
        .iter()
        .filter(|(name, queue)| at(queue, &["Properties", "RedrivePolicy"]).is_none() && !ends.contains(*name))
        .collect();
    assert!(without.is_empty(), "{without:?}");
    let watched: BTreeSet<String> = resources(&template, "AWS::CloudWatch::Alarm")
        .values()
        .map(|alarm| referred(&alarm["Properties"]["Dimensions"][0]["Value"]))
        .collect();
    assert_eq!(watched, ends, "each dead-letter queue has an alarm");
}

#[test]
fn permissions_name_actions_and_resources() {
    for (name, function) in functions(&template()) {
        let policies = function["Properties"]["Policies"].as_sequence().expect("policies");
        for statement in policies.iter().flat_map(|policy| policy["Statement"].as_sequence().expect("statements")) {
            let actions = match &statement["Action"] {
                Value::Sequence(actions) => actions.clone(),
                one => vec![one.clone()],
            };
            for action in actions {
                let action = action.as_str().expect("an action");
                assert!(!action.contains('*'), "{name}: {action}");
            }
            let resources = match bare(&statement["Resource"]) {
                Value::Sequence(resources) => resources.clone(),
                one => vec![one.clone()],
            };
            assert!(resources.iter().all(|resource| bare(resource) != "*"), "{name}");
        }
    }
}

#[test]
fn only_functions_that_hand_on_to_themselves_may_loop() {
    let looping: Vec<String> = functions(&template())
        .into_iter()
        .filter(|(_, function)| function["Properties"].get("RecursiveLoop").is_some_and(|mode| mode == "Allow"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(looping, ["FetchFunction", "WriteFunction"]);
}

#[test]
fn schedules_are_written_as_aws_wants_them() {
    let template = template();
    let mut expressions = Vec::new();
    for (name, function) in functions(&template) {
        for event in function["Properties"]["Events"].as_mapping().expect("events").values() {
            if event["Type"] == "ScheduleV2" {
                let properties = &event["Properties"];
                assert_eq!(properties["OmitName"], true, "{name}: names of two stacks would collide");
                expressions.push(match &properties["ScheduleExpression"] {
                    Value::Tagged(parameter) => {
                        let parameter = parameter.value.as_str().expect("a parameter");
                        template["Parameters"][parameter]["Default"].as_str().expect("a default").to_owned()
                    }
                    text => text.as_str().expect("an expression").to_owned(),
                });
            }
        }
    }
    assert_eq!(expressions.len(), 3);
    for expression in expressions {
        let rate = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
        let good = match rate.and_then(|rate| rate.split_once(' ')) {
            Some((count, unit)) => {
                let count: u32 = count.parse().expect("a number");
                let units = if count == 1 { ["minute", "hour", "day"] } else { ["minutes", "hours", "days"] };
                units.contains(&unit)
            }
            None => expression.starts_with("cron(") && expression.split(' ').count() == 6,
        };
        assert!(good, "{expression}");
    }
}

#[test]
fn state_can_be_restored_and_is_encrypted() {
    let template = template();
    let table = &template["Resources"]["Table"];
    assert_eq!(table["DeletionPolicy"], "Retain");
    let properties = &table["Properties"];
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(properties["TimeToLiveSpecification"]["AttributeName"], "ttl");
    for (name, bucket) in resources(&template, "AWS::S3::Bucket") {
        let properties = &bucket["Properties"];
        assert_eq!(properties["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"], true, "{name}");
        assert_eq!(properties["VersioningConfiguration"]["Status"], "Enabled", "{name}");
        assert!(properties.get("BucketEncryption").is_some(), "{name}");
    }
    for (name, log) in resources(&template, "AWS::Logs::LogGroup") {
        assert!(log["Properties"].get("RetentionInDays").is_some(), "{name}");
    }
    assert_eq!(resources(&template, "AWS::Logs::LogGroup").len(), functions(&template).len());
}

#[test]
fn no_secret_stands_in_plain_settings() {
    let template = template();
    for (name, parameter) in template["Parameters"].as_mapping().expect("parameters") {
        let name = name.as_str().expect("a name");
        let secret = ["Secret", "Password", "Token", "Key"].iter().any(|word| name.contains(word));
        assert!(!secret || name.ends_with("Arn") || parameter["NoEcho"] == true, "{name}");
    }
    let text = std::fs::read_to_string(root().join("template.yaml")).expect("the template is there");
    assert!(!text.contains("{{resolve:"), "a resolved secret would stand in the function's settings");
}

#[test]
fn every_name_that_is_referred_to_is_defined() {
    let template = template();
    let defined: BTreeSet<String> = ["Resources", "Parameters"]
        .iter()
        .flat_map(|section| template[*section].as_mapping().expect("a section").keys())
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect();
    let mut used = Vec::new();
    collect(&template, &mut used);
    for name in used {
        let known = name.starts_with("AWS::") || defined.contains(name.split('.').next().expect("a name"));
        assert!(known, "{name} is not defined");
    }
}

fn collect(value: &Value, used: &mut Vec<String>) {
    match value {
        Value::Tagged(tagged) => {
            if let Some(text) = tagged.value.as_str() {
                match tagged.tag.to_string().as_str() {
                    "!Ref" | "!GetAtt" => used.push(text.to_owned()),
                    "!Sub" => used.extend(text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))),
                    _ => {}
                }
            }
            collect(&tagged.value, used);
        }
        Value::Mapping(mapping) => mapping.values().for_each(|value| collect(value, used)),
        Value::Sequence(items) => items.iter().for_each(|value| collect(value, used)),
        _ => {}
    }
}
