//! Source attributes that pick one of several values, as SCIM writes them: `emails[type eq "work"].value`. A column has no
//! brackets in its name, for `[` and `]` are what stands around a name in an expression.

/// The text of an expression with such attributes as columns: `[emails[type eq "work"].value]` is `[emails.work.value]`.
/// `None` where there is none.
pub(crate) fn in_expression(text: &str) -> Option<String> {
    let mut changed = String::with_capacity(text.len());
    let (mut rest, mut any) = (text, false);
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => quoted(rest),
            '[' => {
                let length = bracketed(rest);
                let name = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
                if let Some(column) = name_of(name) {
                    changed.push('[');
                    changed.push_str(&column);
                    changed.push(']');
                    (rest, any) = (&rest[length..], true);
                    continue;
                }
                length
            }
            c => c.len_utf8(),
        };
        changed.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    any.then_some(changed)
}

/// The column of an attribute that picks one of several values; `None` for any other name.
pub(crate) fn name_of(name: &str) -> Option<String> {
    let (list, rest) = name.split_once('[')?;
    let (condition, rest) = rest.split_once(']')?;
    let (key, value) = condition.split_once(" eq ")?;
    let value = value.trim().trim_matches('"');
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if !plain(key.trim()) || !plain(value) || rest.contains(['[', ']']) || list.is_empty() {
        return None;
    }
    Some(format!("{list}.{value}{rest}"))
}

/// Bytes of the quoted text that this begins with.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return index + 1,
            c => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

/// Bytes of the attribute that this begins with, brackets inside it included.
fn bracketed(text: &str) -> usize {
    let mut depth = 0_usize;
    for (index, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_picks_one_of_several_values_becomes_a_column() {
        let text = r#"Join(" [a[", [emails[type eq "work"].value], [b], [addresses[type eq "home"]])"#;
        let expected = r#"Join(" [a[", [emails.work.value], [b], [addresses.home])"#;
        assert_eq!(in_expression(text).as_deref(), Some(expected));
        for text in ["", "[a]", "Trim([a[b]])", "[[[", "\"[x[type eq \\\"y\\\"]\"", "[a[x eq \"]\"]]", "ö["] {
            assert_eq!(in_expression(text), None, "{text}");
        }
    }
}
