//! Every rule can fail: the template with one mistake in it breaks the rule that the mistake is about.

use super::RULES;
use super::document::Template;
use std::collections::BTreeSet;

/// A mistake: the rule that it breaks, a piece of the template, and what stands there instead. Only the first occurrence
/// is replaced.
const MISTAKES: [(&str, &str, &str); 45] = [
    ("functions are the folders", "CodeUri: target/lambda/write/", "CodeUri: target/lambda/writer/"),
    ("a runtime that lambda has", "Runtime: provided.al2023", "Runtime: provided.al2099"),
    ("a runtime that lambda has", "Handler: bootstrap", "Handler: main"),
    ("state can be restored and is encrypted", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false"),
    ("state can be restored and is encrypted", "{ SSEEnabled: true }", "{ SSEEnabled: false }"),
    ("state can be restored and is encrypted", "AttributeName: ttl,", "AttributeName: expires,"),
    ("state can be restored and is encrypted", "RestrictPublicBuckets: true", "RestrictPublicBuckets: false"),
    ("state can be restored and is encrypted", "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
    ("state can be restored and is encrypted", "{ Status: Enabled }", "{ Status: Suspended }"),
    ("state can be restored and is encrypted", "DeletionPolicy: Retain", "DeletionPolicy: Delete"),
    ("state can be restored and is encrypted", "UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete"),
    ("logs are kept for a while", "      RetentionInDays: !Ref LogRetentionDays\n", ""),
    ("logs are kept for a while", "LogGroup: !Ref FetchLog,", "LogGroup: !Ref FetchRole,"),
    ("cycles expire and manifests stay", "state/jobs/${JobName}/cycles/", "state/jobs/${JobName}/"),
    ("cycles expire and manifests stay", "state/jobs/${JobName}/cycles/", "state/${JobName}/cycles/"),
    ("cycles expire and manifests stay", "s3://${BlobBucket}/state", "s3://${BlobBucket}/blobs"),
    (
        "no secret stands in plain settings",
        "  TargetName:\n",
        "  GraphPassword:\n    Type: String\n    Description: A secret.\n  TargetName:\n",
    ),
    ("no secret stands in plain settings", "LOG_LEVEL: info", "LOG_LEVEL: \"{{resolve:secretsmanager:graph}}\""),
    ("no secret stands in plain settings", "Description: How long logs are kept.", "Description: \"\""),
    ("one queue feeds a function", "        Queue:\n          Type: SQS\n", "        Queue:\n          Type: SNS\n"),
    ("single failures are reported", "FunctionResponseTypes: [ReportBatchItemFailures]", "FunctionResponseTypes: []"),
    ("a large batch has a window", "BatchSize: 1\n", "BatchSize: 100\n"),
    ("a message stays away for six timeouts", "VisibilityTimeout: 1800", "VisibilityTimeout: 300"),
    ("a message stays away for six timeouts", "Timeout: 300", "Timeout: 301"),
    ("a dead-letter queue for every queue", "maxReceiveCount: 5", "maxReceiveCount: 1"),
    (
        "a dead-letter queue for every queue",
        "!GetAtt TransformDeadLetterQueue.Arn\n        max",
        "!GetAtt FetchDeadLetterQueue.Arn\n        max",
    ),
    ("a dead-letter queue for every queue", "redrivePermission: byQueue", "redrivePermission: allowAll"),
    (
        "a dead-letter queue for every queue",
        "${AWS::AccountId}:${AWS::StackName}-fetch\"]",
        "${AWS::AccountId}:${AWS::StackName}-write\"]",
    ),
    ("a dead-letter queue for every queue", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600"),
    ("queues are encrypted", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false"),
    ("an alarm on every queue", "MetricName: ApproximateNumberOfMessagesVisible", "MetricName: NumberOfMessagesSent"),
    ("an alarm on every queue", "MetricName: ApproximateAgeOfOldestMessage", "MetricName: NumberOfMessagesSent"),
    ("an alarm on every queue", "Threshold: 0\n", "Threshold: 10\n"),
    ("an alarm on every queue", "Value: !GetAtt WriteQueue.QueueName", "Value: !GetAtt FetchQueue.QueueName"),
    ("loops are bounded", "      RecursiveLoop: Allow\n", ""),
    ("loops are bounded", "      RecursiveLoop: Allow\n", "      RecursiveLoop: Terminate\n"),
    ("schedules are written as AWS wants them", "rate(1 minute)", "rate(1 minutes)"),
    ("schedules are written as AWS wants them", "Default: rate(15 minutes)", "Default: rate(15 minute)"),
    ("schedules are written as AWS wants them", "cron(0 2 * * ? *)", "cron(0 2 * * * *)"),
    ("schedules have no name of their own", "            OmitName: true\n", ""),
    ("roles are written out", "                  - sqs:ReceiveMessage\n", "                  - sqs:*\n"),
    ("roles are written out", "Role: !GetAtt WriteRole.Arn", "Role: !GetAtt FetchRole.Arn"),
    ("roles are written out", "Resource: !GetAtt Table.Arn", "Resource: \"*\""),
    ("a function sends to the queues it knows", "          TRANSFORM_QUEUE_URL: !Ref TransformQueue\n", ""),
    ("people and secrets are for those who need them", "                  - !Ref GraphSecretArn\n", ""),
];

/// Names that nobody defines, where they may stand: in settings, policies, events, conditions and waits.
const UNDEFINED: [(&str, &str); 8] = [
    ("TABLE_NAME: !Ref Table", "TABLE_NAME: !Ref Tabel"),
    ("s3://${BlobBucket}/config", "s3://${BlobBuckets}/config"),
    ("Resource: !GetAtt Table.Arn", "Resource: !GetAtt Table.Arm"),
    ("Resource: !GetAtt BlobBucket.Arn", "Resource: !GetAtt BlobBuckets.Arn"),
    ("Queue: !GetAtt WriteQueue.Arn", "Queue: !GetAtt WriteQueues.Arn"),
    ("!If [AlarmsAreSent,", "!If [AlarmsAreHeard,"),
    ("DependsOn: FetchQueuePolicy", "DependsOn: FetchQueuePolicies"),
    ("ScheduleExpression: !Ref FetchRate", "ScheduleExpression: !Ref FetchRates"),
];

fn with(old: &str, new: &str) -> Template {
    let text = Template::ours().text;
    assert!(text.contains(old), "the template does not say {old:?}");
    Template::parse(text.replacen(old, new, 1))
}

#[test]
fn every_mistake_breaks_its_rule() {
    for (rule, old, new) in MISTAKES {
        let template = with(old, new);
        let (_, check) = RULES.iter().find(|(name, _)| *name == rule).expect("a rule of this name");
        assert!(!check(&template).is_empty(), "{rule}: {old:?} as {new:?} goes unnoticed");
    }
}

#[test]
fn every_name_that_nobody_defines_is_found_wherever_it_stands() {
    let (_, check) = RULES.iter().find(|(name, _)| *name == "every name is defined").expect("the rule");
    for (old, new) in UNDEFINED {
        assert_eq!(check(&with(old, new)).len(), 1, "{new:?} goes unnoticed");
    }
}

#[test]
fn every_rule_has_a_mistake_that_breaks_it() {
    let broken: BTreeSet<&str> = MISTAKES.iter().map(|(rule, _, _)| *rule).chain(["every name is defined"]).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|(name, _)| *name).collect();
    assert_eq!(broken, rules);
}
