//! The line of each record of a file, from the order in which records come and the lines of those that did not.

use record::{Record, Value};
use std::collections::BTreeSet;

/// Counts lines along the records of a file, a header before them and several lines for a value with line ends in it.
pub(crate) struct Lines {
    next: u64,
    rejected: BTreeSet<u64>,
}

impl Lines {
    /// The lines of a file whose first record stands in line `first`.
    pub(crate) fn from(first: u64) -> Self {
        Self { next: first, rejected: BTreeSet::new() }
    }

    /// Tells of a row that is not among the records; before the records of its page.
    pub(crate) fn reject(&mut self, line: u64) {
        self.rejected.insert(line);
    }

    /// The line of the next record.
    pub(crate) fn line_of(&mut self, record: &Record) -> u64 {
        while self.rejected.remove(&self.next) {
            self.next += 1;
        }
        let line = self.next;
        let values = record.attributes.values().flat_map(Value::values);
        self.next += 1 + values.map(|text| text.matches('\n').count() as u64).sum::<u64>();
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_rows_and_values_of_several_lines_are_counted() {
        let mut lines = Lines::from(2);
        lines.reject(3);
        lines.reject(4);
        let plain = Record::new("1");
        let tall = Record::new("2").with("address", "Street 1\nTown");
        assert_eq!([&plain, &tall, &plain].map(|record| lines.line_of(record)), [2, 5, 7]);
    }
}
