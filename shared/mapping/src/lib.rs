//! What a target's attributes are made of: expressions in Microsoft Entra's mapping language, attribute mappings, and
//! the filters that say who is in scope.
//!
//! PURE: no clock, no environment, no I/O. Errors name functions, attributes and positions, never a value.

mod attribute;
mod casing;
mod code;
mod compile;
mod date_format;
mod date_forms;
mod date_reading;
mod date_text;
mod decimal;
mod diacritics;
mod evaluation;
mod expression;
mod filter;
mod functions;
mod lexer;
mod lint;
mod mistake;
mod operator;
mod parser;
mod pattern;
mod replacement;
mod suggest;
mod tree;
pub mod vectors;

pub use attribute::{Apply, Flow, FlowRef, Mapping, Offer};
pub use expression::{Context, EvaluateError, Expression, Outcome};
pub use filter::{Clause, CompiledFilter, Failure, Filter, FilterMistake, Group, Verdict};
pub use functions::{FunctionInfo, functions};
pub use lexer::Comparison;
pub use lint::{Lint, LintKind};
pub use mistake::Mistake;
pub use operator::{Operator, OperatorError};
pub use tree::{Node, NodeKind, outline};
