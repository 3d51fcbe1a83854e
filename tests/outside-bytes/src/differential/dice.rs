//! Bytes as dice. When they are used up every throw is 0, which every maker takes for the simplest choice.

pub(super) struct Dice<'b> {
    bytes: std::slice::Iter<'b, u8>,
}

impl<'b> Dice<'b> {
    pub fn of(bytes: &'b [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    /// Below a small number.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.bytes.next().copied().unwrap_or(0)) % limit
    }

    /// Once in so many throws.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}
