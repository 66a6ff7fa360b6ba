//! What authorities agree on, and the count of a market's orders.

use std::net::SocketAddr;

use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::authority_set::{AuthorityAct, AuthoritySet};
use chain::book::Book;
use chain::market::MarketTerms;
use chain::param::{Param, ParamChange, ParamsChange};
use chain::params::Upgrade;
use chain::proposal::{
    Admission, AuthoritiesChange, Change, MarketChange, Office, Proposal, ProposalStage,
};

use super::*;

pub(super) fn operations() -> Vec<(&'static str, Operation)> {
    vec![
        ("propose-market", Operation::Propose { change: add() }),
        ("propose-market-terms", Operation::Propose { change: close() }),
        ("approve", Operation::Approve { proposal: OBJECT, change: close().digest() }),
        ("propose-params", Operation::Propose { change: params() }),
        ("propose-authorities", Operation::Propose { change: authorities() }),
        ("propose-cashier", Operation::Propose { change: cashier() }),
        ("propose-freeze", Operation::Propose { change: Change::Freeze(OTHER) }),
        ("propose-unfreeze", Operation::Propose { change: Change::Unfreeze(OTHER) }),
        ("propose-upgrade", Operation::Propose { change: Change::Upgrade(Some(UPGRADE)) }),
        ("propose-upgrade-off", Operation::Propose { change: Change::Upgrade(None) }),
        ("authority-rotate", Operation::Authority { key: KEY, act: rotate() }),
        ("authority-move", Operation::Authority { key: KEY, act: moved() }),
    ]
}

pub(super) fn objects() -> Vec<Named> {
    let (owner, other) = (AccountId([0x21; 20]), AccountId([0x22; 20]));
    let proposal = Proposal {
        proposer: other,
        change: close(),
        approvals: vec![owner, other],
        stage: ProposalStage::Approved { enacts: Time(86_400_000) },
        deposit: amount(10),
    };
    vec![
        ("authorities", Key::Authorities, Object::Authorities(Box::new(set()))),
        ("book", Key::Book(MarketId(3)), Object::Book(Book { orders: 12 })),
        ("proposal", Key::Proposal(OBJECT), Object::Proposal(Box::new(proposal))),
    ]
}

const OTHER: AccountId = AccountId([0x22; 20]);
const KEY: AuthorityKey = AuthorityKey([0xa1; 32]);
const UPGRADE: Upgrade = Upgrade { version: 2, height: Height(7_200) };

fn address() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 7], 4_000))
}

fn params() -> Change {
    let fee = ParamChange { param: Param::FeeBase, before: 1_000, value: 2_000 };
    let delay = ParamChange { param: Param::ProposalDelay, before: 10_000, value: 86_400_000 };
    Change::Params(ParamsChange::new([delay, fee]).unwrap())
}

fn authorities() -> Change {
    let authority = Authority { key: KEY, account: OTHER };
    let proof = AuthoritySignature([0x55; 64]);
    let joins = Admission { authority, address: Some(address()), proof };
    let change = AuthoritiesChange::new(vec![joins], vec![AccountId([0x21; 20])]);
    Change::Authorities(change.unwrap())
}

fn cashier() -> Change {
    Change::Appoint { office: Office::Cashier, account: OTHER }
}

fn rotate() -> AuthorityAct {
    let (key, proof) = (AuthorityKey([0xa2; 32]), AuthoritySignature([0x55; 64]));
    AuthorityAct::Rotate { key, proof }
}

fn moved() -> AuthorityAct {
    let address = "[2001:db8::7]:4000".parse().unwrap();
    AuthorityAct::Move { address: Some(address) }
}

fn set() -> AuthoritySet {
    let authority = |byte| Authority { key: AuthorityKey([byte; 32]), account: OTHER };
    let set = AuthoritySet::new(vec![authority(0xa1), authority(0xa3)]);
    set.followed_by(vec![authority(0xa2), authority(0xa3)]).reached(KEY, Some(address()))
}

fn add() -> Change {
    let market = market_objects().into_iter().find_map(|(_, _, object)| match object {
        Object::Market(market) => Some(market),
        _ => None,
    });
    Change::Market(MarketChange::Add(market.expect("there is a market")))
}

fn close() -> Change {
    let terms = MarketTerms {
        quantity_min: Quantity(20),
        horizon_slots: 744,
        lead: Millis(3_600_000),
        k_bps: 2_500,
        status: MarketStatus::Closed,
    };
    Change::Market(MarketChange::Set { market: MarketId(1), terms })
}
