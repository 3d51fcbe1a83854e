//! Functions that draw by lot. They draw from the context's seed and from where they stand, so that evaluating again
//! gives the same text.

use super::{Function, bad_constant, function, integer_constant};
use crate::code::{Code, code};
use crate::compile::Call;
use crate::evaluation::{Scope, Site};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use record::Secret;

pub(super) const FUNCTIONS: &[Function] = &[
    function("Guid", "Guid()", "Gives a random identifier.", (0, 0, 0), guid),
    function(
        "RandomString",
        "RandomString(length, minNumbers, minSpecial, minCapital, minLower, [avoid])",
        "Gives a random text with at least so many characters of each kind.",
        (5, 5, 6),
        random_string,
    ),
];

const NUMBERS: &str = "0123456789";
const SPECIAL: &str = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWERS: &str = "abcdefghijklmnopqrstuvwxyz";

/// Longest random text, in characters.
const LENGTH_MAX: i64 = 256;

fn generator(scope: &Scope<'_>, site: Site) -> ChaCha12Rng {
    let secret = Secret::new(scope.context.seed);
    let mut seed = [0; 32];
    for (half, purpose) in seed.chunks_exact_mut(16).zip(["draw", "draw again"]) {
        let mut hasher = secret.hasher(purpose);
        hasher.part(site.function.as_bytes());
        hasher.count(site.position);
        half.copy_from_slice(&hasher.finish());
    }
    ChaCha12Rng::from_seed(seed)
}

/// A number below `limit`, all equally likely.
fn below(generator: &mut ChaCha12Rng, limit: usize) -> usize {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX).max(1);
    // Numbers of the last, incomplete round would make the first ones likelier.
    let fair = u32::MAX - u32::MAX % limit;
    loop {
        let drawn = generator.next_u32();
        if drawn < fair {
            return (drawn % limit) as usize;
        }
    }
}

fn guid(call: &mut Call<'_>) -> Code {
    let site = call.site;
    code(move |scope| {
        let mut bytes = [0; 16];
        generator(scope, site).fill_bytes(&mut bytes);
        // Version 4, variant 1.
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        scope.made(site, parts.join("-"))
    })
}

/// What is left over after the minimums is drawn from the kinds that were asked for, or from letters and numbers when
/// none was.
fn random_string(call: &mut Call<'_>) -> Code {
    for index in 0..5 {
        integer_constant(call, index);
    }
    bad_constant(call, 0, |length| match crate::evaluation::integer(length) {
        Some(length) if !(1..=LENGTH_MAX).contains(&length) => {
            Err(("a random text has 1 to 256 characters".to_owned(), String::new()))
        }
        _ => Ok(()),
    });
    let site = call.site;
    let avoid = call.code(5);
    let numbers: [Code; 5] = std::array::from_fn(|index| call.code(index));
    code(move |scope| {
        let mut counts = [0; 5];
        for (count, number) in counts.iter_mut().zip(&numbers) {
            *count = number.integer(scope, site, "a length or minimum")?;
        }
        let avoid = avoid.text_or_empty(scope, site)?;
        let text = drawn(&mut generator(scope, site), counts, &avoid).map_err(|what| site.fault(what))?;
        scope.made(site, text)
    })
}

fn drawn(generator: &mut ChaCha12Rng, [length, minimums @ ..]: [i64; 5], avoid: &str) -> Result<String, &'static str> {
    if !(1..=LENGTH_MAX).contains(&length) || minimums.iter().any(|minimum| !(0..=LENGTH_MAX).contains(minimum)) {
        return Err("a random text has 1 to 256 characters");
    }
    if minimums.iter().sum::<i64>() > length {
        return Err("the minimums add up to more than the length");
    }
    let kinds = [NUMBERS, SPECIAL, CAPITALS, LOWERS];
    let allowed = kinds.map(|kind| kind.chars().filter(|c| !avoid.contains(*c)).collect::<Vec<char>>());
    let mut output = Vec::new();
    let mut pool = Vec::new();
    let any = minimums.iter().any(|minimum| *minimum > 0);
    for (index, (kind, minimum)) in allowed.iter().zip(minimums).enumerate() {
        if minimum > 0 && kind.is_empty() {
            return Err("every character of a kind that is asked for is to be avoided");
        }
        for _ in 0..minimum {
            output.push(kind[below(generator, kind.len())]);
        }
        if minimum > 0 || !any && kinds[index] != SPECIAL {
            pool.extend(kind);
        }
    }
    let length = usize::try_from(length).unwrap_or(0);
    if output.len() < length && pool.is_empty() {
        return Err("every character is to be avoided");
    }
    while output.len() < length {
        output.push(pool[below(generator, pool.len())]);
    }
    for index in (1..output.len()).rev() {
        output.swap(index, below(generator, index + 1));
    }
    Ok(output.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(counts: [i64; 5], avoid: &str) -> Result<String, &'static str> {
        drawn(&mut ChaCha12Rng::from_seed([7; 32]), counts, avoid)
    }

    #[test]
    fn a_random_text_has_its_minimums_and_nothing_to_avoid() {
        let text = draw([40, 5, 6, 7, 8], "aA0?").unwrap();
        let of = |kind: &str| text.chars().filter(|c| kind.contains(*c)).count();
        assert_eq!(text.chars().count(), 40);
        assert!(of(NUMBERS) >= 5 && of(SPECIAL) >= 6 && of(CAPITALS) >= 7 && of(LOWERS) >= 8);
        assert!(!text.contains(['a', 'A', '0', '?']));
    }

    #[test]
    fn only_kinds_that_are_asked_for_are_drawn() {
        assert!(draw([20, 1, 0, 0, 1], "").unwrap().chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()));
        assert!(draw([20, 0, 0, 0, 0], "").unwrap().chars().all(|c| c.is_ascii_alphanumeric()));
    }

    #[test]
    fn what_cannot_be_drawn_is_an_error() {
        for (counts, avoid) in [
            ([3, 2, 2, 0, 0], ""),
            ([0, 0, 0, 0, 0], ""),
            ([257, 0, 0, 0, 0], ""),
            ([3, -1, 0, 0, 0], ""),
            ([3, 1, 0, 0, 0], NUMBERS),
        ] {
            assert!(draw(counts, avoid).is_err(), "{counts:?}");
        }
    }
}
