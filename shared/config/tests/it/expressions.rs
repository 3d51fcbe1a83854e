//! Mistakes inside expressions stand at their own line and column.

use crate::example::{changed, only_mistake};

/// Line and column of the only mistake when `written` is the whole expression line of `displayName`.
fn place(written: &str) -> (usize, usize) {
    let shown = only_mistake(&changed(r#"expression = 'Join(" ", [First], [Last])'"#, written));
    let mut parts = shown.split(':').skip(1).map(|part| part.parse().expect("a number"));
    (parts.next().expect("a line"), parts.next().expect("a column"))
}

#[test]
fn a_mistake_in_a_literal_string_is_found_where_it_stands() {
    assert_eq!(place(r"expression = 'Trim(Upcase([First]))'"), (44, 20));
}

#[test]
fn a_mistake_behind_escapes_is_found_where_it_stands() {
    assert_eq!(place(r#"expression = "Join(\" \u00e9\", Upcase([First]))""#), (44, 33));
}

#[test]
fn a_mistake_in_a_string_of_several_lines_is_found_in_its_line() {
    assert_eq!(place("expression = '''\nJoin(\" \",\n  [First], Upcase([Last]))'''"), (46, 12));
    assert_eq!(place("expression = \"\"\"Join(\\\"-\\\", \\\n   [First],\n   Upcase([Last]))\"\"\""), (46, 4));
}
