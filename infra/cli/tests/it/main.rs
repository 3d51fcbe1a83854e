//! The program as an operator starts it.

mod check;
mod expr;
mod program;
mod read;
