//! Who gets what, on books written out by hand.

use chain::account::AccountId;
use chain::height::Height;
use chain::id::ObjectId;
use chain::market::Grade;
use chain::order::{AskTerms, BidTerms, FillRule, Order, Side};
use chain::parties::{Accounts, Parties, Preference};
use chain::quantity::Price;
use chain::time::{Time, Window};

use super::super::price;
use super::*;
use crate::testing::{self, market};

/// An order of its own owner. Among equals, the one with the lower number is first.
fn order(number: u8, side: Side, quantity: u64, limit: u64, slots: (u64, u64)) -> Order {
    let window = Window { start: Time(slots.0 * 10), end: Time(slots.1 * 10) };
    Order {
        quantity: Quantity(quantity),
        limit: Price(limit),
        ..testing::order(number, side, window)
    }
}

fn bid(number: u8, fill: FillRule, quantity: u64, limit: u64, slots: (u64, u64)) -> Order {
    let terms = BidTerms { fill, sellers_max: None };
    order(number, Side::Bid(terms), quantity, limit, slots)
}

fn any() -> FillRule {
    FillRule::AtLeast(Quantity::ZERO)
}

/// Matches `orders` at time 5 with so many pairs at most, and looks at the outcome.
fn check(orders: &[Order], pairs: usize, look: impl for<'a> Fn(&Book<'a>, &Allocation<'a>)) {
    check_within(orders, Share { pairs, fills: usize::MAX }, look);
}

/// The same within a share of the block's pairs and fills.
fn check_within(orders: &[Order], share: Share, look: impl for<'a> Fn(&Book<'a>, &Allocation<'a>)) {
    let market = market();
    let named = orders.iter().map(|order| (ObjectId(order.tie.0), order));
    let none = |_| unreachable!("these asks are their own capacity");
    let mut book = Book::of_all(&market, named, none, Time(5));
    let allocation = allocate(&mut book, share, Turns::FromTheBest);
    look(&book, &allocation);
}

#[test]
fn no_bid_begins_once_the_limit_is_reached() {
    let orders = [
        bid(1, any(), 1, 50, (1, 2)),
        bid(2, any(), 1, 45, (1, 2)),
        bid(3, any(), 1, 20, (1, 2)),
        order(4, Side::Ask(AskTerms::OWN), 5, 30, (1, 2)),
    ];
    check(&orders, 1, |book, allocation| {
        let expected = [BidOutcome::Filled, BidOutcome::Waiting, BidOutcome::NoOffer];
        assert_eq!(allocation.outcomes, expected);
        assert!(allocation.unfinished);
        // The bid that waits says nothing about the price; the idle ask does.
        let prices: Vec<_> = price::prices(book, allocation).into_values().collect();
        assert_eq!(prices, [Price(30)]);
    });
    check(&orders, 0, |_, allocation| {
        let expected = [BidOutcome::Waiting, BidOutcome::Waiting, BidOutcome::NoOffer];
        assert_eq!(allocation.outcomes, expected);
        assert_eq!(allocation.trades, []);
    });
    check(&orders, 1_000, |_, allocation| {
        let expected = [BidOutcome::Filled, BidOutcome::Filled, BidOutcome::NoOffer];
        assert_eq!(allocation.outcomes, expected);
        assert!(!allocation.unfinished);
        assert_eq!(allocation.pairs, 3, "two pairs looked at, one set aside");
    });
}

#[test]
fn bid_that_began_ends_beyond_the_limit() {
    let mut orders = vec![bid(0, any(), 10, 50, (1, 2))];
    orders.extend((1..=10).map(|number| order(number, Side::Ask(AskTerms::OWN), 1, 30, (1, 2))));
    check(&orders, 1, |_, allocation| {
        assert_eq!(allocation.outcomes, [BidOutcome::Filled]);
        assert_eq!(allocation.pairs, 10);
    });
}

#[test]
fn bid_stops_before_one_fill_too_many_and_none_begins_after_it() {
    let mut orders = vec![
        bid(0, any(), 10, 50, (1, 2)),
        bid(1, any(), 1, 49, (1, 2)),
        bid(2, FillRule::AllOrNone, 1, 48, (1, 2)),
    ];
    orders.extend(
        (3..23).map(|number| {
            order(number, Side::Ask(AskTerms::OWN), 1, 27 + u64::from(number), (1, 2))
        }),
    );
    let share = Share { pairs: usize::MAX, fills: 4 };
    check_within(&orders, share, |book, allocation| {
        let expected = [BidOutcome::Stopped, BidOutcome::Waiting, BidOutcome::Waiting];
        assert_eq!(allocation.outcomes, expected);
        assert_eq!(allocation.trades.len(), 4);
        assert!(allocation.unfinished);
        // Between the highest accepted ask, 33, and the cheapest idle one, 34.
        let prices: Vec<_> = price::prices(book, allocation).into_values().collect();
        assert_eq!(prices, [Price(33)]);
    });
}

#[test]
fn all_or_none_bid_of_too_many_fills_takes_nothing() {
    let mut orders = vec![bid(0, FillRule::AllOrNone, 5, 50, (1, 2))];
    orders.extend((1..=5).map(|number| order(number, Side::Ask(AskTerms::OWN), 1, 30, (1, 2))));
    let share = Share { pairs: usize::MAX, fills: 4 };
    check_within(&orders, share, |_, allocation| {
        assert_eq!(allocation.outcomes, [BidOutcome::FillRule]);
        assert_eq!(allocation.trades, []);
    });
}

#[test]
fn bids_of_one_cell_look_at_an_exhausted_ask_once() {
    let mut orders: Vec<Order> = (0..100).map(|number| bid(number, any(), 1, 50, (1, 2))).collect();
    orders.extend((100..200).map(|number| order(number, Side::Ask(AskTerms::OWN), 1, 30, (1, 2))));
    check(&orders, usize::MAX, |_, allocation| {
        assert!(allocation.outcomes.iter().all(|outcome| *outcome == BidOutcome::Filled));
        assert_eq!(allocation.pairs, 100);
    });
}

#[test]
fn bid_that_breaks_its_fill_rule_takes_nothing() {
    let least = FillRule::AtLeast(Quantity(9));
    let orders = [
        bid(1, FillRule::AllOrNone, 9, 60, (1, 3)),
        bid(2, least, 10, 55, (2, 3)),
        bid(3, least, 9, 50, (1, 2)),
        order(4, Side::Ask(AskTerms::OWN), 5, 30, (1, 3)),
        order(5, Side::Ask(AskTerms::OWN), 3, 31, (1, 3)),
        order(6, Side::Ask(AskTerms::OWN), 1, 32, (1, 2)),
    ];
    check(&orders, usize::MAX, |_, allocation| {
        let expected = [BidOutcome::FillRule, BidOutcome::FillRule, BidOutcome::Filled];
        assert_eq!(allocation.outcomes, expected);
        assert!(!allocation.unfinished, "nothing can make up for what is missing");
        let units: Vec<u64> = allocation.trades.iter().map(|trade| trade.quantity.0).collect();
        assert_eq!(units, [5, 3, 1]);
    });
}

#[test]
fn bid_that_finds_nothing_is_short_whatever_its_fill_rule() {
    let orders = [
        bid(1, any(), 5, 60, (1, 2)),
        bid(2, FillRule::AllOrNone, 5, 55, (1, 2)),
        order(3, Side::Ask(AskTerms::OWN), 5, 30, (1, 2)),
    ];
    check(&orders, usize::MAX, |book, allocation| {
        assert_eq!(allocation.outcomes, [BidOutcome::Filled, BidOutcome::NoOffer]);
        let prices: Vec<_> = price::prices(book, allocation).into_values().collect();
        assert_eq!(prices, [Price(57)], "between 55, which went without, and 60");
    });
}

#[test]
fn equals_go_by_height_then_tie() {
    let mut late = order(1, Side::Ask(AskTerms::OWN), 1, 30, (1, 2));
    late.placed = Height(2);
    let orders = [
        bid(9, any(), 2, 50, (1, 2)),
        late,
        order(3, Side::Ask(AskTerms::OWN), 1, 30, (1, 2)),
        order(2, Side::Ask(AskTerms::OWN), 1, 30, (1, 2)),
    ];
    check(&orders, usize::MAX, |book, allocation| {
        let asks: Vec<u8> =
            allocation.trades.iter().map(|trade| trade.orders(book).1.id.0[0]).collect();
        assert_eq!(asks, [2, 3]);
    });
}

#[test]
fn order_past_its_deadline_is_not_in_the_book() {
    let orders = [bid(1, any(), 1, 50, (0, 2)), order(2, Side::Ask(AskTerms::OWN), 1, 30, (0, 2))];
    check(&orders, usize::MAX, |book, _| {
        assert!(book.bids.is_empty(), "its window has begun");
        assert_eq!(book.offers.asks.len(), 1, "it is to trade at once");
    });
}

fn preferring(number: u8, tolerance_bps: u16, bid: Order) -> Order {
    let accounts = Accounts::new(vec![AccountId([number; 20])]).unwrap();
    let prefer = Preference::new(accounts, tolerance_bps);
    Order { parties: Parties { prefer, ..Parties::default() }, ..bid }
}

#[test]
fn group_that_prefers_looks_at_every_ask_once_to_find_its_order() {
    let mut orders: Vec<Order> =
        (0..10).map(|number| preferring(105, 1_000, bid(number, any(), 1, 50, (1, 2)))).collect();
    orders.extend((100..120).map(|number| order(number, Side::Ask(AskTerms::OWN), 1, 30, (1, 2))));
    check(&orders, usize::MAX, |book, allocation| {
        assert_eq!(allocation.trades[0].orders(book).1.id.0[0], 105, "27 counts less than 30");
        // Twenty to find the order, one for each bid, and twice what is left of the order: the cell of
        // the preferred seller and that of the others are priced apart.
        assert_eq!(allocation.pairs, 20 + 10 + 2 * 10);
    });
}

#[test]
fn preferred_ask_that_is_too_dear_is_passed_over_and_bounds_the_price() {
    let orders = [
        preferring(4, 5_000, bid(1, any(), 1, 60, (1, 2))),
        preferring(4, 5_000, bid(2, any(), 1, 40, (1, 2))),
        order(3, Side::Ask(AskTerms::OWN), 1, 20, (1, 2)),
        order(4, Side::Ask(AskTerms::OWN), 1, 50, (1, 2)),
        order(5, Side::Ask(AskTerms::OWN), 1, 30, (1, 2)),
    ];
    // The preferred ask counts as 25: behind 20, before 30. The first bid takes 20; the second cannot pay
    // 50 and takes 30.
    check(&orders, usize::MAX, |book, allocation| {
        let asks: Vec<u8> =
            allocation.trades.iter().map(|trade| trade.orders(book).1.id.0[0]).collect();
        assert_eq!(asks, [3, 5]);
        let prices: Vec<_> = price::prices(book, allocation).into_values().collect();
        assert_eq!(prices, [Price(35)], "between 30 and 40");
    });
}

#[test]
fn asks_for_other_windows_cost_nothing() {
    let mut orders = vec![
        bid(0, any(), 1, 50, (1, 2)),
        order(1, Side::Ask(AskTerms::OWN), 1, 40, (1, 2)),
        order(2, Side::Ask(AskTerms::OWN), 1, 60, (0, 3)),
    ];
    orders.extend((3..100).map(|number| {
        let start = u64::from(number);
        order(number, Side::Ask(AskTerms::OWN), 1, 30, (start, start + 1))
    }));
    check(&orders, 1_000, |_, allocation| {
        assert_eq!(allocation.outcomes, [BidOutcome::Filled]);
        assert_eq!(allocation.pairs, 2, "its ask once for the route and once on the way");
    });
}

/// Asks of too low a grade for bids of as many windows that bid more than another, which they could serve.
fn crowd() -> Vec<Order> {
    let wide = |number: u8| (u64::from(number % 2), 100);
    let asks = (1..=10).map(|number| order(number, Side::Ask(AskTerms::OWN), 1, 10, wide(number)));
    let bids = (11..=30).map(|number| {
        let start = u64::from(number);
        Order { grade: Grade(1), ..bid(number, any(), 1, 90, (start, start + 1)) }
    });
    asks.chain(bids).chain([bid(31, any(), 1, 50, (50, 51))]).collect()
}

#[test]
fn bid_below_a_crowd_that_finds_nothing_has_its_turn_one_day() {
    let (orders, market) = (crowd(), market());
    let share = Share { pairs: 100, fills: usize::MAX };
    let outcomes = |turns| {
        let named = orders.iter().map(|order| (ObjectId(order.tie.0), order));
        let none = |_| unreachable!("these asks are their own capacity");
        let mut book = Book::of_all(&market, named, none, Time(5));
        let allocation = allocate(&mut book, share, turns);
        assert!(allocation.pairs < share.pairs + 20, "no more than one bid beyond the limit");
        assert!(allocation.unfinished);
        allocation.outcomes
    };
    let begun = |outcomes: &[BidOutcome]| {
        outcomes.iter().filter(|outcome| **outcome != BidOutcome::Waiting).count()
    };
    let best = outcomes(Turns::FromTheBest);
    assert_eq!((begun(&best), best[20]), (5, BidOutcome::Waiting));
    let drawn: Vec<_> = (0..18).map(|number| outcomes(Turns::Drawn(number))).collect();
    for (number, outcomes) in drawn.iter().enumerate() {
        assert!(outcomes[..3].iter().all(|outcome| *outcome == BidOutcome::NoOffer), "{number}");
        assert_ne!(outcomes[3 + number], BidOutcome::Waiting, "the one that is drawn");
    }
    let filled = drawn.iter().filter(|outcomes| outcomes[20] == BidOutcome::Filled).count();
    assert_eq!(filled, 2, "where it is drawn itself, and where one close above it is");
}

#[test]
fn nothing_is_drawn_where_the_work_is_enough_for_all() {
    let orders = crowd();
    let market = market();
    let outcomes = |turns| {
        let named = orders.iter().map(|order| (ObjectId(order.tie.0), order));
        let none = |_| unreachable!("these asks are their own capacity");
        let mut book = Book::of_all(&market, named, none, Time(5));
        let allocation = allocate(&mut book, Share { pairs: 1_000, fills: usize::MAX }, turns);
        (allocation.outcomes, allocation.trades)
    };
    assert_eq!(outcomes(Turns::Drawn(7)), outcomes(Turns::FromTheBest));
}

#[test]
fn second_pass_has_half_of_the_work_left_for_it() {
    let mut orders = crowd();
    orders.push(Order {
        stretch: Some(Price(5)),
        ..order(40, Side::Ask(AskTerms::OWN), 1, 10, (0, 100))
    });
    let share = Share { pairs: 100, fills: usize::MAX };
    check_within(&orders, share, |_, allocation| {
        assert!(share.less(allocation).pairs >= 28, "{} pairs", allocation.pairs);
    });
}
