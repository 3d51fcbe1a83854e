//! What the linters of `template.yaml` miss: each rule is a function that gives what it finds wrong, a test that the
//! template is right, and tests that mutated templates are not.

mod alarms;
mod document;
mod loops;
mod mutations;
mod names;
mod operations;
mod permissions;
mod queues;
mod schedules;

use document::Template;

/// A rule: everything that is wrong, in words.
type Rule = fn(&Template) -> Vec<String>;

/// Every rule by its name.
const RULES: [(&str, Rule); 20] = [
    ("functions are the folders", operations::functions_are_the_folders),
    ("a runtime that lambda has", operations::runtime_is_known),
    ("state can be restored and is encrypted", operations::state_is_safe),
    ("logs are kept for a while", operations::logs_expire),
    ("cycles expire and manifests stay", operations::cycles_expire_and_manifests_stay),
    ("no secret stands in plain settings", operations::no_plain_secrets),
    ("one queue feeds a function", queues::one_queue_feeds_a_function),
    ("single failures are reported", queues::single_failures_are_reported),
    ("a large batch has a window", queues::large_batches_have_a_window),
    ("a message stays away for six timeouts", queues::messages_stay_away_for_six_timeouts),
    ("a dead-letter queue for every queue", queues::every_queue_has_its_dead_letter_queue),
    ("queues are encrypted", queues::queues_are_encrypted),
    ("an alarm on every queue", alarms::every_queue_has_its_alarm),
    ("loops are bounded", loops::only_functions_that_hand_on_may_loop),
    ("schedules are written as AWS wants them", schedules::expressions_are_well_formed),
    ("schedules have no name of their own", schedules::names_are_left_out),
    ("every name is defined", names::every_name_is_defined),
    ("roles are written out", permissions::roles_are_written_out),
    ("a function sends to the queues it knows", permissions::sends_to_the_queues_it_knows),
    ("people and secrets are for those who need them", permissions::people_and_secrets_are_for_few),
];

#[test]
fn the_template_breaks_no_rule() {
    let template = Template::ours();
    for (name, rule) in RULES {
        let wrong = rule(&template);
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}
