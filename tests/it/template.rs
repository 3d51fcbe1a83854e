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
            let pascal: String = folder.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
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
fn every_queue_is_encrypted_and_has_a_dead_letter_queue_of_its_own() {
    let template = template();
    let queues = resources(&template, "AWS::SQS::Queue");
    let mut ends = BTreeMap::new();
    for (name, queue) in &queues {
        assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true, "{name}");
        if let Some(redrive) = at(queue, &["Properties", "RedrivePolicy"]) {
            assert!(redrive["maxReceiveCount"].as_u64().is_some_and(|count| (3..=10).contains(&count)), "{name}");
            ends.insert(referred(&redrive["deadLetterTargetArn"]), name.clone());
        }
    }
    assert_eq!(ends.len() * 2, queues.len(), "two queues do not share one");
    for (end, queue) in &ends {
        let allowed = &queues[end]["Properties"]["RedriveAllowPolicy"];
        assert_eq!(allowed["redrivePermission"], "byQueue", "{end}");
        let sources = allowed["sourceQueueArns"].as_sequence().expect("sources");
        assert_eq!(sources.len(), 1, "{end}");
        let queue_name = bare(&queues[queue]["Properties"]["QueueName"]).as_str().expect("a name");
        let source = bare(&sources[0]).as_str().expect("an ARN");
        assert!(source.ends_with(&format!(":{queue_name}")), "{end} takes from {source}, not from {queue_name}");
    }
}

#[test]
fn an_alarm_stands_on_every_dead_letter_queue_and_on_the_age_of_every_other() {
    let template = template();
    let (dead, living): (BTreeSet<String>, BTreeSet<String>) =
        resources(&template, "AWS::SQS::Queue").into_keys().partition(|name| name.ends_with("DeadLetterQueue"));
    let watched = |metric: &str| -> BTreeSet<String> {
        let alarms = resources(&template, "AWS::CloudWatch::Alarm");
        let of_metric = alarms.values().filter(|alarm| alarm["Properties"]["MetricName"] == *metric);
        of_metric.map(|alarm| referred(&alarm["Properties"]["Dimensions"][0]["Value"])).collect()
    };
    assert_eq!(watched("ApproximateNumberOfMessagesVisible"), dead);
    assert_eq!(watched("ApproximateAgeOfOldestMessage"), living);
}

fn listed(value: &Value) -> Vec<Value> {
    match bare(value) {
        Value::Sequence(items) => items.clone(),
        _ => vec![value.clone()],
    }
}

/// What the role of a function allows.
fn statements(template: &Value, function: &str) -> Vec<Value> {
    let role = &template["Resources"][format!("{function}Role")]["Properties"];
    assert!(role.get("ManagedPolicyArns").is_none(), "{function}: managed policies allow too much");
    let policies = role["Policies"].as_sequence().expect("policies");
    policies.iter().flat_map(|policy| listed(&policy["PolicyDocument"]["Statement"])).collect()
}

#[test]
fn every_function_has_a_role_of_its_own_that_names_actions_and_resources() {
    let template = template();
    for (name, function) in functions(&template) {
        let short = name.trim_end_matches("Function");
        // Without a role SAM makes one, with every queue and every log of the account in it.
        assert_eq!(referred(&function["Properties"]["Role"]), format!("{short}Role"));
        for statement in statements(&template, short) {
            for action in listed(&statement["Action"]) {
                let action = action.as_str().expect("an action");
                assert!(!action.contains('*'), "{name}: {action}");
            }
            for resource in listed(&statement["Resource"]) {
                let resource = bare(&resource).as_str().expect("a resource").to_owned();
                // A star at the end stands for objects below one prefix of one bucket.
                let one_bucket = resource.contains("Bucket.Arn}/") && resource.find('*') == Some(resource.len() - 1);
                assert!(!resource.contains('*') || one_bucket, "{name}: {resource}");
            }
        }
    }
}

#[test]
fn a_function_may_send_to_the_queues_in_its_settings_and_to_no_others() {
    let template = template();
    for (name, function) in functions(&template) {
        let variables = function["Properties"]["Environment"]["Variables"].as_mapping().expect("variables");
        let of_queues = variables.iter().filter(|(name, _)| name.as_str().expect("a name").ends_with("_QUEUE_URL"));
        let named: BTreeSet<String> = of_queues
            .map(|(variable, queue)| {
                let queue = referred(queue);
                let words = variable.as_str().expect("a name").trim_end_matches("_URL").split('_');
                let pascal: String = words.map(|word| word[..1].to_owned() + &word[1..].to_lowercase()).collect();
                assert_eq!(pascal, queue, "{name}");
                queue
            })
            .collect();
        let allowed: BTreeSet<String> = statements(&template, name.trim_end_matches("Function"))
            .iter()
            .filter(|statement| statement["Action"] == "sqs:SendMessage")
            .flat_map(|statement| listed(&statement["Resource"]))
            .map(|queue| referred(&queue))
            .collect();
        assert_eq!(named, allowed, "{name}");
    }
}

#[test]
fn only_functions_that_read_hr_reach_its_files_and_only_those_that_reach_the_target_its_secret() {
    let template = template();
    let text = |short: &str| serde_yaml_ng::to_string(&statements(&template, short)).expect("plain data");
    for (short, files, secret) in
        [("Fetch", true, false), ("Transform", false, true), ("Write", false, true), ("OnDemand", true, true)]
    {
        assert_eq!(text(short).contains("DropBucket"), files, "{short}");
        assert_eq!(text(short).contains("GraphSecretArn"), secret, "{short}");
    }
}

#[test]
fn cycles_expire_and_manifests_stay() {
    let template = template();
    let rules = &template["Resources"]["BlobBucket"]["Properties"]["LifecycleConfiguration"]["Rules"];
    let rules = rules.as_sequence().expect("rules").iter().filter(|rule| rule.get("ExpirationInDays").is_some());
    let expiring: Vec<String> = rules
        .map(|rule| bare(&rule["Prefix"]).as_str().expect("a prefix").replace("${JobName}", "hr-to-entra"))
        .collect();
    let expires = |path: String| expiring.iter().any(|prefix| format!("state/{path}").starts_with(prefix));
    let base = pipeline::paths::cycle("hr-to-entra", 7, "0f");
    for path in [pipeline::paths::records(&base, 1), pipeline::paths::inputs(&base, 1), pipeline::paths::plan(&base, 1)]
    {
        assert!(expires(path));
    }
    assert!(!expires(pipeline::paths::manifest("hr-to-entra", "0f")), "a quiet job would lose what it knows");
    let urls = ["Globals", "Function", "Environment", "Variables", "BLOB_URL"];
    let url = bare(at(&template, &urls).expect("BLOB_URL")).as_str().expect("an address");
    assert!(url.ends_with("/state"), "the prefixes of the rules start with another folder");
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
    for (name, parameter) in template["Parameters"].as_mapping().expect("parameters") {
        assert!(parameter["Description"].as_str().is_some_and(|text| text.ends_with('.')), "{name:?}");
    }
}

#[test]
fn every_name_that_is_referred_to_is_defined() {
    let template = template();
    let defined: BTreeSet<String> = ["Resources", "Parameters", "Conditions"]
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
            let inner = &tagged.value;
            match (tagged.tag.to_string().as_str(), inner) {
                ("!Ref" | "!GetAtt", Value::String(name)) => used.push(name.clone()),
                ("!Sub", Value::String(text)) => used.extend(names_in(text)),
                // The long form brings names of its own.
                ("!Sub", Value::Sequence(parts)) => {
                    let own = parts[1].as_mapping().expect("names");
                    let text = parts[0].as_str().expect("a text");
                    used.extend(names_in(text).filter(|name| !own.contains_key(name.as_str())));
                }
                ("!If", Value::Sequence(parts)) => used.push(parts[0].as_str().expect("a condition").to_owned()),
                _ => {}
            }
            collect(inner, used);
        }
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                if key == "DependsOn" {
                    used.extend(listed(value).iter().map(|name| name.as_str().expect("a name").to_owned()));
                }
                collect(value, used);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|value| collect(value, used)),
        _ => {}
    }
}

fn names_in(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
}
