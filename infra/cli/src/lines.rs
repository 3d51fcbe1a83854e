//! The line of each record of a file, from the order in which records come and the lines of those that did not.

use record::{Record, Texts};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;

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
        self.pass_rejected();
        let line = self.next;
        let values = record.attributes.values().flat_map(Texts::values);
        self.next += 1 + values.map(|text| text.matches('\n').count() as u64).sum::<u64>();
        line
    }

    /// Whether what was counted comes to the number of lines that the file has; with blank lines between records, or
    /// line ends that were trimmed off values, it does not. `behind` lines follow the last row.
    pub(crate) fn agree(&mut self, path: &Path, behind: u64) -> bool {
        self.pass_rejected();
        self.rejected.is_empty() && count(path).is_ok_and(|lines| lines + 1 == self.next + behind)
    }

    fn pass_rejected(&mut self) {
        while self.rejected.remove(&self.next) {
            self.next += 1;
        }
    }
}

fn count(path: &Path) -> std::io::Result<u64> {
    let mut file = BufReader::new(std::fs::File::open(path)?);
    let mut lines = 0;
    // Skips without keeping: a line may be longer than there is memory.
    while file.skip_until(b'\n')? > 0 {
        lines += 1;
    }
    Ok(lines)
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

    #[test]
    fn blank_lines_make_the_count_disagree_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.csv");
        for (text, agrees) in [("id\n1\n2\n", true), ("id\n1\n2", true), ("id\n1\n\n2\n", false)] {
            std::fs::write(&path, text).unwrap();
            let mut lines = Lines::from(2);
            for key in ["1", "2"] {
                lines.line_of(&Record::new(key));
            }
            assert_eq!(lines.agree(&path, 0), agrees, "{text:?}");
        }
    }
}
