//! Spans of time as people write them: a whole number and a unit, as `500ms`, `1h` or `31d`.

use chain::time::Millis;

/// The longest span a genesis may name: a hundred years of 365 days.
pub const SPAN_MAX: Millis = Millis(100 * 365 * 24 * 60 * 60 * 1000);

/// Why a text is no span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanInvalid {
    /// It is not a whole number with a unit.
    #[error("not a span of time: write a whole number and one of ms, s, m, h, d, as 500ms or 31d")]
    Malformed,
    /// It is longer than [`SPAN_MAX`].
    #[error("a span of time longer than 100 years")]
    TooLong,
}

/// Reads a span of time.
///
/// # Errors
/// [`SpanInvalid`] says what is wrong with `text`.
pub(crate) fn parse(text: &str) -> Result<Millis, SpanInvalid> {
    let unit_at = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(SpanInvalid::Malformed),
    };
    if number.is_empty() {
        return Err(SpanInvalid::Malformed);
    }
    let count: Option<u64> = number.parse().ok();
    let span = count.and_then(|count| count.checked_mul(unit_ms)).map(Millis);
    span.filter(|span| *span <= SPAN_MAX).ok_or(SpanInvalid::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_a_whole_number_and_a_unit() {
        for (text, ms) in
            [("0s", 0), ("500ms", 500), ("90s", 90_000), ("1m", 60_000), ("31d", 2_678_400_000)]
        {
            assert_eq!(parse(text), Ok(Millis(ms)), "{text}");
        }
        for text in ["", "1", "h", "1.5h", "-1s", "+1s", "1 h", "1h30m", "1H", "1w", "١s"] {
            assert_eq!(parse(text), Err(SpanInvalid::Malformed), "{text}");
        }
    }

    #[test]
    fn spans_end_at_a_hundred_years() {
        assert_eq!(parse("36500d"), Ok(SPAN_MAX));
        for text in ["36501d", "99999999999999999999ms", "18446744073709551615d"] {
            assert_eq!(parse(text), Err(SpanInvalid::TooLong), "{text}");
        }
    }
}
