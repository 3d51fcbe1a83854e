//! Texts of unusual size and content: each is read in a time that grows with its size and no faster.

use outside_bytes::TARGETS;
use std::time::{Duration, Instant};

/// Far more than any of them takes, far less than one takes that grows with the square of its size.
const LONGEST: Duration = Duration::from_secs(10);

/// What has to stand before a text so that it is taken for a file, a page of users, a batch of replies and so on.
fn beginnings(target: &str) -> &'static [&'static [u8]] {
    match target {
        "csv" | "json_lines" => &[b"F_"],
        "graph" => &[b"@P\n", b"AP\n", b"BP\n"],
        "stored" => &[b"@", b"A", b"E"],
        "item" => &[b"@", b"C"],
        _ => &[b""],
    }
}

fn within_bounds(text: &[u8]) {
    for (name, target) in TARGETS {
        for beginning in beginnings(name) {
            let bytes = [beginning, text].concat();
            let started = Instant::now();
            target(&bytes);
            let taken = started.elapsed();
            let begin = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
            assert!(taken < LONGEST, "{name} took {taken:?} for {} bytes: {begin:?}", text.len());
            if taken > Duration::from_millis(300) {}
        }
    }
}

#[test]
fn a_text_of_a_megabyte_is_no_trouble() {
    for (text, length) in [("x", 1_000_000), ("\"", 1_000_000), ("a", 1_100_000)] {
        within_bounds(text.repeat(length).as_bytes());
    }
    for text in [" ", "\n", "\r", "'", ",", "\\", "=", "a=", "=\n", "\0", "ä", "[", "{", "#", "a.", "%", "1"] {
        within_bounds(text.repeat(20_000 / text.len()).as_bytes());
    }
}

#[test]
fn ten_thousand_levels_are_no_trouble() {
    for (open, close) in
        [("[", "]"), ("{\"a\":", "}"), ("Trim(", ")"), ("(", ")"), ("a={b=", "}"), ("[[", "]]"), ("[a.", "]")]
    {
        within_bounds(open.repeat(10_000).as_bytes());
        within_bounds(format!("{}1{}", open.repeat(10_000), close.repeat(10_000)).as_bytes());
        within_bounds(format!("a={}1{}", open.repeat(10_000), close.repeat(10_000)).as_bytes());
    }
}

#[test]
fn ten_thousand_members_are_no_trouble() {
    for count in [4_090, 12_000] {
        let list = |one: &dyn Fn(usize) -> String, by: &str| (0..count).map(one).collect::<Vec<_>>().join(by);
        within_bounds(format!("{{\"id\":\"1\",{}}}\n", list(&|n| format!("\"a{n}\":{{}}"), ",")).as_bytes());
        within_bounds(format!("{{\"id\":\"1\",{}}}\n", list(&|n| format!("\"a{n}\":1"), ",")).as_bytes());
        within_bounds(format!("{{\"id\":\"1\",\"a\":[{}]}}\n", list(&|n| format!("\"{n}\""), ",")).as_bytes());
        within_bounds(format!("id,{}\n1\n", list(&|n| format!("a{n}"), ",")).as_bytes());
        within_bounds(list(&|n| format!("a{n} = {n}"), "\n").as_bytes());
        within_bounds(list(&|n| format!("[jobs.a{n}]"), "\n").as_bytes());
        within_bounds(
            format!("{{\"responses\":[{}]}}", list(&|n| format!("{{\"id\":\"{}\",\"status\":200}}", n % 9), ","))
                .as_bytes(),
        );
        within_bounds(format!("{{\"value\":[{}]}}", list(&|n| format!("{{\"id\":\"{n}\"}}"), ",")).as_bytes());
    }
}

#[test]
fn odd_bytes_and_numbers_are_no_trouble() {
    let odd: [&[u8]; 14] = [
        b"",
        b"\0",
        b"\xff\xff\xff",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\xef\xbb\xbfid\n1\n",
        b"\xff\xfei\0d\0",
        b"{\"id\":\"\\ud800\"}\n",
        b"{\"id\":\"\\udc00\\ud800\",\"a\":1e999}\n",
        b"{\"id\":1e999,\"status\":-1e999,\"expires_in\":1e308}\n",
        b"{\"expires_in\":\"-9223372036854775808\",\"access_token\":\"x\"}",
        b"[a]\nb = 1e999\nc = 9999-99-99\nd = 0b2\ne = nan\n",
        b"DateAdd(\"yyyy\", 9223372036854775807, \"9999-12-31\")",
        b"FormatDateTime(\"0000-00-00\", , \"yyyy-MM-dd\", \"yyyy\")",
        b"Mid([a], -9223372036854775808, 9223372036854775807)\xff\xf0\x9f\xa6\x80",
    ];
    for text in odd {
        within_bounds(text);
    }
}
