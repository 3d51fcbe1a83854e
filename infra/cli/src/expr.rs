//! `tenure expr`: one expression for one or more records, or a file of test vectors.

use crate::args::ExprArgs;
use crate::error::{CommandError, Exit};
use crate::print;
use jiff::Timestamp;
use mapping::{Context, Expression, Mistake, Outcome};
use record::{Record, Value};
use serde_json::{Value as Json, json};
use std::io::Read;
use std::path::Path;

/// Evaluates what the arguments name.
pub(crate) fn run(args: &ExprArgs) -> Result<Exit, CommandError> {
    if let Some(path) = &args.vectors {
        return vectors(path, args.json);
    }
    let text = args.expression.as_deref().unwrap_or_default();
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(mistakes) => {
            for mistake in &mistakes {
                show_mistake(text, mistake);
            }
            return Ok(Exit::Failed);
        }
    };
    let records = args.record.as_deref().map_or_else(|| Ok(vec![Record::new("")]), records)?;
    let mut exit = Exit::Done;
    for record in &records {
        let now = args.now.unwrap_or_else(present);
        let default_domain = args.default_domain.as_deref();
        // The same seed each time: whoever tries `Guid()` twice sees that it is a function of its seed.
        match expression.evaluate(&Context { record, now, seed: b"expr", default_domain }) {
            Ok(outcome) if args.json => _ = print::json(&notation(&outcome)),
            Ok(outcome) => show(&outcome),
            Err(error) => {
                print::note(format_args!("error: {error}"));
                exit = Exit::Failed;
            }
        }
    }
    Ok(exit)
}

#[expect(clippy::disallowed_methods, reason = "at the operator's terminal the present is what the machine says")]
fn present() -> Timestamp {
    Timestamp::now()
}

/// The mistake with the line it stands in and a mark under its place.
fn show_mistake(text: &str, mistake: &Mistake) {
    let before = text.get(..mistake.start).unwrap_or(text);
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let written = text.lines().nth(line).unwrap_or_default();
    print::note(format_args!("expression:{}:{}: error: {}", line + 1, column + 1, mistake.message));
    print::note(format_args!("  {written}\n  {}^", " ".repeat(column)));
    if let Some(hint) = &mistake.hint {
        print::note(format_args!("  hint: {hint}"));
    }
}

/// The outcome in the notation of test vectors.
fn notation(outcome: &Outcome) -> Json {
    match outcome {
        Outcome::Null => Json::Null,
        Outcome::Value(Value::One(text)) => json!(text),
        Outcome::Value(Value::Many(texts)) => json!(texts),
        Outcome::IgnoreAttribute => json!({ "$ignore": "attribute" }),
        Outcome::IgnoreObject => json!({ "$ignore": "object" }),
        Outcome::Candidates(candidates) => json!({ "$candidates": candidates }),
    }
}

fn show(outcome: &Outcome) {
    match outcome {
        Outcome::Null => print::line("null"),
        Outcome::Value(Value::One(text)) => print::line(text),
        Outcome::Value(Value::Many(texts)) | Outcome::Candidates(texts) => texts.iter().for_each(print::line),
        Outcome::IgnoreAttribute => print::line("(nothing: the attribute is left as it is)"),
        Outcome::IgnoreObject => print::line("(nothing: the record is left alone)"),
    }
}

/// The records of a file: a JSON object, several behind each other or in lines, or a list of them.
fn records(path: &Path) -> Result<Vec<Record>, CommandError> {
    let shown = path.display();
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|content| text = content)
    };
    read.map_err(|error| CommandError::failed(format!("cannot read {shown}"), error))?;
    let mut records = Vec::new();
    for value in serde_json::Deserializer::from_str(&text).into_iter::<Json>() {
        match value.map_err(|error| CommandError::failed(format!("{shown} is not JSON"), error))? {
            Json::Array(values) => {
                for value in &values {
                    records.push(record(path, value)?);
                }
            }
            value => records.push(record(path, &value)?),
        }
    }
    if records.is_empty() {
        return Err(CommandError::because(format!("there is no record in {shown}; write a JSON object into it")));
    }
    Ok(records)
}

fn record(path: &Path, value: &Json) -> Result<Record, CommandError> {
    let wrong = |what: &str| CommandError::because(format!("{}: {what}", path.display()));
    let attributes = value.as_object().ok_or_else(|| wrong("a record must be a JSON object"))?;
    let mut record = Record::new("");
    for (name, value) in attributes {
        let value = match value {
            Json::Null => continue,
            Json::Array(values) => values.iter().map(content).collect::<Option<Vec<_>>>().map(Value::Many),
            value => content(value).map(Value::One),
        };
        let value = value.ok_or_else(|| wrong(&format!("attribute {name} must be a text or a list of texts")))?;
        record = record.with(name, value);
    }
    Ok(record)
}

/// A value as HR systems state it: as text.
fn content(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(flag) => Some(if *flag { "True" } else { "False" }.to_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn vectors(path: &Path, as_json: bool) -> Result<Exit, CommandError> {
    let shown = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| CommandError::failed(format!("cannot read {shown}"), error))?;
    let results = mapping::vectors::run(&text)
        .map_err(|error| CommandError::failed(format!("{shown} is no list of test vectors"), error))?;
    let failed: Vec<_> = results.iter().filter(|result| !result.passed).collect();
    let exit = if failed.is_empty() { Exit::Done } else { Exit::Failed };
    if as_json {
        let failures: Vec<_> = failed
            .iter()
            .map(|result| {
                let (id, function, expression) = (&result.id, &result.function, &result.expression);
                json!({ "id": id, "function": function, "expression": expression,
                    "expected": result.expected, "got": result.got })
            })
            .collect();
        print::document(&json!({ "vectors": results.len(), "failed": failed.len(), "failures": failures }));
        return Ok(exit);
    }
    for result in &failed {
        print::line(format_args!("failed {} ({}): {}", result.id, result.function, result.expression));
        print::line(format_args!("  expected: {}\n  got:      {}", result.expected, result.got));
    }
    let passed = results.len() - failed.len();
    print::line(format_args!("{passed} of {} vectors passed, {} failed", results.len(), failed.len()));
    Ok(exit)
}
