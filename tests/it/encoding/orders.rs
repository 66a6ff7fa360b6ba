//! Standing orders, and what owners do with the orders that they have placed.

use chain::order::CancelScope;
use chain::standing::{Day, Days, Standing, StandingAct, StandingState, StandingTerms, Weekdays};

use super::*;

/// Other terms for an order, and its end.
pub(super) fn changes() -> Vec<(&'static str, Operation)> {
    let amend = |stretch| Operation::OrderAmend {
        order: OBJECT,
        quantity: Quantity(50),
        limit: Price(46),
        stretch,
    };
    let cancel_all = |scope| Operation::OrderCancelAll { scope };
    vec![
        ("order-amend", amend(None)),
        ("order-amend-stretch", amend(Some(Price(50)))),
        ("order-cancel-all", cancel_all(CancelScope::All)),
        ("order-cancel-all-asks", cancel_all(CancelScope::Asks(MarketId(1)))),
        ("cancel-at", Operation::CancelAt { time: Some(Time(86_400_000)) }),
        ("cancel-at-none", Operation::CancelAt { time: None }),
        ("standing-put", Operation::StandingPut(Box::new(terms()))),
        ("standing-pause", Operation::Standing { standing: OBJECT, act: StandingAct::Pause }),
        ("standing-end", Operation::Standing { standing: OBJECT, act: StandingAct::End }),
    ]
}

/// A standing order and its timer.
pub(super) fn objects() -> Vec<Named> {
    let standing = Standing {
        owner: AccountId([0x21; 20]),
        terms: terms(),
        state: StandingState::Running,
        next: window(),
        due: Time(1_800_000),
        placed: 3,
        committed: amount(0),
        deposit: amount(7),
    };
    let due = Due::Match(standing.due);
    let timer = Timer { due, kind: TimerKind::StandingDue, object: OBJECT };
    vec![
        ("standing", Key::Standing(OBJECT), Object::Standing(Box::new(standing))),
        ("standing-timer", Key::Timer(timer), Object::Timer),
    ]
}

fn terms() -> StandingTerms {
    let template = OrderPlace {
        market: MarketId(1),
        side: Side::Ask(AskTerms { host: None }),
        quantity: Quantity(100),
        window: window(),
        limit: Price(40),
        time_in_force: TimeInForce::Until(Time(10_800_000)),
        grade: Grade(1),
        parties: Parties::default(),
        conditions: contracts::conditions(),
        predicates: Predicates::default(),
        stretch: Some(Price(35)),
    };
    StandingTerms {
        template,
        weekdays: Weekdays::from_bits(0b110_0000).unwrap(),
        until: Time(8_640_000_000),
        skip: Days::new(vec![Day(9)]).unwrap(),
        horizon: Millis(1_800_000),
        budget: None,
    }
}
