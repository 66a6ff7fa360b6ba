//! Quotes as the protocol document describes them, in the plainest way. The runtime must agree with it.

use chain::account::AccountId;
use chain::conditions::{Conditions, Kind};
use chain::quote::{Capacity, Offer, SignedQuote};

/// A quote of a market with lots of one and no lead, and what was accepted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteModel {
    /// What was signed.
    pub signed: SignedQuote,
    /// Whether its maker signed it.
    pub is_honest: bool,
    /// Units accepted so far.
    pub used: u64,
}

type Code = u16;

impl QuoteModel {
    /// A quote that nobody has accepted.
    pub const fn new(signed: SignedQuote, is_honest: bool) -> Self {
        Self { signed, is_honest, used: 0 }
    }

    /// What is quoted.
    pub const fn capacity(&self) -> &Capacity {
        match &self.signed.quote.offer {
            Offer::Sell(capacity) | Offer::Buy(capacity) => capacity,
            Offer::Resell { .. } => panic!("the model is given no resales"),
        }
    }

    /// Who buys and who sells once `taker` accepts.
    pub const fn parties(&self, taker: AccountId) -> (AccountId, AccountId) {
        match self.signed.quote.offer {
            Offer::Sell(_) | Offer::Resell { .. } => (taker, self.signed.quote.maker),
            Offer::Buy(_) => (self.signed.quote.maker, taker),
        }
    }

    /// `taker`, which has enough money, accepts so many units in a block whose parent's time is `now`.
    ///
    /// # Errors
    /// The code with which it is refused.
    pub fn accept(
        &mut self,
        now: u64,
        taker: AccountId,
        quantity: u64,
        conditions: &Conditions,
    ) -> Result<(), Code> {
        let quote = &self.signed.quote;
        if !self.is_honest {
            return Err(161);
        }
        if quote.maker == taker {
            return Err(162);
        }
        if quote.taker.is_some_and(|named| named != taker) {
            return Err(163);
        }
        if quote.expires.0 <= now {
            return Err(164);
        }
        if quantity == 0 {
            return Err(62);
        }
        if self.capacity().window.start.0 <= now {
            return Err(66);
        }
        if self.used + quantity > self.capacity().quantity.0 {
            return Err(165);
        }
        let (sold, bought) = match quote.offer {
            Offer::Sell(_) | Offer::Resell { .. } => (&quote.conditions, conditions),
            Offer::Buy(_) => (conditions, &quote.conditions),
        };
        let fits = match (sold.kind, bought.kind) {
            (Kind::Firm, _) => true,
            (_, Kind::Firm) => false,
            (Kind::Interruptible { notice }, Kind::Interruptible { notice: least }) => {
                notice >= least
            }
        };
        if !fits {
            return Err(166);
        }
        if sold.agreement.is_some() && sold.agreement != bought.agreement {
            return Err(171);
        }
        if !bought.split.is_empty() {
            return Err(167);
        }
        if sold.user.is_some() {
            return Err(170);
        }
        self.used += quantity;
        Ok(())
    }

    /// How much of it the state must say was accepted, after a block whose parent's time was `now`.
    pub fn known(&self, now: u64) -> Option<u64> {
        let until = self.signed.quote.expires.0.min(self.capacity().window.start.0);
        (self.used > 0 && now < until).then_some(self.used)
    }
}
