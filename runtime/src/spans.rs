//! What an ask or a pool has sold and what it has left, slot by slot, kept as spans.
//!
//! Invariant: spans do not overlap, stand in order of time, hold more than zero units, and two that
//! touch differ in quantity. So one history of sales has one form, however it was reached.

use chain::order::Sold;
use chain::quantity::Quantity;
use chain::time::{Time, Window};

/// The least that is left of `quantity` units in any slot of `window`.
pub(crate) fn free(quantity: Quantity, sold: &[Sold], window: Window) -> Quantity {
    let first = sold.partition_point(|span| span.window.end <= window.start);
    let taken = sold.iter().skip(first).take_while(|span| span.window.start < window.end);
    let most = taken.map(|span| span.quantity).max().unwrap_or(Quantity::ZERO);
    quantity.checked_sub(most).expect("no more is sold than there is")
}

/// The spans after selling `quantity` more units, above zero, in every slot of `window`.
pub(crate) fn sell(sold: &[Sold], window: Window, quantity: Quantity) -> Vec<Sold> {
    let mut after = Vec::with_capacity(sold.len().saturating_add(2));
    let mut laid_to = window.start;
    for span in sold {
        let gap = Window { start: laid_to, end: span.window.start.min(window.end) };
        let before = Window { end: span.window.end.min(window.start), ..span.window };
        let inside = Window {
            start: span.window.start.max(window.start),
            end: span.window.end.min(window.end),
        };
        let behind = Window { start: span.window.start.max(window.end), ..span.window };
        lay(&mut after, gap, quantity);
        lay(&mut after, before, span.quantity);
        if inside.start < inside.end {
            let more = span.quantity.checked_add(quantity);
            lay(&mut after, inside, more.expect("no more is sold than there is"));
        }
        lay(&mut after, behind, span.quantity);
        laid_to = laid_to.max(span.window.end);
    }
    lay(&mut after, Window { start: laid_to, end: window.end }, quantity);
    after
}

/// The spans after `quantity` units, above zero, that were sold in every slot of `window` are sold no more.
pub(crate) fn give_back(sold: &[Sold], window: Window, quantity: Quantity) -> Vec<Sold> {
    let mut after = Vec::with_capacity(sold.len().saturating_add(2));
    for span in sold {
        let before = Window { end: span.window.end.min(window.start), ..span.window };
        let inside = Window {
            start: span.window.start.max(window.start),
            end: span.window.end.min(window.end),
        };
        let behind = Window { start: span.window.start.max(window.end), ..span.window };
        lay(&mut after, before, span.quantity);
        if inside.start < inside.end {
            let less = span.quantity.checked_sub(quantity);
            lay(&mut after, inside, less.expect("what is given back was sold"));
        }
        lay(&mut after, behind, span.quantity);
    }
    after
}

/// The spans before `quantity` units were sold in every slot of `window`; `None` where they were not.
pub(crate) fn take_back(sold: &[Sold], window: Window, quantity: Quantity) -> Option<Vec<Sold>> {
    let (mut before, mut laid_to) = (Vec::with_capacity(sold.len()), window.start);
    for span in sold {
        let ahead = Window { end: span.window.end.min(window.start), ..span.window };
        let inside = Window {
            start: span.window.start.max(window.start),
            end: span.window.end.min(window.end),
        };
        let behind = Window { start: span.window.start.max(window.end), ..span.window };
        lay(&mut before, ahead, span.quantity);
        if inside.start < inside.end {
            if inside.start != laid_to {
                return None;
            }
            laid_to = inside.end;
            lay(&mut before, inside, span.quantity.checked_sub(quantity)?);
        }
        lay(&mut before, behind, span.quantity);
    }
    (laid_to == window.end).then_some(before)
}

/// True when nothing is left of `quantity` in any slot between `from` and the end of `window`.
pub(crate) fn is_sold_out(quantity: Quantity, sold: &[Sold], window: Window, from: Time) -> bool {
    let full = sold.iter().filter(|span| span.quantity == quantity).map(|span| span.window);
    let mut open_from = window.start.max(from);
    for span in full {
        if span.start <= open_from {
            open_from = open_from.max(span.end);
        }
    }
    open_from >= window.end
}

/// Appends a span, if it is one and has units, joining it to the last where both touch and agree.
fn lay(spans: &mut Vec<Sold>, window: Window, quantity: Quantity) {
    if window.start >= window.end || quantity.is_zero() {
        return;
    }
    match spans.last_mut() {
        Some(last) if last.window.end == window.start && last.quantity == quantity => {
            last.window.end = window.end;
        }
        _ => spans.push(Sold { window, quantity }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: u64, end: u64) -> Window {
        Window { start: Time(start), end: Time(end) }
    }

    fn span(start: u64, end: u64, quantity: u64) -> Sold {
        Sold { window: window(start, end), quantity: Quantity(quantity) }
    }

    fn sold(sales: &[(u64, u64, u64)]) -> Vec<Sold> {
        sales.iter().fold(Vec::new(), |spans, (start, end, quantity)| {
            sell(&spans, window(*start, *end), Quantity(*quantity))
        })
    }

    #[test]
    fn sale_beside_a_full_slot_does_not_add_to_it() {
        let spans = sold(&[(0, 10, u64::MAX), (10, 20, 1)]);
        assert_eq!(spans, [span(0, 10, u64::MAX), span(10, 20, 1)]);
    }

    #[test]
    fn sale_inside_another_splits_it_in_three() {
        let spans = sold(&[(0, 10, 5), (4, 6, 2)]);
        assert_eq!(spans, [span(0, 4, 5), span(4, 6, 7), span(6, 10, 5)]);
        assert_eq!(free(Quantity(10), &spans, window(0, 4)), Quantity(5));
        assert_eq!(free(Quantity(10), &spans, window(3, 5)), Quantity(3));
        assert_eq!(free(Quantity(10), &spans, window(10, 12)), Quantity(10));
    }

    #[test]
    fn sale_over_others_fills_the_gaps_between_them() {
        let spans = sold(&[(2, 4, 1), (6, 8, 3), (0, 10, 2)]);
        let expected = [span(0, 2, 2), span(2, 4, 3), span(4, 6, 2), span(6, 8, 5), span(8, 10, 2)];
        assert_eq!(spans, expected);
    }

    #[test]
    fn spans_that_touch_and_agree_are_one() {
        assert_eq!(sold(&[(0, 2, 3), (4, 6, 3), (2, 4, 3)]), [span(0, 6, 3)]);
        assert_eq!(sold(&[(0, 4, 1), (4, 8, 2), (0, 4, 1)]), [span(0, 8, 2)]);
    }

    #[test]
    fn spans_depend_on_what_was_sold_and_not_on_the_order() {
        let sales = [(0, 6, 2), (4, 8, 3), (2, 3, 1), (7, 12, 4)];
        let backwards: Vec<_> = sales.iter().rev().copied().collect();
        assert_eq!(sold(&sales), sold(&backwards));
    }

    #[test]
    fn what_is_given_back_leaves_no_trace() {
        let before = sold(&[(0, 6, 2), (8, 9, 1), (4, 8, 3)]);
        for (start, end) in [(0, 12), (2, 3), (5, 7), (6, 8), (9, 10)] {
            let more = sell(&before, window(start, end), Quantity(4));
            assert_eq!(give_back(&more, window(start, end), Quantity(4)), before, "{start} {end}");
        }
    }

    #[test]
    fn what_was_sold_last_can_be_taken_back_first() {
        let sales = [(0, 6, 2), (4, 8, 3), (2, 3, 1), (7, 12, 4), (12, 14, 4), (0, 14, 1)];
        for (count, (start, end, quantity)) in sales.iter().enumerate() {
            let (before, after) = (sold(&sales[..count]), sold(&sales[..=count]));
            let quantity = Quantity(*quantity);
            assert_eq!(take_back(&after, window(*start, *end), quantity), Some(before));
        }
        let spans = sold(&[(0, 4, 2), (6, 8, 2)]);
        assert_eq!(take_back(&spans, window(0, 4), Quantity(3)), None);
        assert_eq!(take_back(&spans, window(0, 5), Quantity(1)), None);
        assert_eq!(take_back(&spans, window(2, 8), Quantity(1)), None);
        assert_eq!(take_back(&[], window(0, 1), Quantity(1)), None);
    }

    #[test]
    fn sold_out_is_judged_from_the_slots_still_ahead() {
        let spans = sold(&[(4, 10, 5)]);
        let sold_out = |from| is_sold_out(Quantity(5), &spans, window(0, 10), Time(from));
        assert!(!sold_out(0));
        assert!(!sold_out(3));
        assert!(sold_out(4));
        assert!(!is_sold_out(Quantity(6), &spans, window(0, 10), Time(4)));
        assert!(!is_sold_out(Quantity(5), &spans, window(0, 12), Time(4)));
    }
}
