//! Why an order does not trade, and what one would get: the book of the tip matched once more.
//!
//! One such question is answered at a time, and none about a book that is too large: while the book is read the
//! tip does not move.

use std::sync::PoisonError;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::encoding::encode;
use chain::height::{Height, Nonce};
use chain::keys::{PublicKey, Signature};
use chain::limits::BPS;
use chain::market::MarketId;
use chain::operation::{Operation, OrderPlace};
use chain::order::OrderClosed;
use chain::params::Params;
use chain::state::{Key, Object};
use chain::transaction::{SignedTransaction, Transaction};
use chain::witness::Witness;
use rpc::error::Error;
use rpc::methods::{OrderExplain, OrderQuote};
use rpc::types::{
    AtTip, ExplanationView, OrderQuoteView, PassedView, QuotedFillView, WhyNotView, WhyView,
};
use runtime::matching::explain::{Explanation, Passed, Reason, explain as explained};
use runtime::matching::quote::{QuotedFill, quote as quoted};

use super::lists::{standing, wrong_kind};
use super::{NodeApi, book, rejection_view};
use crate::ledger::Committed;
use crate::store;

/// Orders in the book of a market that is matched for a question.
const ORDERS_MAX: usize = 100_000;

pub(super) fn explain(
    api: &NodeApi,
    question: &OrderExplain,
) -> Result<AtTip<ExplanationView>, Error> {
    let _one_at_a_time = api.dry_matches.lock().unwrap_or_else(PoisonError::into_inner);
    let (committed, id) = (api.read(), question.order.0);
    let standing = standing(api, &committed, Key::Order(id), "order")?;
    let Object::Order(order) = &standing.object else { return Err(wrong_kind(api)) };
    let market = book::by_id(&committed, order.market);
    let mut view = api.translate.order(id, order, market, standing.status);
    let closed = match standing.reason {
        Some(store::Reason::Order(closed)) => Some(closed),
        _ => None,
    };
    view.reason = closed.map(Into::into);
    let (why, passed) = match closed {
        Some(OrderClosed::Filled) => (WhyView::Filled, PassedView::default()),
        Some(OrderClosed::SoldOut) => (WhyView::SoldOut, PassedView::default()),
        _ => {
            check_book(&committed, order.market)?;
            let explanation = explained(&committed.view(), committed.header.time, id, order);
            (why(explanation.reason), passed(explanation.passed))
        }
    };
    Ok(api.at(&committed, ExplanationView { order: view, why, passed }))
}

pub(super) fn quote(api: &NodeApi, question: &OrderQuote) -> Result<AtTip<OrderQuoteView>, Error> {
    let owner = api.translate.account(&question.account)?;
    let place = &question.order.0.0;
    let _one_at_a_time = api.dry_matches.lock().unwrap_or_else(PoisonError::into_inner);
    let committed = api.read();
    check_book(&committed, place.market)?;
    let (view, params) = (committed.view(), committed.view().params());
    let quote = quoted(&view, committed.header.time, owner, place);
    let quote = quote.map_err(|rejection| Error::Rejected(rejection_view(rejection)))?;
    let fills: Vec<_> = quote.fills.iter().map(|fill| fill_view(api, fill)).collect();
    let commissions = fills.iter().map(|fill| commission(params, fill.total.0));
    let commission = commissions.fold(Amount::ZERO, |sum, one| sum.checked_add(one).unwrap_or(sum));
    let filled = quote.fills.iter().fold(0_u64, |sum, fill| sum.saturating_add(fill.quantity.0));
    let view = OrderQuoteView {
        fills,
        quantity: place.quantity.0,
        filled,
        total: quote.total.into(),
        hold: quote.hold.into(),
        deposit: params.deposits.order.into(),
        fee: fee(params, owner, place).into(),
        commission: commission.into(),
        why_not: quote.why_not.map(|Explanation { reason, passed: counted }| WhyNotView {
            why: why(reason),
            passed: passed(counted),
        }),
    };
    Ok(api.at(&committed, view))
}

/// Refuses a book that is too large to be matched while the tip waits.
fn check_book(committed: &Committed, market: MarketId) -> Result<(), Error> {
    let beyond = committed.state.book(market).nth(ORDERS_MAX);
    match beyond {
        Some(_) => Err(Error::BookTooLarge { orders_max: ORDERS_MAX }),
        None => Ok(()),
    }
}

fn fill_view(api: &NodeApi, fill: &QuotedFill) -> QuotedFillView {
    let total = Amount::cost(fill.price, fill.quantity, fill.slots);
    QuotedFillView {
        order: fill.order.into(),
        owner: api.translate.address(fill.owner),
        quantity: fill.quantity.0,
        price: fill.price.into(),
        slots: fill.slots,
        total: total.expect("the parts of a quote add up to an amount").into(),
    }
}

/// What the treasury gets of `total`, once it is all paid.
fn commission(params: &Params, total: Amount) -> Amount {
    let share = total.checked_mul(params.contracts.commission_bps.into());
    let share = share.map(|share| share.base_units() / u128::from(BPS));
    // What is too large to be multiplied is no price that anybody pays.
    share.and_then(Amount::new).unwrap_or_default()
}

/// The fee of a transaction that places the order and does nothing else, with one signature.
fn fee(params: &Params, sender: AccountId, place: &OrderPlace) -> Amount {
    let transaction = Transaction {
        chain: params.chain,
        sender,
        nonce: Nonce(0),
        valid_until: Height(0),
        fee_max: Amount::ZERO,
        operations: vec![Operation::OrderPlace(place.clone())],
    };
    let witness = Witness { key: PublicKey([0; 32]), signature: Signature([0; 64]) };
    let signed = SignedTransaction { transaction, witnesses: vec![witness] };
    params.fees.of(encode(&signed).len(), 1).unwrap_or(Amount::MAX)
}

fn why(reason: Reason) -> WhyView {
    match reason {
        Reason::Trades(quantity) => WhyView::Trades { quantity: quantity.0 },
        Reason::Over => WhyView::Over,
        Reason::Waiting => WhyView::Waiting,
        Reason::Window { overlapping } => WhyView::Window { overlapping: count(overlapping) },
        Reason::Grade { orders } => WhyView::Grade { orders: count(orders) },
        Reason::Kind { orders } => WhyView::Kind { orders: count(orders) },
        Reason::Agreement { orders } => WhyView::Agreement { orders: count(orders) },
        Reason::Party { orders } => WhyView::Party { orders: count(orders) },
        Reason::Host { orders } => WhyView::Host { orders: count(orders) },
        Reason::Outranked(quantity) => WhyView::Outranked { quantity: quantity.0 },
        Reason::Price { short } => WhyView::Price { short: short.into() },
        Reason::Fill { short } => WhyView::Fill { short: short.0 },
        Reason::Sellers => WhyView::Sellers,
    }
}

fn passed(passed: Passed) -> PassedView {
    let Passed { orders, window, grade, kind, agreement, party, host, room, price } = passed;
    PassedView {
        orders: count(orders),
        window: count(window),
        grade: count(grade),
        kind: count(kind),
        agreement: count(agreement),
        party: count(party),
        host: count(host),
        room: count(room),
        price: count(price),
    }
}

fn count(orders: usize) -> u32 {
    u32::try_from(orders).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
