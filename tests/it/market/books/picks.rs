//! What random markets and orders are made of.

use chain::account::AccountId;
use chain::conditions::Kind;
use chain::hash::Hash;
use chain::market::{Market, MarketStatus};
use chain::order::Side;
use chain::parties::{Accounts, Parties, Preference};
use chain::quantity::{Price, Quantity};
use chain::time::Millis;
use tests::random::Random;

use super::SLOT;

/// A market with some steps, a lead and a place of prices between the bounds.
pub(super) fn market(random: &mut Random, number: u32) -> Market {
    let lot = 1 + random.below(3);
    Market {
        name: format!("market{number}"),
        unit: "core".into(),
        slot: Millis(SLOT),
        lot: Quantity(lot),
        tick: Price(*random.pick(&[1, 5, 7])),
        quantity_min: Quantity(lot),
        horizon_slots: 100,
        lead: Millis(*random.pick(&[0, 300, 1_000])),
        k_bps: *random.pick(&[0, 3_333, 5_000, 10_000]),
        grades: vec!["proven".into(), "best".into()],
        attributes: super::hosts::schema(),
        status: MarketStatus::Open,
    }
}

/// None, or a price some ticks beyond the limit.
pub(super) fn stretch(
    random: &mut Random,
    side: Side,
    (limit, tick): (u64, Price),
) -> Option<Price> {
    let far = random.below(5) * tick.0;
    let stretch = match side {
        Side::Bid(_) => limit + far,
        Side::Ask(_) => limit.saturating_sub(far).max(tick.0),
    };
    random.once_in(2).then_some(Price(stretch))
}

/// Everybody, or some of the traders: with whom an order may trade, and whom a bid prefers.
pub(super) fn parties(random: &mut Random, traders: &[AccountId], is_bid: bool) -> Parties {
    let mut some = |chance: u64| {
        let chosen = random.once_in(chance);
        let few = traders.iter().filter(|_| chosen && random.once_in(2)).copied();
        Accounts::new(few.collect()).expect("few traders")
    };
    let (only, deny, preferred) = (some(16), some(8), some(3));
    let tolerance_bps = *random.pick(&[0, 1_000, 4_000, 9_999]);
    let prefer = if is_bid { Preference::new(preferred, tolerance_bps) } else { None };
    Parties { only, deny, prefer }
}

/// Mostly firm; else one of few notices.
pub(super) fn kind(random: &mut Random) -> Kind {
    if random.once_in(4) {
        Kind::Interruptible { notice: Millis(SLOT * random.below(3)) }
    } else {
        Kind::Firm
    }
}

/// The text that an ask wants agreed to, mostly none; one of two that a bid agrees to, mostly.
pub(super) fn agreement(random: &mut Random, is_bid: bool) -> Option<Hash> {
    let text = Hash([u8::try_from(random.below(8) / 7).expect("one of two"); 32]);
    (random.once_in(4) != is_bid).then_some(text)
}
