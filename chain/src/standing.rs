//! Standing orders: an order that is placed anew for every window of a weekly pattern.
//!
//! Days are those of UTC, and so are weekdays; what a clock on the wall says is a matter of display.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::encoding::bounded_list;
use crate::id::ObjectId;
use crate::limits::STANDING_SKIPS_MAX;
use crate::operation::OrderPlace;
use crate::order::TimeInForce;
use crate::time::{Millis, Time, Window};

/// One day of 24 hours.
pub const DAY: Millis = Millis(86_400_000);

/// A day: how many came before it since 1970-01-01, which was a Thursday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Day(pub u64);

impl Day {
    /// The day in which `time` lies.
    pub fn of(time: Time) -> Self {
        Self(time.0.checked_div(DAY.0).expect("a day is longer than nothing"))
    }

    /// The point at which it begins.
    pub const fn start(self) -> Time {
        Time(self.0.saturating_mul(DAY.0))
    }

    /// The day after; stays at the last there is.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The bit that stands for its place in the week: 1 for Monday, 64 for Sunday.
    fn weekday_bit(self) -> u8 {
        let weekday = self.0.saturating_add(3).checked_rem(7).and_then(|it| u32::try_from(it).ok());
        let bit = weekday.and_then(|weekday| 1_u8.checked_shl(weekday));
        bit.expect("a week has seven days")
    }
}

/// Some days of the week, one at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0x7f);

    /// The one in which `day` lies.
    pub fn of(day: Day) -> Self {
        Self(day.weekday_bit())
    }

    /// The days whose bits are set: 1 for Monday, 2 for Tuesday, up to 64 for Sunday. `None` for no day, or
    /// for a bit that is none.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits == 0 || bits > 0x7f { None } else { Some(Self(bits)) }
    }

    /// The days as bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// True when `day` is one of them.
    pub fn include(self, day: Day) -> bool {
        self.0 & day.weekday_bit() != 0
    }
}

impl BorshDeserialize for Weekdays {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let bits = u8::deserialize_reader(reader)?;
        Self::from_bits(bits)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not days of the week"))
    }
}

/// Some days: at most [`STANDING_SKIPS_MAX`], in rising order, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Days(Vec<Day>);

impl Days {
    /// These days, in any order; `None` where there are too many or one stands twice.
    pub fn new(mut days: Vec<Day>) -> Option<Self> {
        days.sort_unstable();
        Self::of_sorted(days)
    }

    /// True for one of them.
    pub fn contains(&self, day: Day) -> bool {
        self.0.binary_search(&day).is_ok()
    }

    /// The days, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = Day> {
        self.0.iter().copied()
    }

    fn of_sorted(days: Vec<Day>) -> Option<Self> {
        let sound = days.len() <= STANDING_SKIPS_MAX && days.is_sorted_by(|a, b| a < b);
        sound.then_some(Self(days))
    }
}

impl BorshDeserialize for Days {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let days = bounded_list(reader, 0..=STANDING_SKIPS_MAX)?;
        Self::of_sorted(days)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "days out of order"))
    }
}

/// What is placed, and when.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StandingTerms {
    /// The order of the first window. Those of later windows differ from it by a whole number of days.
    pub template: OrderPlace,
    /// On which days a window begins.
    pub weekdays: Weekdays,
    /// No window begins at this point or later.
    pub until: Time,
    /// Days on which none begins.
    pub skip: Days,
    /// How long before its window an order is placed.
    pub horizon: Millis,
    /// The most that all bids together may set aside and pay, in base units.
    pub budget: Option<Amount>,
}

impl StandingTerms {
    /// The first window of the pattern that begins on `from` or later.
    pub fn window_from(&self, from: Day) -> Option<Window> {
        let first = self.template.window;
        let mut day = from.max(Day::of(first.start));
        loop {
            let window = self.moved(first, self.shift_to(day));
            if window.start >= self.until {
                return None;
            }
            // Few days are passed over, as there are seven in a week and only so many to skip.
            if self.weekdays.include(day) && !self.skip.contains(day) {
                return Some(window);
            }
            day = day.next();
        }
    }

    /// The order of `window`, which is one of the pattern.
    pub fn order(&self, window: Window) -> OrderPlace {
        let shift = window.start.since(self.template.window.start);
        let time_in_force = match self.template.time_in_force {
            TimeInForce::ImmediateOrCancel => TimeInForce::ImmediateOrCancel,
            TimeInForce::Until(until) => TimeInForce::Until(until.after(shift)),
        };
        OrderPlace { window, time_in_force, ..self.template.clone() }
    }

    /// When the order of `window` is to be placed.
    pub const fn placed_at(&self, window: Window) -> Time {
        Time(window.start.0.saturating_sub(self.horizon.0))
    }

    fn shift_to(&self, day: Day) -> Millis {
        day.start().since(Day::of(self.template.window.start).start())
    }

    fn moved(&self, window: Window, shift: Millis) -> Window {
        Window { start: window.start.after(shift), end: window.end.after(shift) }
    }
}

/// Whether a standing order places anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum StandingState {
    /// It places an order for every window.
    Running = 0,
    /// It lets windows pass.
    Paused = 1,
}

/// What the owner does with a standing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum StandingAct {
    /// Lets windows pass.
    Pause = 0,
    /// Goes on with the first window that can still be traded.
    Resume = 1,
    /// Ends it. What it has placed stands.
    End = 2,
}

/// Why a standing order is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum StandingClosed {
    /// No further window begins before its end.
    Completed = 0,
    /// Its owner ended it.
    Ended = 1,
}

/// A standing order.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Standing {
    /// Whose it is.
    pub owner: AccountId,
    /// What is placed, and when.
    pub terms: StandingTerms,
    /// Whether it places anything.
    pub state: StandingState,
    /// The next window: the first that has neither an order nor passed without one.
    pub next: Window,
    /// When its timer fires: to place the next order, or, while it is paused, at its end.
    pub due: Time,
    /// How many orders it has placed.
    pub placed: u64,
    /// What its open bids have set aside and its contracts were made for, in base units; zero for asks.
    pub committed: Amount,
    /// What its owner set aside for it, returned when it ends; in base units.
    pub deposit: Amount,
}

/// What a standing order did, or what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum StandingEvent {
    /// A standing order begins, pauses or goes on.
    Moved {
        /// The standing order.
        standing: ObjectId,
        /// Whose it is.
        owner: AccountId,
        /// Whether it places anything now.
        state: StandingState,
        /// The next window.
        next: Window,
    },
    /// A standing order placed an order.
    Placed {
        /// The standing order.
        standing: ObjectId,
        /// Whose it is.
        owner: AccountId,
        /// The order.
        order: ObjectId,
        /// Its window.
        window: Window,
    },
    /// A standing order could not place an order.
    Missed {
        /// The standing order.
        standing: ObjectId,
        /// Whose it is.
        owner: AccountId,
        /// The window.
        window: Window,
        /// The public code of the reason.
        code: u16,
        /// When it tries again; none where the window passes without an order.
        again: Option<Time>,
    },
    /// A standing order is over.
    Ended {
        /// The standing order.
        standing: ObjectId,
        /// Whose it was.
        owner: AccountId,
        /// How many orders it placed.
        placed: u64,
        /// What its open bids have set aside and its contracts were made for.
        committed: Amount,
        /// Why.
        reason: StandingClosed,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::Conditions;
    use crate::encoding::{decode, encode};
    use crate::market::{Grade, MarketId};
    use crate::order::{AskTerms, Side};
    use crate::parties::Parties;
    use crate::predicate::Predicates;
    use crate::quantity::{Price, Quantity};

    const HOUR: u64 = 3_600_000;

    /// From Saturday, 3 January 1970, at eight for twelve hours, on these days.
    fn terms(weekdays: u8, until: u64, skip: &[u64]) -> StandingTerms {
        let window = Window { start: Time(56 * HOUR), end: Time(68 * HOUR) };
        StandingTerms {
            template: OrderPlace {
                market: MarketId(0),
                side: Side::Ask(AskTerms { host: None }),
                quantity: Quantity(1),
                window,
                limit: Price(1),
                time_in_force: TimeInForce::Until(Time(67 * HOUR)),
                grade: Grade::BASE,
                parties: Parties::default(),
                conditions: Conditions::default(),
                predicates: Predicates::default(),
                stretch: None,
            },
            weekdays: Weekdays::from_bits(weekdays).unwrap(),
            until: Time(until),
            skip: Days::new(skip.iter().copied().map(Day).collect()).unwrap(),
            horizon: DAY,
            budget: None,
        }
    }

    #[test]
    fn first_of_january_1970_was_a_thursday() {
        let bits: Vec<u8> = (0..8).map(|day| Weekdays::of(Day(day)).bits()).collect();
        assert_eq!(bits, [8, 16, 32, 64, 1, 2, 4, 8]);
    }

    #[test]
    fn windows_begin_on_the_days_named_and_no_others() {
        let days = |terms: &StandingTerms| {
            let mut found = Vec::new();
            let mut from = Day(0);
            while let Some(window) = terms.window_from(from) {
                assert_eq!(window.end.since(window.start), Millis(12 * HOUR));
                assert_eq!(window.start.since(Day::of(window.start).start()), Millis(8 * HOUR));
                found.push(Day::of(window.start).0);
                from = Day::of(window.start).next();
            }
            found
        };
        let weekend = terms(32 + 64, 24 * 20 * HOUR, &[10]);
        assert_eq!(days(&weekend), [2, 3, 9, 16, 17]);
        assert_eq!(days(&terms(32, 56 * HOUR, &[])), []);
        assert_eq!(days(&terms(32, 56 * HOUR + 1, &[])), [2]);
        assert_eq!(days(&terms(127, 24 * 6 * HOUR, &[2, 4])), [3, 5]);
        assert_eq!(terms(127, u64::MAX, &[]).window_from(Day(u64::MAX)), None);
    }

    #[test]
    fn order_of_a_later_window_is_moved_by_whole_days() {
        let terms = terms(32, u64::MAX, &[]);
        let window = terms.window_from(Day(3)).unwrap();
        let order = terms.order(window);
        assert_eq!(order.window, window);
        assert_eq!(order.time_in_force, TimeInForce::Until(Time((67 + 7 * 24) * HOUR)));
        assert_eq!(terms.placed_at(window), Time((56 + 6 * 24) * HOUR));
        assert_eq!(decode(&encode(&terms)), Ok(terms));
    }

    #[test]
    fn days_have_one_form_and_a_bound() {
        for bits in [0, 128, 255] {
            assert_eq!(Weekdays::from_bits(bits), None);
            assert!(decode::<Weekdays>(&[bits]).is_err());
        }
        assert_eq!(Days::new(vec![Day(2), Day(2)]), None);
        let most = u64::try_from(STANDING_SKIPS_MAX).unwrap();
        assert!(Days::new((0..most).map(Day).collect()).is_some());
        assert_eq!(Days::new((0..=most).map(Day).collect()), None);
        assert!(decode::<Days>(&encode(&vec![Day(2), Day(1)])).is_err());
    }
}
