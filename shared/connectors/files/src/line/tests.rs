//! The quick reader against the careful one.

use super::*;
use crate::pass::RowReader;
use crate::shape::ShapeReader;
use config::{FileFormat, FilesOptions, Proof, Semantics};
use proptest::prelude::*;

fn options() -> FilesOptions {
    FilesOptions {
        url: String::new(),
        format: FileFormat::JsonLines,
        key: "id".to_owned(),
        semantics: Semantics::Full,
        encoding: "utf-8".to_owned(),
        dates: [("day".to_owned(), "%Y-%m-%d".to_owned())].into(),
        empty: vec!["N/A".to_owned()],
        trim: true,
        proof: Proof::default(),
        page_size: 1,
    }
}

fn json() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        r#"[a-zA-Z "\\\\/,:{}\[\]]{0,20}"#.prop_map(|text| text),
        "[ a-zäöß\u{7f}\u{85}\u{202e}日\u{feff}]{0,12}",
        Just("N/A".to_owned()),
        Just("2026-02-29".to_owned()),
        Just("2026-01-05".to_owned()),
    ];
    let escaped = prop_oneof![Just(r"\u00fc"), Just(r"\ud83d\ude00"), Just(r"\ud83d"), Just(r"\n"), Just(r"\x")];
    let number = prop_oneof!["-?[0-9]{1,4}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{0,2})?", Just("1234.0".to_owned())];
    let leaf = prop_oneof![
        text.prop_map(|text| serde_json::to_string(&text).unwrap()),
        escaped.prop_map(|text| format!("\"a{text}b\"")),
        number,
        prop_oneof![Just("null"), Just("true"), Just("false"), Just("nul")].prop_map(str::to_owned),
    ];
    let name =
        prop_oneof![Just("a"), Just("b"), Just("a.b"), Just("day"), Just("id"), Just("ü"), Just(r#"q\"u"#), Just("")];
    let value = leaf.prop_recursive(3, 16, 4, move |inner| {
        let member = (name.clone(), inner.clone()).prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![
            proptest::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(" , "))),
            proptest::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    proptest::collection::vec(("id|a|b|day|manager|ü|a.b", value), 0..5).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!(r#"{{"id":"7",{}}}"#, members.join(",")).replace(",}", "}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_at_once_is_what_is_read_with_care(
        lines in proptest::collection::vec(json(), 1..6), broken in proptest::option::of((0..60_usize, any::<char>())),
    ) {
        let options = options();
        let reader = RowReader { options: &options, cleaning: Cleaning::of(&options) };
        let (mut quick, mut careful) = (RecordBuilder::new(), RecordBuilder::new());
        let mut shapes = ShapeReader::default();
        for mut line in lines {
            if let Some((at, character)) = broken {
                let at = (0..=at.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap();
                line.insert(at, character);
            }
            let reference = reader.record_of_json(&line, &mut careful);
            match shapes.record(line.clone(), &reader.cleaning, &mut quick) {
                Ok(record) => prop_assert!(reference.is_ok_and(|reference| reference == record), "{line}"),
                // What is left to the careful way leaves its names to the quick one.
                Err(line) => drop(reader.record_of_json(&line, &mut quick)),
            }
        }
    }
}

#[test]
fn a_line_of_very_many_objects_is_left_to_the_careful_way() {
    let options = options();
    let cleaning = Cleaning::of(&options);
    let line = |count: usize| {
        let objects: Vec<String> = (0..count).map(|number| format!("\"a{number}\":{{}}")).collect();
        format!("{{\"id\":\"7\",{}}}", objects.join(","))
    };
    let mut builder = RecordBuilder::new();
    assert!(record(&line(64), &cleaning, &mut builder, &mut Vec::new()).is_some());
    assert!(record(&line(65), &cleaning, &mut builder, &mut Vec::new()).is_none());
}

/// Lines of one shape, all of whose values differ.
fn alike() -> impl Strategy<Value = Vec<String>> {
    let value = || {
        prop_oneof![
            "[a-zA-Z0-9 ]{0,20}".prop_map(|text| format!("\"{text}\"")),
            "[ a-zäöß\u{85}日]{0,12}".prop_map(|text| format!("\"{text}\"")),
            prop_oneof![
                Just(r#""N/A""#),
                Just(r#""2026-01-05""#),
                Just("null"),
                Just("true"),
                Just("-1.5e3"),
                Just("01"),
                Just("{}"),
                Just(r#"{"x":1}"#),
                Just(r#"["a"," b ",""]"#),
                Just("[ ]"),
                Just(r#""a\u00fcb""#),
                Just(r#""7"#),
            ]
            .prop_map(str::to_owned),
        ]
    };
    proptest::collection::vec((value(), value(), value(), value()), 2..12).prop_map(|rows| {
        let line = |(id, day, city, rest)| {
            format!(r#"{{ "id":{id},"none":{{}}, "day" : {day},"site":{{"city":{city},"deep":{{"rest":{rest}}}}} }}"#)
        };
        rows.into_iter().map(line).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn lines_of_one_shape_are_read_as_each_would_be_alone(lines in alike()) {
        let options = options();
        let reader = RowReader { options: &options, cleaning: Cleaning::of(&options) };
        let (mut quick, mut shapes) = (RecordBuilder::new(), ShapeReader::default());
        for line in lines {
            let reference = reader.record_of_json(&line, &mut RecordBuilder::new());
            match shapes.record(line.clone(), &reader.cleaning, &mut quick) {
                Ok(record) => {
                    let same = |reference: Record| reference == record && reference.key == record.key;
                    prop_assert!(reference.is_ok_and(same), "{line}");
                }
                Err(line) => drop(reader.record_of_json(&line, &mut quick)),
            }
        }
    }
}

#[test]
fn a_line_that_is_cut_off_or_goes_on_has_another_shape() {
    let options = options();
    let cleaning = Cleaning::of(&options);
    let (mut builder, mut shapes) = (RecordBuilder::new(), ShapeReader::default());
    let whole = r#"{"id":"7","a":{"b":"x"}}"#;
    for _ in 0..3 {
        assert!(shapes.record(whole.to_owned(), &cleaning, &mut builder).is_ok());
    }
    for end in 0..whole.len() {
        assert!(shapes.record(whole[..end].to_owned(), &cleaning, &mut builder).is_err(), "{end}");
    }
    for odd in ["}", ",", "{\"id\":\"8\"}", " x"] {
        assert!(shapes.record(format!("{whole}{odd}"), &cleaning, &mut builder).is_err(), "{odd}");
    }
    assert!(shapes.record(r#"{"id":" ","a":{"b":"x"}}"#.to_owned(), &cleaning, &mut builder).is_err());
}

#[test]
fn lines_that_all_differ_are_read_too() {
    let options = options();
    let cleaning = Cleaning::of(&options);
    let (mut builder, mut shapes) = (RecordBuilder::new(), ShapeReader::default());
    for number in 0..300 {
        let line = format!(r#"{{"id":"{number}","a{}":"x","b":"y"}}"#, number % 7);
        let record = shapes.record(line, &cleaning, &mut builder).unwrap();
        assert!(record.key.as_str() == number.to_string() && record.attributes.len() == 3);
    }
}
