//! Events as clients see them: one change each, named by `type`.

use chain::amount::Amount;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::name::Name;
use chain::quantity::Price;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::{
    AuthorityEventView, BestVoucherView, BlackoutChangeView, ContractClosedView, ContractStateView,
    ExtentView, HoldClosedView, OrderClosedView, PassView, ProposalEventView, PurposeView,
    ScopeView, SellersView, SideView, SignersView, StandingEventView, WindowView,
};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventView {
    /// An account came to be; `by` paid its deposit.
    AccountOpened {
        /// The new account.
        account: Text<Address>,
        /// Who opened it.
        by: Text<Address>,
        /// The deposit, part of the new account's held money.
        deposit: Text<Amount>,
    },
    /// Money moved.
    Transferred {
        /// Who paid.
        from: Text<Address>,
        /// Who was paid.
        to: Text<Address>,
        /// How much.
        amount: Text<Amount>,
    },
    /// Outside money was put on the ledger.
    Deposited {
        /// Whose account grew.
        to: Text<Address>,
        /// By how much.
        amount: Text<Amount>,
        /// The digest of the outside reference.
        reference: Text<Hash>,
    },
    /// Money was set aside.
    HoldOpened {
        /// Its name.
        hold: Text<ObjectId>,
        /// Whose money it is.
        owner: Text<Address>,
        /// What it is for.
        purpose: PurposeView,
        /// How much was set aside.
        amount: Text<Amount>,
        /// What the owner set aside for the hold besides, returned when it ends.
        deposit: Text<Amount>,
    },
    /// Money was paid out of a hold.
    HoldCaptured {
        /// The hold.
        hold: Text<ObjectId>,
        /// Whose money it was.
        from: Text<Address>,
        /// Who was paid.
        to: Text<Address>,
        /// How much this time.
        amount: Text<Amount>,
        /// How much in all.
        cumulative: Text<Amount>,
    },
    /// A hold came to its end.
    HoldClosed {
        /// The hold.
        hold: Text<ObjectId>,
        /// Who got the rest back.
        owner: Text<Address>,
        /// The rest.
        returned: Text<Amount>,
        /// Why.
        reason: HoldClosedView,
    },
    /// An order was placed.
    OrderPlaced {
        /// Its name.
        order: Text<ObjectId>,
        /// Who placed it.
        owner: Text<Address>,
        /// Where.
        market: u32,
        /// Whether capacity is needed or offered.
        #[serde(flatten)]
        side: SideView,
        /// Units in each slot.
        quantity: u64,
        /// The slots.
        window: WindowView,
        /// The limit.
        limit: Text<Price>,
        /// The price that it goes to in the second pass, if it has one.
        stretch: Option<Text<Price>>,
    },
    /// An order is open no more.
    OrderClosed {
        /// The order.
        order: Text<ObjectId>,
        /// Whose it was.
        owner: Text<Address>,
        /// Units a bid had filled; zero for an ask.
        filled: u64,
        /// Why.
        reason: OrderClosedView,
        /// Where it stood.
        market: u32,
        /// The digest of its last form, as the state tree commits to objects.
        last: Text<Hash>,
    },
    /// A cell of a market cleared: everybody in it trades at one price.
    CellCleared {
        /// The market.
        market: u32,
        /// The slots.
        window: WindowView,
        /// The grade that its bids need.
        grade: u8,
        /// The digest of its bids' parties, where they name any.
        parties: Option<Text<Hash>>,
        /// The bidder whose cell it is, where one has a cell of its own.
        bidder: Option<Text<Address>>,
        /// Whether its bids prefer its sellers.
        sellers: SellersView,
        /// The price.
        price: Text<Price>,
        /// Units traded in each slot.
        quantity: u64,
        /// The shortest notice that its bids accept; none where they want what is firm.
        notice_ms: Option<u64>,
        /// The digest of what its bids ask of hosts, where they ask for something.
        predicates: Option<Text<Hash>>,
        /// The part of the match.
        pass: PassView,
        /// The digest of the text that its bids agree to, where they do to one.
        agreement: Option<Text<Hash>>,
    },
    /// A bid and an ask became a contract.
    Matched {
        /// The contract.
        contract: Text<ObjectId>,
        /// The hold it owns.
        hold: Text<ObjectId>,
        /// The market.
        market: u32,
        /// The bid.
        bid: Text<ObjectId>,
        /// The ask.
        ask: Text<ObjectId>,
        /// Who pays.
        buyer: Text<Address>,
        /// Who is paid.
        seller: Text<Address>,
        /// The slots.
        window: WindowView,
        /// Units in each.
        quantity: u64,
        /// The price.
        price: Text<Price>,
        /// Price times units times slots.
        total: Text<Amount>,
        /// The part of the match; none where a quote was accepted.
        pass: Option<PassView>,
    },
    /// A contract paid: for slots that passed, what was held back of them, or the booking share.
    ContractPaid {
        /// The contract.
        contract: Text<ObjectId>,
        /// Who paid.
        buyer: Text<Address>,
        /// Who was paid.
        seller: Text<Address>,
        /// How many slots are paid in all, but for what is held back.
        slots_paid: u64,
        /// How much this time.
        amount: Text<Amount>,
    },
    /// A contract is over.
    ContractClosed {
        /// The contract.
        contract: Text<ObjectId>,
        /// Who paid.
        buyer: Text<Address>,
        /// Who was paid.
        seller: Text<Address>,
        /// How much it paid in all.
        paid: Text<Amount>,
        /// Why.
        reason: ContractClosedView,
    },
    /// A contract came into another state; not into its last one.
    ContractMoved {
        /// The contract.
        contract: Text<ObjectId>,
        /// Who pays.
        buyer: Text<Address>,
        /// Who is paid.
        seller: Text<Address>,
        /// The state.
        state: ContractStateView,
        /// When the duty that began ends.
        due: u64,
    },
    /// A party of a contract said where it can be reached.
    EndpointPublished {
        /// The contract.
        contract: Text<ObjectId>,
        /// Who can be reached.
        by: Text<Address>,
        /// Who can read where.
        to: Text<Address>,
    },
    /// The seller of a contract posted a result.
    ResultPosted {
        /// The contract.
        contract: Text<ObjectId>,
        /// Who wants it.
        buyer: Text<Address>,
        /// Who computed it.
        seller: Text<Address>,
        /// Its digest.
        digest: Text<Hash>,
        /// Whether it is all there is to compute.
        extent: ExtentView,
    },
    /// A channel was opened.
    ChannelOpened {
        /// Its name.
        channel: Text<ObjectId>,
        /// The hold it draws on.
        hold: Text<ObjectId>,
        /// Who pays.
        payer: Text<Address>,
        /// Who is paid.
        payee: Text<Address>,
        /// How much at most.
        funded: Text<Amount>,
    },
    /// A better voucher reached the chain.
    VoucherAccepted {
        /// The channel.
        channel: Text<ObjectId>,
        /// What it says.
        #[serde(flatten)]
        best: BestVoucherView,
    },
    /// The payer asked to close a channel.
    ChannelClosing {
        /// The channel.
        channel: Text<ObjectId>,
        /// It ends when this point has passed.
        closes: u64,
        /// And when this position is reached.
        closes_height: u64,
    },
    /// A channel came to its end.
    ChannelClosed {
        /// The channel.
        channel: Text<ObjectId>,
        /// What its payee got in all.
        captured: Text<Amount>,
        /// What its payer got back.
        returned: Text<Amount>,
    },
    /// The fees of a block were paid out.
    FeesPaid {
        /// The proposer's account.
        proposer: Text<Address>,
        /// Its part.
        proposer_amount: Text<Amount>,
        /// The treasury's part.
        treasury_amount: Text<Amount>,
    },
    /// Money left the ledger.
    Withdrawn {
        /// The withdrawal's hold.
        hold: Text<ObjectId>,
        /// Whose money it was.
        from: Text<Address>,
        /// How much.
        amount: Text<Amount>,
        /// The digest of the outside reference.
        reference: Text<Hash>,
    },
    /// The cashier refused to pay a withdrawal out.
    WithdrawalRejected {
        /// The withdrawal's hold.
        hold: Text<ObjectId>,
        /// Why: foreign text.
        reason: String,
    },
    /// Some of what was paid was given back.
    Refunded {
        /// The hold, contract or channel that had paid.
        of: Text<ObjectId>,
        /// Who had been paid.
        from: Text<Address>,
        /// Who had paid.
        to: Text<Address>,
        /// How much this time.
        amount: Text<Amount>,
        /// How much in all.
        cumulative: Text<Amount>,
        /// Why: foreign text.
        reason: String,
    },
    /// An account is called something else.
    AccountUpdated {
        /// The account.
        account: Text<Address>,
        /// What it was called.
        before: Option<Text<Name>>,
        /// What it is called.
        name: Option<Text<Name>>,
    },
    /// Other keys sign for an account.
    KeysSet {
        /// The account.
        account: Text<Address>,
        /// The keys, and how many of them sign.
        #[serde(flatten)]
        signers: SignersView,
    },
    /// A key may do some things for an account.
    AgentGranted {
        /// The account.
        account: Text<Address>,
        /// The key.
        key: Text<PublicKey>,
        /// What it may do.
        scopes: Vec<ScopeView>,
        /// The most that it may move or set aside in all, fees included.
        cap: Text<Amount>,
        /// When that ends.
        expires: u64,
    },
    /// What was granted to a key has ended.
    AgentEnded {
        /// The account.
        account: Text<Address>,
        /// The key.
        key: Text<PublicKey>,
        /// How much of its cap it used.
        spent: Text<Amount>,
    },
    /// An order is for another quantity or at another price.
    OrderAmended {
        /// The order.
        order: Text<ObjectId>,
        /// Whose it is.
        owner: Text<Address>,
        /// Units in each slot, those traded before among them.
        quantity: u64,
        /// The limit.
        limit: Text<Price>,
        /// The height since which it waits: as before, or that of this block.
        placed: u64,
        /// What is in a bid's hold now; zero for an ask.
        held: Text<Amount>,
        /// The price that it goes to in the second pass, if it has one.
        stretch: Option<Text<Price>>,
    },
    /// An account set when its orders end, or that they do not.
    CancelAtSet {
        /// The account.
        account: Text<Address>,
        /// When, if at all.
        time: Option<u64>,
    },
    /// The treasury got its part of what a contract paid.
    CommissionTaken {
        /// The contract.
        of: Text<ObjectId>,
        /// Its seller, who paid it.
        from: Text<Address>,
        /// How much.
        amount: Text<Amount>,
    },
    /// The treasury returned its part of what was given back.
    CommissionReturned {
        /// The contract.
        of: Text<ObjectId>,
        /// Its seller, who had paid it.
        to: Text<Address>,
        /// How much.
        amount: Text<Amount>,
    },
    /// Somebody accepted a quote.
    QuoteAccepted {
        /// The quote.
        quote: Text<ObjectId>,
        /// What came of it.
        contract: Text<ObjectId>,
        /// Who had signed it.
        maker: Text<Address>,
        /// Who accepted it.
        taker: Text<Address>,
        /// How many units this time.
        quantity: u64,
        /// How many of its units are accepted in all.
        used: u64,
    },
    /// A host came to be.
    HostRegistered {
        /// Its name.
        host: Text<ObjectId>,
        /// Whose it is.
        owner: Text<Address>,
    },
    /// Something else is said of a host.
    HostUpdated {
        /// The host.
        host: Text<ObjectId>,
        /// Whose it is.
        owner: Text<Address>,
    },
    /// A host came to its end, after its pools.
    HostClosed {
        /// The host.
        host: Text<ObjectId>,
        /// Whose it was.
        owner: Text<Address>,
    },
    /// A host has so much to sell in a market.
    PoolSet {
        /// The host.
        host: Text<ObjectId>,
        /// The number of the market.
        market: u32,
        /// Whose host it is.
        owner: Text<Address>,
        /// Units in every slot; zero where the pool came to its end.
        capacity: u64,
    },
    /// A host sells nothing more in a market for a while, or does again.
    PoolBlackout {
        /// The host.
        host: Text<ObjectId>,
        /// The number of the market.
        market: u32,
        /// Whose host it is.
        owner: Text<Address>,
        /// When.
        window: WindowView,
        /// Whether it began or was lifted.
        change: BlackoutChangeView,
    },
    /// A broker got its share of the commission that was taken of a contract.
    CommissionShared {
        /// The contract.
        of: Text<ObjectId>,
        /// The broker; the treasury pays.
        to: Text<Address>,
        /// How much.
        amount: Text<Amount>,
    },
    /// A standing order did something, or something became of it.
    #[serde(untagged)]
    Standing(StandingEventView),
    /// What authorities are to agree on came a step further.
    #[serde(untagged)]
    Proposal(ProposalEventView),
    /// Who votes, or where it is reached, changes.
    #[serde(untagged)]
    Authority(AuthorityEventView),
}
