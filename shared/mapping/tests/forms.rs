//! What is known beforehand takes a shorter way: an attribute, a constant, a condition, a number, a date, a chain of
//! functions. `Coalesce` around a value gives the same value by the long way, so that both ways can be compared.

use jiff::Timestamp;
use mapping::{Context, Expression, Flow, FlowRef, Mapping, Offer, Outcome};
use proptest::prelude::*;
use record::Record;

/// Expressions with `<` and `>` around what may be taken the long way.
const FORMS: [&str; 32] = [
    r#"Join(<"-">, <[a]>, <[list]>, <"x">, <[b]>)"#,
    "Join(<[b]>, <ToUpper(<[a]>)>, <[a]>)",
    "ToLower(<NormalizeDiacritics(<StripSpaces(<Trim(<[a]>)>)>)>)",
    "ToUpper(<NormalizeDiacritics(<StripSpaces(<[list]>)>)>)",
    "Trim(<Append(<[a]>, <[b]>)>)",
    "Trim(<StripSpaces(<[list]>)>)",
    r#"Item(<[list]>, <"1">)"#,
    "Item(<[a]>, <[number]>)",
    "Item(<[list]>, <[number]>)",
    "Mid(<[a]>, <[number]>, <2>)",
    "Left(<[a]>, <Count(<[list]>)>)",
    r#"Switch(<[a]>, <"other">, <"">, <"empty">, <[b]>, <"same">, <"x y">, <[list]>)"#,
    r#"IIF(<[a]>, <[b]>, <"no">)"#,
    "IIF(<IsPresent(<[a]>)>, <[a]>, <IsNullOrEmpty(<[list]>)>)",
    r#"IIF(<IsNull(<[list]>)>, "x", <Not(<IsString(<[list]>)>)>)"#,
    "CBool(<[number]> > <Count(<[list]>)>)",
    r#"IIF(<Count(<[list]>)> = 2, "two", <BitAnd(<[number]>, <"&HFF">)>)"#,
    "CBool(<[a]> <> <[b]>)",
    r#"CBool(<Count(<[list]>)> = <"2">)"#,
    "IIF(<CBool(<[a]>)>, <[b]>, <CBool(<[number]>)>)",
    r#"DateDiff(<"d">, <Now()>, <CDate(<[date]>)>)"#,
    r#"DateDiff("m", <CDate(<[date]>)>, <[date]>)"#,
    r#"IIF(<DateDiff("s", <CDate(<[date]>)>, <Now()>)> <= 0, "early", <CDate(<[date]>)>)"#,
    r#"CBool(<DateDiff("ww", <Now()>, <CDate(<[date]>)>)> <> <[number]>)"#,
    r#"CDate(<DateAdd("m", <[number]>, <CDate(<[date]>)>)>)"#,
    r#"NumFromDate(<DateAdd("h", <1>, <[date]>)>)"#,
    r#"FormatDateTime(<CDate(<[date]>)>, , "M/d/yyyy h:mm:ss tt", "yyyy-MM-ddTHH:mm:ssZ")"#,
    r#"FormatDateTime(<[date]>, , <"yyyy-MM-dd">, <"'on' dd.MM.yyyy">)"#,
    r#"Replace(<[a]>, <"x">, , , <[b]>, , )"#,
    r#"Replace(<[a]>, , <"[^0-9x]">, , <"">, , )"#,
    r#"IgnoreFlowIfNullOrEmpty(<Replace(<[b]>, , <"[ a-f]">, , <"-">, , )>)"#,
    r#"SelectUniqueValue(<[a]>, <[list]>, <[b]>, "z")"#,
];

/// The form with each place taken the long way where its bit says so.
fn spelt(form: &str, long: u64) -> String {
    let (mut output, mut open, mut place) = (String::new(), Vec::new(), 0);
    let chars: Vec<char> = form.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        // A sign of comparison stands between blanks or before another sign.
        let sign = chars.get(at + 1).is_none_or(|next| matches!(next, ' ' | '=')) && at > 0 && chars[at - 1] == ' '
            || chars[at..].starts_with(&['<', '>', ' '])
            || at > 0 && chars[at - 1..].starts_with(&['<', '>', ' ']);
        match c {
            '<' if !sign => {
                let long = long >> (place % 64) & 1 == 1;
                place += 1;
                open.push(long);
                output.push_str(if long { "Coalesce(" } else { "" });
            }
            '>' if !sign => output.push_str(if open.pop() == Some(true) { ")" } else { "" }),
            other => output.push(*other),
        }
    }
    output
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("x y".to_owned()),
        Just("True".to_owned()),
        "[ a-fxA-F0-9ëÜłé\u{308}]{0,10}",
        "\\PC{0,6}",
    ]
}

fn dates() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]",
        2 => "[0-9]{4}-0[1-9]-1[0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9].[0-9]{1,9}(Z|-0[0-9]:00)",
        1 => texts(),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    let optional = |strategy: BoxedStrategy<String>| prop::option::weighted(0.85, strategy);
    let number = (-3_i64..40).prop_map(|number| number.to_string());
    (
        optional(texts().boxed()),
        optional(texts().boxed()),
        optional(number.boxed()),
        optional(dates().boxed()),
        prop::option::of(prop::collection::vec(texts(), 0..4)),
    )
        .prop_map(|(a, b, number, date, list)| {
            let mut record = Record::new("1");
            for (name, value) in [("a", a), ("b", b), ("number", number), ("date", date)] {
                if let Some(value) = value {
                    record = record.with(name, value);
                }
            }
            if let Some(list) = list { record.with("list", list) } else { record }
        })
}

/// What comes of an expression; of an error everything but the position, which differs.
fn outcome(text: &str, record: &Record, now: Timestamp) -> Result<Outcome, String> {
    let expression = Expression::parse(text).expect("every form is an expression");
    let context = Context { record, now, seed: b"seed", default_domain: None };
    expression.evaluate(&context).map_err(|error| {
        let text = error.to_string();
        format!("{} {}", error.function(), text.split_once(": ").map_or("", |(_, what)| what))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_short_way_gives_what_the_long_way_gives(
        record in record(),
        second in -70_000_000_000_i64..4_000_000_000,
        nanosecond in 0_i32..1_000_000_000,
        some: u64,
    ) {
        let now = Timestamp::new(second, nanosecond).unwrap();
        for form in FORMS {
            let long = outcome(&spelt(form, u64::MAX), &record, now);
            for ways in [0, some] {
                let text = spelt(form, ways);
                prop_assert!(outcome(&text, &record, now) == long, "{text}");
            }
        }
    }

    #[test]
    fn a_mapping_says_the_same_borrowed_and_owned(record in record(), clear: bool, default in prop::option::of(texts())) {
        let context = Context { record: &record, now: Timestamp::UNIX_EPOCH, seed: b"", default_domain: None };
        for text in ["[a]", "[list]", "[no]", "Coalesce([a])", "Coalesce([list])", r#""x""#, r#""""#] {
            let mapping = Mapping {
                target: "department".to_owned(),
                expression: Expression::parse(text).unwrap(),
                default: default.clone().map(Into::into),
                apply: mapping::Apply::Always,
                clear,
                line: 1,
            };
            let borrowed = mapping.evaluate_ref(&context, Offer::First).map(FlowRef::into_flow).unwrap();
            prop_assert!(borrowed == mapping.evaluate(&context).unwrap());
            if text == "Coalesce([a])" {
                let direct = Mapping { expression: Expression::parse("[a]").unwrap(), ..mapping };
                prop_assert!(borrowed == direct.evaluate(&context).unwrap());
                prop_assert!(borrowed != Flow::Set("".into()));
            }
        }
    }
}
