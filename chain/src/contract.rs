//! Contracts: a matched deal, how far it has come and how much of it has been paid.

mod outlook;
mod turn;

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

pub use self::outlook::Outlook;
pub use self::turn::{ActKind, OutOfTurn, Party};
use crate::account::AccountId;
use crate::amount::Amount;
use crate::conditions::{Brokers, Kind, Split};
use crate::encoding::bounded_list;
use crate::hash::Hash;
use crate::id::ObjectId;
use crate::limits::STAGED_DIGESTS_MAX;
use crate::market::MarketId;
use crate::params::ContractTerms;
use crate::parties::Parties;
use crate::quantity::{Price, Quantity};
use crate::sealed::Sealed;
use crate::time::{Time, Window};

/// A deal between a buyer and a seller. It owns its hold, pays the seller for every slot that has
/// passed, and ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Contract {
    /// Who pays.
    pub buyer: AccountId,
    /// Who is paid.
    pub seller: AccountId,
    /// Where it was made.
    pub market: MarketId,
    /// The bid it came from.
    pub bid: ObjectId,
    /// The ask it came from.
    pub ask: ObjectId,
    /// Units in each slot.
    pub quantity: Quantity,
    /// The slots.
    pub window: Window,
    /// Base units for a unit and slot.
    pub price: Price,
    /// The money: price times units times the slots that can still be paid.
    pub hold: ObjectId,
    /// How far it has come.
    pub state: ContractState,
    /// When the running duty ends; while the contract is active, when its next slot does.
    pub due: Time,
    /// Slots of the window that were over before the seller was ready; nobody pays them.
    pub slots_missed: u64,
    /// Slots paid so far, but for what is held back.
    pub slots_paid: u64,
    /// How much was paid in all, in base units.
    pub paid: Amount,
    /// Where the buyer can be reached, for the seller.
    pub buyer_endpoint: Option<Sealed>,
    /// Where the seller can be reached, for the buyer.
    pub seller_endpoint: Option<Sealed>,
    /// What the buyer has made ready.
    pub staged: Option<Staged>,
    /// What the seller has made ready: the digest of what runs there.
    pub fingerprint: Option<Hash>,
    /// The last result that the seller posted.
    pub result: Option<Delivery>,
    /// What the network had agreed on when it was made; later changes do not touch it.
    pub terms: ContractTerms,
    /// Whether the seller may take back what is left of the window.
    pub kind: Kind,
    /// When its slots end: with the window, or before where the seller takes back the rest.
    pub ends: Time,
    /// The host whose pool it was sold out of.
    pub host: Option<ObjectId>,
    /// Who gets parts of what the seller is paid.
    pub split: Split,
    /// To whom the seller sells: the buyer may pass it on to them.
    pub parties: Parties,
    /// The SHA-256 digest of the text that both sides agreed to.
    pub agreement: Option<Hash>,
    /// Who gets shares of the commission.
    pub brokers: Brokers,
    /// Who uses what the buyer pays for, and acts besides it.
    pub user: Option<AccountId>,
}

impl Contract {
    /// What its brokers get of its commission, in basis points of that.
    pub fn shared_bps(&self) -> u16 {
        self.terms.broker_bps.saturating_mul(self.brokers.count())
    }

    /// What so many slots of it cost, in base units; `None` above [`Amount::MAX`].
    pub fn cost(&self, slots: u64) -> Option<Amount> {
        Amount::cost(self.price, self.quantity, slots)
    }
}

impl ContractState {
    /// Why it is over; none before.
    pub const fn reason(self) -> Option<ContractClosed> {
        match self {
            Self::Closed(reason) => Some(reason),
            Self::Matched
            | Self::Staging
            | Self::Ready
            | Self::Active
            | Self::Ended
            | Self::SignOff
            | Self::Disputed
            | Self::Reclaiming => None,
        }
    }

    /// True while slots can still pass: until then, what was sold is not for sale again.
    pub const fn occupies(self) -> bool {
        match self {
            Self::Matched | Self::Staging | Self::Ready | Self::Active | Self::Reclaiming => true,
            Self::Ended | Self::SignOff | Self::Disputed | Self::Closed(_) => false,
        }
    }
}

/// How far a contract has come: whose turn it is, and to do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum ContractState {
    /// The buyer is to stage code and data.
    Matched,
    /// The seller is to get ready.
    Staging,
    /// Both wait for the window to begin.
    Ready,
    /// The slots of the window pass and are paid.
    Active,
    /// The seller is to post the result.
    Ended,
    /// The buyer is to sign off.
    SignOff,
    /// The buyer has rejected the result: what is held back is disputed.
    Disputed,
    /// It is over, and no part of the state any more.
    Closed(ContractClosed),
    /// The seller has given notice; until then slots pass and are paid.
    Reclaiming,
}

/// Why a contract is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum ContractClosed {
    /// The buyer has accepted.
    Accepted = 0,
    /// The buyer did not say in time that it does not accept.
    Silence = 1,
    /// The seller posted no result in time.
    NoResult = 2,
    /// The buyer rejected the result, and nobody gave way in time.
    Rejected = 3,
    /// The seller was not ready in time.
    NoShow = 4,
    /// The buyer did not stage in time.
    BuyerLate = 5,
    /// The buyer gave up.
    AbortedByBuyer = 6,
    /// The seller gave up.
    AbortedBySeller = 7,
}

/// What the buyer has made ready for the seller to fetch.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Staged {
    /// The digests of code and data, in the buyer's order: 1 to [`STAGED_DIGESTS_MAX`].
    #[borsh(deserialize_with = "digests")]
    pub digests: Vec<Hash>,
    /// Where they are, for the seller.
    pub location: Sealed,
}

/// What the seller has computed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Delivery {
    /// Its digest.
    pub digest: Hash,
    /// Where it is, for the buyer.
    pub location: Sealed,
    /// Whether it is all there is to compute.
    pub extent: Extent,
}

/// How much of a result there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Extent {
    /// All of it: the work is done.
    Whole,
    /// What there is so far.
    Partial,
}

/// What a buyer says of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Verdict {
    /// It is as agreed.
    Accept,
    /// It is not.
    Reject,
}

/// What a party of a contract does in it. The order of the variants is part of the encoding.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ContractAct {
    /// Either side says where it can be reached.
    EndpointPublish {
        /// The words, sealed to the other side; they take the place of earlier ones.
        endpoint: Sealed,
    },
    /// The buyer has made code and data ready.
    StageReady(Staged),
    /// The seller is ready to run them.
    HostReady {
        /// The digest of what will run.
        fingerprint: Hash,
    },
    /// The seller posts a result; a whole one before the window is over ends the contract's slots there.
    ResultPost(Delivery),
    /// The buyer signs off.
    SignOff {
        /// What it says.
        verdict: Verdict,
    },
    /// The buyer needs no more slots.
    EndEarly,
    /// Either side gives up what it still has to expect.
    Abort,
    /// The seller takes back what is left of the window after its notice.
    ReclaimStart,
}

fn digests<R: io::Read>(reader: &mut R) -> io::Result<Vec<Hash>> {
    bounded_list(reader, 1..=STAGED_DIGESTS_MAX)
}
