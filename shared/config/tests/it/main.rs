//! Configurations as operators write them, right and wrong.

mod example;
mod expressions;
mod layout;
mod mistakes;
mod odd;
mod values;
