//! What a target was asked to do, and what it did.

use ports::WriteAction;

/// How many requests or calls of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Creates.
    pub creates: u64,
    /// Updates.
    pub updates: u64,
    /// References set or taken away.
    pub refers: u64,
    /// Deletes.
    pub deletes: u64,
    /// Calls of `TargetWrite::write`.
    pub groups: u64,
    /// Calls of `TargetRead::find`.
    pub finds: u64,
    /// Calls of `TargetRead::read`.
    pub reads: u64,
    /// Calls of `TargetRead::read_all`.
    pub read_alls: u64,
}

impl Counts {
    /// All requests that change something.
    pub fn writes(&self) -> u64 {
        self.creates + self.updates + self.refers + self.deletes
    }

    pub(super) fn add(&mut self, action: &WriteAction) {
        *match action {
            WriteAction::Create { .. } => &mut self.creates,
            WriteAction::Update { .. } => &mut self.updates,
            WriteAction::Refer { .. } => &mut self.refers,
            WriteAction::Delete { .. } => &mut self.deletes,
        } += 1;
    }
}
