//! Which orders of a book meet: a bid and an ask do where the ask's window contains the bid's and the bid
//! reaches the ask's price. Whatever else they say, two orders that do not meet never trade.
//!
//! A window is a point of a plane, its start by its end, and those that contain it lie in one quadrant from
//! it. So one look along the starts finds the best price on the other side for all orders at once, however
//! many there are that do not meet.

use chain::quantity::Price;
use chain::time::Window;

/// What of an order decides whom it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Its slots.
    pub(crate) window: Window,
    /// The worst price that it trades at.
    pub(crate) reach: Price,
}

/// Whether each of `bids` meets one of `asks`, and each of these one of those.
pub(crate) fn meeting(bids: &[Terms], asks: &[Terms]) -> (Vec<bool>, Vec<bool>) {
    // What contains a window starts no later, and ends no sooner.
    let outward = |it: &Terms| Place { along: it.window.start.0, across: !it.window.end.0 };
    let offered: Vec<_> = asks.iter().map(|ask| (outward(ask), ask.reach.0)).collect();
    let offered = lowest(offered, bids.iter().map(outward).collect());
    // The other way round; the highest bid is the lowest when counted from above.
    let inward = |it: &Terms| Place { along: !it.window.start.0, across: it.window.end.0 };
    let wanted: Vec<_> = bids.iter().map(|bid| (inward(bid), !bid.reach.0)).collect();
    let wanted = lowest(wanted, asks.iter().map(inward).collect());
    let within = |(lowest, reach): (Option<u64>, u64)| lowest.is_some_and(|it| it <= reach);
    let bids = offered.into_iter().zip(bids.iter().map(|bid| bid.reach.0)).map(within);
    let asks = wanted.into_iter().zip(asks.iter().map(|ask| !ask.reach.0)).map(within);
    (bids.collect(), asks.collect())
}

/// A point of the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    along: u64,
    across: u64,
}

/// For each of `from`, the lowest value among `points` that lie no farther along and no farther across.
fn lowest(mut points: Vec<(Place, u64)>, from: Vec<Place>) -> Vec<Option<u64>> {
    let mut across: Vec<u64> = points.iter().map(|(place, _)| place.across).collect();
    across.sort_unstable();
    across.dedup();
    let behind = |limit: u64| across.partition_point(|it| *it <= limit);
    points.sort_unstable_by_key(|(place, _)| place.along);
    let mut asked: Vec<(Place, usize)> =
        from.into_iter().enumerate().map(|(number, place)| (place, number)).collect();
    asked.sort_unstable_by_key(|(place, _)| place.along);
    let mut found = vec![None; asked.len()];
    let (mut passed, mut points) = (Minima::new(across.len()), points.into_iter().peekable());
    for (place, number) in asked {
        while let Some((point, value)) = points.next_if(|(it, _)| it.along <= place.along) {
            passed.lower(behind(point.across), value);
        }
        if let Some(slot) = found.get_mut(number) {
            *slot = passed.up_to(behind(place.across));
        }
    }
    found
}

/// The lowest of the first so many values, where values only fall: a binary indexed tree, its places
/// counted from one.
struct Minima(Vec<Option<u64>>);

impl Minima {
    fn new(places: usize) -> Self {
        Self(vec![None; places])
    }

    fn lower(&mut self, place: usize, value: u64) {
        let mut at = place;
        while let Some(lowest) = at.checked_sub(1).and_then(|index| self.0.get_mut(index)) {
            *lowest = Some(lowest.map_or(value, |it| it.min(value)));
            at = at.saturating_add(last_bit(at));
        }
    }

    fn up_to(&self, places: usize) -> Option<u64> {
        let (mut at, mut lowest) = (places, None);
        while let Some(here) = at.checked_sub(1).and_then(|index| self.0.get(index)) {
            lowest = lowest.into_iter().chain(*here).min();
            at = at.saturating_sub(last_bit(at));
        }
        lowest
    }
}

const fn last_bit(number: usize) -> usize {
    number & number.wrapping_neg()
}

#[cfg(test)]
mod tests;
