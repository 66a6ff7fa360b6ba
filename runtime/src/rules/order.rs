//! Orders: placed by a transaction, traded by the match of a block, and ended by what comes first.
//!
//! ```text
//! placed ─ amended by its owner, traded, in parts, by the match of a block ─► cancelled │ expired by its timer
//!    └─ a bid: filled │ an ask: sold out │ one that is to trade at once: not matched, or its fill rule
//! ```
//!
//! An ask is its own capacity, or sells out of a pool of its owner, which other asks may sell out of too.
//!
//! A bid's money stands in a hold: the most that it would pay for a unit and slot, its stretch or else its
//! limit, times open units times slots, so that whatever price it gets is paid for. When an order ends, the rest of its hold and its deposit are available again.

mod amend;
mod cancel;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::event::Event;
use chain::hash::{Domain, Hash};
use chain::height::Height;
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::host::PoolId;
use chain::id::ObjectId;
use chain::limits::{ACCOUNT_ORDERS_MAX, WINDOW_SLOTS_MAX};
use chain::market::{Market, MarketId};
use chain::operation::OrderPlace;
use chain::order::{BidTerms, FillRule, Order, OrderClosed, Side, TimeInForce};
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};
use chain::timer::{Due, TimerKind};

use super::pool;
use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::{conditions, freeze, standing};
use crate::state::View;

pub(crate) use amend::{Terms, amend};
pub(crate) use cancel::{cancel, cancel_all, cancel_at, cancel_due, cancel_now};

/// Which order is placed, and for whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placing {
    /// Whose it is.
    pub(crate) owner: AccountId,
    /// Its name.
    pub(crate) order: ObjectId,
    /// The standing order that places it.
    pub(crate) standing: Option<ObjectId>,
}

/// Places an order; it trades in the match of this block at the earliest.
pub(crate) fn place(
    draft: &mut Draft<'_>,
    step: &Step,
    place: &OrderPlace,
) -> Result<(), Rejection> {
    let order = step.object_id(draft.context().chain);
    stand(draft, &Placing { owner: step.sender, order, standing: None }, place)
}

/// Lets an order stand, whoever places it. Nothing is written when it is refused.
pub(crate) fn stand(
    draft: &mut Draft<'_>,
    placing: &Placing,
    place: &OrderPlace,
) -> Result<(), Rejection> {
    let Placing { owner, order: id, standing } = *placing;
    let (context, deposit) = (*draft.context(), draft.params().deposits.order);
    let market = draft.view().market(place.market).ok_or(Rejection::MarketUnknown)?;
    let slots = check(market, place, context.parent_time)?;
    check_source(&draft.view(), owner, place)?;
    conditions::check(draft, owner, place.side, &place.conditions)?;
    let account = money::account(draft, &owner);
    freeze::check_status(&account)?;
    if account.orders >= ACCOUNT_ORDERS_MAX {
        return Err(Rejection::TooManyOrders);
    }
    // What no amount can say, no account has.
    let money = funds(place, slots).ok_or(Rejection::BalanceTooLow)?;
    standing::check(draft, standing, money)?;
    money::check_available(&account, [money, deposit])?;

    // From here on the order stands.
    let hold = matches!(place.side, Side::Bid(_)).then(|| context.hold_of(id));
    count(draft, owner, |orders| orders.checked_add(1));
    count_ask(draft, (place.market, place.side), |asks| asks.checked_add(1));
    money::set_aside(draft, owner, deposit);
    standing::commit(draft, standing, money);
    if let Some(hold) = hold {
        let purpose = Purpose::Bid { order: id };
        let terms = Hold::new(owner, purpose, money);
        money::open_hold(draft, hold, terms);
    }
    if let TimeInForce::Until(until) = place.time_in_force {
        draft.set_timer(Due::Time(until), TimerKind::OrderExpire, id);
    }
    let order = placed(owner, place, (context.height, tie(context.parent, id)));
    let Order { market, side, quantity, window, limit, stretch, .. } = order;
    draft.place_order(id, Order { hold, standing, deposit, ..order });
    draft.emit(Event::OrderPlaced {
        order: id,
        owner,
        market,
        side,
        quantity,
        window,
        limit,
        stretch,
    });
    Ok(())
}

/// The order that `place` makes of `owner`, with the rank among equals that height and tie give it. What it
/// sets aside, and which standing order places it, is said elsewhere.
pub(crate) fn placed(owner: AccountId, place: &OrderPlace, (height, tie): (Height, Hash)) -> Order {
    let OrderPlace { market, side, quantity, window, limit, time_in_force, grade, stretch, .. } =
        *place;
    Order {
        owner,
        market,
        side,
        quantity,
        filled: Quantity::ZERO,
        window,
        limit,
        time_in_force,
        grade,
        parties: place.parties.clone(),
        placed: height,
        tie,
        hold: None,
        sold: Vec::new(),
        conditions: place.conditions.clone(),
        predicates: place.predicates.clone(),
        stretch,
        standing: None,
        deposit: Amount::ZERO,
    }
}

/// Checks what an order says, as seen `now`, the parent block's time, whoever places it. Returns the slots of
/// its window.
pub(crate) fn check(market: &Market, place: &OrderPlace, now: Time) -> Result<u64, Rejection> {
    check_open(market)?;
    check_quantity(market, place.quantity, place.limit)?;
    let last = last_point(market, place.side, place.window);
    let slots = check_slots(market, place.window, last, now)?;
    check_end(place.time_in_force, last, now)?;
    check_filters(market, place)?;
    Ok(slots)
}

/// What an order of so many slots sets aside besides its deposit; `None` where that is no amount.
pub(crate) fn funds(place: &OrderPlace, slots: u64) -> Option<Amount> {
    match place.side {
        Side::Bid(_) => Amount::cost(place.reach(), place.quantity, slots),
        Side::Ask(_) => Some(Amount::ZERO),
    }
}

/// Ends an order that has run out; its timer has fired.
pub(crate) fn expire(draft: &mut Draft<'_>, id: ObjectId) {
    close(draft, id, OrderClosed::Expired);
}

/// Ends an order: the rest of its hold, and its deposit, are available to its owner again.
pub(crate) fn close(draft: &mut Draft<'_>, id: ObjectId, reason: OrderClosed) {
    let order = draft.view().order(&id).expect("an order that ends is open").clone();
    if let Some(hold) = order.hold {
        let returned = money::close_hold(draft, hold, HoldClosed::Ended);
        standing::give_back(draft, order.standing, returned);
    }
    if let TimeInForce::Until(until) = order.time_in_force {
        draft.clear_timer(Due::Time(until), TimerKind::OrderExpire, id);
    }
    money::free(draft, order.owner, order.deposit);
    count(draft, order.owner, |orders| orders.checked_sub(1));
    count_ask(draft, (order.market, order.side), |asks| asks.checked_sub(1));
    let Order { owner, filled, market, .. } = order;
    let last = draft.end_order(id, order);
    draft.emit(Event::OrderClosed { order: id, owner, filled, reason, market, last });
}

/// The first point at which an order trades no more: a bid's window must lie the market's lead ahead,
/// an ask's must not be over, and neither outlives its own time.
pub(crate) fn deadline(market: &Market, order: &Order) -> Time {
    let last = last_point(market, order.side, order.window);
    match order.time_in_force {
        TimeInForce::ImmediateOrCancel => last,
        TimeInForce::Until(until) => until.min(last),
    }
}

/// The point at which an order for `window` trades no more.
pub(crate) fn last_point(market: &Market, side: Side, window: Window) -> Time {
    match side {
        Side::Bid(_) => bids_until(market, window),
        Side::Ask(_) => window.end,
    }
}

/// The first point at which a window can be bought no more: it must lie the market's lead ahead.
pub(crate) const fn bids_until(market: &Market, window: Window) -> Time {
    Time(window.start.0.saturating_sub(market.lead.0))
}

/// The rank of an order among equals: nobody knows it before the parent block stands.
fn tie(parent: Hash, id: ObjectId) -> Hash {
    Hash::of(Domain::Tie, &[&parent.0, &id.0])
}

/// The open order `id`, which is the sender's own.
fn own<'d>(draft: &'d Draft<'_>, step: &Step, id: ObjectId) -> Result<&'d Order, Rejection> {
    let order = draft.view().order(&id).ok_or(Rejection::OrderUnknown)?;
    if order.owner == step.sender { Ok(order) } else { Err(Rejection::NotOwner) }
}

/// Checks that a market takes new deals.
pub(crate) fn check_open(market: &Market) -> Result<(), Rejection> {
    if market.is_closed() { Err(Rejection::MarketClosed) } else { Ok(()) }
}

/// Checks how much is traded at which price.
pub(crate) fn check_quantity(
    market: &Market,
    quantity: Quantity,
    limit: Price,
) -> Result<(), Rejection> {
    if !quantity.is_multiple_of(market.lot) {
        return Err(Rejection::QuantityNotInLots);
    }
    if quantity.is_zero() || quantity < market.quantity_min {
        return Err(Rejection::QuantityTooSmall);
    }
    if limit.0 == 0 || limit.0.checked_rem(market.tick.0) != Some(0) {
        return Err(Rejection::LimitNotOnTick);
    }
    Ok(())
}

/// Checks what holds of an order whenever it is placed.
pub(crate) fn check_terms(market: &Market, place: &OrderPlace) -> Result<(), Rejection> {
    check_quantity(market, place.quantity, place.limit)?;
    check_length(market, place.window)?;
    check_filters(market, place)
}

/// Checks that a window is one of whole slots, and not too many. Returns how many.
fn check_length(market: &Market, window: Window) -> Result<u64, Rejection> {
    let slots = window.slots(market.slot).ok_or(Rejection::WindowNotOnSlots)?;
    if slots > WINDOW_SLOTS_MAX { Err(Rejection::WindowTooLong) } else { Ok(slots) }
}

/// Checks a window that can be traded until `last`, as seen `now`, the parent block's time. Returns its slots.
pub(crate) fn check_slots(
    market: &Market,
    window: Window,
    last: Time,
    now: Time,
) -> Result<u64, Rejection> {
    let slots = check_length(market, window)?;
    if last <= now {
        return Err(Rejection::WindowTooSoon);
    }
    if window.end > now.after(market.slot.times(market.horizon_slots)) {
        return Err(Rejection::WindowTooFar);
    }
    Ok(slots)
}

/// Checks an order's end as seen `now`, where it can trade until `last`.
fn check_end(time_in_force: TimeInForce, last: Time, now: Time) -> Result<(), Rejection> {
    match time_in_force {
        TimeInForce::Until(until) if until <= now => Err(Rejection::OrderEndPassed),
        TimeInForce::Until(until) if until > last => Err(Rejection::OrderEndTooFar),
        TimeInForce::Until(_) | TimeInForce::ImmediateOrCancel => Ok(()),
    }
}

/// Checks what a bid of `quantity` units accepts.
fn check_bid(market: &Market, side: Side, quantity: Quantity) -> Result<(), Rejection> {
    let Side::Bid(BidTerms { fill, sellers_max }) = side else { return Ok(()) };
    if let FillRule::AtLeast(least) = fill {
        if !least.is_multiple_of(market.lot) {
            return Err(Rejection::QuantityNotInLots);
        }
        if least > quantity {
            return Err(Rejection::FillTooLarge);
        }
    }
    if sellers_max == Some(0) { Err(Rejection::SellersZero) } else { Ok(()) }
}

/// Checks what an order says of its fills, grade, parties, attributes and stretch.
fn check_filters(market: &Market, place: &OrderPlace) -> Result<(), Rejection> {
    check_bid(market, place.side, place.quantity)?;
    if !market.has(place.grade) {
        return Err(Rejection::GradeUnknown);
    }
    match place.side {
        Side::Ask(_) if place.parties.prefer.is_some() => return Err(Rejection::AskPrefers),
        Side::Ask(_) if !place.predicates.is_empty() => return Err(Rejection::AskRequires),
        Side::Ask(_) | Side::Bid(_) => {}
    }
    for predicate in place.predicates.iter() {
        let kind = market.attributes.kind(&predicate.key).ok_or(Rejection::AttributeUnknown)?;
        if !predicate.test.suits(kind) {
            return Err(Rejection::AttributeMismatch);
        }
    }
    check_stretch(market, place.side, place.limit, place.stretch)
}

/// Checks that an ask of `owner` sells out of a pool of its own, where it names a host.
pub(crate) fn check_source(
    view: &View<'_>,
    owner: AccountId,
    place: &OrderPlace,
) -> Result<(), Rejection> {
    match place.side.host() {
        Some(host) => pool::check_own(view, owner, PoolId { host, market: place.market }),
        None => Ok(()),
    }
}

/// Counts the open asks of the pool that an order sells out of, if it does.
fn count_ask(
    draft: &mut Draft<'_>,
    (market, side): (MarketId, Side),
    change: impl Fn(u32) -> Option<u32>,
) {
    if let Some(host) = side.host() {
        pool::count_asks(draft, PoolId { host, market }, change);
    }
}

/// Checks that an order's stretch is a price of the market, and no better for its owner than its limit.
fn check_stretch(
    market: &Market,
    side: Side,
    limit: Price,
    stretch: Option<Price>,
) -> Result<(), Rejection> {
    let Some(stretch) = stretch else { return Ok(()) };
    if stretch.0 == 0 || stretch.0.checked_rem(market.tick.0) != Some(0) {
        return Err(Rejection::StretchNotOnTick);
    }
    let beyond = match side {
        Side::Bid(_) => stretch >= limit,
        Side::Ask(_) => stretch <= limit,
    };
    if beyond { Ok(()) } else { Err(Rejection::StretchWithinLimit) }
}

/// Counts the open orders of an account.
fn count(draft: &mut Draft<'_>, id: AccountId, change: impl Fn(u32) -> Option<u32>) {
    let mut account = money::account(draft, &id);
    account.orders = change(account.orders).expect("every open order is counted once");
    draft.put_account(id, account);
}
