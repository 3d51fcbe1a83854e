//! A `files` connector as the configuration writes it.

use crate::connector::{FileFormat, FilesOptions, Proof, Semantics};
use crate::table::Table;
use jiff::civil::date;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// Reads the options; `folder` is where relative paths begin.
pub(crate) fn read(table: &Table<'_>, folder: &Path) -> FilesOptions {
    let url = table.need_text("url").map(|url| address(table, &url, folder)).unwrap_or_default();
    let format = format(table);
    let key = table.need_text("key").map(Spanned::into_inner).unwrap_or_default();
    let semantics = table.word("semantics", &[("full", true), ("delta", false)]).unwrap_or(true);
    FilesOptions {
        url,
        format,
        key,
        semantics: if semantics { Semantics::Full } else { Semantics::Delta },
        encoding: encoding(table),
        dates: dates(table),
        empty: table.texts("empty").into_iter().map(Spanned::into_inner).collect(),
        trim: table.flag("trim", false),
        proof: proof(table),
        page_size: table.whole("page_size", 1..=100_000).and_then(|size| usize::try_from(size).ok()).unwrap_or(1000),
    }
}

/// A path becomes one from `folder` on; of addresses only S3's are known.
fn address(table: &Table<'_>, url: &Spanned<String>, folder: &Path) -> String {
    let text = url.get_ref();
    match text.split_once("://") {
        None => folder.join(text).to_string_lossy().into_owned(),
        Some(("s3", rest)) => {
            if !rest.split_once('/').is_some_and(|(bucket, key)| !bucket.is_empty() && !key.is_empty()) {
                let hint = "write s3://bucket/key".to_owned();
                table.report.error(url.span(), "`url` needs a bucket and a key", Some(hint));
            }
            text.clone()
        }
        Some((scheme, _)) => {
            let hint = "write a path, relative to the configuration file, or s3://bucket/key".to_owned();
            table.report.error(url.span(), format!("files are not read from `{scheme}` addresses"), Some(hint));
            text.clone()
        }
    }
}

fn format(table: &Table<'_>) -> FileFormat {
    let csv = table.word("format", &[("csv", true), ("json-lines", false)]).unwrap_or(true);
    let delimiter = character(table, "delimiter");
    let quote = character(table, "quote");
    if !csv {
        for key in ["delimiter", "quote"] {
            if table.get(key).is_some() {
                let hint = Some("leave it out".to_owned());
                table.report.error(table.span_of(key), format!("`{key}` means nothing for json-lines"), hint);
            }
        }
        return FileFormat::JsonLines;
    }
    let (delimiter, quote) = (delimiter.unwrap_or(b','), quote.unwrap_or(b'"'));
    if delimiter == quote {
        table.report.error(table.span_of("quote"), "`quote` and `delimiter` are the same character", None);
    }
    FileFormat::Csv { delimiter, quote }
}

fn character(table: &Table<'_>, key: &'static str) -> Option<u8> {
    let text = table.text(key)?;
    match text.get_ref().as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\r' | b'\n') => Some(*byte),
        _ => {
            let hint = r#"for instance "," or ";" or "\t""#.to_owned();
            table.report.error(text.span(), format!("`{key}` must be one ASCII character"), Some(hint));
            None
        }
    }
}

fn encoding(table: &Table<'_>) -> String {
    let encoding = table.text("encoding").filter(|encoding| !encoding.get_ref().eq_ignore_ascii_case("utf-8"));
    if let Some(encoding) = encoding {
        let hint = "have the file written as utf-8, or convert it before it is read".to_owned();
        let message = format!("unknown `encoding`: `{}`; only utf-8 is read", encoding.get_ref());
        table.report.error(encoding.span(), message, Some(hint));
    }
    "utf-8".to_owned()
}

/// A format is good if a day survives being written and read with it.
fn dates(table: &Table<'_>) -> BTreeMap<String, String> {
    let formats = table.text_map("dates");
    for (attribute, format) in &formats {
        let day = date(2001, 2, 3);
        let text = jiff::fmt::strtime::format(format.get_ref(), day.at(4, 5, 6, 0));
        let back = text.and_then(|text| jiff::fmt::strtime::parse(format.get_ref(), text)?.to_date());
        if back.ok() != Some(day) {
            let message = format!("`{}` does not describe a whole date (attribute `{attribute}`)", format.get_ref());
            let hint = "year, month and day are %Y, %m and %d, for instance %d.%m.%Y".to_owned();
            table.report.error(format.span(), message, Some(hint));
        }
    }
    formats.into_iter().map(|(attribute, format)| (attribute, format.into_inner())).collect()
}

fn proof(table: &Table<'_>) -> Proof {
    let Some(table) = table.table("proof") else { return Proof { trailer: None, final_newline: true } };
    let trailer = table.text("trailer");
    if let Some(text) = trailer.as_ref().filter(|text| text.get_ref().trim().is_empty()) {
        let hint = "write how the last line starts, or leave `trailer` out".to_owned();
        table.report.error(text.span(), "`trailer` is empty", Some(hint));
    }
    let proof = Proof { trailer: trailer.map(Spanned::into_inner), final_newline: table.flag("final_newline", true) };
    table.finish();
    proof
}
