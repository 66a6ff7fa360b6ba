//! Why a transaction is refused, as stable public codes.
//!
//! The first that holds, as a rule checks, is reported. A code never changes its meaning or is used again.

/// Why a transaction was refused at the door, or one of its operations inside a block.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    thiserror::Error,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[repr(u16)]
pub enum Rejection {
    // At the door.
    /// Signed for another chain.
    #[error("the transaction is for another chain")]
    ChainMismatch = 1,
    /// Its last height has passed.
    #[error("the transaction has expired")]
    Expired = 2,
    /// Its last height lies too far ahead.
    #[error("the transaction's last height lies too far ahead")]
    ExpiryTooFar = 3,
    /// There is no such account.
    #[error("the sender is no account")]
    SenderUnknown = 4,
    /// It was not signed by the sender's key, by as many of its set of keys as sign, or by one of its agents.
    #[error("the transaction is not signed as the sender's keys require")]
    SignerNotSender = 5,
    /// A transaction with this nonce is in the chain already.
    #[error("the nonce was used already")]
    NonceTooLow = 6,
    /// A transaction with a lower nonce is missing.
    #[error("the nonce leaves a gap")]
    NonceTooHigh = 7,
    /// It costs more than its sender agreed to.
    #[error("the fee is above the transaction's maximum")]
    FeeAboveMax = 8,
    /// The sender cannot pay its fee.
    #[error("the sender cannot pay the fee")]
    FeeNotCovered = 9,
    /// Its agent may not do this.
    #[error("an operation is beyond the agent's scopes")]
    AgentOutOfScope = 10,
    /// It moves more than is left to its agent. Where that is not known before, an operation fails.
    #[error("the transaction takes more than is left of the agent's cap")]
    AgentCapExceeded = 11,

    // Money.
    /// A sum must be above zero.
    #[error("the amount is zero")]
    AmountZero = 20,
    /// The sender names its own account as the other side.
    #[error("the recipient is the sender")]
    RecipientIsSender = 21,
    /// The sender has too little available, deposits included.
    #[error("too little money is available")]
    BalanceTooLow = 22,
    /// The account that is to be paid later does not exist.
    #[error("the recipient is no account")]
    RecipientUnknown = 23,
    /// Only the cashier may deposit.
    #[error("the sender is not the cashier")]
    NotCashier = 24,
    /// The outside payment was deposited already.
    #[error("the reference was used already")]
    ReferenceUsed = 25,
    /// There would be more money than an amount can say.
    #[error("the supply would exceed the largest amount")]
    SupplyTooLarge = 26,

    // Holds.
    /// There is no such hold, or not any more.
    #[error("there is no such open hold")]
    HoldUnknown = 40,
    /// The hold belongs to an order, a contract, a channel or a withdrawal, which alone draws on it.
    #[error("the hold belongs to an order, a contract, a channel or a withdrawal")]
    HoldBound = 41,
    /// Only the hold's beneficiary may do this.
    #[error("the sender is not the hold's beneficiary")]
    NotBeneficiary = 42,
    /// The hold would end before it begins.
    #[error("the hold's end has passed")]
    HoldEndPassed = 43,
    /// The hold would end too far ahead.
    #[error("the hold's end lies too far ahead")]
    HoldEndTooFar = 44,
    /// The hold has run out; what is left is the owner's again.
    #[error("the hold has expired")]
    HoldExpired = 45,
    /// The owner must wait for the hold to run out.
    #[error("the hold has not expired")]
    HoldNotExpired = 46,
    /// No more would be captured than already is.
    #[error("the cumulative amount is not above what was captured")]
    CaptureTooLow = 47,
    /// More would be captured than is held.
    #[error("the cumulative amount is above the hold's")]
    CaptureTooHigh = 48,
    /// The hold is something else than a withdrawal.
    #[error("the hold is no withdrawal")]
    NotWithdrawal = 49,

    // Orders.
    /// There is no such market.
    #[error("there is no such market")]
    MarketUnknown = 60,
    /// The quantity is not a whole number of lots.
    #[error("the quantity is not a whole number of lots")]
    QuantityNotInLots = 61,
    /// The quantity is below the market's smallest.
    #[error("the quantity is below the market's smallest")]
    QuantityTooSmall = 62,
    /// The limit is not on a tick, or zero.
    #[error("the limit is not a multiple of the market's tick above zero")]
    LimitNotOnTick = 63,
    /// The window is empty or does not begin and end on slots.
    #[error("the window is not one of whole slots")]
    WindowNotOnSlots = 64,
    /// The window has more slots than an order may.
    #[error("the window has too many slots")]
    WindowTooLong = 65,
    /// It is too late to trade the window.
    #[error("the window can no longer be traded")]
    WindowTooSoon = 66,
    /// The window ends beyond the market's horizon.
    #[error("the window ends beyond the market's horizon")]
    WindowTooFar = 67,
    /// The order would end before it begins.
    #[error("the order's end has passed")]
    OrderEndPassed = 68,
    /// The order would outlive the last point at which it can trade.
    #[error("the order's end lies beyond its last trading point")]
    OrderEndTooFar = 69,
    /// A bid asks for more at once than it asks for in all.
    #[error("the smallest fill is above the quantity")]
    FillTooLarge = 70,
    /// A bid allows no seller.
    #[error("a bid must allow at least one seller")]
    SellersZero = 71,
    /// The account has as many open orders as it may.
    #[error("the account has too many open orders")]
    TooManyOrders = 72,
    /// There is no such order, or not any more.
    #[error("there is no such open order")]
    OrderUnknown = 73,
    /// Only the order's owner may do this.
    #[error("the sender is not the order's owner")]
    NotOwner = 74,
    /// The order is for this quantity at this limit already.
    #[error("the order is so already")]
    OrderUnchanged = 75,
    /// A bid would ask for no more than it got, or an ask offer less than it has sold.
    #[error("the quantity leaves nothing open, or is below what was sold")]
    QuantityTraded = 76,
    /// The time at which the account's orders are to end is over.
    #[error("the time to cancel at has passed")]
    CancelTimePassed = 77,
    /// The time at which the account's orders are to end lies too far ahead.
    #[error("the time to cancel at lies too far ahead")]
    CancelTimeTooFar = 78,
    /// No time is set that could be taken back.
    #[error("no time to cancel at is set")]
    CancelTimeUnset = 79,
    /// The market has no such grade.
    #[error("the market has no such grade")]
    GradeUnknown = 80,
    /// An ask is served in the order of bids, whatever it would rather have.
    #[error("an ask prefers nobody")]
    AskPrefers = 81,
    /// The stretch is not on a tick, or zero.
    #[error("the stretch is not a multiple of the market's tick above zero")]
    StretchNotOnTick = 88,
    /// The stretch of a bid is below its limit, or that of an ask above.
    #[error("the stretch of a bid is below its limit, or that of an ask above")]
    StretchWithinLimit = 89,

    // Channels.
    /// There is no such channel, or not any more.
    #[error("there is no such open channel")]
    ChannelUnknown = 90,
    /// Only the channel's payee may do this.
    #[error("the sender is not the channel's payee")]
    NotPayee = 91,
    /// Only the channel's payer may do this.
    #[error("the sender is not the channel's payer")]
    NotPayer = 92,
    /// The payee would have too little time to answer.
    #[error("the settle delay is too short")]
    SettleDelayTooShort = 93,
    /// The payer would wait too long for its money.
    #[error("the settle delay is too long")]
    SettleDelayTooLong = 94,
    /// No signature could ever verify under the voucher key.
    #[error("the voucher key is not a key")]
    VoucherKeyInvalid = 95,
    /// The payer has asked to close the channel already.
    #[error("the channel is closing already")]
    ChannelClosing = 96,
    /// The voucher is for another chain.
    #[error("the voucher is for another chain")]
    VoucherChainMismatch = 97,
    /// The voucher is not signed by the channel's key.
    #[error("the voucher is not signed by the channel's voucher key")]
    VoucherKeyMismatch = 98,
    /// The chain has seen a voucher of this or a later position.
    #[error("the voucher's sequence does not rise")]
    VoucherSequenceTooLow = 99,
    /// The voucher promises no more than one before it.
    #[error("the voucher's cumulative amount does not rise")]
    VoucherAmountTooLow = 100,
    /// The voucher promises more than the channel has.
    #[error("the voucher's cumulative amount is above the channel's funds")]
    VoucherAmountTooHigh = 101,

    // Refunds.
    /// Nothing was paid by an object of this name, or so long ago that it is forgotten.
    #[error("nothing that can be refunded was paid by this object")]
    CaptureUnknown = 110,
    /// Only who was paid may give back.
    #[error("the sender is not who was paid")]
    NotPaid = 111,
    /// More would be given back than was paid.
    #[error("the refunds would be more than was paid")]
    RefundTooHigh = 112,

    // Names, keys and agents.
    /// Another account bears the name.
    #[error("another account bears this name")]
    NameTaken = 120,
    /// The account bears this name already, or none.
    #[error("the account is called so already")]
    NameUnchanged = 121,
    /// No signature could ever verify under one of the keys.
    #[error("a key is not a key")]
    KeyInvalid = 130,
    /// The same keys sign already.
    #[error("the same keys sign for the account already")]
    KeysUnchanged = 131,
    /// Something is granted to the key already.
    #[error("the key is an agent of the account already")]
    AgentKnown = 140,
    /// Nothing is granted to the key, or not any more.
    #[error("the key is no agent of the account")]
    AgentUnknown = 141,
    /// The grant would end before it begins.
    #[error("the agent's end has passed")]
    AgentEndPassed = 142,

    // Contracts.
    /// There is no such contract, or not any more.
    #[error("there is no such running contract")]
    ContractUnknown = 150,
    /// Only buyer and seller may do this.
    #[error("the sender is neither buyer nor seller of the contract")]
    NotParty = 151,
    /// Only the buyer may do this.
    #[error("the sender is not the contract's buyer")]
    NotBuyer = 152,
    /// Only the seller may do this.
    #[error("the sender is not the contract's seller")]
    NotSeller = 153,
    /// It is not the time for this.
    #[error("the contract is not in a state for this")]
    ContractState = 154,
    /// The time for this is over; the contract's timer fires soon.
    #[error("the time for this has passed")]
    ContractDuePassed = 155,

    /// The seller may not take anything back.
    #[error("the contract is firm: its seller may not take anything back")]
    NotInterruptible = 156,

    // Quotes.
    /// The quote is for another chain.
    #[error("the quote is for another chain")]
    QuoteChainMismatch = 160,
    /// The quote is not its maker's word.
    #[error("the quote is not signed as its maker's keys require")]
    QuoteNotSigned = 161,
    /// Buyer and seller would be the same account.
    #[error("nobody trades with itself")]
    SelfTrade = 162,
    /// The quote names somebody else who may accept it.
    #[error("the quote is for somebody else")]
    NotQuoted = 163,
    /// It is too late to accept the quote.
    #[error("the quote's end has passed")]
    QuoteEnded = 164,
    /// So much of the quote was accepted already that this is more than the rest.
    #[error("less is left of the quote")]
    QuoteSpent = 165,
    /// The seller could take back what the buyer wants for certain, or at a shorter notice than it accepts.
    #[error("what is sold is not of a kind that is accepted")]
    KindNotAccepted = 166,
    /// Only a seller is paid, and can give parts of that away.
    #[error("a buyer is not paid anything that could be split")]
    BuyerSplits = 167,
    /// A contract cannot be passed on in part.
    #[error("a contract is passed on as a whole")]
    ResaleNotWhole = 168,
    /// The seller of the contract does not sell to the account that would be its buyer.
    #[error("the contract's seller does not sell to this account")]
    SellerDenies = 169,
    /// A seller names a user, as buyers may.
    #[error("who sells names nobody who uses what is bought")]
    SellerUses = 170,
    /// The buyer does not agree to the text that the seller wants agreed to.
    #[error("the buyer agrees to another text than the seller's, or to none")]
    AgreementMismatch = 171,
    /// Whoever takes a contract over names a broker.
    #[error("a contract that is taken over keeps its brokers")]
    ResaleBroker = 172,

    // Hosts.
    /// There is no such host, or not any more.
    #[error("there is no such host")]
    HostUnknown = 180,
    /// Only the host's owner may do this.
    #[error("the sender is not the host's owner")]
    NotHostOwner = 181,
    /// No market has given the key a meaning; or the market has not, where an order asks for it.
    #[error("no such attribute is known")]
    AttributeUnknown = 182,
    /// The attribute is of another kind, or none of its words.
    #[error("the attribute is of another kind, or has no such choice")]
    AttributeMismatch = 183,
    /// An owner can say what is so; others prove it.
    #[error("an owner can declare, and neither benchmark nor attest")]
    EvidenceTooGood = 184,
    /// The attribute would end before it begins.
    #[error("the attribute's end has passed")]
    AttributeEndPassed = 185,
    /// All this is said of the host already.
    #[error("the host is so already")]
    HostUnchanged = 186,
    /// The host sells nothing in the market.
    #[error("the host has no pool in the market")]
    PoolUnknown = 187,
    /// The pool has this capacity, or its blackouts are these.
    #[error("the pool is so already")]
    PoolUnchanged = 188,
    /// More was sold in some slot.
    #[error("the capacity is below what is sold")]
    CapacitySold = 189,
    /// Something out of the pool is sold or on offer.
    #[error("the pool has open asks, or has sold what is not over")]
    PoolInUse = 190,
    /// The pool would have more blackouts than it may.
    #[error("the pool has too many blackouts")]
    TooManyBlackouts = 191,
    /// An ask is served in the order of bids, whoever they are of.
    #[error("an ask asks for no attributes")]
    AskRequires = 192,

    // Standing orders.
    /// There is no such standing order, or not any more.
    #[error("there is no such standing order")]
    StandingUnknown = 200,
    /// The first window of the pattern begins on none of its weekdays.
    #[error("the first window begins on none of the weekdays")]
    StandingDay = 201,
    /// No window that can be traded begins before the end, or the end lies too far ahead.
    #[error("no window begins before the end, or the end lies too far ahead")]
    StandingEnd = 202,
    /// An order would be placed when it can trade no more, or before its window is within the horizon.
    #[error("the orders would be placed too late to trade, or beyond the market's horizon")]
    StandingHorizon = 203,
    /// A budget is above zero, and for bids.
    #[error("a budget is above zero, and for bids alone")]
    StandingBudget = 204,
    /// It is paused, or runs, already.
    #[error("the standing order is so already")]
    StandingUnchanged = 205,
    /// The bids of a standing order would cost more than its budget.
    #[error("the standing order's budget does not cover this")]
    BudgetExceeded = 206,

    // What authorities decide.
    /// Only an authority's account may do this.
    #[error("the sender is no authority's account")]
    NotAuthority = 210,
    /// The market proposed is not within the bounds of markets.
    #[error("the market is not within the bounds of markets")]
    MarketUnsound = 211,
    /// Another market has the name.
    #[error("another market is called so")]
    MarketNameTaken = 212,
    /// There are as many markets as there may be.
    #[error("there are too many markets")]
    TooManyMarkets = 213,
    /// The market has these terms already.
    #[error("the market has these terms already")]
    MarketUnchanged = 214,
    /// There is no such proposal, or not any more.
    #[error("there is no such proposal")]
    ProposalUnknown = 215,
    /// Enough have approved the proposal.
    #[error("the proposal is approved already")]
    ProposalDecided = 216,
    /// The sender has approved the proposal.
    #[error("the sender has approved the proposal already")]
    ApprovedAlready = 217,
    /// No order is placed or amended in a market that is closed.
    #[error("the market is closed")]
    MarketClosed = 218,
    /// Whoever approves was shown another change than the proposal makes.
    #[error("the proposal is to change something else than what is approved")]
    ChangeMismatch = 219,
    /// A param would be beyond its bounds.
    #[error("a param would be beyond its bounds")]
    ParamUnsound = 220,
    /// A param is not what the change takes it to be.
    #[error("a param is not what the change says it was")]
    ParamMismatch = 221,
    /// A param would become what it is.
    #[error("a param is so already")]
    ParamUnchanged = 222,
    /// The key votes already, or will.
    #[error("the key is an authority's already")]
    AuthorityKnown = 223,
    /// No authority of the account has the key; or the account has none.
    #[error("the account has no such authority")]
    AuthorityUnknown = 224,
    /// Nobody has shown to have the key's secret.
    #[error("the key's proof does not verify")]
    AuthorityUnproven = 225,
    /// Nobody would be left to vote.
    #[error("nobody would be left to vote")]
    AuthoritiesEmpty = 226,
    /// There would be more authorities than there may be.
    #[error("there would be too many authorities")]
    TooManyAuthorities = 227,
    /// More of those who vote next would be new than a quorum can do without.
    #[error("too many authorities would be new at once")]
    TooManyNewAuthorities = 228,
    /// There is no such account.
    #[error("there is no such account")]
    AccountUnknown = 229,
    /// The account holds the office.
    #[error("the account holds the office already")]
    OfficeUnchanged = 230,
    /// An account that is frozen only ends what it has begun.
    #[error("the account is frozen")]
    AccountFrozen = 231,
    /// The account is frozen already, or is not.
    #[error("the account is frozen already, or is not frozen")]
    FreezeUnchanged = 232,
    /// Authorities, cashier and treasury are replaced first.
    #[error("the account is an authority's, the cashier's or the treasury's")]
    AccountInOffice = 233,
    /// Versions follow one another.
    #[error("the version is not the one that follows")]
    VersionNotNext = 234,
    /// Other rules begin with an epoch that has not begun.
    #[error("the height is not the first of an epoch to come")]
    UpgradeHeight = 235,
    /// That version follows there already, or nothing is to be called off.
    #[error("that is so already")]
    UpgradeUnchanged = 236,
    /// Nobody is reached at the address.
    #[error("nobody can be reached at the address")]
    AddressUnreachable = 237,
    /// The authority is reached there already.
    #[error("the address is so already")]
    AddressUnchanged = 238,
}

impl Rejection {
    /// Every reason, in rising order of code.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The public code.
    pub const fn code(self) -> u16 {
        #[expect(clippy::as_conversions, reason = "the discriminant is the code")]
        {
            self as u16
        }
    }

    /// The reason with this code.
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|rejection| rejection.code() == code)
    }

    /// The public name, as `NONCE_TOO_LOW`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests;
