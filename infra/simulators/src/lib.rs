//! Simulators of outside systems that enforce the real limits, for laptops and tests. Loopback only.

pub mod graph;
