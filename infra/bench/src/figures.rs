//! What was measured beside what is to be reached, for people and for machines.

use serde_json::{Value, json};
use std::fmt::Write;

/// Whether a figure is within its reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Within,
    /// It is not.
    Out,
    /// There is nothing to compare it with.
    Told,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Out => "**out of reach**",
            Self::Told => "–",
        }
    }
}

/// Which side of the bound is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reach {
    AtMost(f64),
    AtLeast(f64),
    None,
}

/// One row of the report.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What is measured.
    pub name: String,
    /// What cannot be beaten.
    pub floor: String,
    /// What came out.
    pub measured: f64,
    /// Counted and the same in every run, or measured in real time and memory.
    pub counted: bool,
    reach: Reach,
}

impl Figure {
    /// Whether it is within its reach.
    pub fn verdict(&self) -> Verdict {
        let within = match self.reach {
            Reach::AtMost(most) => self.measured <= most + 1e-9,
            Reach::AtLeast(least) => self.measured + 1e-9 >= least,
            Reach::None => return Verdict::Told,
        };
        if within { Verdict::Within } else { Verdict::Out }
    }

    fn reach(&self) -> String {
        match self.reach {
            Reach::AtMost(most) => format!("≤ {}", number(most)),
            Reach::AtLeast(least) => format!("≥ {}", number(least)),
            Reach::None => "–".to_owned(),
        }
    }
}

/// Everything that was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The rows.
    pub figures: Vec<Figure>,
    /// How it was measured, and what stands beside the figures: Markdown.
    pub notes: Vec<String>,
}

impl Report {
    pub(crate) fn counted(&mut self, name: impl Into<String>, floor: &str, reach: Reach, measured: f64) {
        self.figures.push(Figure { name: name.into(), floor: floor.to_owned(), measured, counted: true, reach });
    }

    pub(crate) fn timed(&mut self, name: impl Into<String>, floor: &str, reach: Reach, measured: f64) {
        self.figures.push(Figure { name: name.into(), floor: floor.to_owned(), measured, counted: false, reach });
    }

    /// Whether every counted unit is within its reach.
    pub fn is_within_reach(&self) -> bool {
        !self.figures.iter().any(|figure| figure.counted && figure.verdict() == Verdict::Out)
    }

    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        let mut text =
            "# What Tenure costs\n\n| Figure | Floor | Reach | Measured | |\n|---|---|---|---|---|\n".to_owned();
        for figure in &self.figures {
            let (name, floor, word) = (&figure.name, &figure.floor, figure.verdict().word());
            let how = if figure.counted { "" } else { " (real time or memory of this machine)" };
            let _ =
                writeln!(text, "| {name}{how} | {floor} | {} | {} | {word} |", figure.reach(), number(figure.measured));
        }
        for note in &self.notes {
            let _ = write!(text, "\n{note}\n");
        }
        text
    }

    /// The report for machines.
    pub fn json(&self) -> Value {
        let row = |figure: &Figure| {
            let (at_most, at_least) = match figure.reach {
                Reach::AtMost(most) => (Some(most), None),
                Reach::AtLeast(least) => (None, Some(least)),
                Reach::None => (None, None),
            };
            json!({
                "figure": figure.name, "floor": figure.floor, "atMost": at_most, "atLeast": at_least,
                "measured": figure.measured, "counted": figure.counted,
                "within": match figure.verdict() { Verdict::Within => Some(true), Verdict::Out => Some(false), Verdict::Told => None },
            })
        };
        json!({ "withinReach": self.is_within_reach(), "figures": self.figures.iter().map(row).collect::<Vec<_>>() })
    }
}

fn number(value: f64) -> String {
    let text = if value.abs() >= 100.0 { format!("{value:.1}") } else { format!("{value:.4}") };
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_counted_units_decide() {
        let mut report = Report::default();
        report.timed("slow machine", "–", Reach::AtMost(1.0), 2.0);
        assert!(report.is_within_reach());
        report.counted("too many", "1", Reach::AtMost(1.002), 1.003);
        assert!(!report.is_within_reach());
        assert!(report.markdown().contains("| too many | 1 | ≤ 1.002 | 1.003 | **out of reach** |"));
    }
}
