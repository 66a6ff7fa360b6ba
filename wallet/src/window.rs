//! Windows of whole slots as people write them.

use chain::time::{Millis, Time, Window};
use clap::Args;
use rpc::types::MarketView;

use crate::failure::{Exit, Failure};
use crate::when::{When, show, show_span};

/// A window of whole slots: from a point to another, or so many slots.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct WindowArgs {
    /// The first slot: 2026-11-28T12:00Z, or +2slots after the present one
    #[arg(long, visible_alias = "start", value_name = "TIME")]
    from: Option<When>,
    /// The end, which is not part of it: 2026-11-28T18:00Z, or +8slots after the present slot
    #[arg(
        long,
        visible_alias = "end",
        value_name = "TIME",
        conflicts_with = "slots",
        requires = "from"
    )]
    to: Option<When>,
    /// How many slots it has
    #[arg(long, value_name = "N", requires = "from")]
    slots: Option<u64>,
}

impl WindowArgs {
    /// True when no window was given.
    pub(crate) const fn is_empty(&self) -> bool {
        self.from.is_none()
    }

    /// The window in `market`, when the tip of the chain is at `tip`.
    ///
    /// # Errors
    /// [`Failure`] when no window was given, or it is none of whole slots of the market.
    pub(crate) fn resolve(&self, tip: Time, market: &MarketView) -> Result<Window, Failure> {
        let slot = Millis(market.slot_ms);
        let Some(from) = self.from else {
            return Err(missing("--from TIME"));
        };
        let start = from.resolve(tip, Some(slot))?;
        let end = match (self.to, self.slots) {
            (Some(to), _) => to.resolve(tip, Some(slot))?,
            (None, Some(slots)) => start.after(slot.times(slots)),
            (None, None) => return Err(missing("--to TIME or --slots N")),
        };
        let window = Window { start, end };
        if window.slots(slot).is_some() {
            return Ok(window);
        }
        let message = format!(
            "{} to {} is not a window of whole slots of {}",
            show(start.0),
            show(end.0),
            show_span(slot.0)
        );
        let hint = "slots begin at whole multiples of their length in UTC; count them as +2slots";
        Err(Failure::new(Exit::Usage, "WINDOW_INVALID", message).hint(hint))
    }
}

fn missing(flag: &str) -> Failure {
    Failure::usage("the window is missing").hint(format!("say it with {flag}"))
}

#[cfg(test)]
mod tests {
    use chain::quantity::Price;
    use rpc::types::MarketStatusView;

    use super::*;

    const HOUR: u64 = 3_600_000;

    fn market() -> MarketView {
        MarketView {
            market: 0,
            name: "cpu".to_owned(),
            unit: "core".to_owned(),
            slot_ms: HOUR,
            lot: 1,
            tick: Price(1).into(),
            quantity_min: 1,
            horizon_slots: 100,
            lead_ms: 0,
            k_bps: 5_000,
            grades: Vec::new(),
            attributes: Vec::new(),
            status: MarketStatusView::Open,
        }
    }

    fn resolve(from: &str, to: Option<&str>, slots: Option<u64>) -> Result<Window, String> {
        let args = WindowArgs {
            from: Some(from.parse().unwrap()),
            to: to.map(|to| to.parse().unwrap()),
            slots,
        };
        let tip = Time(10 * HOUR + 5);
        args.resolve(tip, &market()).map_err(|failure| failure.code.into_owned())
    }

    fn window(start: u64, end: u64) -> Window {
        Window { start: Time(start * HOUR), end: Time(end * HOUR) }
    }

    #[test]
    fn windows_are_counted_in_slots_or_named() {
        assert_eq!(resolve("+2slots", None, Some(6)), Ok(window(12, 18)));
        assert_eq!(resolve("+2slots", Some("+8slots"), None), Ok(window(12, 18)));
        let named = resolve("1970-01-01T12:00Z", Some("1970-01-01T18:00Z"), None);
        assert_eq!(named, Ok(window(12, 18)));
    }

    #[test]
    fn windows_off_the_slots_are_refused() {
        for (from, to) in [("+2slots", "+2slots"), ("+2slots", "+1slots"), ("+30m", "+90m")] {
            assert_eq!(resolve(from, Some(to), None), Err("WINDOW_INVALID".to_owned()));
        }
        assert_eq!(resolve("+2slots", None, Some(0)), Err("WINDOW_INVALID".to_owned()));
        assert_eq!(resolve("+2slots", None, None), Err("USAGE".to_owned()));
    }
}
