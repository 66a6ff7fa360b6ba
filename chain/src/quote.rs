//! Quotes: a deal that one side signs outside the chain, for the other to accept in a transaction.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::batch::{self, Claim};
use crate::conditions::Conditions;
use crate::encoding::encode;
use crate::hash::{Domain, Hash};
use crate::id::ObjectId;
use crate::keys::{SecretKey, SignatureInvalid};
use crate::market::{Grade, MarketId};
use crate::quantity::{Price, Quantity};
use crate::time::{Time, Window};
use crate::witness::{self, Witness};

/// What its maker agrees to, once somebody accepts it. The order of the fields is part of the encoding.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Quote {
    /// The chain it is valid on.
    pub chain: Hash,
    /// Whose word it is.
    pub maker: AccountId,
    /// Who alone may accept it; anybody where nobody is named.
    pub taker: Option<AccountId>,
    /// The first point at which nobody can accept it any more.
    pub expires: Time,
    /// Tells apart quotes that say the same.
    pub salt: u64,
    /// What is quoted.
    pub offer: Offer,
    /// On which conditions.
    pub conditions: Conditions,
}

impl Quote {
    /// What its maker signs.
    pub fn digest(&self) -> Hash {
        Hash::of(Domain::Quote, &[&encode(self)])
    }

    /// The name under which the state keeps how much of it was accepted.
    pub fn id(&self) -> ObjectId {
        ObjectId(self.digest().0)
    }

    /// Signs the quote with several keys, none of them twice, in any order.
    pub fn sign_with(self, keys: &[SecretKey]) -> SignedQuote {
        let witnesses = witness::sign(&self.digest(), keys);
        SignedQuote { quote: self, witnesses }
    }
}

/// What a quote offers. The order of the variants is part of the encoding.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Offer {
    /// The maker sells capacity.
    Sell(Capacity),
    /// The maker buys capacity.
    Buy(Capacity),
    /// The maker passes on a contract in which it is the buyer, before it has begun.
    Resell {
        /// The contract.
        contract: ObjectId,
        /// What the new buyer pays in all for a unit and slot, in base units. The seller gets the contract's
        /// price of it; the difference is between the two buyers.
        price: Price,
    },
}

/// Capacity at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Capacity {
    /// Where it belongs.
    pub market: MarketId,
    /// The slots, all of them.
    pub window: Window,
    /// Units in each slot, over all who accept.
    pub quantity: Quantity,
    /// Base units for a unit and slot.
    pub price: Price,
    /// Its grade.
    pub grade: Grade,
}

/// A quote and the signatures that make it its maker's word. Nothing is verified yet.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedQuote {
    /// What is agreed to.
    pub quote: Quote,
    /// Who signed it: 1 to [`WITNESSES_MAX`](crate::limits::WITNESSES_MAX), in rising order of key.
    #[borsh(deserialize_with = "witness::read")]
    pub witnesses: Vec<Witness>,
}

impl SignedQuote {
    /// Verifies every signature. Whether those who signed may act for the maker, the rules check.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when one does not verify, or the witnesses are none or out of order.
    pub fn verify(&self) -> Result<(), SignatureInvalid> {
        let claims: Vec<Claim> = self.claims()?.collect();
        if batch::verify(&claims).is_empty() { Ok(()) } else { Err(SignatureInvalid) }
    }

    /// What must hold for the quote to be signed.
    pub(crate) fn claims(&self) -> Result<impl Iterator<Item = Claim>, SignatureInvalid> {
        witness::claims(self.quote.digest(), &self.witnesses)
    }
}

/// How much of a quote was accepted; stands until nobody can accept it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct QuoteUse {
    /// Whose quote it is.
    pub maker: AccountId,
    /// Units that it offers in each slot.
    pub quantity: Quantity,
    /// Units that were accepted: above zero, never more than it offers.
    pub used: Quantity,
    /// From when on nobody can accept it.
    pub until: Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::Kind;
    use crate::encoding::decode;
    use crate::time::Millis;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).unwrap()
    }

    fn quote() -> Quote {
        let window = Window { start: Time(10), end: Time(20) };
        Quote {
            chain: Hash([1; 32]),
            maker: AccountId::of_key(&key(1).public_key()),
            taker: None,
            expires: Time(5),
            salt: 7,
            offer: Offer::Sell(Capacity {
                market: MarketId(0),
                window,
                quantity: Quantity(3),
                price: Price(40),
                grade: Grade::BASE,
            }),
            conditions: Conditions::default(),
        }
    }

    #[test]
    fn signed_quote_round_trips_and_verifies() {
        let signed = quote().sign_with(&[key(2), key(1)]);
        assert_eq!(decode::<SignedQuote>(&encode(&signed)).as_ref(), Ok(&signed));
        assert_eq!(signed.verify(), Ok(()));
    }

    #[test]
    fn quote_that_says_something_else_is_another_and_not_signed() {
        let signed = quote().sign_with(&[key(1)]);
        let changes: [fn(&mut Quote); 6] = [
            |it| it.chain = Hash([2; 32]),
            |it| it.taker = Some(AccountId([3; 20])),
            |it| it.expires = Time(6),
            |it| it.salt = 8,
            |it| it.conditions.kind = Kind::Interruptible { notice: Millis(0) },
            |it| it.offer = Offer::Resell { contract: ObjectId([1; 32]), price: Price(40) },
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed.quote);
            assert_ne!(changed.quote.id(), signed.quote.id());
            assert_eq!(changed.verify(), Err(SignatureInvalid));
        }
    }

    #[test]
    fn witnesses_none_twice_or_out_of_order_are_refused() {
        let signed = quote().sign_with(&[key(1), key(2)]);
        let with = |witnesses| SignedQuote { witnesses, ..signed.clone() };
        let mut turned = signed.witnesses.clone();
        turned.reverse();
        for witnesses in [Vec::new(), vec![signed.witnesses[0]; 2], turned] {
            assert_eq!(with(witnesses).verify(), Err(SignatureInvalid));
        }
    }
}
