//! Bob quotes ten units for five slots at 40, from 100 to 150; alice accepts. Then the same the other way
//! round.

mod resell;

use chain::account::AccountId;
use chain::agent::{Scope, Scopes};
use chain::amount::Amount;
use chain::attribute::Schema;
use chain::conditions::{Conditions, Kind};
use chain::contract::Contract;
use chain::event::Event;
use chain::hash::Hash;
use chain::keys::SecretKey;
use chain::market::{Grade, Market, MarketId};
use chain::operation::Operation;
use chain::quantity::{Price, Quantity};
use chain::quote::{Capacity, Offer, Quote, QuoteUse, SignedQuote};
use chain::receipt::Outcome;
use chain::signers::Signers;
use chain::state::{Key, Object};
use chain::time::{Millis, Time, Window};

use crate::rejection::Rejection;
use crate::state::{State, View};
use crate::testing::{Ledger, account, chain, key, run};

const CASH: u64 = 10_000;

/// A ledger with a market, where a bid's window must lie ten ahead.
fn floor() -> Ledger {
    let market = Market {
        name: "cpu".to_owned(),
        unit: "core".to_owned(),
        slot: Millis(10),
        lot: Quantity(2),
        tick: Price(5),
        quantity_min: Quantity(4),
        horizon_slots: 100,
        lead: Millis(10),
        k_bps: 5_000,
        grades: vec!["checked".to_owned()],
        attributes: Schema::default(),
        status: chain::market::MarketStatus::Open,
    };
    let market = (Key::Market(MarketId(0)), Object::Market(Box::new(market)));
    let first = run("alice 10000, bob 10000, carol 0").state;
    let objects = first.iter().map(|(key, object)| (*key, object.clone()));
    Ledger::of_state(State::from_objects(objects.chain([market])))
}

fn capacity() -> Capacity {
    let window = Window { start: Time(100), end: Time(150) };
    Capacity {
        market: MarketId(0),
        window,
        quantity: Quantity(10),
        price: Price(40),
        grade: Grade::BASE,
    }
}

fn quote(maker: &str, offer: Offer) -> Quote {
    let (maker, conditions) = (account(maker), Conditions::default());
    Quote { chain: chain(), maker, taker: None, expires: Time(50), salt: 1, offer, conditions }
}

fn sold() -> Quote {
    quote("bob", Offer::Sell(capacity()))
}

fn bought() -> Quote {
    quote("bob", Offer::Buy(capacity()))
}

fn accept(quote: SignedQuote, quantity: u64) -> Operation {
    accept_on(quote, quantity, Conditions::default())
}

fn accept_on(quote: SignedQuote, quantity: u64, conditions: Conditions) -> Operation {
    Operation::QuoteAccept { quote: Box::new(quote), quantity: Quantity(quantity), conditions }
}

fn by_bob(quote: Quote, quantity: u64) -> Operation {
    accept(quote.sign_with(&[key("bob")]), quantity)
}

/// The next block, in which `who` does this. Answers with the events.
fn done(ledger: &mut Ledger, who: &str, operation: Operation) -> Vec<Event> {
    let transaction = ledger.sign(who, 0, vec![operation]);
    let time = ledger.time.after(Millis(1));
    let applied = ledger.apply(time, &[transaction]).unwrap();
    match applied.receipts.transactions[0].outcome.clone() {
        Outcome::Applied { events } => events,
        Outcome::Failed { code, .. } => panic!("{:?}", Rejection::from_code(code)),
    }
}

fn contracts(state: &State) -> Vec<Contract> {
    let contract = |object: &Object| {
        if let Object::Contract(contract) = object { Some(contract.as_ref().clone()) } else { None }
    };
    state.iter().filter_map(|(_, object)| contract(object)).collect()
}

/// Who bought how much from whom, in all.
fn traded(ledger: &Ledger) -> Vec<(AccountId, AccountId, u64)> {
    let all = contracts(&ledger.state);
    all.iter().map(|it| (it.buyer, it.seller, it.quantity.0)).collect()
}

fn used(ledger: &Ledger, quote: &Quote) -> Option<QuoteUse> {
    View::new(&ledger.state, &[]).quote_use(&quote.id())
}

fn held(ledger: &Ledger, name: &str) -> u128 {
    ledger.account(name).unwrap().held.base_units()
}

#[test]
fn accepted_quote_is_a_contract_in_that_very_block() {
    for (quote, buyer, seller) in [(sold(), "alice", "bob"), (bought(), "bob", "alice")] {
        let mut ledger = floor();
        let events = done(&mut ledger, "alice", by_bob(quote.clone(), 4));
        assert_eq!(traded(&ledger), [(account(buyer), account(seller), 4)]);
        assert_eq!(held(&ledger, buyer), 40 * 4 * 5);
        assert_eq!(held(&ledger, seller), 0);
        let [Event::HoldOpened { .. }, Event::Matched { contract, .. }, last] = &events[..] else {
            panic!("{events:?}")
        };
        let (maker, taker) = (account("bob"), account("alice"));
        let (quantity, id) = (Quantity(4), quote.id());
        let accepted = Event::QuoteAccepted {
            quote: id,
            contract: *contract,
            maker,
            taker,
            quantity,
            used: quantity,
        };
        assert_eq!(*last, accepted);
    }
}

#[test]
fn no_more_of_a_quote_is_accepted_than_it_offers() {
    let mut ledger = floor();
    done(&mut ledger, "alice", by_bob(sold(), 6));
    ledger.refuses("alice", by_bob(sold(), 6), Rejection::QuoteSpent);
    done(&mut ledger, "alice", by_bob(sold(), 4));
    ledger.refuses("alice", by_bob(sold(), 4), Rejection::QuoteSpent);
    // Another one that says the same is another word.
    done(&mut ledger, "alice", by_bob(Quote { salt: 2, ..sold() }, 10));
    assert_eq!(held(&ledger, "alice"), 40 * 20 * 5);
}

#[test]
fn what_was_accepted_is_known_for_as_long_as_it_could_be_accepted_again() {
    let lead = Quote { expires: Time(1_000), ..sold() };
    for (quote, until) in [(sold(), 50), (lead, 90)] {
        let mut ledger = floor();
        done(&mut ledger, "alice", by_bob(quote.clone(), 10));
        assert_eq!(used(&ledger, &quote).unwrap().until, Time(until));
        ledger.apply(Time(until), &[]).unwrap();
        assert!(used(&ledger, &quote).is_some());
        ledger.apply(Time(until + 1), &[]).unwrap();
        assert_eq!(used(&ledger, &quote), None);
    }
}

#[test]
fn quote_that_is_not_for_this_is_refused() {
    let mut ledger = floor();
    let window = |start, end| Window { start: Time(start), end: Time(end) };
    let selling = |change: fn(&mut Capacity)| {
        let mut capacity = capacity();
        change(&mut capacity);
        Quote { offer: Offer::Sell(capacity), ..sold() }
    };
    for (quote, quantity, rejection) in [
        (Quote { chain: Hash([9; 32]), ..sold() }, 4, Rejection::QuoteChainMismatch),
        (Quote { maker: account("carol"), ..sold() }, 4, Rejection::QuoteNotSigned),
        (Quote { maker: account("nobody"), ..sold() }, 4, Rejection::QuoteNotSigned),
        (Quote { taker: Some(account("carol")), ..sold() }, 4, Rejection::NotQuoted),
        (Quote { expires: Time(0), ..sold() }, 4, Rejection::QuoteEnded),
        (selling(|it| it.market = MarketId(7)), 4, Rejection::MarketUnknown),
        (sold(), 5, Rejection::QuantityNotInLots),
        (sold(), 2, Rejection::QuantityTooSmall),
        (sold(), 0, Rejection::QuantityTooSmall),
        (selling(|it| it.price = Price(41)), 4, Rejection::LimitNotOnTick),
        (selling(|it| it.price = Price(0)), 4, Rejection::LimitNotOnTick),
        (selling(|it| it.window.end = Time(151)), 4, Rejection::WindowNotOnSlots),
        (selling(|it| it.window.end = Time(2_000)), 4, Rejection::WindowTooFar),
        (selling(|it| it.grade = Grade(2)), 4, Rejection::GradeUnknown),
        (sold(), 12, Rejection::QuoteSpent),
        (selling(|it| it.price = Price(1_000)), 4, Rejection::BalanceTooLow),
        (selling(|it| it.price = Price(u64::MAX / 5 * 5)), 4, Rejection::BalanceTooLow),
    ] {
        ledger.refuses("alice", by_bob(quote, quantity), rejection);
    }
    ledger.refuses("bob", by_bob(sold(), 4), Rejection::SelfTrade);
    ledger.refuses("carol", by_bob(sold(), 4), Rejection::BalanceTooLow);
    assert_eq!(window(100, 150), capacity().window);
    assert_eq!(traded(&ledger), []);
}

#[test]
fn time_of_a_quote_is_judged_by_the_parent() {
    let mut ledger = floor();
    ledger.apply(Time(49), &[]).unwrap();
    done(&mut ledger, "alice", by_bob(sold(), 4));
    ledger.refuses("alice", by_bob(sold(), 4), Rejection::QuoteEnded);
    let late = Quote { expires: Time(1_000), ..sold() };
    ledger.apply(Time(89), &[]).unwrap();
    done(&mut ledger, "alice", by_bob(late.clone(), 4));
    ledger.refuses("alice", by_bob(late, 4), Rejection::WindowTooSoon);
}

#[test]
fn buyers_word_counts_only_while_it_has_the_money() {
    let mut ledger = floor();
    let dear = Capacity { price: Price(400), ..capacity() };
    let quote = quote("bob", Offer::Buy(dear));
    done(&mut ledger, "alice", by_bob(quote.clone(), 4));
    ledger.refuses("alice", by_bob(quote, 4), Rejection::BalanceTooLow);
    assert_eq!(ledger.account("bob").unwrap().cash.base_units(), u128::from(CASH));
}

#[test]
fn set_of_keys_signs_a_quote_as_it_signs_a_transaction() {
    let mut ledger = floor();
    let names = ["bob", "dave", "erin"];
    let keys = names.map(|name| key(name).public_key()).to_vec();
    let signers = Signers::new(2, keys).unwrap();
    done(&mut ledger, "bob", Operation::KeySet { signers });
    let by = |names: &[&str]| {
        let keys: Vec<SecretKey> = names.iter().map(|name| key(name)).collect();
        accept(sold().sign_with(&keys), 4)
    };
    for names in [&["bob"][..], &["dave"], &["bob", "dave", "erin"], &["bob", "alice"]] {
        ledger.refuses("alice", by(names), Rejection::QuoteNotSigned);
    }
    done(&mut ledger, "alice", by(&["erin", "dave"]));
}

#[test]
fn agent_signs_a_quote_within_its_scopes_its_cap_and_its_time() {
    let grant = |name, scope, cap| Operation::AgentGrant {
        key: key(name).public_key(),
        scopes: Scopes::new([scope]).unwrap(),
        cap: Amount::from_u64(cap),
        expires: Time(30),
    };
    let mut ledger = floor();
    done(&mut ledger, "bob", grant("dave", Scope::Trade, 1_700));
    done(&mut ledger, "bob", grant("erin", Scope::Pay, 5_000));
    let by = |name, quote: Quote, quantity| accept(quote.sign_with(&[key(name)]), quantity);
    ledger.refuses("alice", by("erin", bought(), 4), Rejection::AgentOutOfScope);
    ledger.refuses("alice", by("dave", bought(), 10), Rejection::AgentCapExceeded);
    done(&mut ledger, "alice", by("dave", bought(), 4));
    done(&mut ledger, "alice", by("dave", bought(), 4));
    let more = Quote { salt: 2, ..bought() };
    ledger.refuses("alice", by("dave", more, 4), Rejection::AgentCapExceeded);
    // What it sells costs its account nothing.
    done(&mut ledger, "alice", by("dave", sold(), 10));
    ledger.apply(Time(30), &[]).unwrap();
    let late = Quote { salt: 3, ..sold() };
    ledger.refuses("alice", by("dave", late, 4), Rejection::QuoteNotSigned);
}

#[test]
fn buyer_and_seller_agree_on_the_kind() {
    let notice = |millis| Kind::Interruptible { notice: Millis(millis) };
    for (offered, accepted, fits) in [
        (notice(20), Kind::Firm, false),
        (notice(20), notice(30), false),
        (notice(20), notice(20), true),
        (Kind::Firm, notice(30), true),
    ] {
        for sells in [true, false] {
            let mut ledger = floor();
            let (quote, made, taken) =
                if sells { (sold(), offered, accepted) } else { (bought(), accepted, offered) };
            let quote =
                Quote { conditions: Conditions { kind: made, ..Conditions::default() }, ..quote };
            let signed = quote.sign_with(&[key("bob")]);
            let accept = accept_on(signed, 4, Conditions { kind: taken, ..Conditions::default() });
            if fits {
                done(&mut ledger, "alice", accept);
                assert_eq!(contracts(&ledger.state)[0].kind, offered);
            } else {
                ledger.refuses("alice", accept, Rejection::KindNotAccepted);
            }
        }
    }
}
