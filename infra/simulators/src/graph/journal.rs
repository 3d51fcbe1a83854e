//! The state on disk: one JSON object a line, appended and handed to the operating system before the reply goes out.

use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::path::Path;

/// An append-only file, or none.
pub(super) struct Journal(Option<File>);

impl Journal {
    /// Opens the file and gives what stands in it. A torn last line is cut off; any other line must be whole.
    pub fn open(path: Option<&Path>) -> Result<(Self, Vec<Value>)> {
        let Some(path) = path else { return Ok((Self(None), Vec::new())) };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut entries = Vec::new();
        for (index, line) in text[..whole].split_inclusive(|byte| *byte == b'\n').enumerate() {
            let entry = serde_json::from_slice(line).map_err(|error| {
                let at = format!(
                    "line {} of the simulator's state file is damaged; remove the file to start empty",
                    index + 1
                );
                Error::new(ErrorKind::InvalidData, format!("{at}: {error}"))
            })?;
            entries.push(entry);
        }
        if whole < text.len() {
            file.set_len(whole as u64)?;
        }
        Ok((Self(Some(file)), entries))
    }

    /// Appends one entry in one write.
    pub fn append(&mut self, entry: &Value) -> Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let mut line = entry.to_string();
        line.push('\n');
        file.write_all(line.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_torn_last_line_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, _) = Journal::open(Some(&path)).unwrap();
        journal.append(&json!({ "n": 1 })).unwrap();
        drop(journal);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"n\":").unwrap();
        let (mut journal, entries) = Journal::open(Some(&path)).unwrap();
        assert_eq!(entries, [json!({ "n": 1 })]);
        journal.append(&json!({ "n": 2 })).unwrap();
        drop(journal);
        assert_eq!(Journal::open(Some(&path)).unwrap().1.len(), 2);
    }

    #[test]
    fn a_damaged_line_within_the_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "{\"n\":1}\n{\"n\":\n{\"n\":3}\n").unwrap();
        let Err(error) = Journal::open(Some(&path)) else { panic!("taken") };
        assert!(error.to_string().contains("line 2"));
    }
}
