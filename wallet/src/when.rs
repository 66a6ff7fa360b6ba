//! Points in time and spans as people write them, and as they are shown: UTC, RFC 3339.

use std::str::FromStr;

use chain::time::{Millis, Time};
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// How far the clock may be from the time of the last block. An idle chain makes a block a second.
pub(crate) const CLOCK_MS_MAX: u64 = 60_000;

/// A point in time on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// `2026-11-28T12:00Z`.
    At(Time),
    /// `+2slots`: the start of the second slot after the one that the tip of the chain lies in.
    Slots(u64),
    /// `+90m`: so long after the tip of the chain.
    After(Millis),
}

/// A text is no point in time or span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WhenInvalid {
    /// Not a point in time.
    #[error("write a time as 2026-11-28T12:00Z, or from now on as +2slots or +90m")]
    Point,
    /// Not a span.
    #[error("write a span as 90m, 12h or 1d; it is longer than nothing")]
    Span,
    /// Not a day.
    #[error("write a day as 2026-11-28")]
    Day,
    /// Not a time of the day.
    #[error("write a time of the day as 08:00, in UTC")]
    Minute,
    /// Slots where there is no market to say how long they are.
    #[error("slots have a length in a market alone: write a time, or a span as +90m")]
    NoSlots,
}

impl FromStr for When {
    type Err = WhenInvalid;

    fn from_str(text: &str) -> Result<Self, WhenInvalid> {
        let Some(offset) = text.strip_prefix('+') else {
            let point: Timestamp = text.parse().map_err(|_| WhenInvalid::Point)?;
            let millis = u64::try_from(point.as_millisecond()).map_err(|_| WhenInvalid::Point)?;
            return Ok(Self::At(Time(millis)));
        };
        let slots = offset.strip_suffix("slots").or_else(|| offset.strip_suffix("slot"));
        match slots {
            Some(count) => count.trim().parse().map(Self::Slots).map_err(|_| WhenInvalid::Point),
            None => span(offset).map(Self::After).map_err(|_| WhenInvalid::Point),
        }
    }
}

impl When {
    /// The point in time, when the tip of the chain is at `tip` and slots have the length `slot`.
    ///
    /// # Errors
    /// [`WhenInvalid::NoSlots`] when it is counted in slots and there are none.
    pub(crate) fn resolve(self, tip: Time, slot: Option<Millis>) -> Result<Time, WhenInvalid> {
        match (self, slot) {
            (Self::At(time), _) => Ok(time),
            (Self::After(span), _) => Ok(tip.after(span)),
            (Self::Slots(count), Some(slot)) => {
                let into_slot = tip.0.checked_rem(slot.0).ok_or(WhenInvalid::NoSlots)?;
                Ok(Time(tip.0.saturating_sub(into_slot)).after(slot.times(count)))
            }
            (Self::Slots(_), None) => Err(WhenInvalid::NoSlots),
        }
    }
}

/// Reads a span above zero: `90m`, `1h 30m`, `2d`.
///
/// # Errors
/// [`WhenInvalid::Span`] when it is none.
pub(crate) fn span(text: &str) -> Result<Millis, WhenInvalid> {
    let days = text.strip_suffix('d').and_then(|days| days.trim().parse::<u64>().ok());
    let millis = match days {
        Some(days) => days.checked_mul(24 * 60 * 60 * 1000).ok_or(WhenInvalid::Span)?,
        None => {
            let span: SignedDuration = text.parse().map_err(|_| WhenInvalid::Span)?;
            u64::try_from(span.as_millis()).map_err(|_| WhenInvalid::Span)?
        }
    };
    if millis == 0 { Err(WhenInvalid::Span) } else { Ok(Millis(millis)) }
}

/// What the clock of this machine says, in milliseconds.
pub(crate) fn now() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}

/// What to say of a block of `time` that should be the last, when the clock says `now`, both in milliseconds:
/// nothing while it may be.
pub(crate) fn stale(time: u64, now: u64) -> Option<String> {
    let age = now.checked_sub(time).filter(|age| *age > CLOCK_MS_MAX)?;
    let age = show_span(age / 1_000 * 1_000);
    Some(format!(
        "the block is {age} old: the node keeps back what came since, or makes no blocks, or this \
         machine's clock is ahead"
    ))
}

/// Writes a point in time, given in milliseconds: `2026-11-28T12:00:00Z`.
pub(crate) fn show(millis: u64) -> String {
    let point = i64::try_from(millis).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    point.map_or_else(|| format!("{millis} ms"), |point| point.to_string())
}

/// Writes a point in time as a clock on this machine's wall shows it: `Sat 2026-11-28 13:00 +01:00`. Nothing
/// where that clock shows UTC.
pub(crate) fn show_local(millis: u64) -> Option<String> {
    let at = i64::try_from(millis).ok().and_then(|at| Timestamp::from_millisecond(at).ok())?;
    let local = at.to_zoned(TimeZone::system());
    (local.offset() != Offset::UTC).then(|| local.strftime("%a %Y-%m-%d %H:%M %:z").to_string())
}

/// Writes the minute of the day, in UTC, of a point given in milliseconds: `08:00`.
pub(crate) fn show_minute(millis: u64) -> String {
    let minutes = millis / 60_000 % (24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Writes the day, in UTC, of a point given in milliseconds: `2026-11-28`.
pub(crate) fn show_day(millis: u64) -> String {
    show(millis).chars().take_while(|char| *char != 'T').collect()
}

/// Reads a day: `2026-11-28`. Returns the point at which it begins in UTC.
///
/// # Errors
/// [`WhenInvalid::Day`] when it is none.
pub(crate) fn day(text: &str) -> Result<Time, WhenInvalid> {
    let date: Date = text.parse().map_err(|_| WhenInvalid::Day)?;
    let begins = date.to_zoned(TimeZone::UTC).map_err(|_| WhenInvalid::Day)?;
    let millis = begins.timestamp().as_millisecond();
    u64::try_from(millis).map(Time).map_err(|_| WhenInvalid::Day)
}

/// Reads a time of the day: `08:00`. Returns what has passed of the day by then.
///
/// # Errors
/// [`WhenInvalid::Minute`] when it is none.
pub(crate) fn minute(text: &str) -> Result<Minute, WhenInvalid> {
    let (hours, minutes) = text.split_once(':').ok_or(WhenInvalid::Minute)?;
    let two_digits = |part: &str, below: u64| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u64>()
            .ok()
            .filter(|number| digits && *number < below)
            .ok_or(WhenInvalid::Minute)
    };
    let (hours, minutes) = (two_digits(hours, 24)?, two_digits(minutes, 60)?);
    Ok(Minute(Millis((hours * 60 + minutes) * 60_000)))
}

/// A time of the day: what has passed of it by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Minute(pub(crate) Millis);

/// Writes a span, given in milliseconds: `1h 30m`.
pub(crate) fn show_span(millis: u64) -> String {
    const UNITS: [(u64, &str); 5] =
        [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let mut rest = millis;
    let mut parts = Vec::new();
    for (length, unit) in UNITS {
        if rest >= length {
            parts.push(format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

/// Writes how far `time` is from `now`, both in milliseconds, in two units at most: `in 2h 13m`, `5m ago`, `now`.
pub(crate) fn relative(time: u64, now: u64) -> String {
    let distance = time.abs_diff(now) / 1_000 * 1_000;
    let shown = show_span(distance);
    let shown: Vec<&str> = shown.split(' ').take(2).collect();
    match (distance, time > now) {
        (0, _) => "now".to_owned(),
        (_, true) => format!("in {}", shown.join(" ")),
        (_, false) => format!("{} ago", shown.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    #[test]
    fn points_are_read_with_their_offset() {
        let noon = When::At(Time(1_795_867_200_000));
        for text in ["2026-11-28T12:00Z", "2026-11-28T12:00:00Z", "2026-11-28T13:00+01:00"] {
            assert_eq!(text.parse(), Ok(noon), "{text}");
        }
        assert_eq!(show(1_795_867_200_000), "2026-11-28T12:00:00Z");
        for text in ["", "2026-11-28", "2026-11-28T12:00", "noon", "12:00Z", "1969-01-01T00:00Z"] {
            assert_eq!(text.parse::<When>(), Err(WhenInvalid::Point), "{text}");
        }
    }

    #[test]
    fn slots_begin_on_their_boundaries() {
        let tip = Time(10 * HOUR + 17);
        let resolve = |text: &str| text.parse::<When>().unwrap().resolve(tip, Some(Millis(HOUR)));
        assert_eq!(resolve("+0slots"), Ok(Time(10 * HOUR)));
        assert_eq!(resolve("+1slot"), Ok(Time(11 * HOUR)));
        assert_eq!(resolve("+2slots"), Ok(Time(12 * HOUR)));
        assert_eq!(resolve("+90m"), Ok(Time(11 * HOUR + HOUR / 2 + 17)));
        let refused = When::Slots(1).resolve(tip, None);
        assert_eq!(refused, Err(WhenInvalid::NoSlots));
    }

    #[test]
    fn block_that_is_not_the_last_any_more_is_warned_of() {
        let now = 100 * HOUR;
        assert_eq!(
            [now + 9, now, now - CLOCK_MS_MAX].map(|time| stale(time, now)),
            [const { None }; 3]
        );
        let warning = stale(now - HOUR - 1_001, now).unwrap();
        assert!(warning.starts_with("the block is 1h 1s old: "), "{warning}");
    }

    #[test]
    fn days_and_times_of_the_day_are_read_and_shown() {
        assert_eq!(day("1970-01-03"), Ok(Time(48 * HOUR)));
        assert_eq!(show_day(49 * HOUR), "1970-01-03");
        for text in ["", "1970-1-3", "1969-12-31", "1970-01-03T00:00Z", "sat"] {
            assert_eq!(day(text), Err(WhenInvalid::Day), "{text}");
        }
        assert_eq!(minute("08:30"), Ok(Minute(Millis(8 * HOUR + HOUR / 2))));
        assert_eq!(show_minute(56 * HOUR + HOUR / 2), "08:30");
        for text in ["", "8:30", "24:00", "08:60", "0830", "+8:00", "08:00Z"] {
            assert_eq!(minute(text), Err(WhenInvalid::Minute), "{text}");
        }
    }

    #[test]
    fn distances_are_shown_in_two_units() {
        let now = 100 * HOUR;
        let of = |time| relative(time, now);
        assert_eq!(of(now + 2 * HOUR + 13 * 60_000 + 5_000), "in 2h 13m");
        assert_eq!(of(now + 50 * HOUR), "in 2d 2h");
        assert_eq!(of(now - 5_400), "5s ago");
        assert_eq!([of(now), of(now + 999)], ["now", "now"]);
    }

    #[test]
    fn spans_are_read_and_shown() {
        for (text, millis, shown) in [
            ("90m", 90 * 60_000, "1h 30m"),
            ("1h 30m", 90 * 60_000, "1h 30m"),
            ("2d", 48 * HOUR, "2d"),
            ("500ms", 500, "500ms"),
        ] {
            assert_eq!(span(text), Ok(Millis(millis)), "{text}");
            assert_eq!(show_span(millis), shown);
        }
        for text in ["", "0s", "-1h", "5", "h", "99999999999999d"] {
            assert_eq!(span(text), Err(WhenInvalid::Span), "{text}");
        }
    }
}
