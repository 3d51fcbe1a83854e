//! Every parser that takes bytes from outside, as a function that asserts what must hold whatever the bytes are.
//!
//! The same functions are replayed over a corpus, fed with generated documents, and run by a fuzzer (`fuzz/`).

#![expect(clippy::missing_panics_doc, reason = "to panic is what these functions are for")]

mod configuration;
mod differential;
mod expression;
mod files;
mod graph;
mod item;
mod message;
mod plain;
mod stored;

pub use configuration::configuration;
pub use differential::{Case, compared, differential};
pub use expression::expression;
pub use files::{csv, json_lines};
pub use graph::graph;
pub use item::item;
pub use message::message;
pub use stored::stored;

/// A function that panics where a rule is broken.
pub type Target = fn(&[u8]);

/// Every function with its name: the fuzz target, the folder of the corpus and the dictionary are called the same.
pub const TARGETS: &[(&str, Target)] = &[
    ("csv", csv),
    ("json_lines", json_lines),
    ("expression", expression),
    ("configuration", configuration),
    ("graph", graph),
    ("message", message),
    ("stored", stored),
    ("item", item),
    ("differential", differential),
];

/// A surname that generated people have: where an error or a cursor holds it, it holds a value.
pub const VALUE: &str = "Placeholder";
