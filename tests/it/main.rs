//! Tests of the whole.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod template;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod wire;
