//! Transactions as clients see them: what was asked for, where it stands, what it did.

use chain::amount::Amount;
use chain::authority::AuthorityKey;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::name::Name;
use chain::quantity::Price;
use chain::sealed::Sealed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::text::{Address, Text};
use crate::types::{
    AttributeView, AuthorityActView, BlackoutChangeView, CancelScopeView, ChangeView,
    ConditionsView, ContractActView, EventView, OrderPlaceView, QuoteView, ScopeView, SignersView,
    StandingActView, StandingTermsView, WindowView,
};

/// A submitted transaction was accepted: it waits, or it is in a block already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubmittedView {
    /// The transaction's id, to ask with.
    pub id: Text<Hash>,
}

/// What became of each transaction of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubmittedBatchView {
    /// One result for each transaction, in their order.
    pub results: Vec<SubmissionView>,
}

/// What became of a transaction that was submitted with others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum SubmissionView {
    /// It waits, or it is in a block already.
    Accepted(SubmittedView),
    /// It was not accepted, as `tx_submit` would say in an error.
    Refused {
        /// The number of the error.
        code: i32,
        /// Its name, as `NONCE_TOO_LOW`; it never changes its meaning.
        name: String,
        /// What it means, for people.
        message: String,
    },
}

impl From<Result<SubmittedView, Error>> for SubmissionView {
    fn from(result: Result<SubmittedView, Error>) -> Self {
        match result {
            Ok(submitted) => Self::Accepted(submitted),
            Err(error) => Self::Refused {
                code: error.code(),
                name: error.name().to_owned(),
                message: error.to_string(),
            },
        }
    }
}

/// Where a transaction stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum TxView {
    /// It waits for a block.
    Pending {
        /// What it asks for.
        transaction: TransactionView,
    },
    /// It is in a block, final and durable.
    Included {
        /// The block's height.
        height: u64,
        /// The digest of the block's header.
        block_hash: Text<Hash>,
        /// The block's time.
        time: u64,
        /// Its position in the block, what it asked for and what it did.
        #[serde(flatten)]
        included: IncludedView,
    },
    /// It was accepted and refused later; it is in no block.
    Rejected(RejectionView),
    /// Its last height passed; it is in no block and never will be.
    Expired,
    /// This node knows nothing of it. It may be in a block that the node does not keep.
    Unknown {
        /// The first block that the node keeps, but for genesis; 0 when it keeps all.
        blocks_from: u64,
    },
}

/// What a transaction would do in the block after the tip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum SimulationView {
    /// It would stand in the block, with this receipt.
    Included(ReceiptView),
    /// It would be refused at the door, and cost nothing.
    Rejected(RejectionView),
}

/// A transaction in a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IncludedView {
    /// Its position in the block, counted from 0.
    pub index: u32,
    /// What it asked for.
    pub transaction: TransactionView,
    /// What it did.
    pub receipt: ReceiptView,
}

/// What a transaction asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransactionView {
    /// Its id.
    pub id: Text<Hash>,
    /// Whose money pays.
    pub sender: Text<Address>,
    /// Its place in the sender's order.
    pub nonce: u64,
    /// The last height that may hold it.
    pub valid_until: u64,
    /// The most it may cost.
    pub fee_max: Text<Amount>,
    /// Its size, signed.
    pub bytes: u64,
    /// The keys that signed it.
    pub signers: Vec<Text<PublicKey>>,
    /// The steps, in order.
    pub operations: Vec<OperationView>,
}

/// One step of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OperationView {
    /// Pays somebody.
    Transfer {
        /// Who is paid.
        to: Text<Address>,
        /// How much.
        amount: Text<Amount>,
        /// A note for the recipient: foreign text.
        memo: String,
    },
    /// The cashier puts outside money on the ledger.
    Deposit {
        /// Whose account grows.
        to: Text<Address>,
        /// By how much.
        amount: Text<Amount>,
        /// The digest of the outside payment's reference.
        reference: Text<Hash>,
    },
    /// Sets money aside for a beneficiary.
    HoldOpen {
        /// How much.
        amount: Text<Amount>,
        /// Who may capture it.
        beneficiary: Text<Address>,
        /// When what is left returns to the sender.
        expires: u64,
    },
    /// The beneficiary takes money out of a hold.
    HoldCapture {
        /// The hold.
        hold: Text<ObjectId>,
        /// All that is captured once this is done.
        cumulative: Text<Amount>,
    },
    /// Ends a hold.
    HoldRelease {
        /// The hold.
        hold: Text<ObjectId>,
    },
    /// Places an order.
    OrderPlace(OrderPlaceView),
    /// Takes back what is left of an order.
    OrderCancel {
        /// The order.
        order: Text<ObjectId>,
    },
    /// Sets money aside that vouchers pay out.
    ChannelOpen {
        /// Who is paid.
        payee: Text<Address>,
        /// How much at most.
        amount: Text<Amount>,
        /// The key that signs vouchers.
        voucher_key: Text<PublicKey>,
        /// How long the payee may answer after the payer asks to close.
        settle_delay_ms: u64,
    },
    /// Brings a voucher to the chain.
    VoucherSubmit {
        /// The voucher.
        voucher: VoucherView,
    },
    /// The payee takes what the best voucher says and ends the channel at once.
    CloseByPayee {
        /// The channel.
        channel: Text<ObjectId>,
    },
    /// The payer asks to end the channel.
    CloseByPayer {
        /// The channel.
        channel: Text<ObjectId>,
    },
    /// Sets money aside that is to leave the ledger.
    WithdrawRequest {
        /// How much.
        amount: Text<Amount>,
        /// Where it is to go: foreign text.
        target: String,
    },
    /// The cashier takes the money of a withdrawal off the ledger.
    WithdrawConfirm {
        /// The withdrawal's hold.
        hold: Text<ObjectId>,
        /// The digest of the outside payment's reference.
        reference: Text<Hash>,
    },
    /// The cashier gives the money of a withdrawal back.
    WithdrawReject {
        /// The withdrawal's hold.
        hold: Text<ObjectId>,
        /// Why: foreign text.
        reason: String,
    },
    /// Whoever was paid gives some of it back.
    Refund {
        /// The hold, contract or channel that paid.
        of: Text<ObjectId>,
        /// How much.
        amount: Text<Amount>,
        /// Why: foreign text.
        reason: String,
    },
    /// Changes what the sender's account is called.
    AccountUpdate {
        /// The name; none to give it up.
        name: Option<Text<Name>>,
    },
    /// Changes who signs for the sender's account.
    KeySet {
        /// The keys, and how many of them sign.
        #[serde(flatten)]
        signers: SignersView,
    },
    /// Lets a key do some things for the sender's account.
    AgentGrant {
        /// The key.
        key: Text<PublicKey>,
        /// What it may do.
        scopes: Vec<ScopeView>,
        /// The most that it may move or set aside in all, fees included.
        cap: Text<Amount>,
        /// When that ends.
        expires: u64,
    },
    /// Takes back what was granted to a key.
    AgentRevoke {
        /// The key.
        key: Text<PublicKey>,
    },
    /// Changes how much an order is for, and at which price.
    OrderAmend {
        /// The order.
        order: Text<ObjectId>,
        /// Units in every slot, those traded before among them.
        quantity: u64,
        /// The highest price of a bid, the lowest of an ask.
        limit: Text<Price>,
        /// The price that it goes to in the second pass, if it has one.
        stretch: Option<Text<Price>>,
    },
    /// Takes back what is left of several orders.
    OrderCancelAll {
        /// Which.
        scope: CancelScopeView,
    },
    /// Has an order placed for every window of a weekly pattern.
    StandingPut {
        /// What is placed, and when.
        terms: StandingTermsView,
    },
    /// Pauses, resumes or ends a standing order.
    Standing {
        /// The standing order.
        standing: Text<ObjectId>,
        /// What is done.
        act: StandingActView,
    },
    /// Sets the time at which all orders of the sender end.
    CancelAt {
        /// When; none to let them stand.
        time: Option<u64>,
    },
    /// A party of a contract does its part, or stops doing it.
    Contract {
        /// The contract.
        contract: Text<ObjectId>,
        /// What is done.
        #[serde(flatten)]
        act: ContractActView,
    },
    /// Accepts what somebody else has signed outside the chain.
    QuoteAccept {
        /// What is accepted.
        quote: QuoteView,
        /// How many units of it.
        quantity: u64,
        /// On which conditions.
        #[serde(flatten)]
        conditions: ConditionsView,
    },
    /// Registers a host of the sender.
    HostRegister {
        /// What it is and has.
        attributes: Vec<AttributeView>,
        /// Where it can be reached, sealed.
        endpoint: Option<Text<Sealed>>,
    },
    /// Says anew all that is said of a host.
    HostUpdate {
        /// The host.
        host: Text<ObjectId>,
        /// What it is and has.
        attributes: Vec<AttributeView>,
        /// Where it can be reached, sealed.
        endpoint: Option<Text<Sealed>>,
    },
    /// Ends a host and its pools.
    HostClose {
        /// The host.
        host: Text<ObjectId>,
    },
    /// Says how much a host has to sell in a market.
    PoolSet {
        /// The host.
        host: Text<ObjectId>,
        /// The number of the market.
        market: u32,
        /// Units in every slot; zero ends the pool.
        capacity: u64,
    },
    /// Says when a host sells nothing more in a market, or takes that back.
    PoolBlackout {
        /// The host.
        host: Text<ObjectId>,
        /// The number of the market.
        market: u32,
        /// When.
        window: WindowView,
        /// Whether it begins or is lifted.
        change: BlackoutChangeView,
    },
    /// An authority proposes a change, and approves it.
    Propose {
        /// What is to change.
        change: ChangeView,
    },
    /// An authority approves what another one proposed.
    Approve {
        /// The proposal.
        proposal: Text<ObjectId>,
        /// The digest of the change that is approved.
        change: Text<Hash>,
    },
    /// An authority's account asks for something of one of its keys.
    Authority {
        /// The key.
        key: Text<AuthorityKey>,
        /// What.
        #[serde(flatten)]
        act: AuthorityActView,
    },
}

/// A payer's signed word that a channel owes so much in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VoucherView {
    /// The channel it pays from.
    pub channel: Text<ObjectId>,
    /// Its position among the channel's vouchers.
    pub sequence: u64,
    /// All that the channel owes its payee.
    pub cumulative: Text<Amount>,
    /// The key that signed it.
    pub key: Text<PublicKey>,
}

/// What a transaction did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptView {
    /// What it paid; paid whether it applied or failed.
    pub fee: Text<Amount>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: OutcomeView,
}

/// How a transaction in a block ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum OutcomeView {
    /// Every operation took effect.
    Applied {
        /// What changed, in order.
        events: Vec<EventView>,
    },
    /// An operation was refused, and none took effect.
    Failed {
        /// Which operation, counted from 0.
        operation: u8,
        /// Why.
        #[serde(flatten)]
        rejection: RejectionView,
    },
}

/// Why the rules refuse something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RejectionView {
    /// Its number, which never changes its meaning.
    pub code: u16,
    /// Its name, which never changes either.
    pub name: String,
    /// What it means, for people.
    pub message: String,
}
