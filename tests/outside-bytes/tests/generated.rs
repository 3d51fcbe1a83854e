//! Documents made of the examples: cut, doubled, spliced, with bytes exchanged; and bytes that mean nothing.

use super::examples;
use flate2::Compression;
use flate2::write::GzEncoder;
use outside_bytes::Check;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::fmt;
use std::io::Write;

/// One way to break a document. Places are shares of its length, in thousandths.
#[derive(Clone, Debug)]
enum Break {
    Cut(usize),
    Drop(usize, usize),
    Double(usize, usize),
    Put(usize, Vec<u8>),
    Flip(usize, u8),
}

fn breaks() -> impl Strategy<Value = Break> {
    let place = 0_usize..=1000;
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..4),
        proptest::sample::select(vec![
            "\"",
            "'",
            "\n",
            "\r\n",
            ",",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "\\",
            "\\ud800",
            "\0",
            "\u{feff}",
            "=",
            "#",
            "null",
            "1e999",
            "-1",
            "9999999999999999999",
            "\u{0}",
            "é",
            "😀",
            "\"\"",
            "Join(",
            "IIF(",
            "[[",
            "]]",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        place.clone().prop_map(Break::Cut),
        (place.clone(), 0_usize..40).prop_map(|(at, length)| Break::Drop(at, length)),
        (place.clone(), 0_usize..200).prop_map(|(at, length)| Break::Double(at, length)),
        (place.clone(), piece).prop_map(|(at, piece)| Break::Put(at, piece)),
        (place, any::<u8>()).prop_map(|(at, byte)| Break::Flip(at, byte)),
    ]
}

/// Bytes that a failed test prints as text.
#[derive(Clone)]
struct Document(Vec<u8>);

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

fn broken(mut bytes: Vec<u8>, breaks: &[Break]) -> Vec<u8> {
    for one in breaks {
        let at = |share: usize| bytes.len() * share / 1000;
        match one {
            Break::Cut(share) => bytes.truncate(at(*share)),
            Break::Drop(share, length) => {
                let from = at(*share);
                bytes.drain(from..(from + length).min(bytes.len()));
            }
            Break::Double(share, length) => {
                let from = at(*share);
                let piece = bytes[from..(from + length).min(bytes.len())].to_vec();
                bytes.splice(from..from, piece);
            }
            Break::Put(share, piece) => {
                let from = at(*share);
                bytes.splice(from..from, piece.iter().copied());
            }
            Break::Flip(share, byte) => {
                let from = at(*share);
                if let Some(place) = bytes.get_mut(from) {
                    *place ^= byte;
                }
            }
        }
    }
    bytes
}

/// Two examples, one after the other or alone, broken a few times; now and then anything at all.
fn documents(name: &str) -> impl Strategy<Value = Document> + use<> {
    let all: Vec<Vec<u8>> = examples(name).into_iter().map(|(_, bytes)| bytes).collect();
    let one = proptest::sample::select(all.clone());
    let other = prop_oneof![3 => Just(Vec::new()), 1 => proptest::sample::select(all)];
    let made = (one, other, proptest::collection::vec(breaks(), 0..5)).prop_map(|(mut one, other, breaks)| {
        one.extend(other);
        broken(one, &breaks)
    });
    prop_oneof![8 => made, 1 => proptest::collection::vec(any::<u8>(), 0..200)].prop_map(Document)
}

fn holds(name: &str, check: Check) {
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() });
    let tried = runner.run(&documents(name), |Document(bytes)| {
        check(&bytes);
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn csv_is_read_the_same_in_any_pieces() {
    holds("csv", outside_bytes::csv);
}

#[test]
fn json_lines_are_read_the_same_in_any_pieces() {
    holds("json_lines", outside_bytes::json_lines);
}

#[test]
fn an_expression_means_one_thing_or_has_mistakes_with_a_place() {
    holds("expression", outside_bytes::expression);
}

#[test]
fn a_configuration_is_taken_or_has_mistakes_with_a_place() {
    holds("configuration", outside_bytes::configuration);
}

#[test]
fn a_reply_of_graph_says_no_more_than_it_says() {
    holds("graph_reply", outside_bytes::graph_reply);
}

#[test]
fn a_message_is_read_or_refused_without_a_word_of_it() {
    holds("message", outside_bytes::message);
}

#[test]
fn a_damaged_object_is_an_error() {
    holds("packed", outside_bytes::packed);
}

#[test]
fn a_damaged_manifest_is_an_error() {
    holds("manifest", outside_bytes::manifest);
}

/// Bytes that are exchanged in a compressed object seldom reach the parser: here they are broken before they are packed.
#[test]
fn an_object_whose_content_is_broken_is_an_error() {
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() });
    let texts: Vec<Vec<u8>> = examples("packed").into_iter().filter_map(|(_, bytes)| unpacked(&bytes)).collect();
    let document = (proptest::sample::select(texts), proptest::collection::vec(breaks(), 0..5));
    let tried = runner.run(&document, |(text, breaks)| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&broken(text, &breaks)).unwrap();
        outside_bytes::packed(&packer.finish().unwrap());
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes), &mut text).ok()?;
    Some(text)
}
