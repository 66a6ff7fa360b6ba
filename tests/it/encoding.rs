//! Frozen bytes: encodings, digests, ids and signatures of one of each. A changed vector is a changed
//! protocol. `TALLY_BLESS=1 cargo test -p tests encoding` writes the vectors anew.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use chain::account::{Account, AccountId, Signing};
use chain::address::{self, Network};
use chain::agent::{Agent, Scope, Scopes};
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey};
use chain::block::{Block, Header, VERSION};
use chain::captured::Captured;
use chain::certificate::{Certificate, Voters};
use chain::channel::{BestVoucher, Channel, ChannelStatus};
use chain::encoding::{decode, encode};
use chain::event::Event;
use chain::gossip::{Passed, TipNotice};
use chain::hash::{Domain, Hash};
use chain::height::{Height, Nonce};
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::market::{Grade, Market, MarketId, MarketStatus};
use chain::memo::Memo;
use chain::merkle::{self, Entry, ListProof, StateProof};
use chain::name::Name;
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Order, Side, Sold, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::receipt::{Outcome, Receipt, Receipts};
use chain::signers::Signers;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::switch::CancelSwitch;
use chain::target::Target;
use chain::time::{Millis, Time, Window};
use chain::timer::{Due, Timer, TimerKind};
use chain::transaction::{SignedTransaction, Transaction};
use chain::voucher::{SignedVoucher, Voucher};

mod accounts;
mod contracts;
mod hosts;
mod orders;
mod proposals;

const CHAIN: Hash = Hash([0xc0; 32]);
const OBJECT: ObjectId = ObjectId([0x0b; 32]);

fn key() -> SecretKey {
    SecretKey::from_bytes(&[0x11; 32]).unwrap()
}

fn amount(base_units: u64) -> Amount {
    Amount::from_u64(base_units)
}

fn window() -> Window {
    Window { start: Time(3_600_000), end: Time(10_800_000) }
}

fn voucher() -> SignedVoucher {
    Voucher { chain: CHAIN, channel: OBJECT, sequence: 7, cumulative: amount(900) }.sign(&key())
}

fn operations() -> Vec<(&'static str, Operation)> {
    first_operations()
        .into_iter()
        .chain(accounts::operations())
        .chain(orders::changes())
        .chain(contracts::operations())
        .chain(hosts::operations())
        .chain(proposals::operations())
        .collect()
}

/// Money, orders and channels.
fn first_operations() -> Vec<(&'static str, Operation)> {
    let to = AccountId([0x22; 20]);
    let bid = Side::Bid(BidTerms { fill: FillRule::AtLeast(Quantity(10)), sellers_max: Some(3) });
    let all = Side::Bid(BidTerms { fill: FillRule::AllOrNone, sellers_max: None });
    let order = |side, time_in_force| {
        Operation::OrderPlace(OrderPlace {
            market: MarketId(1),
            side,
            quantity: Quantity(100),
            window: window(),
            limit: Price(45),
            time_in_force,
            grade: Grade(1),
            parties: contracts::parties(),
            conditions: contracts::conditions(),
            predicates: predicates(side),
            stretch: Some(Price(if matches!(side, Side::Ask(_)) { 40 } else { 50 })),
        })
    };
    let memo = Memo::new("payroll \u{2713}").unwrap();
    vec![
        ("transfer", Operation::Transfer { to, amount: amount(1_500_000), memo }),
        ("deposit", Operation::Deposit { to, amount: amount(5), reference: Hash([0x33; 32]) }),
        (
            "hold-open",
            Operation::HoldOpen { amount: amount(9), beneficiary: to, expires: Time(86_400_000) },
        ),
        ("hold-capture", Operation::HoldCapture { hold: OBJECT, cumulative: amount(4) }),
        ("hold-release", Operation::HoldRelease { hold: OBJECT }),
        ("order-place-bid", order(bid, TimeInForce::ImmediateOrCancel)),
        ("order-place-bid-all-or-none", order(all, TimeInForce::Until(Time(3_000_000)))),
        ("order-place-ask", order(Side::Ask(AskTerms::OWN), TimeInForce::Until(Time(10_800_000)))),
        ("order-cancel", Operation::OrderCancel { order: OBJECT }),
        (
            "channel-open",
            Operation::ChannelOpen {
                payee: to,
                amount: amount(1_000),
                voucher_key: key().public_key(),
                settle_delay: Millis(60_000),
            },
        ),
        ("voucher-submit", Operation::VoucherSubmit { voucher: voucher() }),
        ("close-by-payee", Operation::CloseByPayee { channel: OBJECT }),
        ("close-by-payer", Operation::CloseByPayer { channel: OBJECT }),
    ]
}

/// What the orders of the vectors ask of hosts.
fn predicates(side: Side) -> Predicates {
    match side {
        Side::Bid(_) => hosts::predicates(),
        Side::Ask(_) => Predicates::default(),
    }
}

fn signed(operation: Operation) -> SignedTransaction {
    let sender = AccountId::of_key(&key().public_key());
    let (nonce, valid_until, fee_max) = (Nonce(5), Height(1_000), amount(2_000));
    let operations = vec![operation];
    Transaction { chain: CHAIN, sender, nonce, valid_until, fee_max, operations }.sign(&key())
}

/// The first transaction of the vectors, as it is passed on.
fn passed() -> Passed {
    let first = operations().into_iter().map(|(_, step)| signed(step)).take(1);
    Passed { transactions: first.collect() }
}

fn block() -> Block {
    let transactions: Vec<_> = operations().into_iter().map(|(_, step)| signed(step)).collect();
    let header = Header {
        version: VERSION,
        chain: CHAIN,
        height: Height(20),
        epoch: 3,
        parent: Hash([0x44; 32]),
        time: Time(1_700_000_000_000),
        proposer: AuthorityKey([0x55; 32]),
        transactions_root: Block::transactions_root(&transactions),
        receipts_root: receipts().root(),
        state_root: merkle::state_root(2, &Hash([0x66; 32])),
        next_authorities: Some(vec![Authority {
            key: AuthorityKey([0x55; 32]),
            account: AccountId([0x22; 20]),
        }]),
    };
    Block { header, transactions }
}

fn receipts() -> Receipts {
    let (from, to) = (AccountId([0x21; 20]), AccountId([0x22; 20]));
    let opened = Event::AccountOpened { account: to, by: from, deposit: amount(10) };
    let moved = Event::Transferred { from, to, amount: amount(1_500_000) };
    let applied = Receipt {
        transaction: Hash([0x77; 32]),
        fee: amount(1_200),
        outcome: Outcome::Applied { events: vec![opened, moved] },
    };
    let failed = Receipt {
        transaction: Hash([0x78; 32]),
        fee: amount(1_200),
        outcome: Outcome::Failed { operation: 1, code: 20 },
    };
    let closed = Event::HoldClosed {
        hold: OBJECT,
        owner: from,
        returned: amount(3),
        reason: HoldClosed::Expired,
    };
    let fees = Event::FeesPaid {
        proposer: from,
        proposer_amount: amount(1_200),
        treasury_amount: amount(1_200),
    };
    Receipts { transactions: vec![applied, failed], timers: vec![closed], matching: vec![fees] }
}

type Named = (&'static str, Key, Object);

fn objects() -> Vec<Named> {
    let owner = AccountId([0x21; 20]);
    let objects = money_objects().into_iter().chain(market_objects());
    let objects = objects.chain(hosts::objects(owner)).chain(orders::objects());
    objects.chain(proposals::objects()).collect()
}

fn money_objects() -> Vec<Named> {
    let (owner, other) = (AccountId([0x21; 20]), AccountId([0x22; 20]));
    let account = Account {
        cash: amount(100),
        held: amount(40),
        nonce: Nonce(5),
        orders: 1,
        signing: Signing::KeySet,
        status: chain::account::AccountStatus::Open,
    };
    let purpose = Purpose::User { beneficiary: other, expires: Time(86_400_000) };
    let hold =
        Hold { captured: amount(10), refunded: amount(4), ..Hold::new(owner, purpose, amount(30)) };
    let target = Target::new("DE89 3704 0044 0532 0130 00").unwrap();
    let purpose = Purpose::Withdrawal { target, expires: Time(86_400_000) };
    let withdrawal = Hold { deposit: amount(6), ..Hold::new(owner, purpose, amount(30)) };
    let captured = Captured {
        shared_bps: 2_500,
        payer: owner,
        payee: other,
        captured: amount(10),
        refunded: amount(4),
        commission_bps: 100,
        until: Time(86_400_000),
    };
    let name = Name::new("market-hall").unwrap();
    let agent = Agent {
        account: owner,
        key: key().public_key(),
        scopes: accounts::scopes(),
        cap: amount(5_000),
        spent: amount(1_200),
        expires: Time(86_400_000),
        deposit: amount(4),
    };
    let timer =
        Timer { due: Due::Time(Time(86_400_000)), kind: TimerKind::HoldExpire, object: OBJECT };
    let stop = CancelSwitch { account: owner, time: Time(86_400_000) };
    vec![
        (
            "supply",
            Key::Supply,
            Object::Supply(Supply { minted: amount(1_000), burned: amount(7) }),
        ),
        ("account", Key::Account(owner), Object::Account(account)),
        ("reference", Key::Reference(Hash([0x33; 32])), Object::Reference),
        ("hold", Key::Hold(OBJECT), Object::Hold(Box::new(hold))),
        ("timer", Key::Timer(timer), Object::Timer),
        ("withdrawal", Key::Hold(OBJECT), Object::Hold(Box::new(withdrawal))),
        ("captured", Key::Captured(OBJECT), Object::Captured(Box::new(captured))),
        ("name", Key::Name(name), Object::Name(owner)),
        (
            "name-of",
            Key::NameOf(owner),
            Object::NameOf(Box::new(chain::name::NameUse { name, deposit: amount(3) })),
        ),
        (
            "signers",
            Key::Signers(owner),
            Object::Signers(Box::new(chain::signers::SignerSet {
                signers: accounts::signers(),
                deposit: amount(2),
            })),
        ),
        ("agent", Key::Agent(Agent::id(owner, &agent.key)), Object::Agent(Box::new(agent))),
        ("cancel-switch", Key::CancelSwitch(CancelSwitch::id(owner)), Object::CancelSwitch(stop)),
    ]
}

fn market_objects() -> Vec<Named> {
    let (owner, other) = (AccountId([0x21; 20]), AccountId([0x22; 20]));
    let sold = vec![Sold { window: window(), quantity: Quantity(6) }];
    let order = Order {
        owner,
        market: MarketId(1),
        side: Side::Ask(AskTerms { host: Some(OBJECT) }),
        quantity: Quantity(100),
        filled: Quantity(0),
        window: window(),
        limit: Price(40),
        time_in_force: TimeInForce::Until(Time(10_800_000)),
        grade: Grade(1),
        parties: Parties { prefer: None, ..contracts::parties() },
        placed: Height(9),
        tie: Hash([0x88; 32]),
        hold: None,
        sold,
        conditions: contracts::conditions(),
        predicates: Predicates::default(),
        stretch: Some(Price(35)),
        standing: None,
        deposit: amount(7),
    };
    let channel = Channel {
        payer: owner,
        payee: other,
        hold: ObjectId([0x0d; 32]),
        funded: amount(1_000),
        voucher_key: key().public_key(),
        settle_delay: Millis(60_000),
        best: Some(BestVoucher { sequence: 7, cumulative: amount(900) }),
        status: ChannelStatus::Closing { time: Time(5), height: Height(6) },
        deposit: amount(5),
    };
    let market = Market {
        name: "cpu".to_owned(),
        unit: "core".to_owned(),
        slot: Millis(3_600_000),
        lot: Quantity(1),
        tick: Price(1),
        quantity_min: Quantity(1),
        horizon_slots: 744,
        lead: Millis(0),
        k_bps: 5_000,
        grades: vec!["proven".to_owned()],
        attributes: hosts::schema(),
        status: MarketStatus::Open,
    };
    vec![
        ("market", Key::Market(MarketId(1)), Object::Market(Box::new(market))),
        ("order", Key::Order(OBJECT), Object::Order(Box::new(order))),
        contracts::contract(owner, other),
        ("channel", Key::Channel(OBJECT), Object::Channel(Box::new(channel))),
        contracts::quote_use(),
    ]
}

/// Compares `lines` of "name value" with a file of vectors, or writes the file when told to.
fn check_vectors(file: &str, lines: &[(String, String)]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let mut actual = String::new();
    for (name, value) in lines {
        writeln!(actual, "{name} {value}").unwrap();
    }
    if env::var_os("TALLY_BLESS").is_some() {
        fs::write(&path, &actual).unwrap();
    }
    let frozen = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    for (frozen, actual) in frozen.lines().zip(actual.lines()) {
        assert_eq!(frozen, actual, "{file}: bytes of the protocol changed");
    }
    assert_eq!(frozen.lines().count(), actual.lines().count(), "{file}: vectors added or gone");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn transactions_keep_their_bytes_ids_and_signatures() {
    let mut lines = Vec::new();
    for (name, operation) in operations() {
        let signed = signed(operation);
        let bytes = encode(&signed);
        assert_eq!(SignedTransaction::from_bytes(&bytes).as_ref(), Ok(&signed), "{name}");
        lines.push((name.to_owned(), hex(&bytes)));
        lines.push((format!("{name}.id"), signed.transaction.id().to_string()));
        lines.push((format!("{name}.witnessed-id"), signed.witnessed_id().to_string()));
        signed.verify().unwrap();
    }
    check_vectors("transactions.txt", &lines);
}

#[test]
fn blocks_keep_their_bytes_and_roots() {
    let (block, receipts) = (block(), receipts());
    assert_eq!(decode::<Block>(&encode(&block)).as_ref(), Ok(&block));
    assert_eq!(decode::<Receipts>(&encode(&receipts)).as_ref(), Ok(&receipts));
    let header = &block.header;
    check_vectors(
        "blocks.txt",
        &[
            ("header".to_owned(), hex(&encode(header))),
            ("header.digest".to_owned(), header.digest().to_string()),
            ("transactions-root".to_owned(), header.transactions_root.to_string()),
            ("receipts".to_owned(), hex(&encode(&receipts))),
            ("receipts-root".to_owned(), header.receipts_root.to_string()),
            ("state-root".to_owned(), header.state_root.to_string()),
        ],
    );
}

#[test]
fn objects_keep_their_bytes_and_digests() {
    let mut lines = Vec::new();
    for (name, key, object) in objects() {
        assert!(object.belongs_under(&key), "{name}");
        assert_eq!(decode::<Key>(&encode(&key)), Ok(key), "{name}");
        assert_eq!(decode::<Object>(&encode(&object)).as_ref(), Ok(&object), "{name}");
        lines.push((format!("{name}.key"), hex(&encode(&key))));
        lines.push((format!("{name}.key-digest"), key.digest().to_string()));
        lines.push((name.to_owned(), hex(&encode(&object))));
        lines.push((format!("{name}.digest"), object.digest().to_string()));
    }
    check_vectors("objects.txt", &lines);
}

/// The vectors of certificates are made by the engine, in the tests of `consensus`.
#[test]
fn certificate_of_the_engine_is_read_and_verified_without_it() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/certificates.txt");
    let text = fs::read_to_string(path).unwrap();
    let vector = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let digits =
            line.unwrap().as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect::<Vec<u8>>()
    };
    let chain = Hash(vector("chain").try_into().unwrap());
    let keys = vector("authorities");
    let authority = |key: &[u8]| Authority {
        key: AuthorityKey(key.try_into().unwrap()),
        account: AccountId::default(),
    };
    let authorities: Vec<Authority> = keys.chunks(32).map(authority).collect();
    let certificate: Certificate = decode(&vector("certificate")).unwrap();
    assert_eq!(certificate.signed_bytes(chain), vector("certificate.signed-bytes"));
    let voters = Voters::new(&authorities).unwrap();
    assert_eq!(certificate.verify(chain, &voters), Ok(()));
    assert!(certificate.verify(Hash::ZERO, &voters).is_err());
}

#[test]
fn proofs_keep_their_bytes() {
    let items: Vec<Hash> = receipts().digests();
    let list = ListProof::of(&items, 1).unwrap();
    assert_eq!(list.verify(&receipts().root(), &items[1]), Ok(()));
    let (_, key, object) = objects().remove(0);
    let entry = Entry { key: key.digest(), value: object.digest() };
    let neighbours = vec![Hash([0x99; 32]), Hash([0xaa; 32])];
    let state = StateProof { entries: vec![entry], neighbours };
    let number = merkle::leaf_of(&entry.key, 2);
    let (leaf, [near, far]) = (merkle::leaf(&[entry]), [Hash([0x99; 32]), Hash([0xaa; 32])]);
    let pair =
        if number & 1 == 0 { merkle::inner(&leaf, &near) } else { merkle::inner(&near, &leaf) };
    let top = if number & 2 == 0 { merkle::inner(&pair, &far) } else { merkle::inner(&far, &pair) };
    let root = merkle::state_root(2, &top);
    assert_eq!(state.verify(&root, &key, Some(&object)), Ok(()));
    check_vectors(
        "proofs.txt",
        &[
            ("list-proof".to_owned(), hex(&encode(&list))),
            ("list-proof.item".to_owned(), items[1].to_string()),
            ("list-proof.root".to_owned(), receipts().root().to_string()),
            ("state-proof".to_owned(), hex(&encode(&state))),
            ("state-proof.key".to_owned(), hex(&encode(&key))),
            ("state-proof.object".to_owned(), hex(&encode(&object))),
            ("state-proof.root".to_owned(), root.to_string()),
        ],
    );
}

#[test]
fn ids_addresses_and_vouchers_keep_their_bytes() {
    let sender = AccountId::of_key(&key().public_key());
    let made = ObjectId::of_operation(CHAIN, sender, Nonce(5), 2);
    let matched = ObjectId::of_runtime(CHAIN, OBJECT, ObjectId([0x0c; 32]), Height(9), 1);
    let voucher = voucher();
    let lines = [
        ("public-key", key().public_key().to_string()),
        ("account", hex(&sender.0)),
        ("address.main", address::encode(Network::Main, &sender)),
        ("address.test", address::encode(Network::Test, &sender)),
        ("address.dev", address::encode(Network::Dev, &sender)),
        ("object-of-operation", made.to_string()),
        ("object-of-runtime", matched.to_string()),
        ("agent-of-account-and-key", Agent::id(sender, &key().public_key()).to_string()),
        ("voucher", hex(&encode(&voucher))),
        (
            "tip",
            hex(&encode(&TipNotice {
                height: Height(20),
                digest: Hash([0x44; 32]),
                time: Time(5),
                abstains: true,
            })),
        ),
        ("passed", hex(&encode(&passed()))),
        ("voucher.digest", voucher.voucher.digest().to_string()),
        ("hash-of-nothing", Hash::of(Domain::Header, &[]).to_string()),
        ("list-root-of-nothing", merkle::list_root(&[]).to_string()),
        ("list-root-of-three", merkle::list_root(&[CHAIN, Hash::ZERO, CHAIN]).to_string()),
        ("leaf-of-nothing", merkle::leaf(&[]).to_string()),
    ];
    let lines = lines.map(|(name, value)| (name.to_owned(), value));
    check_vectors("ids.txt", &lines);
}
