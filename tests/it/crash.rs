//! The process may end anywhere, replies may be lost, lie or come late: whatever is done again, the end is the same.

mod dry;
mod ending;
mod flows;
mod once;
mod replies;
mod twice;

/// Whether everything is tried: `TENURE_CRASHES=all`. Otherwise a part, always the same one, and what part is printed.
#[expect(clippy::disallowed_methods, reason = "how much is tried is said by the environment")]
fn is_full() -> bool {
    std::env::var("TENURE_CRASHES").is_ok_and(|text| text == "all")
}
