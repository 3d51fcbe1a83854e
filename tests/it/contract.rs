//! The same rules on the fakes, on what they stand for and on servers that others wrote, so that the fakes cannot lie.

mod blobs;
mod dynamodb;
mod dynamodb_server;
mod emulator;
mod queue;
mod source;
mod sqs;
mod sqs_server;
mod table;
mod table_random;
mod target;
mod target_values;

/// Runs every rule on every implementation, each time in a new and empty one: `start`, which finds the rule's name in
/// `RULE`, gives it, or says why it is left out and gives none.
macro_rules! contract {
    (rules: $rules:tt, $($name:ident: $start:expr),+ $(,)?) => {
        $(crate::contract::contract!(@one $name: $start, $rules);)+
    };
    (@one $name:ident: $start:expr, [$($rule:ident),* $(,)?]) => {
        mod $name {
            $(#[tokio::test] async fn $rule() {
                const RULE: &str = stringify!($rule);
                let start: Option<crate::contract::Real<_, _>> = $start;
                let Some(one) = start else { return println!("{RULE} was not run") };
                super::$rule(&one.port).await;
            })*
        }
    };
}
use contract;

/// A port's implementation, and what has to live as long.
struct Real<P, K = ()> {
    port: P,
    keep: K,
}

impl<P> Real<P> {
    /// One that needs nothing else.
    fn alone(port: P) -> Self {
        Self { port, keep: () }
    }
}
