//! The objects that the node of fixed answers shows.

use chain::authority::AuthorityKey;
use chain::conditions::{Brokers, Conditions, Kind, Share, Split};
use chain::market::MarketStatus;
use chain::params::ProposalTerms;
use chain::proposal::{Change, MarketChange, Proposal, ProposalStage};

use super::*;
use crate::types::{
    AuthoritiesView, CatchUpView, DiskView, GossipView, KeepsView, MempoolView, PeerView,
    PresenceView, ProgressView, ProposalView, RoleView, SeatView, UpgradeView,
};

pub(super) fn account(id: AccountId, cash: Amount, held: Amount) -> AccountView {
    let (nonce, orders, signing) = (Nonce(3), 2, Signing::KeySet);
    let status = chain::account::AccountStatus::Frozen;
    let account = Account { cash, held, nonce, orders, signing, status };
    let signers = Signers::new(1, vec![PublicKey([7; 32])]).unwrap();
    let (next, signers) = (Nonce(4), Some(&signers));
    translator().account_view(&AccountFacts { id, account, next, name: None, signers })
}

pub(super) fn hold(byte: u8) -> HoldView {
    let purpose = Purpose::User { beneficiary: WAITS, expires: Time(5) };
    let amount = Amount::from_u64(9);
    let hold = Hold { captured: amount, ..Hold::new(ALICE, purpose, amount) };
    translator().hold(id(byte), &hold, ObjectStatus::Ended)
}

pub(super) fn channel(byte: u8) -> ChannelView {
    let channel = Channel {
        payer: ALICE,
        payee: WAITS,
        hold: id(2),
        funded: Amount::MAX,
        voucher_key: PublicKey([8; 32]),
        settle_delay: Millis(60_000),
        best: Some(BestVoucher { sequence: u64::MAX, cumulative: Amount::from_u64(3) }),
        status: ChannelStatus::Closing { time: Time(7), height: Height(8) },
        deposit: Amount::from_u64(2),
    };
    translator().channel(id(byte), &channel, ObjectStatus::Open)
}

pub(super) fn market() -> Market {
    Market {
        name: "cpu".to_owned(),
        unit: "core".to_owned(),
        slot: Millis(600_000),
        lot: Quantity(1),
        tick: Price(1),
        quantity_min: Quantity(1),
        horizon_slots: 10_000,
        lead: Millis(0),
        k_bps: 5_000,
        grades: Vec::new(),
        attributes: schema(),
        status: MarketStatus::Open,
    }
}

pub(super) fn order(byte: u8) -> OrderDetailView {
    let fill = FillRule::AtLeast(Quantity(2));
    let side = Side::Bid(BidTerms { fill, sellers_max: Some(3) });
    let order = Order {
        owner: ALICE,
        market: MarketId(0),
        side: if byte.is_multiple_of(2) { Side::Ask(AskTerms::OWN) } else { side },
        quantity: Quantity(100),
        filled: Quantity(0),
        window: window(),
        limit: Price(u64::MAX),
        time_in_force: TimeInForce::Until(Time(9)),
        grade: Grade::BASE,
        parties: Parties::default(),
        placed: Height(3),
        tie: Hash([9; 32]),
        hold: Some(id(4)),
        sold: vec![Sold { window: window(), quantity: Quantity(5) }],
        conditions: Conditions {
            kind: Kind::Interruptible { notice: Millis(16) },
            ..Conditions::default()
        },
        predicates: predicates(),
        stretch: Some(Price(u64::MAX)),
        standing: Some(id(5)),
        deposit: Amount::ZERO,
    };
    translator().order_detail(id(byte), &order, &market(), ObjectStatus::Open)
}

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn words() -> Words {
    Words::new(vec![word("linux"), word("bsd")]).unwrap()
}

fn schema() -> Schema {
    let kinds = [
        ("memory", AttributeKind::Number { unit: "GiB".to_owned() }),
        ("os", AttributeKind::Word { choices: words() }),
        ("tee", AttributeKind::Flag),
    ];
    let entries = kinds.map(|(key, kind)| SchemaEntry { key: word(key), kind });
    Schema::new(entries.to_vec()).unwrap()
}

fn predicates() -> Predicates {
    let tests = [
        ("memory", Test::AtLeast(u64::MAX), Evidence::Benchmarked),
        ("memory", Test::AtMost(0), Evidence::Declared),
        ("memory", Test::Equals(1), Evidence::Declared),
        ("os", Test::OneOf(words()), Evidence::Declared),
        ("tee", Test::Set, Evidence::Attested),
    ];
    let predicates =
        tests.map(|(key, test, evidence)| Predicate { key: word(key), test, evidence });
    Predicates::new(predicates.to_vec()).unwrap()
}

pub(super) fn host(byte: u8) -> HostView {
    let values = [
        ("memory", AttributeValue::Number(u64::MAX), Evidence::Benchmarked),
        ("os", AttributeValue::Word(word("bsd")), Evidence::Declared),
        ("tee", AttributeValue::Flag, Evidence::Attested),
    ];
    let attributes = values.map(|(key, value, evidence)| {
        let expires = (evidence == Evidence::Attested).then_some(Time(9));
        Attribute { key: word(key), value, evidence, expires }
    });
    let attributes = Attributes::new(attributes.to_vec()).unwrap();
    let host =
        Host { owner: ALICE, attributes, endpoint: Sealed::new([7_u8; 3]), deposit: Amount::ZERO };
    translator().host(id(byte), &host)
}

pub(super) fn pool(byte: u8) -> PoolView {
    let pool = Pool {
        capacity: Quantity(100),
        asks: 2,
        sold: vec![Sold { window: window(), quantity: Quantity(5) }],
        blackouts: vec![window()],
        deposit: Amount::ZERO,
    };
    translator().pool(PoolId { host: id(byte), market: MarketId(0) }, &pool, &market())
}

pub(super) fn standing(byte: u8) -> StandingView {
    let template = OrderPlace {
        market: MarketId(0),
        side: Side::Ask(AskTerms { host: None }),
        quantity: Quantity(100),
        window: window(),
        limit: Price(40),
        time_in_force: TimeInForce::Until(Time(9)),
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
    };
    let terms = StandingTerms {
        template,
        weekdays: Weekdays::from_bits(96).unwrap(),
        until: Time(u64::MAX),
        skip: Days::new(vec![Day(9)]).unwrap(),
        horizon: Millis(86_400_000),
        budget: Some(Amount::MAX),
    };
    let standing = Standing {
        owner: ALICE,
        terms,
        state: StandingState::Paused,
        next: window(),
        due: Time(7),
        placed: 3,
        committed: Amount::from_u64(8),
        deposit: Amount::ZERO,
    };
    translator().standing(id(byte), &standing, &market(), ObjectStatus::Open)
}

pub(super) fn contract(byte: u8) -> ContractView {
    let contract = Contract {
        buyer: ALICE,
        seller: WAITS,
        market: MarketId(0),
        bid: id(1),
        ask: id(2),
        quantity: Quantity(100),
        window: window(),
        price: Price(45),
        hold: id(3),
        state: ContractState::SignOff,
        due: Time(u64::MAX),
        slots_missed: 1,
        slots_paid: 2,
        paid: Amount::from_u64(8_000),
        buyer_endpoint: Some(Sealed::default()),
        seller_endpoint: Sealed::new([7_u8; 3]),
        staged: Some(Staged { digests: vec![Hash([1; 32])], location: Sealed::default() }),
        fingerprint: Some(Hash([2; 32])),
        result: Some(Delivery {
            digest: Hash([3; 32]),
            location: Sealed::default(),
            extent: Extent::Partial,
        }),
        terms: contract_terms(),
        kind: Kind::Interruptible { notice: Millis(16) },
        ends: Time(u64::MAX),
        host: Some(id(9)),
        split: Split::new(vec![Share { account: ALICE, bps: 17 }]).unwrap(),
        parties: Parties::default(),
        agreement: Some(Hash([0x21; 32])),
        brokers: Brokers { buyer: None, seller: Some(ALICE) },
        user: Some(WAITS),
    };
    translator().contract(id(byte), &contract, &market(), ObjectStatus::Open)
}

pub(super) fn contract_terms() -> ContractTerms {
    ContractTerms {
        stage_grace: Millis(7),
        ready_grace: Millis(8),
        result_grace: Millis(9),
        sign_off_grace: Millis(10),
        dispute_span: Millis(11),
        holdback_bps: 12,
        booking_bps: 13,
        commission_bps: 14,
        commission_bps_max: 15,
        broker_bps: 2_500,
    }
}

pub(super) fn fees() -> Fees {
    let unit = Amount::from_u64;
    Fees { base: unit(1), per_byte: unit(2), per_operation: unit(3), proposer_bps: 5_000 }
}

pub(super) fn deposits() -> Deposits {
    let unit = Amount::from_u64;
    Deposits {
        account: unit(4),
        hold: unit(5),
        order: unit(6),
        channel: unit(7),
        name: unit(8),
        keys: unit(9),
        agent: unit(10),
        host: unit(11),
        pool: unit(12),
        proposal: unit(13),
    }
}

/// A block with one transaction that applied, one that failed, and events of its own.
pub(super) fn block(height: u64) -> (Block, Receipts) {
    let transactions = vec![signed(0), signed(1)];
    let event = Event::Transferred { from: ALICE, to: WAITS, amount: Amount::from_u64(5) };
    let outcomes = [
        Outcome::Applied { events: vec![event.clone()] },
        Outcome::Failed { operation: 0, code: 22 },
    ];
    let receipts = transactions.iter().zip(outcomes).map(|(signed, outcome)| {
        let transaction = signed.transaction.id();
        Receipt { transaction, fee: Amount::from_u64(10), outcome }
    });
    let transactions_receipts = receipts.collect();
    let receipts = Receipts {
        transactions: transactions_receipts,
        timers: vec![event.clone()],
        matching: vec![event],
    };
    (Block { header: header(height), transactions }, receipts)
}

pub(super) fn chain_status() -> ChainStatusView {
    ChainStatusView {
        chain: Hash([1; 32]).into(),
        name: "fake".to_owned(),
        network: Network::Dev.into(),
        address_prefix: Network::Dev.prefix().to_owned(),
        protocol_version: 1,
        token: (&Token { symbol: "TLY".to_owned(), decimals: 6 }).into(),
        supply: Amount::MAX.into(),
        minted: Amount::MAX.into(),
        burned: Amount::ZERO.into(),
        fees: (&fees()).into(),
        deposits: (&deposits()).into(),
        cashier: address(ALICE),
        treasury: address(WAITS),
        epoch: 0,
        epoch_blocks: 5,
        authorities: 1,
        settle_delay_min_ms: 1,
        settle_delay_max_ms: 2,
        settle_blocks: 3,
        hold_span_max_ms: 4,
        withdrawal_span_ms: 5,
        refund_span_ms: 6,
        contracts: (&contract_terms()).into(),
    }
}

pub(super) fn node_status() -> NodeStatusView {
    NodeStatusView {
        version: "1.2.3".to_owned(),
        chain: Hash([1; 32]).into(),
        key: AuthorityKey([2; 32]).into(),
        role: RoleView::Authority,
        progress: ProgressView::CatchingUp,
        tip_age_ms: 3,
        authorities: PresenceView { voters: 4, present: 3, quorum: 3 },
        catch_up: Some(CatchUpView { target: 9, blocks_per_minute: 60, left_ms: Some(5) }),
        peers: vec![PeerView {
            key: AuthorityKey([3; 32]).into(),
            role: RoleView::Follower,
            present: true,
            height: Some(9),
            silent_ms: Some(1),
            clock_ahead_ms: Some(-2),
            abstains: false,
        }],
        blocked: vec![AuthorityKey([4; 32]).into()],
        gossip: GossipView { waiting: 1, dropped: 2, garbage: 3 },
        mempool: MempoolView { transactions: 1, bytes: 2 },
        disk: DiskView {
            free_bytes: Some(4),
            voting_bytes_min: 3,
            running_bytes_min: 2,
            abstains: false,
        },
        keeps: KeepsView { blocks_from: 1, histories_from: Some(2), index_from: None },
    }
}

pub(super) fn proposal_terms() -> ProposalTerms {
    ProposalTerms { span: Millis(21), delay: Millis(22) }
}

/// An open proposal for one byte, an approved one for the next.
pub(super) fn proposal(byte: u8) -> ProposalView {
    let terms = market().terms();
    let add = MarketChange::Add(Box::new(market()));
    let change = if byte == 1 { add } else { MarketChange::Set { market: MarketId(3), terms } };
    let (until, enacts) = (Time(23), Time(24));
    let open = ProposalStage::Open { until };
    let proposal = Proposal {
        proposer: ALICE,
        change: Change::Market(change),
        approvals: vec![ALICE],
        stage: if byte == 1 { open } else { ProposalStage::Approved { enacts } },
        deposit: Amount::ZERO,
    };
    translator().proposal(ObjectId([byte; 32]), &proposal)
}

pub(super) fn payment() -> Captured {
    Captured {
        payer: ALICE,
        payee: WAITS,
        captured: Amount::MAX,
        refunded: Amount::ZERO,
        commission_bps: 0,
        shared_bps: 0,
        until: Time(9),
    }
}

pub(super) fn authorities() -> AuthoritiesView {
    let address = Some("10.0.0.1:4000".parse::<std::net::SocketAddr>().unwrap().into());
    let key = chain::authority::AuthorityKey([6; 32]).into();
    let seat = SeatView { key, account: translator().address(ALICE), address };
    AuthoritiesView {
        epoch: 3,
        next_epoch_height: 40,
        quorum: 1,
        voting: vec![seat],
        next: vec![SeatView { address: None, ..seat }],
        protocol_version: 1,
        upgrade: Some(UpgradeView { version: 2, height: 80 }),
    }
}
