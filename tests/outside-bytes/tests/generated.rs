//! Documents made at random: those of the corpus cut, doubled, spliced and with pieces put in, and bytes of any kind.

use crate::corpus::files;
use outside_bytes::{Target, VALUE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Pieces that mean something to one parser or another.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\r\n",
    b"\t",
    b"\0",
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b":",
    b"=",
    b"'",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf0\x9f\xa6\x80",
    b"\xe2\x80\xae",
    b"\xcc\x81",
    b"\"\"",
    b"'''",
    b"\"\"\"",
    b"[[",
    b"]]",
    b"#",
    b"\\u0000",
    b"\\ud800",
    b"\\udc00",
    b"\\ud83e\\udd80",
    b"\\x",
    b"null",
    b"true",
    b"false",
    b"0",
    b"-1",
    b"1e999",
    b"-0.0",
    b"1e-999",
    b"18446744073709551616",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"0x",
    b"&HFF",
    b"00",
    b"9999-12-31",
    b"0000-00-00",
    b"2026-02-30",
    b"-9999-01-01T00:00:00Z",
    b"+262143-01-01",
    b"24:00:60",
    b"+25:00",
    b"%",
    b"$1",
    b"${a}",
    b"(?<a>",
    b".*",
    b"\\b",
    b"id",
    b"a",
    b"b",
    b"T",
    b"N/A",
    b"Trim(",
    b"[a]",
    b"[list]",
    b"Now()",
    b"IgnoreAttributeFlow",
    b"zoe@x.example",
    b"\"id\":\"1\"",
    b"{}",
    b"[]",
    b"../",
    b"s3://",
    b"@odata.nextLink",
];

/// One change to a document.
#[derive(Clone, Debug)]
enum Edit {
    /// A piece is put in.
    Piece(Index, Vec<u8>),
    /// A part is taken out.
    Without(Index, usize),
    /// A part is written again behind itself.
    Doubled(Index, usize, usize),
    /// A bit is turned.
    Turned(Index, u8),
    /// All that follows is dropped.
    Cut(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let piece = prop_oneof![
        4 => select(PIECES).prop_map(<[u8]>::to_vec),
        1 => Just(VALUE.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..6),
        1 => "\\PC{1,6}".prop_map(String::into_bytes),
    ];
    prop_oneof![
        6 => (any::<Index>(), piece).prop_map(|(at, piece)| Edit::Piece(at, piece)),
        2 => (any::<Index>(), 1_usize..40).prop_map(|(at, length)| Edit::Without(at, length)),
        2 => (any::<Index>(), 1_usize..60, 1_usize..20).prop_map(|(at, length, times)| Edit::Doubled(at, length, times)),
        2 => (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Edit::Turned(at, bit)),
        1 => any::<Index>().prop_map(Edit::Cut),
    ]
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match self {
            Self::Piece(at, piece) => {
                let at = place(at);
                bytes.splice(at..at, piece.iter().copied());
            }
            Self::Without(at, length) => {
                let at = place(at);
                bytes.drain(at..bytes.len().min(at + length));
            }
            Self::Doubled(at, length, times) => {
                let at = place(at);
                let part = bytes[at..bytes.len().min(at + length)].repeat(*times);
                bytes.splice(at..at, part);
            }
            Self::Turned(at, bit) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            Self::Cut(at) => bytes.truncate(place(at)),
        }
    }
}

/// Documents for a function.
fn documents(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let corpus: Vec<Vec<u8>> =
        files(target).into_iter().map(|(_, bytes)| bytes).filter(|one| one.len() < 3_000).collect();
    let spliced = (select(corpus.clone()), any::<Index>(), select(corpus.clone()), any::<Index>()).prop_map(
        |(one, first, other, second)| {
            [&one[..first.index(one.len() + 1)], &other[second.index(other.len() + 1)..]].concat()
        },
    );
    let base = prop_oneof![4 => select(corpus), 2 => spliced];
    let edited = (base, vec(edit(), 0..6)).prop_map(|(mut bytes, edits)| {
        for edit in edits {
            edit.apply(&mut bytes);
        }
        bytes
    });
    let pieces = (any::<[u8; 2]>(), vec(select(PIECES), 0..40))
        .prop_map(|(first, pieces)| [&first[..], &pieces.concat()].concat());
    prop_oneof![8 => edited, 1 => pieces, 1 => vec(any::<u8>(), 0..200)]
}

fn keeps_the_rules(name: &str, target: Target) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(bytes in documents(name))| target(&bytes));
}

macro_rules! keep_the_rules {
    ($($target:ident: $rule:ident,)*) => {$(
        #[test]
        fn $rule() {
            keeps_the_rules(stringify!($target), outside_bytes::$target);
        }
    )*};
}

keep_the_rules! {
    csv: csv_files_of_all_kinds_keep_the_rules,
    json_lines: json_lines_of_all_kinds_keep_the_rules,
    expression: expressions_of_all_kinds_keep_the_rules,
    configuration: configurations_of_all_kinds_keep_the_rules,
    graph: answers_of_all_kinds_keep_the_rules,
    message: messages_of_all_kinds_keep_the_rules,
    stored: objects_of_all_kinds_keep_the_rules,
    item: items_of_all_kinds_keep_the_rules,
}
