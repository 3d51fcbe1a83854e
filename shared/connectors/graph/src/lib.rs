//! connector-graph.
