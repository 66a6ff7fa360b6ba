//! Points in time, spans, and windows of whole slots, all in UTC milliseconds.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct Time(pub u64);

impl Time {
    /// The point `span` later; stays at the last point there is.
    pub const fn after(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// How long ago `earlier` was; zero when it is not earlier.
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// True when this is a boundary between slots of length `slot`.
    pub const fn is_on(self, slot: Millis) -> bool {
        matches!(self.0.checked_rem(slot.0), Some(0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// A span of time in milliseconds.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct Millis(pub u64);

impl Millis {
    /// `count` spans of this length, end to end; stays at the longest span there is.
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}

/// The span `[start, end)`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct Window {
    /// The first point inside.
    pub start: Time,
    /// The first point after.
    pub end: Time,
}

impl Window {
    /// How many whole slots of length `slot` the window has; `None` when it is empty, ends before it
    /// starts, or does not begin and end on boundaries between slots.
    pub fn slots(self, slot: Millis) -> Option<u64> {
        let length = self.end.0.checked_sub(self.start.0).filter(|length| *length > 0)?;
        (self.start.is_on(slot) && self.end.is_on(slot)).then(|| length.checked_div(slot.0))?
    }

    /// True when `other` lies wholly inside.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// True when both share at least one point.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: u64, end: u64) -> Window {
        Window { start: Time(start), end: Time(end) }
    }

    #[test]
    fn slots_are_whole_and_at_least_one() {
        assert_eq!(window(10, 40).slots(Millis(10)), Some(3));
        assert_eq!(window(10, 10).slots(Millis(10)), None);
        assert_eq!(window(20, 10).slots(Millis(10)), None);
        assert_eq!(window(11, 31).slots(Millis(10)), None);
        assert_eq!(window(10, 35).slots(Millis(10)), None);
        assert_eq!(window(10, 40).slots(Millis(0)), None);
    }

    #[test]
    fn touching_windows_do_not_overlap() {
        assert!(!window(0, 10).overlaps(window(10, 20)));
        assert!(window(0, 11).overlaps(window(10, 20)));
        assert!(window(0, 20).contains(window(0, 20)));
    }
}
