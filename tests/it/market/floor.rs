//! Where the tests trade: a state with markets and traders, and blocks of orders on top of it.
//!
//! Every block is checked against the invariants over the whole state, and its matches are worked out again
//! from what its roots prove.

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::attribute::Schema;
use chain::authority::{Authority, AuthorityKey};
use chain::authority_set::AuthoritySet;
use chain::conditions::Conditions;
use chain::event::Event;
use chain::hash::Hash;
use chain::height::Height;
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::market::{Grade, Market, MarketId, MarketStatus};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Order, OrderClosed, Side, TimeInForce};
use chain::params::{ContractTerms, Deposits, Fees, Params, ProposalTerms};
use chain::parties::{Accounts, Parties};
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::receipt::Outcome;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::time::{Millis, Time, Window};
use chain::transaction::{Transaction, VerifiedTransaction};
use runtime::block::{Applied, apply_block};
use runtime::context::BlockContext;
use runtime::invariants;
use runtime::rejection::Rejection;
use runtime::state::{Changes, State, View};

use super::proved::Proved;

pub(super) const CHAIN: Hash = Hash([0xc0; 32]);
const AUTHORITY: AuthorityKey = AuthorityKey([0xa0; 32]);

/// What an order sets aside besides its price.
pub(super) const ORDER_DEPOSIT: u64 = 5;

/// A trader: a place among the floor's keys.
pub(super) type Trader = usize;

pub(super) struct Floor {
    pub(super) state: State,
    keys: Vec<SecretKey>,
    height: u64,
    time: u64,
    last: Option<BlockContext>,
}

impl Floor {
    /// A floor with `markets`, and `traders` with `cash` each, at time 0 of the day.
    pub(super) fn new(markets: &[Market], traders: u8, cash: u64) -> Self {
        let keys: Vec<SecretKey> = (1..=traders)
            .map(|byte| SecretKey::from_bytes(&[byte; 32]).expect("a secret key"))
            .collect();
        let treasury = AccountId([0xee; 20]);
        let account = |cash| {
            let cash = Amount::from_u64(cash);
            Object::Account(Account { cash, ..Account::default() })
        };
        let minted = Amount::from_u64(cash * u64::from(traders));
        let objects = keys
            .iter()
            .map(|key| (Key::Account(AccountId::of_key(&key.public_key())), account(cash)));
        let markets = (0..).zip(markets).map(|(number, market)| {
            (Key::Market(MarketId(number)), Object::Market(Box::new(market.clone())))
        });
        let objects = objects.chain(markets).chain([
            (Key::Account(treasury), account(0)),
            (Key::Params, Object::Params(Box::new(params(treasury)))),
            (Key::Supply, Object::Supply(Supply { minted, burned: Amount::ZERO })),
            (Key::Authorities, authorities(vec![Authority { key: AUTHORITY, account: treasury }])),
        ]);
        Self { state: State::from_objects(objects), keys, height: 0, time: 0, last: None }
    }

    /// Lets the accounts of `votes` vote on proposals, which have a span and a delay.
    pub(super) fn govern(&mut self, votes: &[AccountId], (span, delay): (Millis, Millis)) {
        let mut params = View::new(&self.state, &[]).params().clone();
        let votes = (0xa0..).zip(votes);
        let authority = |(byte, account): (u8, &AccountId)| Authority {
            key: AuthorityKey([byte; 32]),
            account: *account,
        };
        let voting = authorities(votes.map(authority).collect());
        params.proposals = ProposalTerms { span, delay };
        let params = Object::Params(Box::new(params));
        let objects = [(Key::Params, Some(params)), (Key::Authorities, Some(voting))].into();
        self.state.commit(&Changes { objects, ..Changes::default() });
    }

    /// The time of the last block, by which the next one judges deadlines.
    pub(super) const fn now(&self) -> Time {
        Time(self.time)
    }

    pub(super) fn context(&self, time: u64) -> BlockContext {
        BlockContext {
            chain: CHAIN,
            height: Height(self.height + 1),
            epoch: 0,
            parent: Hash([u8::try_from(self.height % 251).expect("below 256"); 32]),
            parent_time: Time(self.time),
            time: Time(time),
            proposer: AUTHORITY,
        }
    }

    pub(super) fn account_of(&self, trader: Trader) -> AccountId {
        AccountId::of_key(&self.keys[trader].public_key())
    }

    pub(super) fn key_of(&self, trader: Trader) -> &SecretKey {
        &self.keys[trader]
    }

    pub(super) fn account(&self, trader: Trader) -> Account {
        View::new(&self.state, &[]).account(&self.account_of(trader)).expect("a trader")
    }

    pub(super) fn available(&self, trader: Trader) -> u64 {
        u64::try_from(self.account(trader).available().base_units()).expect("a small sum")
    }

    pub(super) fn order(&self, id: ObjectId) -> Option<&Order> {
        match self.state.get(&Key::Order(id)) {
            Some(Object::Order(order)) => Some(order),
            _ => None,
        }
    }

    /// Signs what traders ask for: one transaction each, at most one a trader.
    pub(super) fn sign(&self, asked: &[(Trader, Vec<Operation>)]) -> Vec<VerifiedTransaction> {
        let sign = |(trader, operations): &(Trader, Vec<Operation>)| {
            let transaction = Transaction {
                chain: CHAIN,
                sender: self.account_of(*trader),
                nonce: self.account(*trader).nonce,
                valid_until: Height(self.height + 1),
                fee_max: Amount::from_u64(1_000),
                operations: operations.clone(),
            };
            transaction.sign(&self.keys[*trader]).verify().expect("just signed")
        };
        asked.iter().map(sign).collect()
    }

    /// What a block at `time` would do.
    pub(super) fn apply(&self, time: u64, transactions: &[VerifiedTransaction]) -> Applied {
        let view = View::new(&self.state, &[]);
        apply_block(view, self.context(time), transactions).expect("a valid block")
    }

    /// Takes over what a block at `time` did.
    pub(super) fn commit(&mut self, time: u64, applied: &Applied) {
        self.last = Some(self.context(time));
        self.state.commit(&applied.changes);
        invariants::check(&self.state).unwrap_or_else(|violation| panic!("{violation}"));
        self.height += 1;
        self.time = time;
        self.proved(applied).check();
    }

    /// The last block and what it left, to be proved.
    pub(super) fn proved<'a>(&'a self, applied: &'a Applied) -> Proved<'a> {
        let context = self.last.expect("there was a block");
        Proved { state: &self.state, context, applied }
    }

    /// A block at `time`.
    pub(super) fn block(&mut self, time: u64, asked: &[(Trader, Vec<Operation>)]) -> Applied {
        let applied = self.apply(time, &self.sign(asked));
        self.commit(time, &applied);
        applied
    }

    /// A block one millisecond later in which traders 0, 1, ... place one order each. Returns the names
    /// of the orders, and what the block did.
    pub(super) fn place(&mut self, orders: &[OrderPlace]) -> (Vec<ObjectId>, Applied) {
        let orders: Vec<_> = orders.iter().cloned().enumerate().collect();
        self.place_by(&orders)
    }

    /// The same with the traders named, each at most once.
    pub(super) fn place_by(&mut self, orders: &[(Trader, OrderPlace)]) -> (Vec<ObjectId>, Applied) {
        let ids = orders.iter().map(|(trader, _)| self.next_id(*trader)).collect();
        let order = |(trader, order): &(Trader, OrderPlace)| {
            (*trader, vec![Operation::OrderPlace(order.clone())])
        };
        let applied = self.block(self.time + 1, &orders.iter().map(order).collect::<Vec<_>>());
        for receipt in &applied.receipts.transactions {
            assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{:?}", receipt.outcome);
        }
        (ids, applied)
    }

    /// Why a single order, or cancel, is refused.
    pub(super) fn refusal(&self, trader: Trader, operation: Operation) -> Option<Rejection> {
        let transactions = self.sign(&[(trader, vec![operation])]);
        let applied = self.apply(self.time + 1, &transactions);
        match applied.receipts.transactions[0].outcome {
            Outcome::Failed { code, .. } => Some(Rejection::from_code(code).expect("a known code")),
            Outcome::Applied { .. } => None,
        }
    }

    /// The name of what the first operation of the trader's next transaction makes.
    pub(super) fn next_id(&self, trader: Trader) -> ObjectId {
        let nonce = self.account(trader).nonce;
        ObjectId::of_operation(CHAIN, self.account_of(trader), nonce, 0)
    }
}

fn authorities(voting: Vec<Authority>) -> Object {
    Object::Authorities(Box::new(AuthoritySet::new(voting)))
}

fn params(treasury: AccountId) -> Params {
    let free = Amount::ZERO;
    Params {
        chain: CHAIN,
        version: 1,
        upgrade: None,
        epoch_blocks: 1_000_000,
        cashier: treasury,
        treasury,
        fees: Fees { base: free, per_byte: free, per_operation: free, proposer_bps: 0 },
        deposits: Deposits {
            account: free,
            hold: free,
            order: Amount::from_u64(ORDER_DEPOSIT),
            channel: free,
            name: free,
            keys: free,
            agent: free,
            host: free,
            pool: free,
            proposal: free,
        },
        settle_delay_min: Millis(1),
        settle_delay_max: Millis(1),
        settle_blocks: 1,
        hold_span_max: Millis(HOUR),
        withdrawal_span: Millis(1),
        refund_span: Millis(HOUR),
        contracts: ContractTerms {
            stage_grace: Millis(HOUR / 2),
            ready_grace: Millis(HOUR / 2),
            result_grace: Millis(HOUR),
            sign_off_grace: Millis(2 * HOUR),
            dispute_span: Millis(3 * HOUR),
            holdback_bps: 1_000,
            booking_bps: 2_000,
            commission_bps: 0,
            commission_bps_max: 0,
            broker_bps: 2_500,
        },
        proposals: ProposalTerms { span: Millis(3_600_000), delay: Millis(60_000) },
    }
}

/// One hour.
pub(super) const HOUR: u64 = 3_600_000;

/// The market of the golden vectors: slots of one hour, ticks and lots of one, the middle price, one grade
/// above the base.
pub(super) fn hourly() -> Market {
    Market {
        name: "cpu".into(),
        unit: "core".into(),
        slot: Millis(HOUR),
        lot: Quantity(1),
        tick: Price(1),
        quantity_min: Quantity(1),
        horizon_slots: 24 * 14,
        lead: Millis(0),
        k_bps: 5_000,
        grades: vec!["proven".into()],
        attributes: Schema::default(),
        status: MarketStatus::Open,
    }
}

/// The window between two hours of Saturday. The traders' clock begins two days before.
pub(super) fn saturday(from: u64, to: u64) -> Window {
    Window { start: Time((48 + from) * HOUR), end: Time((48 + to) * HOUR) }
}

/// An ask of the first market that stands until its window ends.
pub(super) fn ask(quantity: u64, limit: u64, window: Window) -> OrderPlace {
    OrderPlace {
        market: MarketId(0),
        side: Side::Ask(AskTerms::OWN),
        quantity: Quantity(quantity),
        window,
        limit: Price(limit),
        time_in_force: TimeInForce::Until(window.end),
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
    }
}

/// A bid in the first market, which has no lead, that stands until its window begins.
pub(super) fn bid(quantity: u64, limit: u64, window: Window) -> OrderPlace {
    let terms = BidTerms { fill: FillRule::AtLeast(Quantity(0)), sellers_max: None };
    OrderPlace {
        side: Side::Bid(terms),
        time_in_force: TimeInForce::Until(window.start),
        ..ask(quantity, limit, window)
    }
}

/// The same bid under a fill rule.
pub(super) fn filled(fill: FillRule, bid: OrderPlace) -> OrderPlace {
    let Side::Bid(terms) = bid.side else { panic!("only a bid has a fill rule") };
    OrderPlace { side: Side::Bid(BidTerms { fill, ..terms }), ..bid }
}

/// The same bid from so many sellers at most.
pub(super) fn sellers(most: u16, bid: OrderPlace) -> OrderPlace {
    let Side::Bid(terms) = bid.side else { panic!("only a bid limits its sellers") };
    OrderPlace { side: Side::Bid(BidTerms { sellers_max: Some(most), ..terms }), ..bid }
}

/// The same order of that grade.
pub(super) fn graded(grade: u8, order: OrderPlace) -> OrderPlace {
    OrderPlace { grade: Grade(grade), ..order }
}

/// Anybody but these.
pub(super) fn deny(floor: &Floor, traders: &[Trader]) -> Parties {
    let accounts = traders.iter().map(|it| floor.account_of(*it)).collect();
    Parties { deny: Accounts::new(accounts).expect("few traders"), ..Parties::default() }
}

/// The same order with these parties.
pub(super) fn with(parties: Parties, mut order: OrderPlace) -> OrderPlace {
    order.parties = parties;
    order
}

/// The same order on these conditions.
pub(super) fn on(conditions: Conditions, order: OrderPlace) -> OrderPlace {
    OrderPlace { conditions, ..order }
}

/// The same order, which goes as far as this price in the second pass.
pub(super) fn stretched(stretch: u64, order: OrderPlace) -> OrderPlace {
    OrderPlace { stretch: Some(Price(stretch)), ..order }
}

/// The same order, now or never.
pub(super) fn immediate(order: OrderPlace) -> OrderPlace {
    OrderPlace { time_in_force: TimeInForce::ImmediateOrCancel, ..order }
}

/// A trade: places of bid and ask among the orders placed, units, price, and total.
pub(super) type Fill = (usize, usize, u64, u64, u64);

/// The trades of a block, in the order of `ids`.
pub(super) fn fills(ids: &[ObjectId], applied: &Applied) -> Vec<Fill> {
    let place = |id: &ObjectId| ids.iter().position(|one| one == id).expect("an order of the test");
    let fill = |event: &Event| match event {
        Event::Matched { bid, ask, quantity, price, total, .. } => {
            let total = u64::try_from(total.base_units()).expect("a small sum");
            Some((place(bid), place(ask), quantity.0, price.0, total))
        }
        _ => None,
    };
    let mut fills: Vec<Fill> = applied.receipts.matching.iter().filter_map(fill).collect();
    fills.sort_unstable();
    fills
}

/// Which orders `events` say have ended, and why.
pub(super) fn closed(events: &[Event]) -> Vec<(ObjectId, OrderClosed)> {
    let close = |event: &Event| match event {
        Event::OrderClosed { order, reason, .. } => Some((*order, *reason)),
        _ => None,
    };
    events.iter().filter_map(close).collect()
}
