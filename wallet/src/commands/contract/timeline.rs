//! What happened in a contract, one line for each step, with who did it and what it paid.
//!
//! A step is what one transaction, deadline or match did. Slots that were paid one after the other make one line.

use chain::amount::Amount;
use rpc::client::ClientError;
use rpc::methods::ContractListHistory;
use rpc::text::Text;
use rpc::types::{
    ContractClosedView, ContractStateView, ContractView, EventView, ExtentView, HappeningView,
    Limit, OriginView, PartyView,
};
use serde::Serialize;

use crate::commands::word;
use crate::context::Session;
use crate::failure::Failure;
use crate::text::escape;
use crate::when;

/// Questions for the parts of a contract's past at most: more than the longest has.
const PARTS_MAX: usize = 256;

/// A step of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    /// The height of its block; of several steps in one line the last.
    height: u64,
    /// The time of its block; of several the last.
    pub(super) time: u64,
    /// Who or what did it.
    pub(super) by: Doer,
    /// What, in words.
    pub(super) what: String,
    /// What the seller was paid, before commission.
    pub(super) paid: Text<Amount>,
    /// What the treasury got of that.
    pub(super) commission: Text<Amount>,
    /// What the seller gave back.
    pub(super) refunded: Text<Amount>,
    /// The first and the last of the slots that passed, if nothing else happened.
    #[serde(skip)]
    slots: Option<(u64, u64)>,
}

/// Who or what does a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Doer {
    /// The match of a block.
    Match,
    /// An accepted quote.
    Quote,
    /// A deadline.
    Deadline,
    /// The buyer.
    Buyer,
    /// The seller.
    Seller,
}

/// All that happened in a contract; none where the node keeps no index.
///
/// # Errors
/// [`Failure`] when the node does not answer.
pub(super) async fn timeline(
    session: &Session,
    contract: &ContractView,
) -> Result<Option<Vec<Line>>, Failure> {
    let (mut happened, mut cursor) = (Vec::new(), None);
    for _ in 0..PARTS_MAX {
        let limit = Limit::new(rpc::types::LIMIT_MAX).unwrap_or_default();
        let question = ContractListHistory { contract: contract.contract, cursor, limit };
        match session.client.call(question).await {
            Ok(page) => {
                happened.extend(page.items);
                cursor = page.next_cursor;
            }
            Err(ClientError::Refused(refusal)) if refusal.name == "INDEX_OFF" => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        if cursor.is_none() {
            break;
        }
    }
    Ok(Some(lines(session, contract, &happened)))
}

/// The steps in what happened, the first first.
fn lines(session: &Session, contract: &ContractView, happened: &[HappeningView]) -> Vec<Line> {
    let one_step = |one: &HappeningView, next: &HappeningView| {
        (one.height, one.origin) == (next.height, next.origin)
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut slots = 0;
    for step in happened.chunk_by(one_step) {
        let line = line(session, contract, step, &mut slots);
        match lines.last_mut() {
            Some(last) if last.slots.is_some() && line.slots.is_some() => last.join(&line),
            _ => lines.push(line),
        }
    }
    for line in &mut lines {
        if let Some((first, last)) = line.slots {
            line.what = match last - first {
                0 => format!("slot {first} of {} paid", contract.slots),
                _ => format!("slots {first} to {last} of {} paid", contract.slots),
            };
        }
    }
    lines
}

/// One step; `slots` counts those that were paid before and becomes those paid after it.
fn line(
    session: &Session,
    contract: &ContractView,
    step: &[HappeningView],
    slots: &mut u64,
) -> Line {
    let (first, events) = (&step[0], || step.iter().map(|happening| &happening.event));
    let sum = |of: fn(&EventView) -> Option<Text<Amount>>| {
        let sums = events().filter_map(of).map(|sum| sum.0);
        Text(Amount::sum(sums).unwrap_or(Amount::MAX))
    };
    let before = *slots;
    for event in events() {
        if let EventView::ContractPaid { slots_paid, .. } = event {
            *slots = *slots_paid;
        }
    }
    let timers = first.origin == OriginView::Timers;
    let passed = timers && events().all(is_payment) && *slots > before;
    let missed = contract.slots_missed;
    let said: Vec<String> =
        events().filter_map(|event| said(session, contract, event, timers)).collect();
    Line {
        height: first.height,
        time: first.time,
        by: doer(first.origin, contract, step),
        what: said.join("; "),
        paid: sum(|event| match event {
            EventView::ContractPaid { amount, .. } => Some(*amount),
            _ => None,
        }),
        commission: sum(|event| match event {
            EventView::CommissionTaken { amount, .. } => Some(*amount),
            _ => None,
        }),
        refunded: sum(|event| match event {
            EventView::Refunded { amount, .. } => Some(*amount),
            _ => None,
        }),
        slots: passed.then(|| (missed + before + 1, missed + *slots)),
    }
}

impl Line {
    /// Adds the slots that passed next.
    fn join(&mut self, next: &Self) {
        let (Some((first, _)), Some((_, last))) = (self.slots, next.slots) else { return };
        self.slots = Some((first, last));
        (self.height, self.time) = (next.height, next.time);
        let sum = |one: Text<Amount>, other: Text<Amount>| {
            Text(one.0.checked_add(other.0).unwrap_or(Amount::MAX))
        };
        self.paid = sum(self.paid, next.paid);
        self.commission = sum(self.commission, next.commission);
    }
}

const fn is_payment(event: &EventView) -> bool {
    matches!(
        event,
        EventView::ContractPaid { .. }
            | EventView::CommissionTaken { .. }
            | EventView::CommissionShared { .. }
    )
}

fn doer(origin: OriginView, contract: &ContractView, step: &[HappeningView]) -> Doer {
    match origin {
        OriginView::Timers => return Doer::Deadline,
        OriginView::Matching => return Doer::Match,
        OriginView::Transaction { .. } => {}
    }
    let by = step.iter().find_map(|happening| match &happening.event {
        EventView::QuoteAccepted { .. } => Some(Doer::Quote),
        EventView::EndpointPublished { by, .. } if *by == contract.seller => Some(Doer::Seller),
        EventView::ResultPosted { .. } | EventView::Refunded { .. } => Some(Doer::Seller),
        EventView::ContractMoved { state, .. } => match state {
            ContractStateView::Ready | ContractStateView::Active => Some(Doer::Seller),
            ContractStateView::Reclaiming => Some(Doer::Seller),
            _ => None,
        },
        EventView::ContractClosed { reason: ContractClosedView::AbortedBySeller, .. } => {
            Some(Doer::Seller)
        }
        _ => None,
    });
    by.unwrap_or(Doer::Buyer)
}

/// What an event says.
fn said(
    session: &Session,
    contract: &ContractView,
    event: &EventView,
    timers: bool,
) -> Option<String> {
    match event {
        EventView::Matched { quantity, price, total, .. } => {
            let (price, total) = (session.show_price(price.0), session.show(total.0));
            Some(format!(
                "made: {quantity} units at {price} for {} slots, {total} set aside",
                contract.slots
            ))
        }
        EventView::EndpointPublished { .. } => Some("says where it can be reached".to_owned()),
        EventView::ResultPosted { extent: ExtentView::Whole, .. } => {
            Some("posts the result".to_owned())
        }
        EventView::ResultPosted { extent: ExtentView::Partial, .. } => {
            Some("posts what there is so far".to_owned())
        }
        EventView::ContractMoved { state, .. } => moved(contract, *state, timers),
        EventView::ContractClosed { reason, .. } => {
            Some(format!("closed: {}", word(reason).unwrap_or_default()))
        }
        EventView::Refunded { reason, .. } if reason.is_empty() => Some("gives back".to_owned()),
        EventView::Refunded { reason, .. } => Some(format!("gives back \"{}\"", escape(reason))),
        _ => None,
    }
}

/// How a state begins, with a deadline or with an act.
fn moved(contract: &ContractView, state: ContractStateView, timers: bool) -> Option<String> {
    let said = match state {
        ContractStateView::Matched => "passed on to another buyer",
        ContractStateView::Staging => "code and data are ready",
        ContractStateView::Ready => "is ready to run them",
        ContractStateView::Active if timers => "the slots begin",
        ContractStateView::Active => "is ready to run them: the slots count from here on",
        ContractStateView::Reclaiming => {
            return Some(format!("takes back what is left from {} on", when::show(contract.ends)));
        }
        ContractStateView::Ended if timers => "the slots are over",
        ContractStateView::Ended => "ends the slots early",
        ContractStateView::SignOff if timers => "what was posted stands",
        ContractStateView::SignOff => return None,
        ContractStateView::Disputed => "rejects the result",
        ContractStateView::Closed => return None,
    };
    Some(said.to_owned())
}

/// A part, as people call it.
pub(super) const fn party_name(party: PartyView) -> &'static str {
    match party {
        PartyView::Buyer => "buyer",
        PartyView::Seller => "seller",
    }
}
