//! The catalogue of what happens to people at work: what every set of rules has to have an answer to.

/// The scenarios: their word, and what happens.
pub(crate) const SCENARIOS: [(&str, &str); 16] = [
    ("joiner", "somebody begins to work today"),
    ("pre-hire", "HR knows a person before the first day"),
    ("no-show", "a hire is cancelled before or on the first day"),
    ("rehire-same-id", "somebody comes back under the old worker id"),
    ("rehire-new-id", "somebody comes back under another worker id"),
    ("conversion", "a contractor becomes an employee, or the other way round"),
    ("second-job", "somebody holds two jobs at once"),
    ("leave-and-return", "somebody goes on leave and comes back"),
    ("transfer", "somebody moves to another legal entity, country or department"),
    ("back-dated-termination", "HR enters a termination after its day"),
    ("future-termination", "the last day of work is known beforehand"),
    ("rescinded-termination", "HR takes a termination back"),
    ("name-change", "somebody has another name"),
    ("legal-hold", "an account must not be touched, whatever HR says"),
    ("manager-change", "somebody reports to somebody else"),
    ("leaver", "somebody leaves today"),
];
