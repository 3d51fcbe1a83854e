//! One line of JSON Lines straight into a record, without a tree in between.
//!
//! It reads what exports usually hold and gives up at anything else: whatever it does not take as it is, mistakes above
//! all, is for [`crate::json`], which reads everything and knows every reason. Both give the same record.

use crate::field::{self, Cleaning, Rule};
use crate::json::{ATTRIBUTES_MAX, DEPTH_MAX};
use crate::scan::Scanner;
use record::{Record, RecordBuilder, Slot};
use std::borrow::Cow;

/// So many objects are told apart by comparing each with all; a line with more is for the thorough reader.
const OBJECTS_MAX: usize = 64;

/// The record on a line, or nothing where it has to be looked at more closely. `seen` tells the values of the line, in
/// their order, where they may be of use to read the next one.
pub(crate) fn record<'c>(
    line: &str,
    cleaning: &Cleaning<'c>,
    builder: &mut RecordBuilder,
    seen: &mut Vec<Seen<'c>>,
) -> Option<Record> {
    builder.clear();
    seen.clear();
    let scan = Scanner { line, at: 0 };
    let mut reader = LineReader { scan, path: String::new(), objects: Vec::new(), cleaning, builder, seen };
    reader.scan.blanks();
    reader.object(1)?;
    reader.scan.blanks();
    if reader.scan.at < line.len() {
        return None;
    }
    let key = builder.get(cleaning.key())?.single()?;
    if key.trim().is_empty() {
        return None;
    }
    let key = key.to_owned();
    Some(builder.finish(key))
}

/// A value of a line.
pub(crate) struct Seen<'c> {
    /// Where it begins and ends.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The place of its attribute, among the names that the builder has now.
    pub(crate) slot: Slot,
    /// How it is cleaned.
    pub(crate) rule: Rule<'c>,
}

struct LineReader<'a, 'c> {
    scan: Scanner<'a>,
    /// The names around the value that is being read, each followed by a dot.
    path: String,
    /// Names of objects, which leave no attribute: none of them may stand twice either.
    objects: Vec<Cow<'a, str>>,
    cleaning: &'a Cleaning<'c>,
    builder: &'a mut RecordBuilder,
    seen: &'a mut Vec<Seen<'c>>,
}

impl LineReader<'_, '_> {
    fn object(&mut self, depth: usize) -> Option<()> {
        if !self.scan.takes(b'{') || depth > DEPTH_MAX {
            return None;
        }
        self.scan.blanks();
        if self.scan.takes(b'}') {
            return Some(());
        }
        loop {
            self.member(depth)?;
            self.scan.blanks();
            if self.scan.takes(b'}') {
                return Some(());
            }
            if !self.scan.takes(b',') {
                return None;
            }
            self.scan.blanks();
        }
    }

    fn member(&mut self, depth: usize) -> Option<()> {
        let name = self.scan.quoted()?;
        let named = !name.text.is_empty() && name.text.len() <= field::NAME_BYTES_MAX && !name.escaped;
        if !named || !(name.plain || field::is_name(name.text)) || self.builder.len() >= ATTRIBUTES_MAX {
            return None;
        }
        self.scan.blanks();
        if !self.scan.takes(b':') {
            return None;
        }
        self.scan.blanks();
        if self.path.is_empty() && self.scan.peek() != Some(b'{') {
            return self.value(name.text);
        }
        let outer = self.path.len();
        self.path.push_str(name.text);
        let path = std::mem::take(&mut self.path);
        if self.scan.peek() == Some(b'{') {
            let is_known = self.objects.iter().any(|object| *object == path) || self.builder.get(&path).is_some();
            if is_known || self.objects.len() == OBJECTS_MAX {
                return None;
            }
            self.objects.push(if outer == 0 { Cow::Borrowed(name.text) } else { Cow::Owned(path.clone()) });
            self.path = path;
            self.path.push('.');
            self.object(depth + 1)?;
        } else {
            self.value(&path)?;
            self.path = path;
        }
        self.path.truncate(outer);
        Some(())
    }

    #[inline]
    fn value(&mut self, path: &str) -> Option<()> {
        if !self.objects.is_empty() && self.objects.iter().any(|object| object == path) {
            return None;
        }
        let (from, rule) = (self.scan.at, self.cleaning.rule(path));
        if self.scan.peek() == Some(b'[') {
            let texts = self.scan.list(self.cleaning, rule)?;
            self.builder.put_list(path, texts).ok()?;
        } else {
            let text = self.scan.scalar(self.cleaning, rule)?;
            self.builder.put(path, &text).ok()?;
        }
        self.seen.push(Seen { from, to: self.scan.at, slot: self.builder.last(), rule });
        Some(())
    }
}

#[cfg(test)]
mod tests;
