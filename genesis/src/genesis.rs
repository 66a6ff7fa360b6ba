//! What a network begins with, as values: its charter, and who has money.

use std::ops::Deref;

use chain::charter::{Balance, Charter};
use chain::hash::Hash;

/// What a network begins with. Made by [`Spec::genesis`](crate::Spec::genesis) alone, which has checked
/// it: there is an authority, every account can pay its deposit, no sum overflows.
///
/// It reads as its charter does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Genesis {
    /// What the members agreed on; its digest names the chain.
    pub charter: Charter,
    /// Who has money, in rising order of account, none twice; the charter has their root.
    pub accounts: Vec<Balance>,
}

impl Genesis {
    /// The chain's identity: the digest of the charter. Every signature on the chain covers it.
    pub fn hash(&self) -> Hash {
        self.charter.chain()
    }
}

impl Deref for Genesis {
    type Target = Charter;

    fn deref(&self) -> &Charter {
        &self.charter
    }
}
