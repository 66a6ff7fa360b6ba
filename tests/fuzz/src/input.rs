//! Fuzzed bytes read as choices; when they are used up, every choice is the first.

use chain::amount::Amount;

pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_used_up(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `bound`, which is 1 to 256.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        u64::from(self.byte()) % bound
    }

    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == times - 1
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        let index = usize::from(self.byte()) % items.len();
        items[index]
    }

    /// A number that is most often small, and sometimes at the edge of what there is.
    pub(crate) fn number(&mut self) -> u64 {
        let low = u64::from(self.byte());
        match low {
            0..200 => low,
            200..240 => low << 8 | u64::from(self.byte()),
            240..250 => low << 24,
            250..253 => u64::MAX >> 1,
            _ => u64::MAX - (low - 253),
        }
    }

    /// A sum that is most often small, and sometimes at the edge of what there is.
    pub(crate) fn amount(&mut self) -> Amount {
        match self.below(16) {
            15 => Amount::MAX,
            14 => Amount::MAX.checked_sub(Amount::from_u64(self.number())).unwrap_or_default(),
            _ => Amount::from_u64(self.number()),
        }
    }
}
