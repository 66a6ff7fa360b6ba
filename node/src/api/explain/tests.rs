//! What a client is told of an order, over a chain of a few blocks.

use chain::order::{BidTerms, FillRule, Side, TimeInForce};
use chain::quantity::{Price, Quantity};
use rpc::api::Api;
use rpc::canonical::Canonical;
use rpc::types::{ObjectStatus, OrderClosedView};

use super::super::tests::{Fixture, address, fixture};
use super::*;
use crate::testing::{Chain, genesis, key, operation};

fn place(chain: &Chain, side: Side, limit: u64) -> OrderPlace {
    chain.order(side, 6, limit)
}

fn bid() -> Side {
    Side::Bid(BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None })
}

/// Places an order in a block of its own; the sender's first operation with this nonce.
fn placed(chain: &Chain, from: u8, nonce: u64, place: OrderPlace) -> OrderExplain {
    let transaction = operation(from, nonce, Operation::OrderPlace(place));
    let (sender, nonce) = (transaction.sender, transaction.nonce);
    chain.submit(transaction.sign(&key(from)));
    chain.grow();
    let order = chain::id::ObjectId::of_operation(genesis().hash(), sender, nonce, 0);
    OrderExplain { order: order.into() }
}

#[test]
fn open_order_learns_by_how_much_it_is_short() {
    let Fixture { chain, api, .. } = &fixture();
    let offer = placed(chain, 1, 0, place(chain, Side::Ask(chain::order::AskTerms::OWN), 50));
    let need = placed(chain, 2, 0, place(chain, bid(), 43));
    for question in [offer, need] {
        let view = api.order_explain(&question).unwrap().value;
        assert_eq!(view.why, WhyView::Price { short: Price(7).into() });
        assert_eq!((view.passed.orders, view.passed.room, view.passed.price), (1, 1, 0));
    }
}

#[test]
fn ended_order_is_looked_at_as_if_it_were_open() {
    let Fixture { chain, api, .. } = &fixture();
    let now =
        OrderPlace { time_in_force: TimeInForce::ImmediateOrCancel, ..place(chain, bid(), 43) };
    let question = placed(chain, 2, 0, now);
    let view = api.order_explain(&question).unwrap().value;
    assert_eq!(view.order.status, ObjectStatus::Ended);
    assert_eq!(view.order.reason, Some(OrderClosedView::NotMatched));
    assert_eq!(view.why, WhyView::Window { overlapping: 0 });
    placed(chain, 1, 0, place(chain, Side::Ask(chain::order::AskTerms::OWN), 40));
    let view = api.order_explain(&question).unwrap().value;
    assert_eq!(view.why, WhyView::Trades { quantity: 6 });
}

#[test]
fn filled_order_says_so() {
    let Fixture { chain, api, .. } = &fixture();
    placed(chain, 1, 0, place(chain, Side::Ask(chain::order::AskTerms::OWN), 40));
    let question = placed(chain, 2, 0, place(chain, bid(), 43));
    assert_eq!(api.order_explain(&question).unwrap().value.why, WhyView::Filled);
}

#[test]
fn quote_is_what_the_order_gets_and_pays() {
    let Fixture { chain, api, .. } = &fixture();
    placed(chain, 1, 0, place(chain, Side::Ask(chain::order::AskTerms::OWN), 40));
    let place = place(chain, bid(), 50);
    let order = Canonical(place.clone()).into();
    let quote = api.order_quote(&OrderQuote { account: address(2), order }).unwrap().value;
    assert_eq!((quote.filled, quote.fills.len(), quote.why_not), (6, 1, None));
    assert_eq!(quote.hold.0, Amount::from_u64(50 * 6 * 2));

    let before = api.account_get(&rpc::methods::AccountGet { account: address(2) }).unwrap().value;
    placed(chain, 2, 0, place);
    let after = api.account_get(&rpc::methods::AccountGet { account: address(2) }).unwrap().value;
    // The order has ended with its deposit returned; what it bought is set aside in the contract's hold.
    let spent = before.balance.0.checked_sub(after.balance.0).unwrap();
    assert_eq!(Some(spent), quote.total.0.checked_add(quote.fee.0));
}

#[test]
fn order_that_nobody_could_place_is_refused_by_name() {
    let Fixture { chain, api, .. } = &fixture();
    let order = OrderPlace { quantity: Quantity::ZERO, ..place(chain, bid(), 50) };
    let question = OrderQuote { account: address(2), order: Canonical(order).into() };
    let refused = api.order_quote(&question).unwrap_err();
    assert_eq!(refused.name(), "QUANTITY_TOO_SMALL");
    let unknown = OrderExplain { order: chain::id::ObjectId([9; 32]).into() };
    let refused = api.order_explain(&unknown).unwrap_err();
    assert_eq!(refused, Error::NotFound { what: "order" });
}
