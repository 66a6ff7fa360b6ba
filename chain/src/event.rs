//! Events: what a transaction or a block changed, in the words of the protocol.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::agent::Scopes;
use crate::amount::Amount;
use crate::authority_set::AuthorityEvent;
use crate::channel::BestVoucher;
use crate::conditions::Kind;
use crate::contract::{ContractClosed, ContractState, Extent};
use crate::hash::Hash;
use crate::height::Height;
use crate::hold::{Hold, HoldClosed};
use crate::host::{BlackoutChange, PoolId};
use crate::id::ObjectId;
use crate::keys::PublicKey;
use crate::market::{Grade, MarketId};
use crate::memo::Memo;
use crate::name::Name;
use crate::order::{OrderClosed, Pass, Sellers, Side};
use crate::proposal::ProposalEvent;
use crate::quantity::{Price, Quantity};
use crate::signers::Signers;
use crate::standing::StandingEvent;
use crate::time::{Time, Window};

/// One change. The order of the variants is part of the encoding; amounts are in base units.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// An account came to be; `by` paid its deposit.
    AccountOpened {
        /// The new account.
        account: AccountId,
        /// Who opened it.
        by: AccountId,
        /// The deposit, part of the new account's held money.
        deposit: Amount,
    },
    /// Money moved.
    Transferred {
        /// Who paid.
        from: AccountId,
        /// Who was paid.
        to: AccountId,
        /// How much.
        amount: Amount,
    },
    /// Outside money was put on the ledger.
    Deposited {
        /// Whose account grew.
        to: AccountId,
        /// By how much.
        amount: Amount,
        /// The digest of the outside reference.
        reference: Hash,
    },
    /// Money was set aside.
    HoldOpened {
        /// Its name.
        hold: ObjectId,
        /// What it is.
        terms: Hold,
    },
    /// Money was paid out of a hold.
    HoldCaptured {
        /// The hold.
        hold: ObjectId,
        /// Whose money it was.
        from: AccountId,
        /// Who was paid.
        to: AccountId,
        /// How much this time.
        amount: Amount,
        /// How much in all.
        cumulative: Amount,
    },
    /// A hold came to its end.
    HoldClosed {
        /// The hold.
        hold: ObjectId,
        /// Who got the rest back.
        owner: AccountId,
        /// The rest.
        returned: Amount,
        /// Why.
        reason: HoldClosed,
    },
    /// An order was placed.
    OrderPlaced {
        /// Its name.
        order: ObjectId,
        /// Who placed it.
        owner: AccountId,
        /// Where.
        market: MarketId,
        /// What for.
        side: Side,
        /// Units in each slot.
        quantity: Quantity,
        /// The slots.
        window: Window,
        /// The limit.
        limit: Price,
        /// The price that it goes to in the second pass, if it has one.
        stretch: Option<Price>,
    },
    /// An order is open no more.
    OrderClosed {
        /// The order.
        order: ObjectId,
        /// Whose it was.
        owner: AccountId,
        /// Units a bid had filled; zero for an ask.
        filled: Quantity,
        /// Why.
        reason: OrderClosed,
        /// Where it stood.
        market: MarketId,
        /// The digest of its last form, as the state tree commits to objects.
        last: Hash,
    },
    /// A cell of a market cleared: everybody in it trades at one price.
    CellCleared {
        /// The market.
        market: MarketId,
        /// The slots.
        window: Window,
        /// The grade that its bids need.
        grade: Grade,
        /// The digest of its bids' parties, where they name any.
        parties: Option<Hash>,
        /// The bidder whose cell it is, where one has a cell of its own.
        bidder: Option<AccountId>,
        /// Whether its bids prefer its sellers.
        sellers: Sellers,
        /// The price.
        price: Price,
        /// Units traded in each slot.
        quantity: Quantity,
        /// What its bids accept.
        kind: Kind,
        /// The digest of what its bids ask of hosts, where they ask for something.
        predicates: Option<Hash>,
        /// The part of the match.
        pass: Pass,
        /// The digest of the text that its bids agree to, where they do to one.
        agreement: Option<Hash>,
    },
    /// A bid and an ask became a contract.
    Matched {
        /// The contract.
        contract: ObjectId,
        /// The hold it owns.
        hold: ObjectId,
        /// The market.
        market: MarketId,
        /// The bid.
        bid: ObjectId,
        /// The ask.
        ask: ObjectId,
        /// Who pays.
        buyer: AccountId,
        /// Who is paid.
        seller: AccountId,
        /// The slots.
        window: Window,
        /// Units in each.
        quantity: Quantity,
        /// The price.
        price: Price,
        /// Price times units times slots.
        total: Amount,
        /// The part of the match; none where a quote was accepted.
        pass: Option<Pass>,
    },
    /// A contract paid: for slots that passed, what was held back of them, or the booking share.
    ContractPaid {
        /// The contract.
        contract: ObjectId,
        /// Who paid.
        buyer: AccountId,
        /// Who was paid.
        seller: AccountId,
        /// How many slots are paid in all, but for what is held back.
        slots_paid: u64,
        /// How much this time.
        amount: Amount,
    },
    /// A contract is over.
    ContractClosed {
        /// The contract.
        contract: ObjectId,
        /// Who paid.
        buyer: AccountId,
        /// Who was paid.
        seller: AccountId,
        /// How much it paid in all.
        paid: Amount,
        /// Why.
        reason: ContractClosed,
    },
    /// A channel was opened.
    ChannelOpened {
        /// Its name.
        channel: ObjectId,
        /// The hold it draws on.
        hold: ObjectId,
        /// Who pays.
        payer: AccountId,
        /// Who is paid.
        payee: AccountId,
        /// How much at most.
        funded: Amount,
    },
    /// A better voucher reached the chain.
    VoucherAccepted {
        /// The channel.
        channel: ObjectId,
        /// What it says.
        best: BestVoucher,
    },
    /// The payer asked to close a channel.
    ChannelClosing {
        /// The channel.
        channel: ObjectId,
        /// It ends when this point has passed
        time: Time,
        /// and this position is reached.
        height: Height,
    },
    /// A channel came to its end.
    ChannelClosed {
        /// The channel.
        channel: ObjectId,
        /// What its payee got in all.
        captured: Amount,
        /// What its payer got back.
        returned: Amount,
    },
    /// The fees of a block were paid out.
    FeesPaid {
        /// The proposer's account.
        proposer: AccountId,
        /// Its part.
        proposer_amount: Amount,
        /// The treasury's part.
        treasury_amount: Amount,
    },
    /// Money left the ledger.
    Withdrawn {
        /// The withdrawal's hold.
        hold: ObjectId,
        /// Whose money it was.
        from: AccountId,
        /// How much.
        amount: Amount,
        /// The digest of the outside reference.
        reference: Hash,
    },
    /// The cashier refused to pay a withdrawal out.
    WithdrawalRejected {
        /// The withdrawal's hold.
        hold: ObjectId,
        /// Why: foreign text.
        reason: Memo,
    },
    /// Some of what was paid was given back.
    Refunded {
        /// The hold, contract or channel that had paid.
        of: ObjectId,
        /// Who had been paid.
        from: AccountId,
        /// Who had paid.
        to: AccountId,
        /// How much this time.
        amount: Amount,
        /// How much in all.
        cumulative: Amount,
        /// Why: foreign text.
        reason: Memo,
    },
    /// An account is called something else.
    AccountUpdated {
        /// The account.
        account: AccountId,
        /// What it was called.
        before: Option<Name>,
        /// What it is called.
        name: Option<Name>,
    },
    /// Other keys sign for an account.
    KeysSet {
        /// The account.
        account: AccountId,
        /// The keys, and how many of them sign.
        signers: Signers,
    },
    /// A key may do some things for an account.
    AgentGranted {
        /// The account.
        account: AccountId,
        /// The key.
        key: PublicKey,
        /// What it may do.
        scopes: Scopes,
        /// The most that it may move or set aside in all.
        cap: Amount,
        /// When that ends.
        expires: Time,
    },
    /// What was granted to a key has ended.
    AgentEnded {
        /// The account.
        account: AccountId,
        /// The key.
        key: PublicKey,
        /// How much of its cap it used.
        spent: Amount,
    },
    /// An order is for another quantity or at another price.
    OrderAmended {
        /// The order.
        order: ObjectId,
        /// Whose it is.
        owner: AccountId,
        /// Units in each slot, those traded before among them.
        quantity: Quantity,
        /// The limit.
        limit: Price,
        /// The height since which it waits: its own rank, or a new one.
        placed: Height,
        /// What is in a bid's hold now; zero for an ask.
        held: Amount,
        /// The price that it goes to in the second pass, if it has one.
        stretch: Option<Price>,
    },
    /// An account set when its orders end, or that they do not.
    CancelAtSet {
        /// The account.
        account: AccountId,
        /// When, if at all.
        time: Option<Time>,
    },
    /// A contract came into another state; not into its last one.
    ContractMoved {
        /// The contract.
        contract: ObjectId,
        /// Who pays.
        buyer: AccountId,
        /// Who is paid.
        seller: AccountId,
        /// The state.
        state: ContractState,
        /// When the duty that began ends.
        due: Time,
    },
    /// A party of a contract said where it can be reached.
    EndpointPublished {
        /// The contract.
        contract: ObjectId,
        /// Who can be reached.
        by: AccountId,
        /// Who can read where.
        to: AccountId,
    },
    /// The seller of a contract posted a result.
    ResultPosted {
        /// The contract.
        contract: ObjectId,
        /// Who wants it.
        buyer: AccountId,
        /// Who computed it.
        seller: AccountId,
        /// Its digest.
        digest: Hash,
        /// Whether it is all there is to compute.
        extent: Extent,
    },
    /// The treasury got its part of what a contract paid.
    CommissionTaken {
        /// The contract.
        of: ObjectId,
        /// Its seller, who paid it.
        from: AccountId,
        /// How much.
        amount: Amount,
    },
    /// The treasury returned its part of what was given back.
    CommissionReturned {
        /// The contract.
        of: ObjectId,
        /// Its seller, who had paid it.
        to: AccountId,
        /// How much.
        amount: Amount,
    },
    /// Somebody accepted a quote.
    QuoteAccepted {
        /// The quote.
        quote: ObjectId,
        /// What came of it.
        contract: ObjectId,
        /// Who had signed it.
        maker: AccountId,
        /// Who accepted it.
        taker: AccountId,
        /// How many units this time.
        quantity: Quantity,
        /// How many of its units are accepted in all.
        used: Quantity,
    },
    /// A host came to be.
    HostRegistered {
        /// Its name.
        host: ObjectId,
        /// Whose it is.
        owner: AccountId,
    },
    /// Something else is said of a host.
    HostUpdated {
        /// The host.
        host: ObjectId,
        /// Whose it is.
        owner: AccountId,
    },
    /// A host came to its end, after its pools.
    HostClosed {
        /// The host.
        host: ObjectId,
        /// Whose it was.
        owner: AccountId,
    },
    /// A host has so much to sell in a market.
    PoolSet {
        /// Which pool.
        pool: PoolId,
        /// Whose host it is.
        owner: AccountId,
        /// Units in every slot; zero where the pool came to its end.
        capacity: Quantity,
    },
    /// A host sells nothing more in a market for a while, or does again.
    PoolBlackout {
        /// Which pool.
        pool: PoolId,
        /// Whose host it is.
        owner: AccountId,
        /// When.
        window: Window,
        /// Whether it began or was lifted.
        change: BlackoutChange,
    },
    /// A standing order did something, or something became of it.
    Standing(StandingEvent),
    /// What authorities are to agree on came a step further.
    Proposal(ProposalEvent),
    /// A broker got its share of the commission that was taken of a contract.
    CommissionShared {
        /// The contract.
        of: ObjectId,
        /// The broker; the treasury pays.
        to: AccountId,
        /// How much.
        amount: Amount,
    },
    /// Who votes, or where it is reached, changes.
    Authority(AuthorityEvent),
}
