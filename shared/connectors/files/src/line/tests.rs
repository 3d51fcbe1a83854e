//! The quick reader against the careful one.

use super::*;
use crate::pass::RowReader;
use config::{FileFormat, FilesOptions, Proof, Semantics};
use proptest::prelude::*;

#[test]
fn a_number_is_one_by_the_grammar_of_json() {
    for (text, length) in [("0", 1), ("-1.50,", 5), ("12e+3}", 5), ("1.0E7", 5), ("10", 2)] {
        assert_eq!(number(text.as_bytes()), Some(length), "{text}");
    }
    for text in ["", "-", "01", "1.", ".5", "1e", "+1", "x"] {
        assert_eq!(number(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn the_first_special_byte_of_eight_is_found() {
    for byte in 0..=255_u8 {
        for place in 0..8 {
            let mut eight = *b"plain tx";
            eight[place] = byte;
            let plain = matches!(byte, 0x20..0x7f) && !matches!(byte, b'"' | b'\\');
            let found = special(u64::from_le_bytes(eight));
            assert_eq!((found == 0, found.trailing_zeros() as usize / 8), (plain, if plain { 8 } else { place }));
        }
    }
}

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
        for mut line in lines {
            if let Some((at, character)) = broken {
                let at = (0..=at.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap();
                line.insert(at, character);
            }
            let reference = reader.record_of_json(&line, &mut careful);
            match record(&line, &reader.cleaning, &mut quick) {
                Some(record) => prop_assert!(reference.is_ok_and(|reference| reference == record), "{line}"),
                // What is left to the careful way leaves its names to the quick one.
                None => drop(reader.record_of_json(&line, &mut quick)),
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
    assert!(record(&line(64), &cleaning, &mut builder).is_some());
    assert!(record(&line(65), &cleaning, &mut builder).is_none());
}
