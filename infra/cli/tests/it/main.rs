//! The program as an operator starts it.

mod check;
#[cfg(test)]
mod company;
mod expr;
mod import;
mod kill;
#[cfg(test)]
mod names;
mod program;
mod read;
mod recovery;
#[cfg(test)]
mod rehearsal;
mod samples;
mod trouble;
mod walkthrough;
