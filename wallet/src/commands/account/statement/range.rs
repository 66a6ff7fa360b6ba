//! Where a statement begins and ends: blocks, days or times.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::failure::Failure;

/// A point on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// A block, by its height.
    Block(u64),
    /// A day in UTC, by its first millisecond and that of the next day.
    Day(u64, u64),
    /// A point in time, in milliseconds.
    Time(u64),
}

/// A height, and a time in milliseconds, of which one is there.
type Bound = (Option<u64>, Option<u64>);

impl FromStr for Point {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str =
            "write a block as 100, a day as 2026-11-01, a time as 2026-11-01T12:00Z";
        if let Ok(height) = text.parse() {
            return Ok(Self::Block(height));
        }
        if let Ok(date) = text.parse::<Date>()
            && !text.contains(['T', 't', ' ', ':'])
        {
            let next = date.tomorrow().map_err(|_| EXPECTED)?;
            let first = midnight(date).ok_or(EXPECTED)?;
            return Ok(Self::Day(first, midnight(next).ok_or(EXPECTED)?));
        }
        let time: Timestamp = text.parse().map_err(|_| EXPECTED)?;
        u64::try_from(time.as_millisecond()).map(Self::Time).map_err(|_| EXPECTED)
    }
}

impl Point {
    /// The first of a range that begins here.
    pub(super) const fn start(self) -> Bound {
        match self {
            Self::Block(height) => (Some(height), None),
            Self::Day(time, _) | Self::Time(time) => (None, Some(time)),
        }
    }

    /// What comes after a range that ends here: blocks and days belong to it, a point in time does not.
    pub(super) fn end(self) -> Result<Bound, Failure> {
        match self {
            Self::Block(height) => {
                let next = height.checked_add(1);
                next.map(|next| (Some(next), None)).ok_or_else(|| Failure::usage("no such block"))
            }
            Self::Day(_, time) | Self::Time(time) => Ok((None, Some(time))),
        }
    }
}

fn midnight(date: Date) -> Option<u64> {
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    u64::try_from(zoned.timestamp().as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_blocks_days_or_times() {
        let noon = 1_795_867_200_000;
        let half = 12 * 3_600_000;
        for (text, point) in [
            ("100", Point::Block(100)),
            ("2026-11-28", Point::Day(noon - half, noon + half)),
            ("2026-11-28T12:00Z", Point::Time(noon)),
            ("2026-11-28T13:00+01:00", Point::Time(noon)),
        ] {
            assert_eq!(text.parse(), Ok(point), "{text}");
        }
        for text in ["", "-1", "noon", "2026-13-01", "2026-11-28T12:00", "1969-12-31", "+1h"] {
            assert!(text.parse::<Point>().is_err(), "{text}");
        }
    }

    #[test]
    fn blocks_and_days_belong_to_a_range_that_ends_with_them() {
        let end = |text: &str| text.parse::<Point>().unwrap().end().ok();
        assert_eq!(end("100"), Some((Some(101), None)));
        assert_eq!(end("1970-01-01"), Some((None, Some(86_400_000))));
        assert_eq!(end("1970-01-01T00:00:01Z"), Some((None, Some(1_000))));
        assert_eq!(end("18446744073709551615"), None);
    }
}
