//! Who meets, against a look at every pair.

use chain::time::Time;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn terms() -> impl Strategy<Value = Terms> {
    // Few starts, lengths and prices, so that many are equal.
    (0_u64..8, 1_u64..8, 0_u64..8).prop_map(|(start, length, reach)| Terms {
        window: Window { start: Time(start), end: Time(start + length) },
        reach: Price(reach),
    })
}

proptest! {
    #[test]
    fn those_meet_whose_pair_does(bids in vec(terms(), 0..40), asks in vec(terms(), 0..40)) {
        let pair = |bid: &Terms, ask: &Terms| {
            ask.window.contains(bid.window) && bid.reach >= ask.reach
        };
        let met: Vec<bool> = bids.iter().map(|bid| asks.iter().any(|ask| pair(bid, ask))).collect();
        let meet: Vec<bool> = asks.iter().map(|ask| bids.iter().any(|bid| pair(bid, ask))).collect();
        prop_assert_eq!(meeting(&bids, &asks), (met, meet));
    }
}

#[test]
fn ends_of_time_and_of_prices_meet() {
    let all = Window { start: Time(0), end: Time(u64::MAX) };
    let terms = |reach| [Terms { window: all, reach: Price(reach) }];
    let (dear, cheap) = (terms(u64::MAX), terms(0));
    assert_eq!(meeting(&dear, &dear), (vec![true], vec![true]));
    assert_eq!(meeting(&dear, &cheap), (vec![true], vec![true]));
    assert_eq!(meeting(&cheap, &dear), (vec![false], vec![false]));
    assert_eq!(meeting(&dear, &[]), (vec![false], vec![]));
    assert_eq!(meeting(&[], &cheap), (vec![], vec![false]));
}
