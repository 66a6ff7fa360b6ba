//! Channels: prepaid money that vouchers pay out.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::height::Height;
use crate::id::ObjectId;
use crate::keys::PublicKey;
use crate::time::{Millis, Time};

/// An open channel. What it owes is what its best voucher says; sequence and cumulative never fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Channel {
    /// Who pays.
    pub payer: AccountId,
    /// Who is paid.
    pub payee: AccountId,
    /// The money, funded in full when the channel opened.
    pub hold: ObjectId,
    /// How much at most, in base units.
    pub funded: Amount,
    /// The key that signs vouchers.
    pub voucher_key: PublicKey,
    /// How long the payee may answer after the payer asks to close.
    pub settle_delay: Millis,
    /// The best voucher the chain has seen.
    pub best: Option<BestVoucher>,
    /// Whether the end has begun.
    pub status: ChannelStatus,
    /// What its owner set aside for it, returned when it ends; in base units.
    pub deposit: Amount,
}

/// What the chain keeps of the best voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BestVoucher {
    /// Its position.
    pub sequence: u64,
    /// What it says is owed in all, in base units.
    pub cumulative: Amount,
}

/// Whether a channel's end has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ChannelStatus {
    /// Nobody has asked to close it.
    Open,
    /// The payer has; it ends when both points have passed, so that a halted chain does not eat the
    /// payee's time to answer.
    Closing {
        /// The point in time.
        time: Time,
        /// The position in the chain.
        height: Height,
    },
}
