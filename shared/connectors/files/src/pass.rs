//! One pass over the file, row by row: what each row is, and what the whole amounts to.

use crate::csv::{Quoting, line_ends};
use crate::cursor::{Cursor, Pin};
use crate::field::Cleaning;
use crate::header::Header;
use crate::json;
use crate::rows::{Cut, Row, Rows};
use crate::shape::ShapeReader;
use crate::verdict::{Flaw, Tally, Trailer};
use crate::window::Window;
use config::{FileFormat, FilesOptions};
use ports::{Completeness, Place, PortError, Rejected};
use record::{Record, RecordBuilder, RecordKey, Value};
use std::borrow::Cow;

/// A pass, or why there is none.
pub(crate) enum Start<'a> {
    /// The next row can be read.
    Ready(Box<Pass<'a>>),
    /// The file cannot be read at all.
    Broken(Flaw),
}

/// A pass over the file from some row on.
pub(crate) struct Pass<'a> {
    options: &'a FilesOptions,
    rows: Rows<'a>,
    /// The header, of CSV files only.
    header: Option<Header>,
    tally: Tally,
    trailer: Option<Trailer>,
    /// Nothing behind this place can be trusted.
    stopped: bool,
    reader: RowReader<'a>,
    builder: RecordBuilder,
    shapes: ShapeReader<'a>,
}

/// Why a row is no record.
pub(crate) struct Refusal {
    key: Option<RecordKey>,
    attribute: Option<String>,
    reason: String,
    misfit: bool,
}

impl Refusal {
    fn new(reason: impl Into<String>) -> Self {
        Self { key: None, attribute: None, reason: reason.into(), misfit: false }
    }
}

impl<'a> Pass<'a> {
    /// Starts at the first row, or at the one that the cursor names.
    pub(crate) async fn begin(
        options: &'a FilesOptions,
        window: Window<'a>,
        cursor: Option<&Cursor>,
    ) -> Result<Start<'a>, PortError> {
        let mut rows = Rows::new(options.format, window);
        let csv = match options.format {
            FileFormat::Csv { delimiter, .. } => Some(delimiter),
            FileFormat::JsonLines => None,
        };
        // The header is read for every page: it may be too wide for a cursor.
        if (csv.is_some() || cursor.is_none())
            && let Err(flaw) = rows.open().await?
        {
            return Ok(Start::Broken(flaw));
        }
        let header = match csv {
            Some(delimiter) => match read_header(&mut rows, options, delimiter).await? {
                Ok(header) => Some(header),
                Err(flaw) => return Ok(Start::Broken(flaw)),
            },
            None => None,
        };
        let mut tally = Tally::default();
        if let Some(cursor) = cursor {
            rows.seek(cursor.at, cursor.line);
            tally = cursor.tally.clone();
        }
        let reader = RowReader { options, cleaning: Cleaning::of(options) };
        Ok(Start::Ready(Box::new(Self {
            options,
            rows,
            header,
            tally,
            trailer: None,
            stopped: false,
            reader,
            builder: RecordBuilder::new(),
            shapes: ShapeReader::default(),
        })))
    }

    /// The names of the columns; none for JSON Lines.
    pub(crate) fn into_names(self) -> Vec<String> {
        self.header.map(|header| header.names).unwrap_or_default()
    }

    /// The digest of the header, if the format has one.
    pub(crate) fn structure(&self) -> Option<String> {
        self.header.as_ref().map(Header::digest)
    }

    /// The next row, `None` behind the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Result<Record, Rejected>>, PortError> {
        if self.is_over() {
            return Ok(None);
        }
        let line = self.rows.line();
        let row = match self.rows.next().await? {
            Cut::Row(row) => row,
            Cut::TooLong(flaw) => {
                self.stopped = true;
                self.tally.rows += 1;
                let refusal = Refusal::new(flaw.reason.clone());
                self.tally.blame(flaw);
                return Ok(Some(Err(self.rejected(line, refusal))));
            }
        };
        let cut_off = !row.ended && self.options.proof.final_newline;
        if cut_off {
            let reason = "the last line has no line end: the file was probably cut off; deliver it again";
            self.tally.blame(Flaw::new(reason, row.line));
        }
        self.trailer = self.trailer_in(&row);
        if self.trailer.is_some() {
            return Ok(None);
        }
        self.tally.rows += 1;
        self.blame_quotes(&row);
        let read = if cut_off {
            Err(Refusal::new("the line has no line end: it was probably cut off"))
        } else {
            self.interpreted(row)
        };
        Ok(Some(read.map_err(|refusal| {
            self.tally.misfits += u64::from(refusal.misfit);
            self.rejected(line, refusal)
        })))
    }

    /// What the read amounts to, once it is over.
    pub(crate) fn verdict(&self) -> Option<Completeness> {
        self.is_over().then(|| self.tally.verdict(self.options, self.trailer.as_ref(), self.rows.line()))
    }

    /// Where the next page starts.
    pub(crate) fn cursor(&self, pin: &Pin) -> Cursor {
        Cursor { at: self.rows.position(), line: self.rows.line(), tally: self.tally.clone(), pin: pin.clone() }
    }

    fn is_over(&self) -> bool {
        self.stopped || self.rows.is_spent()
    }

    /// The trailer, if the row is the last one and begins as the trailer does.
    fn trailer_in(&self, row: &Row) -> Option<Trailer> {
        let text = self.options.proof.trailer.as_deref().filter(|_| self.rows.is_spent())?;
        match self.header {
            Some(_) => Trailer::of(text, row.fields(), row.line),
            // JSON Lines has no delimiter: every usual one is taken.
            None => Trailer::of(text, row.raw.split(|byte| b";,\t| ".contains(byte)), row.line),
        }
    }

    /// A quote in the wrong place may have swallowed whole rows; then the file cannot count as complete.
    fn blame_quotes(&mut self, row: &Row) {
        let line_of = |at: usize| row.line + line_ends(&row.raw[..at]);
        match self.rows.quoting(row) {
            Quoting::Open(at) => {
                let reason = "a quote opens here and is never closed: rows behind it were swallowed";
                self.tally.blame(Flaw::new(reason, line_of(at)));
            }
            Quoting::Torn if line_ends(&row.raw) > 0 => {
                let reason = "a quote in the wrong place swallowed line ends from this row on";
                self.tally.blame(Flaw::new(reason, row.line));
            }
            Quoting::Torn | Quoting::Sound => {}
        }
    }

    fn interpreted(&mut self, row: Row) -> Result<Record, Refusal> {
        match self.rows.quoting(&row) {
            Quoting::Sound => {}
            Quoting::Torn => {
                return Err(Refusal::new("text follows a closing quote: double quotes inside quoted values"));
            }
            Quoting::Open(_) => return Err(Refusal::new("a quote is never closed")),
        }
        let reader = &self.reader;
        let no_text = || Refusal::new("the row is not utf-8; only utf-8 is read: convert the file");
        if let Some(header) = &self.header {
            std::str::from_utf8(&row.raw).map_err(|_| no_text())?;
            return reader.record_of_fields(header, &row, &mut self.builder);
        }
        let text = String::from_utf8(row.raw).map_err(|_| no_text())?;
        let record = self.shapes.record(text, &reader.cleaning, &mut self.builder);
        record.or_else(|text| reader.record_of_json(&text, &mut self.builder))
    }

    fn rejected(&self, line: u64, refusal: Refusal) -> Rejected {
        let Refusal { key, attribute, reason, .. } = refusal;
        Rejected { place: Place { within: self.options.url.clone(), line, attribute }, key, reason }
    }
}

/// What makes records of rows.
pub(crate) struct RowReader<'o> {
    pub(crate) options: &'o FilesOptions,
    pub(crate) cleaning: Cleaning<'o>,
}

impl RowReader<'_> {
    fn record_of_fields(&self, header: &Header, row: &Row, builder: &mut RecordBuilder) -> Result<Record, Refusal> {
        if row.columns() != header.names.len() {
            let reason = format!("the row has {} columns, the header has {}", row.columns(), header.names.len());
            return Err(Refusal { misfit: true, ..Refusal::new(reason) });
        }
        let fields: Vec<&str> = row
            .fields()
            .map(std::str::from_utf8)
            .collect::<Result<_, _>>()
            .map_err(|_| Refusal::new("the row is not utf-8; only utf-8 is read: convert the file"))?;
        let key = self.key(fields[header.key])?;
        builder.clear();
        for (name, text) in header.names.iter().zip(fields) {
            let text = self.cleaned(&key, name, text)?;
            builder.put(name, &text).expect("the header has each name once");
        }
        Ok(builder.finish(key))
    }

    pub(crate) fn record_of_json(&self, text: &str, builder: &mut RecordBuilder) -> Result<Record, Refusal> {
        let stated = json::attributes(text).map_err(|error| Refusal {
            attribute: error.attribute,
            misfit: error.misfit,
            ..Refusal::new(error.reason)
        })?;
        let blame = |reason| Refusal { attribute: Some(self.options.key.clone()), ..Refusal::new(reason) };
        let key = match stated.get(&self.options.key) {
            Some(Value::One(text)) => self.key(text)?,
            Some(Value::Many(_)) => return Err(blame("the key is a list")),
            None => return Err(blame("the key is missing")),
        };
        builder.clear();
        for (name, value) in &stated {
            let put = match value {
                Value::One(text) => builder.put(name, &self.cleaned(&key, name, text)?),
                Value::Many(texts) => {
                    let texts: Result<Vec<_>, _> = texts.iter().map(|text| self.cleaned(&key, name, text)).collect();
                    // An empty text in a list says nothing.
                    builder.put_list(name, texts?.iter().filter(|text| !text.is_empty()))
                }
            };
            put.expect("a map has each name once");
        }
        Ok(builder.finish(key))
    }

    fn key(&self, text: &str) -> Result<RecordKey, Refusal> {
        let name = &self.options.key;
        let blame = |reason| Refusal { attribute: Some(name.clone()), ..Refusal::new(reason) };
        match self.cleaning.cleaned(name, text) {
            Ok(key) if key.trim().is_empty() => Err(blame("the key is empty")),
            Ok(key) => Ok(key.into_owned().into()),
            Err(reason) => Err(blame(reason)),
        }
    }

    fn cleaned<'t>(&self, key: &RecordKey, name: &str, text: &'t str) -> Result<Cow<'t, str>, Refusal> {
        self.cleaning.cleaned(name, text).map_err(|reason| Refusal {
            key: Some(key.clone()),
            attribute: Some(name.to_owned()),
            ..Refusal::new(reason)
        })
    }
}

async fn read_header(
    rows: &mut Rows<'_>,
    options: &FilesOptions,
    delimiter: u8,
) -> Result<Result<Header, Flaw>, PortError> {
    let row = match rows.next().await? {
        Cut::Row(row) => row,
        Cut::TooLong(flaw) => return Ok(Err(flaw)),
    };
    if rows.quoting(&row) != Quoting::Sound {
        return Ok(Err(Flaw::new("the quotes of the header are not closed", row.line)));
    }
    if !row.ended && options.proof.final_newline {
        let reason = "the header has no line end: the file was probably cut off; deliver it again";
        return Ok(Err(Flaw::new(reason, row.line)));
    }
    Ok(Header::of(&row, options, delimiter))
}
