//! A contract, and one of each thing that its parties do.

use chain::conditions::{Brokers, Conditions, Kind, Share, Split};
use chain::contract::{Contract, ContractAct, ContractState, Delivery, Extent, Staged, Verdict};
use chain::params::ContractTerms;
use chain::parties::{Accounts, Parties, Preference};
use chain::quote::{Capacity, Offer, Quote, QuoteUse};
use chain::sealed::Sealed;

use super::*;

/// What makes contracts outside the match, and what their parties do.
pub(super) fn operations() -> Vec<(&'static str, Operation)> {
    acts().into_iter().chain(quotes()).collect()
}

/// What the parties of a contract do.
fn acts() -> Vec<(&'static str, Operation)> {
    let act = |name, act| (name, Operation::Contract { contract: OBJECT, act });
    vec![
        act("endpoint-publish", ContractAct::EndpointPublish { endpoint: sealed() }),
        act("stage-ready", ContractAct::StageReady(staged())),
        act("host-ready", ContractAct::HostReady { fingerprint: Hash([0x35; 32]) }),
        act("result-post", ContractAct::ResultPost(delivery())),
        act("sign-off", ContractAct::SignOff { verdict: Verdict::Reject }),
        act("end-early", ContractAct::EndEarly),
        act("abort", ContractAct::Abort),
        act("reclaim-start", ContractAct::ReclaimStart),
    ]
}

/// What somebody signs for others to accept, and how much of it was accepted.
fn quotes() -> Vec<(&'static str, Operation)> {
    let accept = |name, quote: Quote| {
        let quote =
            Box::new(quote.sign_with(&[key(), SecretKey::from_bytes(&[0x12; 32]).unwrap()]));
        (name, Operation::QuoteAccept { quote, quantity: Quantity(40), conditions: conditions() })
    };
    let buy = Quote { offer: Offer::Buy(capacity()), taker: None, ..quote() };
    let offer = Offer::Resell { contract: OBJECT, price: Price(46) };
    vec![
        accept("quote-accept", quote()),
        accept("quote-accept-bought", buy),
        accept("quote-accept-resold", Quote { offer, ..quote() }),
    ]
}

/// With whom orders trade here.
pub(super) fn parties() -> Parties {
    let accounts = |byte| Accounts::new(vec![AccountId([byte; 20])]).unwrap();
    let prefer = Preference::new(accounts(0x25), 500);
    Parties { only: accounts(0x25), deny: accounts(0x26), prefer }
}

/// On which conditions things trade here.
pub(super) fn conditions() -> Conditions {
    let kind = Kind::Interruptible { notice: Millis(1_800_000) };
    let split = Split::new(vec![Share { account: AccountId([0x27; 20]), bps: 2_500 }]).unwrap();
    let (broker, user) = (Some(AccountId([0x28; 20])), Some(AccountId([0x29; 20])));
    Conditions { kind, split, agreement: Some(Hash([0x2a; 32])), broker, user }
}

fn quote() -> Quote {
    Quote {
        chain: CHAIN,
        maker: AccountId::of_key(&key().public_key()),
        taker: Some(AccountId([0x22; 20])),
        expires: Time(86_400_000),
        salt: 5,
        offer: Offer::Sell(capacity()),
        conditions: conditions(),
    }
}

fn capacity() -> Capacity {
    Capacity {
        market: MarketId(1),
        window: window(),
        quantity: Quantity(100),
        price: Price(45),
        grade: Grade(1),
    }
}

pub(super) fn quote_use() -> Named {
    let (maker, until) = (quote().maker, Time(86_400_000));
    let quote_use = QuoteUse { maker, quantity: Quantity(100), used: Quantity(40), until };
    ("quote-use", Key::QuoteUse(quote().id()), Object::QuoteUse(Box::new(quote_use)))
}

pub(super) fn contract(buyer: AccountId, seller: AccountId) -> Named {
    let contract = Contract {
        buyer,
        seller,
        market: MarketId(1),
        bid: OBJECT,
        ask: ObjectId([0x0c; 32]),
        quantity: Quantity(100),
        window: window(),
        price: Price(45),
        hold: ObjectId([0x0d; 32]),
        state: ContractState::SignOff,
        due: Time(14_400_000),
        slots_missed: 0,
        slots_paid: 1,
        paid: amount(4_050),
        buyer_endpoint: None,
        seller_endpoint: Some(sealed()),
        staged: Some(staged()),
        fingerprint: Some(Hash([0x35; 32])),
        result: Some(delivery()),
        host: Some(ObjectId([0x0e; 32])),
        terms: terms(),
        kind: conditions().kind,
        ends: Time(9_000_000),
        split: conditions().split,
        agreement: conditions().agreement,
        brokers: Brokers { buyer: conditions().broker, seller: None },
        user: conditions().user,
        parties: parties(),
    };
    ("contract", Key::Contract(OBJECT), Object::Contract(Box::new(contract)))
}

const fn terms() -> ContractTerms {
    ContractTerms {
        stage_grace: Millis(600_000),
        ready_grace: Millis(600_001),
        result_grace: Millis(3_600_000),
        sign_off_grace: Millis(86_400_000),
        dispute_span: Millis(604_800_000),
        holdback_bps: 1_000,
        booking_bps: 2_000,
        commission_bps: 100,
        commission_bps_max: 500,
        broker_bps: 2_500,
    }
}

fn sealed() -> Sealed {
    Sealed::new([0x5e; 3]).unwrap()
}

fn staged() -> Staged {
    Staged { digests: vec![Hash([0x34; 32])], location: sealed() }
}

fn delivery() -> Delivery {
    Delivery { digest: Hash([0x36; 32]), location: Sealed::default(), extent: Extent::Partial }
}
