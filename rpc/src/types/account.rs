//! Money as clients see it: accounts, holds and channels.

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountView {
    /// The account.
    pub address: Text<Address>,
    /// What it is called, if it bears a name.
    pub name: Option<Text<Name>>,
    /// All its money.
    pub amount: Text<Amount>,
    /// The part of it that is set aside.
    pub held: Text<Amount>,
    /// The part of it that is not: amount less held.
    pub balance: Text<Amount>,
    /// What may be spent beyond the balance: nothing, as there are no credit lines.
    pub credit: Text<Amount>,
    /// What may be spent: balance and credit.
    pub available: Text<Amount>,
    /// The nonce of the next transaction, as the tip has it.
    pub nonce: u64,
    /// The nonce of the next transaction after those that wait.
    pub next_nonce: u64,
    /// How many orders are open.
    pub orders: u32,
    /// The keys that sign in place of the account's own, if there are any.
    pub signers: Option<SignersView>,
    /// Whether authorities have frozen it, so that it only ends what it has begun.
    pub frozen: bool,
}

/// Keys of which so many sign together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignersView {
    /// How many sign.
    pub threshold: u8,
    /// The keys, in rising order.
    pub keys: Vec<Text<PublicKey>>,
}

/// What an account granted to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentView {
    /// Whose money it may move.
    pub account: Text<Address>,
    /// The key.
    pub key: Text<PublicKey>,
    /// What it may do.
    pub scopes: Vec<ScopeView>,
    /// The most that it may move or set aside in all, fees included.
    pub cap: Text<Amount>,
    /// How much of that it has used.
    pub spent: Text<Amount>,
    /// When the grant ends.
    pub expires: u64,
}

/// What an agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeView {
    /// To transfer.
    Pay,
    /// To open holds, and to capture and release them.
    Hold,
    /// To place and cancel orders.
    Trade,
    /// To open and close channels, and to bring vouchers.
    Channel,
    /// To give back what was paid.
    Refund,
    /// To register hosts and to say what they have to sell.
    Host,
}

/// Whether an object still stands in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectStatus {
    /// It does.
    Open,
    /// It came to its end; what is shown is how it stood last.
    Ended,
}

/// Money set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldView {
    /// Its name.
    pub hold: Text<ObjectId>,
    /// Whose money it is.
    pub owner: Text<Address>,
    /// What it is for.
    pub purpose: PurposeView,
    /// How much was set aside.
    pub amount: Text<Amount>,
    /// How much of it was paid out, or left the ledger.
    pub captured: Text<Amount>,
    /// How much of what was paid out had come back when this was read, or when the hold ended.
    pub refunded: Text<Amount>,
    /// What the owner set aside for it besides, returned when it ends.
    pub deposit: Text<Amount>,
    /// Whether it is open.
    pub status: ObjectStatus,
    /// Why it ended, where that is known.
    pub reason: Option<HoldClosedView>,
}

/// What a hold is for, and so who may draw on it and when it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PurposeView {
    /// Opened by its owner for a beneficiary.
    User {
        /// Who may capture and release.
        beneficiary: Text<Address>,
        /// When the rest returns to the owner.
        expires: u64,
    },
    /// The money of an open bid.
    Bid {
        /// The bid.
        order: Text<ObjectId>,
    },
    /// The price of a contract.
    Contract {
        /// The contract.
        contract: Text<ObjectId>,
    },
    /// The money of a channel.
    Channel {
        /// The channel.
        channel: Text<ObjectId>,
    },
    /// Money that is to leave the ledger.
    Withdrawal {
        /// Where it is to go: foreign text.
        target: String,
        /// When it returns to the owner, if the cashier has not answered.
        expires: u64,
    },
}

/// Why a hold is open no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldClosedView {
    /// Its beneficiary released it.
    Released,
    /// It ran out.
    Expired,
    /// All of it was captured.
    Spent,
    /// What it was for came to its end.
    Ended,
    /// The cashier refused to pay it out.
    Rejected,
}

/// What a hold, contract or channel has paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentView {
    /// The hold, contract or channel.
    pub of: Text<ObjectId>,
    /// Who paid.
    pub payer: Text<Address>,
    /// Who was paid, and may give back.
    pub payee: Text<Address>,
    /// How much was paid so far.
    pub captured: Text<Amount>,
    /// How much of it was given back.
    pub refunded: Text<Amount>,
    /// Until when more may be given back; none while what paid it stands.
    pub until: Option<u64>,
}

/// Prepaid money that vouchers pay out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelView {
    /// Its name.
    pub channel: Text<ObjectId>,
    /// Who pays.
    pub payer: Text<Address>,
    /// Who is paid.
    pub payee: Text<Address>,
    /// The hold with its money.
    pub hold: Text<ObjectId>,
    /// How much at most.
    pub funded: Text<Amount>,
    /// The key that signs vouchers.
    pub voucher_key: Text<PublicKey>,
    /// How long the payee may answer after the payer asks to close.
    pub settle_delay_ms: u64,
    /// The best voucher that the chain has seen.
    pub best: Option<BestVoucherView>,
    /// How it stands.
    #[serde(flatten)]
    pub status: ChannelStatusView,
}

/// What the chain keeps of the best voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BestVoucherView {
    /// Its position.
    pub sequence: u64,
    /// What it says is owed in all.
    pub cumulative: Text<Amount>,
}

/// How a channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ChannelStatusView {
    /// Nobody has asked to close it.
    Open,
    /// The payer has; it ends when both points have passed.
    Closing {
        /// The point in time.
        closes: u64,
        /// The position in the chain.
        closes_height: u64,
    },
    /// It came to its end.
    Ended,
}
