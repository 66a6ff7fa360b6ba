//! The steps of a market: what is off them is refused before it costs a fee.

use chain::quantity::{Price, Quantity};
use rpc::types::{MarketView, SideView};

use crate::context::Session;
use crate::failure::{Exit, Failure};
use crate::text::escape;

/// How much an order is for, and at which prices.
pub(crate) struct Figures {
    /// Units in every slot.
    pub(crate) quantity: Quantity,
    /// The limit,
    pub(crate) limit: Price,
    /// and how far it goes beyond,
    pub(crate) stretch: Option<Price>,
    /// which is worse for its owner this way.
    pub(crate) towards: Towards,
}

/// Which way an order's stretch lies from its limit.
#[derive(Clone, Copy)]
pub(crate) enum Towards {
    /// A bid would pay more.
    Dearer,
    /// An ask would take less.
    Cheaper,
}

impl Towards {
    /// The way of an order on this side.
    pub(crate) const fn of(side: &SideView) -> Self {
        match side {
            SideView::Bid { .. } => Self::Dearer,
            SideView::Ask { .. } => Self::Cheaper,
        }
    }
}

/// Refuses what is off the market's steps.
pub(crate) fn check_steps(
    session: &Session,
    market: &MarketView,
    terms: &Figures,
) -> Result<(), Failure> {
    let Figures { quantity, limit, stretch, towards } = *terms;
    let unit = escape(&market.unit);
    if !quantity.is_multiple_of(Quantity(market.lot)) || quantity.0 < market.quantity_min {
        let (lot, least) = (market.lot, market.quantity_min);
        let message =
            format!("the quantity is a multiple of {lot} {unit}, {least} {unit} at least");
        return Err(Failure::new(Exit::Usage, "QUANTITY_INVALID", message));
    }
    for (what, price) in [("price", Some(limit)), ("stretch", stretch)] {
        let off = |price: Price| price.0 == 0 || price.0.checked_rem(market.tick.0.0) != Some(0);
        if price.is_some_and(off) {
            let tick = session.show_price(market.tick.0);
            let message = format!("the {what} is a multiple of {tick}, and not zero");
            return Err(Failure::new(Exit::Usage, "PRICE_INVALID", message));
        }
    }
    let (within, why) = match towards {
        Towards::Dearer => (stretch < Some(limit), "a bid stretches to a higher price"),
        Towards::Cheaper => (stretch > Some(limit), "an ask stretches to a lower price"),
    };
    if stretch.is_some() && within {
        let message = format!("{why} than {}", session.show_price(limit));
        return Err(Failure::new(Exit::Usage, "STRETCH_INVALID", message));
    }
    Ok(())
}
