//! What authorities agree on, and the count of a market's orders.

use chain::book::Book;
use chain::market::MarketTerms;
use chain::proposal::{Change, MarketChange, Proposal, ProposalStage};

use super::*;

pub(super) fn operations() -> Vec<(&'static str, Operation)> {
    vec![
        ("propose-market", Operation::Propose { change: add() }),
        ("propose-market-terms", Operation::Propose { change: close() }),
        ("approve", Operation::Approve { proposal: OBJECT }),
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
        ("book", Key::Book(MarketId(3)), Object::Book(Book { orders: 12 })),
        ("proposal", Key::Proposal(OBJECT), Object::Proposal(Box::new(proposal))),
    ]
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
