//! The objects one by one: each can stand as it does, and holds belong to objects that name them.

use chain::account::Signing;
use chain::agent::Agent;
use chain::amount::Amount;
use chain::captured::Captured;
use chain::channel::Channel;
use chain::conditions::Kind;
use chain::contract::{Contract, ContractState};
use chain::hold::{Hold, Purpose};
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::order::{Order, Side, Sold, TimeInForce};
use chain::proposal::{Proposal, ProposalStage};
use chain::quantity::Quantity;
use chain::state::{Key, Object};
use chain::switch::CancelSwitch;

use super::standing;
use crate::invariants::Violation;
use crate::state::{State, View};

pub(super) fn check(state: &State) -> Result<(), Violation> {
    let view = View::new(state, &[]);
    let mut orders = 0_usize;
    for (key, object) in state.iter() {
        let (sound, violation) = match (key, object) {
            (Key::Hold(id), Object::Hold(hold)) => {
                (hold_is_sound(&view, id, hold), Violation::Hold(*id))
            }
            (Key::Order(id), Object::Order(order)) => {
                orders = orders.saturating_add(1);
                (order_is_sound(&view, id, order), Violation::Order(*id))
            }
            (Key::Contract(id), Object::Contract(contract)) => {
                (contract_is_sound(&view, id, contract), Violation::Contract(*id))
            }
            (Key::Channel(id), Object::Channel(channel)) => {
                (channel_is_sound(&view, id, channel), Violation::Channel(*id))
            }
            (Key::Name(name), Object::Name(account)) => {
                (view.name_of(account) == Some(*name), Violation::Name(*name))
            }
            (Key::NameOf(account), Object::NameOf(bears)) => {
                let name = bears.name;
                (view.named(&name) == Some(*account), Violation::Name(name))
            }
            (Key::Signers(id), Object::Signers(set)) => {
                let signers = &set.signers;
                let account = view.account(id).unwrap_or_default();
                let set = account.signing == Signing::KeySet && !signers.is_own_key_of(*id);
                (set, Violation::Signers(*id))
            }
            (Key::Account(id), Object::Account(account)) => {
                let set = account.signing == Signing::KeySet;
                (set == view.signers(id).is_some(), Violation::Signers(*id))
            }
            (Key::Agent(id), Object::Agent(agent)) => {
                let sound = Agent::id(agent.account, &agent.key) == *id
                    && agent.spent <= agent.cap
                    && !agent.cap.is_zero();
                (sound, Violation::Agent(*id))
            }
            (Key::CancelSwitch(id), Object::CancelSwitch(switch)) => {
                let named = CancelSwitch::id(switch.account) == *id;
                (named && view.account(&switch.account).is_some(), Violation::CancelSwitch(*id))
            }
            (Key::Standing(id), Object::Standing(standing)) => {
                (standing::is_sound(&view, standing), Violation::Standing(*id))
            }
            (Key::Book(market), Object::Book(book)) => {
                let known = view.market(*market).is_some();
                (known && book.orders > 0, Violation::Book)
            }
            (Key::Market(id), Object::Market(market)) => {
                (market.is_sound(), Violation::Market(*id))
            }
            (Key::Proposal(id), Object::Proposal(proposal)) => {
                (proposal_is_sound(proposal), Violation::Proposal(*id))
            }
            (Key::Captured(id), Object::Captured(captured)) => {
                (captured_is_sound(&view, id, captured), Violation::Captured(*id))
            }
            _ => (true, Violation::Book),
        };
        if !sound {
            return Err(violation);
        }
    }
    if booked(&view, state) == Some(orders) { Ok(()) } else { Err(Violation::Book) }
}

/// How many orders stand in the books and, at the same time, in the state; `None` where a market counts
/// others.
fn booked(view: &View<'_>, state: &State) -> Option<usize> {
    let markets = state
        .iter()
        .filter_map(|(key, _)| if let Key::Market(market) = key { Some(*market) } else { None });
    let in_book = |market: MarketId| {
        let stands = |id: &&ObjectId| view.order(id).is_some_and(|order| order.market == market);
        let orders = state.book(market).filter(stands).count();
        (u64::try_from(orders).ok() == Some(view.orders_in(market))).then_some(orders)
    };
    markets.map(in_book).sum()
}

/// True when the hold's object exists, names it, and needs exactly what is in it.
fn hold_is_sound(view: &View<'_>, id: &ObjectId, hold: &Hold) -> bool {
    let owned = match hold.purpose {
        Purpose::User { beneficiary, .. } => {
            beneficiary != hold.owner && hold.captured < hold.amount
        }
        Purpose::Bid { order } => view.order(&order).is_some_and(|order| {
            order.hold == Some(*id)
                && order.owner == hold.owner
                && hold.captured.is_zero()
                && bid_needs(view, order) == Some(hold.amount)
        }),
        Purpose::Contract { contract } => view.contract(&contract).is_some_and(|contract| {
            contract.hold == *id
                && contract.buyer == hold.owner
                && contract_needs(view, contract) == Some(hold.amount)
                && contract.paid == hold.captured
        }),
        Purpose::Channel { channel } => view.channel(&channel).is_some_and(|channel| {
            channel.hold == *id
                && channel.payer == hold.owner
                && channel.funded == hold.amount
                && hold.captured.is_zero()
        }),
        Purpose::Withdrawal { .. } => hold.captured.is_zero() && !hold.amount.is_zero(),
    };
    owned && hold.captured <= hold.amount && hold.refunded <= hold.captured
}

/// True when a proposal is approved by its proposer, and by nobody twice.
fn proposal_is_sound(proposal: &Proposal) -> bool {
    proposal.approvals.contains(&proposal.proposer)
        && proposal.approvals.is_sorted_by(|one, next| one < next)
        && !matches!(proposal.stage, ProposalStage::Ended(_))
}

/// True when what paid has ended, and no more was given back than it paid.
fn captured_is_sound(view: &View<'_>, id: &ObjectId, captured: &Captured) -> bool {
    captured.refunded <= captured.captured
        && !captured.captured.is_zero()
        && captured.payer != captured.payee
        && view.account(&captured.payer).is_some()
        && view.account(&captured.payee).is_some()
        && view.hold(id).is_none()
        && view.contract(id).is_none()
        && view.channel(id).is_none()
}

fn order_is_sound(view: &View<'_>, id: &ObjectId, order: &Order) -> bool {
    let kind = match order.side {
        Side::Bid(_) => {
            let named = order.hold.and_then(|hold| view.hold(&hold));
            order.sold.is_empty()
                && order.filled < order.quantity
                && order.reach() >= order.limit
                && named.is_some_and(|hold| hold.purpose == Purpose::Bid { order: *id })
        }
        Side::Ask(_) => {
            order.hold.is_none()
                && order.filled == Quantity::ZERO
                && order.predicates.is_empty()
                && order.reach() <= order.limit
                && spans_are_sound(order)
        }
    };
    kind && order.time_in_force != TimeInForce::ImmediateOrCancel
        && view.market(order.market).is_some()
}

/// True when what an ask sold lies in its window, in order, without overlaps, within its quantity.
fn spans_are_sound(order: &Order) -> bool {
    let apart = |a: &Sold, b: &Sold| a.window.end <= b.window.start;
    order.sold.is_sorted_by(apart)
        && order.sold.iter().all(|sold| {
            order.window.contains(sold.window)
                && sold.window.start < sold.window.end
                && !sold.quantity.is_zero()
                && sold.quantity <= order.quantity
        })
}

fn contract_is_sound(view: &View<'_>, id: &ObjectId, contract: &Contract) -> bool {
    let earned = contract.cost(contract.slots_paid);
    let held_back = earned.and_then(|it| it.share(contract.terms.holdback_bps));
    let accrued = earned.zip(held_back).and_then(|(earned, back)| earned.checked_sub(back));
    state_is_sound(view, contract)
        && end_is_sound(contract)
        && accrued == Some(contract.paid)
        && contract.buyer != contract.seller
        && view
            .hold(&contract.hold)
            .is_some_and(|hold| hold.purpose == Purpose::Contract { contract: *id })
}

/// True when its slots end with the window, or before where its seller could take back the rest.
fn end_is_sound(contract: &Contract) -> bool {
    let Contract { window, ends, kind, state, .. } = *contract;
    let reclaimed = kind != Kind::Firm && state > ContractState::Ready;
    ends == window.end || (reclaimed && window.start < ends && ends < window.end)
}

/// True when the contract has what its state comes from, and nothing that comes later.
fn state_is_sound(view: &View<'_>, contract: &Contract) -> bool {
    let Some(slots) = contract_slots(view, contract) else { return false };
    let Contract { slots_missed, slots_paid, ref staged, ref fingerprint, ref result, .. } =
        *contract;
    let behind = slots_missed.saturating_add(slots_paid);
    let (staged, ready, posted) = (staged.is_some(), fingerprint.is_some(), result.is_some());
    match contract.state {
        ContractState::Matched => behind == 0 && !staged && !ready && !posted,
        ContractState::Staging => behind == 0 && staged && !ready && !posted,
        ContractState::Ready => behind == 0 && staged && ready && !posted,
        ContractState::Active => behind < slots && slots_missed < slots && staged && ready,
        ContractState::Reclaiming => {
            behind <= slots && staged && ready && contract.kind != Kind::Firm
        }
        ContractState::Ended => behind <= slots && staged && ready,
        ContractState::SignOff | ContractState::Disputed => {
            behind <= slots && staged && ready && posted
        }
        ContractState::Closed(_) => false,
    }
}

fn channel_is_sound(view: &View<'_>, id: &ObjectId, channel: &Channel) -> bool {
    let owed = channel.best.map(|best| best.cumulative).unwrap_or_default();
    owed <= channel.funded
        && channel.payer != channel.payee
        && view
            .hold(&channel.hold)
            .is_some_and(|hold| hold.purpose == Purpose::Channel { channel: *id })
}

/// What the open part of a bid needs, at the most that it would pay.
fn bid_needs(view: &View<'_>, order: &Order) -> Option<Amount> {
    let open = order.quantity.checked_sub(order.filled)?;
    Amount::cost(order.reach(), open, slots(view, order.market, order.window)?)
}

/// What the slots of a contract cost that were paid or can be.
fn contract_needs(view: &View<'_>, contract: &Contract) -> Option<Amount> {
    match contract.state {
        ContractState::Matched
        | ContractState::Staging
        | ContractState::Ready
        | ContractState::Active
        | ContractState::Reclaiming => {
            let slots = contract_slots(view, contract)?;
            contract.cost(slots.checked_sub(contract.slots_missed)?)
        }
        ContractState::Ended | ContractState::SignOff | ContractState::Disputed => {
            contract.cost(contract.slots_paid)
        }
        ContractState::Closed(_) => None,
    }
}

/// How many slots of a contract are whole by its end.
fn contract_slots(view: &View<'_>, contract: &Contract) -> Option<u64> {
    let slot = view.market(contract.market)?.slot;
    contract.ends.since(contract.window.start).0.checked_div(slot.0)
}

fn slots(view: &View<'_>, market: MarketId, window: chain::time::Window) -> Option<u64> {
    window.slots(view.market(market)?.slot)
}
