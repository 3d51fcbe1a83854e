//! The same mappings as a programmer would write them, to compare the compiled expressions with.

use jiff::civil::Date;
use mapping::{Context, Flow};
use record::{Hint, Value};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One mapping, written by hand.
pub type ByHand = Box<dyn Fn(&Context<'_>) -> Flow>;

/// An attribute by its name.
struct From(&'static str, Hint);

impl From {
    fn of(name: &'static str) -> Self {
        Self(name, Hint::default())
    }

    fn text<'a>(&self, context: &Context<'a>) -> &'a str {
        context.record.attributes.get_hinted(self.0, &self.1).map_or("", record::Texts::text)
    }
}

fn set(text: impl Into<String>) -> Flow {
    let text = text.into();
    if text.is_empty() { Flow::Leave } else { Flow::Set(Value::One(text)) }
}

fn direct(name: &'static str) -> ByHand {
    let from = From::of(name);
    Box::new(move |context| set(from.text(context)))
}

fn changed(name: &'static str, change: impl Fn(&str) -> String + 'static) -> ByHand {
    let from = From::of(name);
    Box::new(move |context| set(change(from.text(context))))
}

fn chosen(name: &'static str, other: &'static str, cases: &'static [(&'static str, &'static str)]) -> ByHand {
    let from = From::of(name);
    Box::new(move |context| {
        let text = from.text(context);
        set(cases.iter().find(|(key, _)| *key == text).map_or(other, |(_, value)| value))
    })
}

fn joined<const N: usize>(separator: &'static str, names: [&'static str; N]) -> ByHand {
    let from = names.map(From::of);
    Box::new(move |context| set(join(separator, from.iter().map(|from| from.text(context)))))
}

fn join<'a>(separator: &str, texts: impl Iterator<Item = &'a str>) -> String {
    let mut output = String::with_capacity(48);
    for text in texts.filter(|text| !text.is_empty()) {
        if !output.is_empty() {
            output.push_str(separator);
        }
        output.push_str(text);
    }
    output
}

fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.nfd().filter(|c| !is_combining_mark(*c)).map(|c| if matches!(c, 'ł' | 'Ł') { 'l' } else { c }).collect(),
    )
}

fn address(texts: &[&str], domain: &str) -> String {
    let mut name: String = plain(&join(".", texts.iter().copied())).chars().filter(|c| *c != ' ').collect();
    name.make_ascii_lowercase();
    name.push('@');
    name.push_str(domain);
    name
}

fn principal_name() -> ByHand {
    let (first, last, id) = (From::of("preferredFirstName"), From::of("lastName"), From::of("workerId"));
    Box::new(move |context| {
        let domain = context.default_domain.unwrap_or_default();
        let (first, last, id) = (first.text(context), last.text(context), id.text(context));
        let initial = first.chars().next().map_or(0, char::len_utf8);
        let mut candidates = Vec::with_capacity(3);
        for candidate in [
            address(&[first, last], domain),
            address(&[&first[..initial], last], domain),
            address(&[first, last, id], domain),
        ] {
            if !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        }
        Flow::Candidates(candidates)
    })
}

fn nickname() -> ByHand {
    let (first, last) = (From::of("preferredFirstName"), From::of("lastName"));
    Box::new(move |context| {
        let name = join(".", [first.text(context), last.text(context)].into_iter());
        let kept = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let mut name: String = plain(&name).chars().filter(kept).collect();
        name.make_ascii_lowercase();
        set(name)
    })
}

fn enabled() -> ByHand {
    let (status, hired, left) = (From::of("workerStatus"), From::of("hireDate"), From::of("lastDayOfWork"));
    Box::new(move |context| {
        let today = context.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let date = |text: &str| text.parse::<Date>().ok();
        let here = date(hired.text(context)).is_some_and(|hired| hired <= today);
        let stays = date(left.text(context)).is_none_or(|left| left >= today);
        let active = matches!(status.text(context), "Active" | "On leave");
        set(if active && here && stays { "True" } else { "False" })
    })
}

/// The mappings of `tenure.toml`, in its order.
pub fn mappings() -> Vec<ByHand> {
    vec![
        direct("workerId"),
        principal_name(),
        nickname(),
        joined(" ", ["preferredFirstName", "lastName"]),
        direct("preferredFirstName"),
        direct("lastName"),
        enabled(),
        direct("department"),
        changed("jobTitle", |text| text.trim().to_owned()),
        changed("company", |text| if text.is_empty() { "Northwind Trading" } else { text }.to_owned()),
        joined(", ", ["building", "floor", "desk"]),
        changed("address.street", |text| text.replace("Str.", "Straße")),
        direct("address.city"),
        direct("address.region"),
        changed("address.postalCode", |text| text.replace(' ', "")),
        changed("address.country", str::to_ascii_uppercase),
        changed("address.country", |text| match text {
            "UK" => "GB".to_owned(),
            "EL" => "GR".to_owned(),
            other => other.to_owned(),
        }),
        chosen(
            "address.country",
            "en-GB",
            &[("DE", "de-DE"), ("AT", "de-AT"), ("FR", "fr-FR"), ("ES", "es-ES"), ("PL", "pl-PL")],
        ),
        changed("mobile", |text| text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()),
        direct("phones"),
        chosen("workerType", "Employee", &[("C", "Contractor"), ("T", "Trainee")]),
        changed(
            "hireDate",
            |text| if text.parse::<Date>().is_ok() { format!("{text}T00:00:00Z") } else { String::new() },
        ),
        changed("costCenter", |text| if text.is_empty() { "CC0000" } else { text }.to_owned()),
        Box::new(|_| set("Member")),
        direct("manager.workerId"),
    ]
}
