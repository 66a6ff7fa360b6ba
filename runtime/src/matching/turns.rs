//! Whose turn it is in a match with more work than a block may do.
//!
//! Were it always that of the best bids, many that find nothing could keep all below them from their turn for
//! as long as they stand. So in every other block, by lot, half of the work is left to bids that the first
//! half does not come to, from one on that is drawn too. The lot is cast by the parent block, so that whoever
//! places orders cannot know it, and nothing need be remembered from block to block. Where the work is enough
//! for all, nothing depends on it.

use chain::hash::{Domain, Hash};
use chain::market::MarketId;

/// Where the bids begin whose turn comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turns {
    /// At the best, until the work is done.
    FromTheBest,
    /// At the best, until half of the work is done; then at one of the rest, drawn by this number.
    Drawn(u64),
}

impl Turns {
    /// The turns in the match of `market` in the block after `parent`.
    pub(super) fn of(parent: Hash, market: MarketId) -> Self {
        let lot = Hash::of(Domain::Turn, &[&parent.0, &market.0.to_le_bytes()]).0;
        let [side, ..] = lot;
        if side.is_multiple_of(2) {
            return Self::FromTheBest;
        }
        let number = lot.last_chunk().expect("a digest has eight bytes");
        Self::Drawn(u64::from_le_bytes(*number))
    }

    /// How much of `pairs` may be done before the turn passes to a bid that is drawn.
    pub(super) const fn at_the_best(self, pairs: usize) -> usize {
        match self {
            Self::FromTheBest => pairs,
            Self::Drawn(_) => pairs.div_ceil(2),
        }
    }

    /// Which of `waiting` bids is the next whose turn comes, once that much is done; none where all wait
    /// for the next block.
    pub(super) fn next(self, waiting: usize) -> Option<usize> {
        match self {
            Self::FromTheBest => None,
            Self::Drawn(number) => {
                let place = number.checked_rem(u64::try_from(waiting).ok()?)?;
                usize::try_from(place).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests;
