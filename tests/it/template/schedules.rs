//! Schedules: their expressions, which nothing checks before AWS does, and their names.

use super::document::Template;
use serde_yaml_ng::Value;

pub fn expressions_are_well_formed(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, event) in template.events("ScheduleV2") {
        let expression = template.default_of(&event["ScheduleExpression"]).as_str().unwrap_or_default();
        if let Err(why) = check(expression) {
            wrong.push(format!("{name}: {expression:?}: {why}"));
        }
        let input = match &event["Input"] {
            Value::Tagged(text) => text.value.as_str(),
            text => text.as_str(),
        };
        if serde_json::from_str::<serde_json::Value>(input.unwrap_or_default()).is_err() {
            wrong.push(format!("{name}: its input is no JSON"));
        }
    }
    wrong
}

pub fn names_are_left_out(template: &Template) -> Vec<String> {
    let named = template.events("ScheduleV2").into_iter().filter(|(_, event)| event["OmitName"] != true);
    named.map(|(name, _)| format!("{name}: SAM names it after itself, and two stacks would collide")).collect()
}

/// The grammar of `EventBridge` Scheduler's `rate()` and `cron()`.
fn check(expression: &str) -> Result<(), &'static str> {
    let inner = |kind: &str| expression.strip_prefix(kind).and_then(|rest| rest.strip_suffix(')'));
    if let Some(rate) = inner("rate(") {
        let (count, unit) = rate.split_once(' ').ok_or("a number and a unit")?;
        let count: u32 = count.parse().map_err(|_| "a whole number")?;
        let units = if count == 1 { ["minute", "hour", "day"] } else { ["minutes", "hours", "days"] };
        return if count > 0 && units.contains(&unit) { Ok(()) } else { Err("one minute, but two minutes") };
    }
    let fields: Vec<&str> = inner("cron(").ok_or("neither rate() nor cron()")?.split(' ').collect();
    let [minute, hour, day, month, weekday, year] = fields[..] else { return Err("cron has six fields") };
    if (day == "?") == (weekday == "?") {
        return Err("exactly one of day and weekday is ?");
    }
    let within = [(minute, 0, 59), (hour, 0, 23), (day, 1, 31), (month, 1, 12), (weekday, 1, 7), (year, 1970, 2199)];
    if within.iter().all(|(field, low, high)| field_is_within(field, *low, *high)) {
        Ok(())
    } else {
        Err("out of range")
    }
}

/// A field of numbers, lists, ranges and steps; names of months and days and the letters L, W and # are taken as they are.
fn field_is_within(field: &str, low: u32, high: u32) -> bool {
    let number = |text: &str| text.parse::<u32>().map_or(text.len() == 3, |one| (low..=high).contains(&one));
    field.split(',').all(|part| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let lettered = range.ends_with(['L', 'W']) || range.contains('#');
        let range = matches!(range, "*" | "?") || lettered || range.split('-').all(number);
        range && step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0))
    })
}

#[test]
fn expressions_that_aws_refuses_are_refused() {
    for good in [
        "rate(1 minute)",
        "rate(15 minutes)",
        "cron(0 2 * * ? *)",
        "cron(0/15 8-17 ? * MON-FRI *)",
        "cron(0 0 L * ? *)",
    ] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    for bad in [
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "rate(15 minutes",
        "every 5 minutes",
        "cron(0 2 * * *)",
        "cron(0 2 * * * *)",
        "cron(0 2 ? * ? *)",
        "cron(60 2 * * ? *)",
        "cron(0 2 32 * ? *)",
        "cron(0/0 2 * * ? *)",
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
}
