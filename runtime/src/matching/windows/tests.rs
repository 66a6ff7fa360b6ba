//! Which asks contain a window, against a look at each.

use chain::id::ObjectId;
use chain::order::{AskTerms, Order, Side};
use chain::quantity::Price;
use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing;

fn order(window: Window) -> Order {
    testing::order(1, Side::Ask(AskTerms::OWN), window)
}

fn window() -> impl Strategy<Value = Window> {
    (0_u64..12, 1_u64..12)
        .prop_map(|(start, length)| Window { start: Time(start), end: Time(start + length) })
}

proptest! {
    #[test]
    fn those_are_found_that_contain(windows in vec(window(), 0..60), asked in window()) {
        let orders: Vec<Order> = windows.into_iter().map(order).collect();
        let ask = |order| Ask {
            id: ObjectId([0; 32]),
            order,
            price: Price(1),
            sold: Cow::Borrowed(&[]),
            pool: None,
        };
        let asks: Vec<Ask<'_>> = orders.iter().map(ask).collect();
        let mut found: Vec<usize> =
            AskWindows::of(&asks).containing(asked).flatten().copied().collect();
        found.sort_unstable();
        let expected = (0..asks.len()).filter(|at| asks[*at].order.window.contains(asked));
        prop_assert_eq!(found, expected.collect::<Vec<_>>());
    }
}
