//! The name that was probably meant.

/// The candidate that differs least from `name`, if the difference looks like a slip.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    let allowed = (length / 3).max(1);
    candidates
        .into_iter()
        // The difference is never less than that of the lengths, which costs nothing to know.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

/// What to tell somebody who wrote `name`: the nearest of the known names, or all of them where they are few.
pub(crate) fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(name, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    if known.is_empty() || known.len() > 20 { None } else { Some(format!("known are {}", known.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_another_word_finds_none() {
        let known = ["userPrincipalName", "department", "jobTitle"];
        assert_eq!(nearest("userPrincipleName", known), Some("userPrincipalName"));
        assert_eq!(nearest("JobTitel", known), Some("jobTitle"));
        assert_eq!(nearest("Department", known), Some("department"));
        assert_eq!(nearest("costCentre", known), None);
    }

    #[test]
    fn names_are_listed_only_where_none_is_near_and_they_are_few() {
        assert_eq!(suggest("xml", ["csv", "json-lines"]).as_deref(), Some("known are csv, json-lines"));
        assert_eq!(suggest("cvs", ["csv", "json-lines"]).as_deref(), Some("did you mean `csv`?"));
        assert_eq!(suggest("x", []), None);
    }
}
