//! The shape of a line of JSON Lines: what stands around its values. Lines of one export mostly have the same, and then
//! only the values have to be read.

use crate::field::{Cleaning, Rule};
use crate::line::{self, Seen};
use crate::scan::Scanner;
use record::{Record, RecordBuilder, Slot, Spot};
use std::borrow::Cow;

/// So many more lines of another shape than of the same, and nothing is expected any more.
const SURPRISES_MAX: u32 = 64;

/// Reads lines with the shape of the line before in mind.
#[derive(Default)]
pub(crate) struct ShapeReader<'c> {
    shape: Option<Shape<'c>>,
    seen: Vec<Seen<'c>>,
    /// Lines that had another shape than the one before, less those that had the same.
    surprises: u32,
}

/// What stands around the values of a line.
struct Shape<'c> {
    /// All that stands before the first value, between the values and behind the last, one after another.
    around: String,
    steps: Vec<Step<'c>>,
    /// The place of the key.
    key: Slot,
    /// The names that the places are of.
    names: u64,
}

/// One value of a shape.
struct Step<'c> {
    /// Where in [`Shape::around`] the text before the value ends.
    before: usize,
    slot: Slot,
    rule: Rule<'c>,
}

impl<'c> ShapeReader<'c> {
    /// The record on a line, which is given back where it has to be looked at more closely.
    pub(crate) fn record(
        &mut self,
        line: String,
        cleaning: &Cleaning<'c>,
        builder: &mut RecordBuilder,
    ) -> Result<Record, String> {
        if self.surprises > SURPRISES_MAX {
            return line::record(&line, cleaning, builder, &mut self.seen).ok_or(line);
        }
        let shape = self.shape.as_ref().filter(|shape| shape.names == builder.names());
        if let Some(key) = shape.and_then(|shape| shape.read(&line, cleaning, builder)).map(Cow::into_owned) {
            self.surprises = self.surprises.saturating_sub(1);
            return Ok(builder.finish_within(key, line));
        }
        self.surprises += 1;
        let names = builder.names();
        let Some(record) = line::record(&line, cleaning, builder, &mut self.seen) else { return Err(line) };
        // Places move where a name was added on the way.
        self.shape = if builder.names() == names { Shape::of(&line, &self.seen, names) } else { None };
        Ok(record)
    }
}

impl<'c> Shape<'c> {
    fn of(line: &str, seen: &[Seen<'c>], names: u64) -> Option<Self> {
        let key = seen.iter().find(|one| one.rule.is_key())?.slot;
        let (mut around, mut end) = (String::with_capacity(line.len()), 0);
        let mut steps = Vec::with_capacity(seen.len());
        for one in seen {
            around.push_str(line.get(end..one.from)?);
            end = one.to;
            steps.push(Step { before: around.len(), slot: one.slot, rule: one.rule });
        }
        around.push_str(line.get(end..)?);
        Some(Self { around, steps, key, names })
    }

    /// Puts the values of a line of this shape into the builder and gives the key; nothing where the line is of another.
    fn read<'a>(&self, line: &'a str, cleaning: &Cleaning<'_>, builder: &mut RecordBuilder) -> Option<Cow<'a, str>> {
        builder.begin_within(line.len());
        let (mut scan, mut from, mut key) = (Scanner { line, at: 0 }, 0, None);
        for step in &self.steps {
            if !scan.takes_all(self.around.as_bytes().get(from..step.before)?) {
                return None;
            }
            from = step.before;
            if scan.peek() == Some(b'[') {
                let texts = scan.list(cleaning, step.rule)?;
                builder.put_spots(step.slot, texts.iter().map(|text| spot(line, text))).ok()?;
            } else {
                let text = scan.scalar(cleaning, step.rule)?;
                builder.put_spot(step.slot, spot(line, &text)).ok()?;
                if step.slot == self.key {
                    key = Some(text);
                }
            }
        }
        let rest = &self.around.as_bytes()[from..];
        let is_whole = line.len() - scan.at == rest.len() && scan.takes_all(rest);
        key.filter(|key| is_whole && !key.trim().is_empty())
    }
}

/// Where a text stands that was read in a line.
#[inline]
fn spot<'t>(line: &str, text: &'t str) -> Spot<'t> {
    let from = text.as_ptr().addr().wrapping_sub(line.as_ptr().addr());
    match from.checked_add(text.len()) {
        Some(to) if to <= line.len() => Spot::Within(from..to),
        _ => Spot::Apart(text),
    }
}
