//! No text, however odd or long, makes parsing or evaluating panic, run away or eat up memory.

use jiff::Timestamp;
use mapping::{Context, Expression, Outcome, functions};
use proptest::prelude::*;
use record::Record;
use std::time::{Duration, Instant};

fn evaluate(expression: &Expression, record: &Record) -> Result<Outcome, String> {
    let context = Context { record, now: Timestamp::UNIX_EPOCH, seed: b"seed", default_domain: Some("example.com") };
    expression.evaluate(&context).map_err(|error| error.to_string())
}

/// Expressions that mostly parse: known functions over any arguments.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(String::new()),
        Just("[a]".to_owned()),
        Just("[list]".to_owned()),
        Just("[no]".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        (-3_i64..300).prop_map(|number| number.to_string()),
        prop::sample::select(vec![
            "\"d\"",
            "\"yyyy\"",
            "\"yyyy-MM-dd\"",
            "\"2024-02-29\"",
            "\"(?<n>.*?)$\"",
            "\"n\"",
            "\"${n}$1\"",
            "\",\"",
            "\"\"",
            "UTF8",
            "vbTextCompare",
            "&HFF",
            "\"9999-12-31T23:59:59-14:00\"",
            "IgnoreAttributeFlow",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}".prop_map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let names: Vec<&str> = functions().iter().map(|function| function.name).collect();
        prop_oneof![
            8 => (prop::sample::select(names), prop::collection::vec(inner.clone(), 0..7))
                .prop_map(|(name, arguments)| format!("{name}({})", arguments.join(", "))),
            1 => (inner.clone(), prop::sample::select(vec!["=", "<>", "<", ">="]), inner)
                .prop_map(|(left, sign, right)| format!("CBool({left}{sign}{right})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_parsed_or_refused_with_places_inside_of_it(text in "\\PC{0,200}") {
        if let Err(mistakes) = Expression::parse(&text) {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes {
                prop_assert!(text.get(mistake.start..mistake.end).is_some(), "{mistake:?}");
            }
        }
    }

    #[test]
    fn any_mix_of_signs_is_parsed_or_refused(text in "[\\[\\]()\",=<>&H0-9a-zA-Z\\\\ -]{0,120}") {
        if let Err(mistakes) = Expression::parse(&text) {
            for mistake in mistakes {
                prop_assert!(text.get(mistake.start..mistake.end).is_some(), "{mistake:?}");
            }
        }
    }

    #[test]
    fn an_evaluation_gives_the_same_outcome_each_time(text in expression(), a in "\\PC{0,40}", list in prop::collection::vec("\\PC{0,9}", 0..4)) {
        let record = Record::new("1").with("a", a).with("list", list);
        if let Ok(expression) = Expression::parse(&text) {
            let first = evaluate(&expression, &record);
            prop_assert_eq!(&first, &evaluate(&expression, &record));
            let again = Expression::parse(expression.text()).expect("what was parsed once is parsed again");
            prop_assert_eq!(&first, &evaluate(&again, &record));
        }
    }

    #[test]
    fn any_pattern_is_refused_or_works(pattern in "[\\[\\]()?*+{},^$|\\\\a-c0-2<>&~.-]{0,24}", text in "[a-c0-2{}<>]{0,30}") {
        let quoted = pattern.replace('\\', "\\\\");
        if let Ok(expression) = Expression::parse(&format!("Replace([a], , \"{quoted}\", , \"$1$&\", , )")) {
            prop_assert!(evaluate(&expression, &Record::new("1").with("a", text)).is_ok());
        }
    }
}

#[test]
fn a_very_long_text_is_refused_at_once() {
    let started = Instant::now();
    for piece in ["F(", "[a", "\"", "Trim([a]),", "ä", "((((", "-"] {
        let mistakes = Expression::parse(&piece.repeat(100_000 / piece.len())).expect_err("too long");
        assert!(mistakes[0].message.contains("10,000"), "{mistakes:?}");
    }
    assert!(started.elapsed() < Duration::from_millis(200), "{:?}", started.elapsed());
}

#[test]
fn ten_thousand_nested_calls_are_a_mistake() {
    for text in
        ["Trim(".repeat(10_000), "Trim(".repeat(2_000), "F(".repeat(5_000), "Not(".repeat(65) + "[a]" + &")".repeat(65)]
    {
        assert!(Expression::parse(&text).is_err());
    }
    assert!(Expression::parse(&("Not(".repeat(64) + "[a]" + &")".repeat(64))).is_ok());
}

#[test]
fn a_text_that_grows_without_end_is_stopped() {
    let record = Record::new("1").with("a", "x".repeat(1 << 19));
    for text in [
        "Join(\"\", [a], [a], [a])".to_owned(),
        format!("Join(\"\"{})", ", Append([a], \"y\")".repeat(400)),
        format!("IIF(IsNull(Join(\"\"{})), \"\", \"\")", ", IsNull(Append([a], \"y\"))".repeat(300)),
        "Replace([a], \"x\", , , \"xxx\")".to_owned(),
        "Split([a], \"x\")".to_owned(),
        "Replace([a], , \"(x|y)*z\", , \"\", , )".to_owned(),
        "ConvertToUTF8Hex(ConvertToUTF8Hex([a]))".to_owned(),
    ] {
        let started = Instant::now();
        let expression = Expression::parse(&text).expect("sound");
        assert!(evaluate(&expression, &record).is_err(), "{text}");
        assert!(started.elapsed() < Duration::from_secs(1), "{text}: {:?}", started.elapsed());
    }
}

/// The most memory that this process ever had, in bytes; nothing where the system does not say.
fn most_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok().map(|kilobytes| kilobytes << 10)
}

/// Calls of a function with every number of arguments, with the long attribute in one place or all.
fn calls(name: &str) -> Vec<String> {
    let arguments = ["[a]", "[list]", "1", "\",\"", "\"yyyy\"", "\"(x|y)*z\"", "\"d\""];
    let mut calls = vec![format!("{name}()")];
    for count in 1..=7 {
        calls.push(format!("{name}({})", vec!["[a]"; count].join(", ")));
        for other in arguments {
            for place in 0..count {
                let mut list = vec![other; count];
                list[place] = "[a]";
                calls.push(format!("{name}({})", list.join(", ")));
            }
        }
    }
    calls.sort();
    calls.dedup();
    calls
}

#[test]
fn no_function_takes_a_second_or_64_megabytes_for_a_megabyte() {
    let before = most_memory();
    let texts = ["x".repeat(1 << 20), "é,".repeat(1 << 18), "1".repeat(1 << 20), " \\,=".repeat(1 << 18)];
    for text in texts {
        let record = Record::new("1").with("a", text).with("list", vec![",".repeat(1 << 10); 100]);
        for function in functions() {
            for call in calls(function.name) {
                let Ok(expression) = Expression::parse(&call) else { continue };
                let started = Instant::now();
                let _ = evaluate(&expression, &record);
                assert!(started.elapsed() < Duration::from_secs(1), "{call}: {:?}", started.elapsed());
            }
        }
    }
    // The megabytes of the record itself are among them.
    if let (Some(before), Some(after)) = (before, most_memory()) {
        assert!(after - before < 64 << 20, "{} bytes", after - before);
    }
}

#[test]
fn patterns_that_explode_elsewhere_are_refused_or_searched_in_time() {
    let record = Record::new("1").with("a", "a".repeat(16 << 10) + "!").with("short", "a".repeat(4_000) + "!");
    for pattern in [
        "(a+)+$",
        "(a|a)*$",
        "(a*)*b",
        "((a*)*)*b",
        "(.*)(.*)(.*)(.*)b",
        "(?:a?){400}a{400}",
        "a{1,1000}{1,1000}",
        "(?:(?:(?:a{50}){50}){50}){50}",
        "\\\\w{200}\\\\d{200}\\\\s{200}",
        "(?:[^x]|\\\\p{L}){500}",
        "(((((((((((a)))))))))))*b",
    ] {
        for source in ["[a]", "[short]"] {
            let started = Instant::now();
            if let Ok(expression) = Expression::parse(&format!("Replace({source}, , \"{pattern}\", , \"$1x\", , )")) {
                let _ = evaluate(&expression, &record);
            }
            assert!(started.elapsed() < Duration::from_secs(1), "{pattern}: {:?}", started.elapsed());
        }
    }
}

#[test]
fn dates_outside_of_the_calendar_are_failures() {
    let record = Record::new("1").with("a", "99999-01-01").with("b", "0000-12-31").with("max", "9999-12-31 23:59:59");
    for text in [
        "CDate([a])",
        "CDate([b])",
        "DateAdd(\"s\", 1, [max])",
        "DateAdd(\"yyyy\", 9223372036854775807, [max])",
        "DateAdd(\"ww\", -9223372036854775808, [max])",
        "DateAdd(\"m\", -200000, [max])",
        "DateDiff(\"d\", [a], [max])",
        "NumFromDate(\"1600-12-31\")",
        "DateFromNum(9223372036854775807)",
        "DateFromNum(-1)",
        "FormatDateTime([a], , \"yyyyy-MM-dd\", \"yyyy\")",
        "FormatDateTime(\"9999-12-31T23-14:00\", , \"yyyy-MM-ddTHHzzz\", \"yyyy\")",
    ] {
        let expression = Expression::parse(text).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:#?}"));
        assert!(evaluate(&expression, &record).is_err(), "{text}");
    }
}
