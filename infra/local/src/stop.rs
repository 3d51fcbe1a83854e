//! The word to stop, from the stack to all its tasks.

use tokio::sync::watch;

/// Says the word; dropping it does too.
pub(crate) struct Stop(watch::Sender<bool>);

/// Hears the word.
#[derive(Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

/// Both ends.
pub(crate) fn stop() -> (Stop, Stopping) {
    let (sender, receiver) = watch::channel(false);
    (Stop(sender), Stopping(receiver))
}

impl Stop {
    /// Tells all tasks to stop.
    pub(crate) fn say(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Ends once the stack stops.
    pub(crate) async fn heard(&mut self) {
        // An error means that the sender is gone, which is the same word.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
