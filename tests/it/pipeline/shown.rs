//! What the driver needs of a target besides its port: to see what it holds, and to wait for one that is on a wire.

use fakes::FakeTarget;
use ports::{TargetWrite, WriteAction};
use record::{Anchor, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// A target that says what it holds and what it was asked for.
pub trait Shown: TargetWrite {
    /// Every account.
    fn accounts(&self) -> BTreeMap<Anchor, BTreeMap<String, Value>>;
    /// How many requests that change something it received.
    fn writes(&self) -> u64;
    /// Whom it was ever asked to disable.
    fn disabled(&self) -> BTreeSet<Anchor>;
}

impl Shown for FakeTarget {
    fn accounts(&self) -> BTreeMap<Anchor, BTreeMap<String, Value>> {
        self.accounts()
    }

    fn writes(&self) -> u64 {
        self.received().writes()
    }

    fn disabled(&self) -> BTreeSet<Anchor> {
        let history = self.history().into_iter().filter_map(|action| match action {
            WriteAction::Update { anchor, attributes } => {
                let off = attributes.get("accountEnabled")?.as_ref()?.text() == "False";
                off.then_some(anchor)
            }
            _ => None,
        });
        history.collect()
    }
}

/// Whether an account is none of ours: a test that puts one there gives it such an id.
pub fn is_foreign(id: &str) -> bool {
    id.starts_with('X')
}

/// The outcome of a future; only a target on a wire lets it wait.
pub fn wait_for<F: Future>(future: F) -> F::Output {
    struct Woken(Thread);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Woken(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}
