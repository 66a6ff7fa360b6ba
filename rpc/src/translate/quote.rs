//! Quotes.

use chain::quote::{Capacity, Offer, SignedQuote};

use super::Translator;
use crate::types::{CapacityView, OfferView, QuoteView};

impl Translator {
    /// A quote, and who signed it so far.
    pub fn quote(&self, signed: &SignedQuote) -> QuoteView {
        let quote = &signed.quote;
        QuoteView {
            quote: quote.id().into(),
            chain: quote.chain.into(),
            maker: self.address(quote.maker),
            taker: quote.taker.map(|taker| self.address(taker)),
            expires: quote.expires.0,
            salt: quote.salt,
            offer: (&quote.offer).into(),
            conditions: self.conditions(&quote.conditions),
            signers: signed.witnesses.iter().map(|witness| witness.key.into()).collect(),
        }
    }
}

impl From<&Offer> for OfferView {
    fn from(offer: &Offer) -> Self {
        match offer {
            Offer::Sell(capacity) => Self::Sell(capacity.into()),
            Offer::Buy(capacity) => Self::Buy(capacity.into()),
            Offer::Resell { contract, price } => {
                Self::Resell { contract: (*contract).into(), price: (*price).into() }
            }
        }
    }
}

impl From<&Capacity> for CapacityView {
    fn from(capacity: &Capacity) -> Self {
        Self {
            market: capacity.market.0,
            window: capacity.window.into(),
            quantity: capacity.quantity.0,
            price: capacity.price.into(),
            grade: capacity.grade.0,
        }
    }
}
