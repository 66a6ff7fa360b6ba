//! Amending: an open order gets another quantity, limit or stretch.
//!
//! An order that offers no more to its owner than before, at a limit and a stretch at least as good for the
//! other side, keeps its rank. Any other change makes it wait anew, as if it had just been placed.

use chain::amount::Amount;
use chain::event::Event;
use chain::id::ObjectId;
use chain::order::{Order, Side};
use chain::quantity::{Price, Quantity};

use super::{check_bid, check_open, check_quantity, check_stretch, deadline, own, tie};
use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::standing;

/// What an order is amended to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Units in every slot.
    pub(crate) quantity: Quantity,
    /// The limit,
    pub(crate) limit: Price,
    /// and how far it goes beyond.
    pub(crate) stretch: Option<Price>,
}

/// Changes the terms of an open order; it trades so in the match of this block at the earliest.
pub(crate) fn amend(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
    Terms { quantity, limit, stretch }: Terms,
) -> Result<(), Rejection> {
    let context = *draft.context();
    let order = own(draft, step, id)?.clone();
    let market = draft.view().market(order.market).expect("an order is placed in a market");
    check_open(market)?;
    if deadline(market, &order) <= context.parent_time {
        return Err(Rejection::OrderEndPassed);
    }
    check_quantity(market, quantity, limit)?;
    check_traded(&order, quantity)?;
    check_bid(market, order.side, quantity)?;
    check_stretch(market, order.side, limit, stretch)?;
    if (quantity, limit, stretch) == (order.quantity, order.limit, order.stretch) {
        return Err(Rejection::OrderUnchanged);
    }
    let slots = order.window.slots(market.slot).expect("an order has a window of whole slots");
    let open = quantity.checked_sub(order.filled).expect("more is asked for than is filled");
    let amended = Order { quantity, limit, stretch, ..order.clone() };
    let money = Funds::of(draft, &order, Amount::cost(amended.reach(), open, slots))?;

    // From here on the order is amended.
    let (placed, tie) = if keeps_rank(&order, &amended) {
        (order.placed, order.tie)
    } else {
        (context.height, tie(context.parent, id))
    };
    money.move_for(draft, &order);
    draft.wake(order.market);
    let owner = order.owner;
    draft.put_order(id, Order { placed, tie, ..amended });
    let held = money.needed;
    draft.emit(Event::OrderAmended { order: id, owner, quantity, limit, placed, held, stretch });
    Ok(())
}

/// Checks that the order is for no less than it has traded, and a bid for more.
fn check_traded(order: &Order, quantity: Quantity) -> Result<(), Rejection> {
    let enough = match order.side {
        Side::Bid(_) => quantity > order.filled,
        Side::Ask(_) => order.sold.iter().all(|sold| quantity >= sold.quantity),
    };
    if enough { Ok(()) } else { Err(Rejection::QuantityTraded) }
}

fn keeps_rank(order: &Order, amended: &Order) -> bool {
    let no_worse = match order.side {
        Side::Bid(_) => amended.limit >= order.limit && amended.reach() >= order.reach(),
        Side::Ask(_) => amended.limit <= order.limit && amended.reach() <= order.reach(),
    };
    no_worse && amended.quantity <= order.quantity
}

/// What stands behind a bid before it is amended, and what must afterwards. Nothing for an ask.
#[derive(Clone, Copy)]
struct Funds {
    held: Amount,
    needed: Amount,
}

impl Funds {
    /// Checks that the owner has what an amended bid needs, which `None` says is no amount.
    fn of(draft: &Draft<'_>, order: &Order, needed: Option<Amount>) -> Result<Self, Rejection> {
        let Some(hold) = order.hold else {
            return Ok(Self { held: Amount::ZERO, needed: Amount::ZERO });
        };
        let hold = draft.view().hold(&hold).expect("an open bid has an open hold");
        let (held, needed) = (hold.amount, needed.ok_or(Rejection::BalanceTooLow)?);
        let owner = money::account(draft, &order.owner);
        let more = needed.checked_sub(held).unwrap_or_default();
        standing::check(draft, order.standing, more)?;
        money::check_available(&owner, [more])?;
        Ok(Self { held, needed })
    }

    fn move_for(self, draft: &mut Draft<'_>, order: &Order) {
        let Some(hold) = order.hold else { return };
        if let Some(more) = self.needed.checked_sub(self.held) {
            money::grow_hold(draft, hold, more);
            standing::commit(draft, order.standing, more);
        } else if let Some(less) = self.held.checked_sub(self.needed) {
            money::shrink_hold(draft, hold, less);
            standing::give_back(draft, order.standing, less);
        }
    }
}
