//! The same rules on the fakes and on what they stand for, so that the fakes cannot lie.

mod blobs;
mod dynamodb;
mod queue;
mod source;
mod table;
mod table_random;
mod target;

/// Runs every rule of a port on the fake and on the real thing, each in a new and empty one.
macro_rules! contract {
    (fake: $fake:expr, $real:ident: $start:expr, rules: [$($rule:ident),* $(,)?]) => {
        mod fake {
            $(#[tokio::test] async fn $rule() { let one = $fake; super::$rule(&one).await; })*
        }
        mod $real {
            $(#[tokio::test] async fn $rule() { let one = $start; super::$rule(&one.port).await; })*
        }
    };
}
use contract;

/// Runs every rule of a connector's role on one connector: a function that makes it anew for each rule.
macro_rules! connector_contract {
    ($name:ident: $start:expr, rules: [$($rule:ident),* $(,)?]) => {
        mod $name {
            $(#[tokio::test] async fn $rule() { super::$rule(&$start).await; })*
        }
    };
}
use connector_contract;

/// The real thing behind a port, and what has to live as long.
struct Real<P, K> {
    port: P,
    _keep: K,
}
