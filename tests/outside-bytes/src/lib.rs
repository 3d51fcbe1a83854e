//! What must hold of every parser that takes bytes from outside, whatever the bytes are: one function a parser. They panic
//! where it does not. The fuzz targets call them, and so do tests with generated documents.

mod configuration;
mod expressions;
mod files;
mod graph;
mod objects;
mod queues;

pub use configuration::configuration;
pub use expressions::expression;
pub use files::{csv, json_lines};
pub use graph::graph_reply;
pub use objects::{manifest, packed};
pub use queues::message;

/// A parser under test: takes any bytes and panics where something does not hold.
pub type Check = fn(&[u8]);

/// Every parser by the name of its fuzz target and of its folder of examples.
pub const ALL: [(&str, Check); 8] = [
    ("csv", csv),
    ("json_lines", json_lines),
    ("expression", expression),
    ("configuration", configuration),
    ("graph_reply", graph_reply),
    ("message", message),
    ("packed", packed),
    ("manifest", manifest),
];
