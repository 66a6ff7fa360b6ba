//! Hosts that come, change and go, and the refusals on the way.

use chain::account::AccountId;
use chain::agent::{Scope, Scopes};
use chain::amount::Amount;
use chain::attribute::{AttributeValue, Schema, SchemaEntry, Words};
use chain::market::Market;
use chain::operation::Operation;
use chain::quantity::{Price, Quantity};
use chain::receipt::Outcome;
use chain::state::{Key, Object};
use chain::time::{Millis, Time};

use super::*;
use crate::state::State;
use crate::testing::{Ledger, account, chain, run};

pub(crate) fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

/// A market with slots of ten milliseconds whose bids may ask for `memory`, `tee` and one of two `os`.
pub(crate) fn market() -> Market {
    let os = Words::new(vec![word("linux"), word("bsd")]).unwrap();
    let kinds = [
        ("memory", AttributeKind::Number { unit: "GiB".to_owned() }),
        ("os", AttributeKind::Word { choices: os }),
        ("tee", AttributeKind::Flag),
    ];
    let entries = kinds.map(|(key, kind)| SchemaEntry { key: word(key), kind });
    Market {
        name: "cpu".to_owned(),
        unit: "core".to_owned(),
        slot: Millis(10),
        lot: Quantity(2),
        tick: Price(1),
        quantity_min: Quantity(2),
        horizon_slots: 100,
        lead: Millis(0),
        k_bps: 5_000,
        grades: Vec::new(),
        status: chain::market::MarketStatus::Open,
        attributes: Schema::new(entries.to_vec()).unwrap(),
    }
}

/// A ledger with two such markets, the second without a schema, and deposits: 7 a host, 3 a pool.
pub(crate) fn hall() -> Ledger {
    let first = run("given host 7 pool 3; alice 1000, bob 1000, carol 9").state;
    let plain = Market { name: "gpu".to_owned(), attributes: Schema::default(), ..market() };
    let markets = (0..).map(MarketId).zip([plain, market()]);
    let markets = markets.map(|(id, it)| (Key::Market(id), Object::Market(Box::new(it))));
    let objects = first.iter().map(|(key, object)| (*key, object.clone()));
    Ledger::of_state(State::from_objects(objects.chain(markets)))
}

/// Applies one operation in a block of its own; says why it is refused.
pub(crate) fn tried(ledger: &mut Ledger, who: &str, operation: Operation) -> Option<Rejection> {
    let transaction = ledger.sign(who, 0, vec![operation]);
    let applied = ledger.apply(ledger.time.after(Millis(1)), &[transaction]).unwrap();
    match applied.receipts.transactions[0].outcome {
        Outcome::Applied { .. } => None,
        Outcome::Failed { code, .. } => Rejection::from_code(code),
    }
}

pub(crate) fn said(attributes: &[(&str, AttributeValue)]) -> Attributes {
    let attribute = |(key, value): &(&str, AttributeValue)| Attribute {
        key: word(key),
        value: value.clone(),
        evidence: Evidence::Declared,
        expires: None,
    };
    Attributes::new(attributes.iter().map(attribute).collect()).unwrap()
}

pub(crate) fn registers(attributes: Attributes) -> Operation {
    Operation::HostRegister { attributes, endpoint: None }
}

/// Registers a host of `who` that says nothing, and returns its name.
pub(crate) fn registered(ledger: &mut Ledger, who: &str) -> ObjectId {
    let nonce = ledger.account(who).unwrap().nonce;
    assert_eq!(tried(ledger, who, registers(Attributes::default())), None);
    ObjectId::of_operation(chain(), account(who), nonce, 0)
}

fn held(ledger: &Ledger, who: &str) -> u64 {
    u64::try_from(ledger.account(who).unwrap().held.base_units()).unwrap()
}

fn owner(ledger: &Ledger, host: ObjectId) -> Option<AccountId> {
    View::new(&ledger.state, &[]).host(&host).map(|host| host.owner)
}

#[test]
fn host_bears_a_deposit_until_it_is_closed() {
    let mut ledger = hall();
    let host = registered(&mut ledger, "alice");
    assert_eq!((held(&ledger, "alice"), owner(&ledger, host)), (7, Some(account("alice"))));
    assert_eq!(tried(&mut ledger, "alice", Operation::HostClose { host }), None);
    assert_eq!((held(&ledger, "alice"), owner(&ledger, host)), (0, None));
    let again = tried(&mut ledger, "alice", Operation::HostClose { host });
    assert_eq!(again, Some(Rejection::HostUnknown));
}

#[test]
fn anybody_has_as_many_hosts_as_it_sets_deposits_aside_for() {
    let mut ledger = hall();
    registered(&mut ledger, "carol");
    let second = tried(&mut ledger, "carol", registers(Attributes::default()));
    assert_eq!(second, Some(Rejection::BalanceTooLow));
    let (one, other) = (registered(&mut ledger, "bob"), registered(&mut ledger, "bob"));
    assert_ne!(one, other);
    assert_eq!(held(&ledger, "bob"), 14);
}

#[test]
fn what_is_said_of_a_host_is_of_the_kind_that_markets_know() {
    use AttributeValue::{Flag, Number, Word as Named};
    let mut ledger = hall();
    let all = [("memory", Number(64)), ("os", Named(word("bsd"))), ("tee", Flag)];
    assert_eq!(tried(&mut ledger, "alice", registers(said(&all))), None);
    let mut refused = |attributes: Attributes| tried(&mut ledger, "alice", registers(attributes));
    let unknown = refused(said(&[("colour", Flag)]));
    assert_eq!(unknown, Some(Rejection::AttributeUnknown));
    for mismatch in [("memory", Flag), ("os", Named(word("dos"))), ("tee", Number(1))] {
        assert_eq!(refused(said(&[mismatch])), Some(Rejection::AttributeMismatch));
    }
    let tee = Attribute {
        key: word("tee"),
        value: Flag,
        evidence: Evidence::Declared,
        expires: Some(Time(500)),
    };
    assert_eq!(refused(Attributes::new(vec![tee.clone()]).unwrap()), None);
    for evidence in [Evidence::Benchmarked, Evidence::Attested] {
        let proven = Attributes::new(vec![Attribute { evidence, ..tee.clone() }]).unwrap();
        assert_eq!(refused(proven), Some(Rejection::EvidenceTooGood));
    }
    ledger.step("time 500");
    let late = tried(&mut ledger, "alice", registers(Attributes::new(vec![tee]).unwrap()));
    assert_eq!(late, Some(Rejection::AttributeEndPassed));
}

#[test]
fn host_is_updated_by_its_owner_alone_and_to_something_else() {
    let mut ledger = hall();
    let host = registered(&mut ledger, "alice");
    let updates = |attributes| Operation::HostUpdate { host, attributes, endpoint: None };
    let tee = said(&[("tee", AttributeValue::Flag)]);
    assert_eq!(tried(&mut ledger, "bob", updates(tee.clone())), Some(Rejection::NotHostOwner));
    assert_eq!(tried(&mut ledger, "alice", updates(tee.clone())), None);
    assert_eq!(tried(&mut ledger, "alice", updates(tee)), Some(Rejection::HostUnchanged));
    let endpoint = Sealed::new([1, 2, 3]);
    let moves = Operation::HostUpdate { host, attributes: Attributes::default(), endpoint };
    assert_eq!(tried(&mut ledger, "alice", moves), None);
    let unknown = ObjectId([9; 32]);
    let close = tried(&mut ledger, "alice", Operation::HostClose { host: unknown });
    assert_eq!(close, Some(Rejection::HostUnknown));
    let foreign = tried(&mut ledger, "bob", Operation::HostClose { host });
    assert_eq!(foreign, Some(Rejection::NotHostOwner));
}

#[test]
fn agent_with_the_scope_keeps_hosts_and_pays_their_deposits_out_of_its_cap() {
    let mut ledger = hall();
    let grant = |ledger: &mut Ledger, name: &str, scope, cap| {
        let grant = Operation::AgentGrant {
            key: crate::testing::key(name).public_key(),
            scopes: Scopes::new([scope]).unwrap(),
            cap: Amount::from_u64(cap),
            expires: Time(900),
        };
        assert_eq!(tried(ledger, "alice", grant), None);
    };
    grant(&mut ledger, "robot", Scope::Host, 10);
    grant(&mut ledger, "trader", Scope::Trade, 10);
    let mut by = |key: &str| {
        let register = vec![registers(Attributes::default())];
        let transaction = ledger.sign_by(&[key], "alice", 0, register);
        let applied = ledger.apply(ledger.time.after(Millis(1)), &[transaction]);
        applied.map(|it| it.receipts.transactions[0].outcome.clone())
    };
    assert!(matches!(by("robot"), Ok(Outcome::Applied { .. })));
    let beyond = Rejection::AgentCapExceeded.code();
    assert!(matches!(by("robot"), Ok(Outcome::Failed { code, .. }) if code == beyond));
    assert!(by("trader").is_err(), "out of its scope");
}
