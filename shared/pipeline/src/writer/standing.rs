//! Whether a change is still to be sent: the link tells.

use planning::{Change, Link, Mark, Read, Status};

/// Where a change stands.
pub(super) enum Standing {
    /// To be sent, or sent without an answer.
    Open,
    /// Done by an earlier try.
    Done,
    /// An earlier try found the account there, made otherwise.
    Adopted,
    /// Decided on what is no longer so.
    Stale,
    /// A later cycle has decided anew, or on what was read later.
    Superseded,
}

/// Where a change stands, by its link.
pub(super) fn standing(cycle: u64, read_in: Read, change: &Change, link: Option<&Link>) -> Standing {
    let Some(link) = link else {
        return if change.link_version == 0 { Standing::Open } else { Standing::Stale };
    };
    if !read_in.follows(link.read_in) {
        return Standing::Superseded;
    }
    if link.version == change.link_version || is_under_way(cycle, change, Some(link)) {
        return Standing::Open;
    }
    if link.cycle > cycle {
        return Standing::Superseded;
    }
    if link.version <= change.link_version || link.cycle != cycle {
        return Standing::Stale;
    }
    let is_as_planned = change
        .attributes
        .iter()
        .all(|(name, one)| link.marks.get(name).is_some_and(|mark| mark.fingerprint == one.fingerprint));
    match (is_as_planned, link.version == change.link_version + 1) {
        // A version later still, and nothing else was written: older work has only taken back what it left undone.
        (true, _) => Standing::Done,
        (false, true) => Standing::Adopted,
        (false, false) => Standing::Stale,
    }
}

/// Whether the link was moved on for this change before its outcome was known.
pub(super) fn is_under_way(cycle: u64, change: &Change, link: Option<&Link>) -> bool {
    link.is_some_and(|link| {
        let unknown = |name: &String| link.marks.get(name).is_some_and(|mark| mark.fingerprint == Mark::UNKNOWN);
        link.version == change.link_version + 1
            && link.cycle == cycle
            && (link.status == Status::Enabling || change.attributes.keys().any(unknown))
    })
}
