//! The queue of deadlines against the objects that have one.

use std::collections::BTreeMap;

use chain::channel::ChannelStatus;
use chain::hold::Purpose;
use chain::id::ObjectId;
use chain::proposal::ProposalStage;
use chain::state::{Key, Object};
use chain::timer::{Due, Timer, TimerKind};

use crate::invariants::Violation;
use crate::state::State;

pub(super) fn check(state: &State) -> Result<(), Violation> {
    let mut queue: BTreeMap<ObjectId, Timer> = BTreeMap::new();
    for (key, _) in state.iter() {
        if let Key::Timer(timer) = key
            && queue.insert(timer.object, *timer).is_some()
        {
            return Err(Violation::Timer(timer.object));
        }
    }
    for (key, object) in state.iter() {
        let Some((id, kind)) = deadline(key, object) else { continue };
        let timer = queue.remove(&id).filter(|timer| timer.kind == kind);
        if !timer.is_some_and(|timer| is_at_its_point(&timer, object)) {
            return Err(Violation::Timer(id));
        }
    }
    queue.keys().next().map_or(Ok(()), |object| Err(Violation::Timer(*object)))
}

/// The name and kind of the object's deadline, if it has one.
fn deadline(key: &Key, object: &Object) -> Option<(ObjectId, TimerKind)> {
    match (key, object) {
        (Key::Hold(id), Object::Hold(hold)) => {
            let ends = matches!(hold.purpose, Purpose::User { .. } | Purpose::Withdrawal { .. });
            ends.then_some((*id, TimerKind::HoldExpire))
        }
        (Key::Order(id), _) => Some((*id, TimerKind::OrderExpire)),
        (Key::Contract(id), _) => Some((*id, TimerKind::ContractDue)),
        (Key::Captured(id), _) => Some((*id, TimerKind::RefundEnd)),
        (Key::Agent(id), _) => Some((*id, TimerKind::AgentExpire)),
        (Key::Standing(id), _) => Some((*id, TimerKind::StandingDue)),
        (Key::CancelSwitch(id), _) => Some((*id, TimerKind::CancelAll)),
        (Key::QuoteUse(id), _) => Some((*id, TimerKind::QuoteEnd)),
        (Key::Proposal(id), _) => Some((*id, TimerKind::ProposalDue)),
        (Key::Channel(id), Object::Channel(channel)) => {
            (channel.status != ChannelStatus::Open).then_some((*id, TimerKind::ChannelClose))
        }
        _ => None,
    }
}

/// True when the deadline of a hold, contract, channel, payment, agent, switch, quote, standing order or proposal stands where the object
/// says.
fn is_at_its_point(timer: &Timer, object: &Object) -> bool {
    if let Object::Hold(hold) = object
        && let Purpose::User { expires, .. } | Purpose::Withdrawal { expires, .. } = hold.purpose
    {
        return timer.due == Due::Time(expires);
    }
    if let Object::Agent(agent) = object {
        return timer.due == Due::Time(agent.expires);
    }
    if let Object::CancelSwitch(switch) = object {
        return timer.due == Due::Time(switch.time);
    }
    if let Object::QuoteUse(quote_use) = object {
        return timer.due == Due::Time(quote_use.until);
    }
    if let Object::Standing(standing) = object {
        return timer.due == Due::Match(standing.due);
    }
    if let Object::Proposal(proposal) = object {
        return match proposal.stage {
            ProposalStage::Open { until: time } | ProposalStage::Approved { enacts: time } => {
                timer.due == Due::Time(time)
            }
            ProposalStage::Closing => matches!(timer.due, Due::Height(_)),
            ProposalStage::Ended(_) => false,
        };
    }
    if let Object::Contract(contract) = object {
        return timer.due == Due::Time(contract.due);
    }
    if let Object::Captured(captured) = object {
        return timer.due == Due::Time(captured.until);
    }
    if let Object::Channel(channel) = object
        && let ChannelStatus::Closing { time, height } = channel.status
    {
        return timer.due == Due::Time(time) || timer.due == Due::Height(height);
    }
    true
}
