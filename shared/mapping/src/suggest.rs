//! Finds the known name that was probably meant.

/// The name nearest to `wanted`, when one is near enough to be a slip.
pub(crate) fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let folded = wanted.to_lowercase();
    let limit = (wanted.chars().count() / 3).clamp(1, 3);
    // A name that long is no slip, and the comparison takes time in the square of the length.
    if folded.len() > 64 {
        return None;
    }
    names
        .map(|name| (distance(&folded, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters have to be added, left out or changed to make one of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, b) in right.iter().enumerate() {
            let above = row[column + 1];
            row[column + 1] = (diagonal + usize::from(a != *b)).min(above + 1).min(row[column] + 1);
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_something_else_finds_none() {
        let names = ["ToLower", "ToUpper", "StripSpaces", "IIF"];
        assert_eq!(nearest("toLower", names.into_iter()), Some("ToLower"));
        assert_eq!(nearest("StripSpace", names.into_iter()), Some("StripSpaces"));
        assert_eq!(nearest("If", names.into_iter()), Some("IIF"));
        assert_eq!(nearest("Encrypt", names.into_iter()), None);
    }
}
