//! Operations: the steps a transaction asks for.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::agent::Scopes;
use crate::amount::Amount;
use crate::attribute::Attributes;
use crate::authority::AuthorityKey;
use crate::authority_set::AuthorityAct;
use crate::conditions::Conditions;
use crate::contract::ContractAct;
use crate::hash::Hash;
use crate::host::{BlackoutChange, PoolId};
use crate::id::ObjectId;
use crate::keys::PublicKey;
use crate::market::{Grade, MarketId};
use crate::memo::Memo;
use crate::name::Name;
use crate::order::{CancelScope, Side, TimeInForce};
use crate::parties::Parties;
use crate::predicate::Predicates;
use crate::proposal::Change;
use crate::quantity::{Price, Quantity};
use crate::quote::SignedQuote;
use crate::sealed::Sealed;
use crate::signers::Signers;
use crate::standing::{StandingAct, StandingTerms};
use crate::target::Target;
use crate::time::{Millis, Time, Window};
use crate::voucher::SignedVoucher;

/// One step of a transaction. The order of the variants is part of the encoding.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Operation {
    /// Pays `amount` to `to`; opens the account if there is none, at the sender's cost.
    Transfer {
        /// Who is paid.
        to: AccountId,
        /// How much, in base units, above zero.
        amount: Amount,
        /// A note for the recipient.
        memo: Memo,
    },
    /// The cashier puts outside money on the ledger. A reference counts once.
    Deposit {
        /// Whose account grows.
        to: AccountId,
        /// By how much, in base units, above zero.
        amount: Amount,
        /// The digest of the outside payment's reference.
        reference: Hash,
    },
    /// Sets money aside for a beneficiary.
    HoldOpen {
        /// How much, in base units, above zero.
        amount: Amount,
        /// Who may capture it; not the sender.
        beneficiary: AccountId,
        /// When what is left returns to the sender.
        expires: Time,
    },
    /// The beneficiary takes money out of a hold.
    HoldCapture {
        /// The hold.
        hold: ObjectId,
        /// All that is captured once this is done, in base units; above what was captured before.
        cumulative: Amount,
    },
    /// Ends a hold: by its beneficiary at any time. What is left returns to its owner.
    HoldRelease {
        /// The hold.
        hold: ObjectId,
    },
    /// Places an order.
    OrderPlace(OrderPlace),
    /// Takes back what is left of an own order.
    OrderCancel {
        /// The order.
        order: ObjectId,
    },
    /// Sets money aside that vouchers pay out.
    ChannelOpen {
        /// Who is paid; not the sender.
        payee: AccountId,
        /// How much at most, in base units, above zero.
        amount: Amount,
        /// The key that signs vouchers.
        voucher_key: PublicKey,
        /// How long the payee may answer after the payer asks to close.
        settle_delay: Millis,
    },
    /// Brings a voucher to the chain; anybody may.
    VoucherSubmit {
        /// The voucher.
        voucher: SignedVoucher,
    },
    /// The payee takes what the best voucher says and ends the channel at once.
    CloseByPayee {
        /// The channel.
        channel: ObjectId,
    },
    /// The payer asks to end the channel, which happens when its settle delay has passed.
    CloseByPayer {
        /// The channel.
        channel: ObjectId,
    },
    /// Sets money aside that is to leave the ledger.
    WithdrawRequest {
        /// How much, in base units, above zero.
        amount: Amount,
        /// Where it is to go.
        target: Target,
    },
    /// The cashier takes the money of a withdrawal off the ledger, for good, to pay it outside.
    WithdrawConfirm {
        /// The withdrawal's hold.
        hold: ObjectId,
        /// The digest of the outside payment's reference. It counts once, among deposits too.
        reference: Hash,
    },
    /// The cashier gives the money of a withdrawal back.
    WithdrawReject {
        /// The withdrawal's hold.
        hold: ObjectId,
        /// Why, for its owner.
        reason: Memo,
    },
    /// Whoever was paid gives some of it back.
    Refund {
        /// The hold, contract or channel that paid.
        of: ObjectId,
        /// How much, in base units, above zero; with what was given back before, no more than was paid.
        amount: Amount,
        /// Why, for the payer.
        reason: Memo,
    },
    /// Changes what the sender's account is called.
    AccountUpdate {
        /// The name, which no other account bears; none to give it up.
        name: Option<Name>,
    },
    /// Changes who signs for the sender's account from the next transaction on.
    KeySet {
        /// The keys, and how many of them sign. The own key alone takes the place of any set.
        signers: Signers,
    },
    /// Lets a key do some things for the sender's account.
    AgentGrant {
        /// The key.
        key: PublicKey,
        /// What it may do.
        scopes: Scopes,
        /// The most that it may move or set aside in all, fees included, in base units, above zero.
        cap: Amount,
        /// When that ends.
        expires: Time,
    },
    /// Takes back what was granted to a key.
    AgentRevoke {
        /// The key.
        key: PublicKey,
    },
    /// Changes how much an own order is for, and at which price.
    OrderAmend {
        /// The order.
        order: ObjectId,
        /// Units in every slot from now on, those traded before among them.
        quantity: Quantity,
        /// The highest price of a bid, the lowest of an ask.
        limit: Price,
        /// The price that it goes to in the second pass; none to trade at its limit alone.
        stretch: Option<Price>,
    },
    /// Takes back what is left of several own orders.
    OrderCancelAll {
        /// Which.
        scope: CancelScope,
    },
    /// Sets the time at which all own orders end, in place of any that was set before.
    CancelAt {
        /// When; none to let them stand.
        time: Option<Time>,
    },
    /// A party of a contract does its part, or stops doing it.
    Contract {
        /// The contract.
        contract: ObjectId,
        /// What is done.
        act: ContractAct,
    },
    /// Accepts what somebody else has signed outside the chain: a contract comes of it at once.
    QuoteAccept {
        /// What is accepted.
        quote: Box<SignedQuote>,
        /// How many units of it, a whole number of lots.
        quantity: Quantity,
        /// On which conditions.
        conditions: Conditions,
    },
    /// Registers a host of the sender.
    HostRegister {
        /// What it is and has; no more than declared.
        attributes: Attributes,
        /// Where it can be reached.
        endpoint: Option<Sealed>,
    },
    /// Says anew all that is said of an own host.
    HostUpdate {
        /// The host.
        host: ObjectId,
        /// What it is and has; no more than declared.
        attributes: Attributes,
        /// Where it can be reached.
        endpoint: Option<Sealed>,
    },
    /// Ends an own host and its pools, out of which nothing may be sold or on offer.
    HostClose {
        /// The host.
        host: ObjectId,
    },
    /// Says how much an own host has to sell in a market, in every slot.
    PoolSet {
        /// Which pool.
        pool: PoolId,
        /// Units, a whole number of lots; zero ends the pool.
        capacity: Quantity,
    },
    /// Says when an own host sells nothing more in a market, or takes that back.
    PoolBlackout {
        /// Which pool.
        pool: PoolId,
        /// When, on the market's slot boundaries.
        window: Window,
        /// Whether it begins or is lifted.
        change: BlackoutChange,
    },
    /// Has an order placed for every window of a weekly pattern.
    StandingPut(Box<StandingTerms>),
    /// Pauses, resumes or ends an own standing order.
    Standing {
        /// The standing order.
        standing: ObjectId,
        /// What is done.
        act: StandingAct,
    },
    /// An authority proposes a change, and approves it.
    Propose {
        /// What is to change.
        change: Change,
    },
    /// An authority approves what another one proposed.
    Approve {
        /// The proposal.
        proposal: ObjectId,
        /// The digest of what it is to change, so that nobody approves what it was not shown.
        change: Hash,
    },
    /// An authority's account asks for something of one of its keys.
    Authority {
        /// The key.
        key: AuthorityKey,
        /// What.
        act: AuthorityAct,
    },
}

/// What an order asks for or offers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct OrderPlace {
    /// Where it is traded.
    pub market: MarketId,
    /// Whether capacity is needed or offered.
    pub side: Side,
    /// How many units in every slot of the window, a whole number of lots.
    pub quantity: Quantity,
    /// The slots, on the market's slot boundaries.
    pub window: Window,
    /// The highest price of a bid, the lowest of an ask, in base units for a unit and slot, a multiple
    /// of the market's tick.
    pub limit: Price,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// The least grade of what is needed, or the grade of what is offered.
    pub grade: Grade,
    /// With whom it may trade.
    pub parties: Parties,
    /// On which conditions it trades.
    pub conditions: Conditions,
    /// What a bid asks of the hosts that are to serve it; an ask asks nothing.
    pub predicates: Predicates,
    /// The price that it goes to in the second pass of a match, a multiple of the tick: no lower than the
    /// limit of a bid, no higher than that of an ask.
    pub stretch: Option<Price>,
}

impl OrderPlace {
    /// The worst price for its owner at which it trades: its stretch, or its limit where it has none.
    pub fn reach(&self) -> Price {
        self.stretch.unwrap_or(self.limit)
    }
}
