//! What is made to hurt: very long, very deep, very many.

use std::fmt::Write;
use std::time::{Duration, Instant};

/// Nothing of one megabyte may take longer, in a build without optimisation on a busy machine. It is a bound against what
/// grows with the square, not a measure.
const LONGEST: Duration = Duration::from_secs(20);

fn quickly(what: &str, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    assert!(begun.elapsed() < LONGEST, "{what} took {:?}", begun.elapsed());
}

fn many(text: &str, times: usize) -> String {
    text.repeat(times)
}

#[test]
fn ten_thousand_nested_calls_are_refused_or_taken_in_no_time() {
    for text in ["Join(", "Not(", "(", "[", "IIF(", "\"", "Replace([a], , "] {
        quickly(text, || outside_bytes::expression(many(text, 10_000).as_bytes()));
        quickly(text, || outside_bytes::expression(many(text, 9_999 / text.len()).as_bytes()));
    }
    let nested = format!("{}[firstName]{}", many("Trim(", 1_600), many(")", 1_600));
    quickly("nested", || outside_bytes::expression(nested.as_bytes()));
}

#[test]
fn a_pattern_that_explodes_elsewhere_takes_linear_time_here() {
    let long = many("a", 4_000);
    for pattern in ["(a+)+$", "(a|aa)+$", "(.*)*x", "(a*)*b", "((a{1,50}){1,50}){1,50}"] {
        let text = format!("Replace(\"{long}!\", , \"{pattern}\", , \"y\", , )");
        quickly(pattern, || outside_bytes::expression(text.as_bytes()));
    }
}

#[test]
fn one_megabyte_of_anything_is_taken() {
    for (name, check) in outside_bytes::ALL {
        for piece in ["a", "\"", "\n", ",", "{", "[", "\0", "\u{feff}", "é"] {
            let document = many(piece, (1 << 20) / piece.len());
            quickly(name, || check(document.as_bytes()));
        }
    }
}

#[test]
fn a_field_of_one_megabyte_is_read_or_rejected() {
    let long = many("x", 1 << 20);
    quickly("csv", || outside_bytes::csv(format!("id,name\n1,\"{long}\"\n2,b\n").as_bytes()));
    quickly("json", || outside_bytes::json_lines(format!("{{\"id\":\"1\",\"name\":\"{long}\"}}\n").as_bytes()));
    quickly("name", || outside_bytes::json_lines(format!("{{\"id\":\"1\",\"{long}\":1}}\n").as_bytes()));
}

#[test]
fn a_hundred_thousand_columns_are_read_or_rejected() {
    let mut header = "id".to_owned();
    for column in 0..100_000 {
        let _ = write!(header, ",c{column}");
    }
    quickly("csv", || outside_bytes::csv(format!("{header}\n1\n").as_bytes()));
    let commas = many(",", 100_000);
    quickly("csv", || outside_bytes::csv(format!("{header}\n1{commas}\n").as_bytes()));
}
