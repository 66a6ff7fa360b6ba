//! Whose turn it is: acts that the contract's state, its parties or the clock would refuse are refused before they
//! are signed, with what can be done in their place, and when.
//!
//! The node answers what its rules allow; what an act is for comes from the same table as theirs.

use chain::account::AccountId;
use chain::contract::{ActKind, ContractState, OutOfTurn, Party};
use rpc::types::{ActKindView, ContractStateView, ContractView, PartyView, TurnView};
use serde_json::json;

use super::timeline::party_name;
use crate::commands::word;
use crate::failure::{Exit, Failure};
use crate::when;

/// The states that contracts pass, in order.
const COURSE: [ContractState; 8] = [
    ContractState::Matched,
    ContractState::Staging,
    ContractState::Ready,
    ContractState::Active,
    ContractState::Reclaiming,
    ContractState::Ended,
    ContractState::SignOff,
    ContractState::Disputed,
];

/// Whether `own` may do this in `contract` at `now`, the time of the last block.
///
/// # Errors
/// [`OutOfTurn`], as the rules would refuse it.
pub(super) fn verdict(
    contract: &ContractView,
    own: AccountId,
    act: ActKind,
    now: u64,
) -> Result<Party, OutOfTurn> {
    let party = match own {
        own if own == contract.buyer.0.account => Party::Buyer,
        own if own == contract.seller.0.account => Party::Seller,
        own if contract.user.is_some_and(|user| user.0.account == own) => Party::Buyer,
        _ => return Err(OutOfTurn::NotParty),
    };
    let turn = TurnView::from((party, act));
    let possible = |outlook: &rpc::types::OutlookView| outlook.acts.contains(&turn);
    match (act.only_by(), &contract.outlook) {
        (Some(Party::Buyer), _) if party == Party::Seller => Err(OutOfTurn::NotBuyer),
        (Some(Party::Seller), _) if party == Party::Buyer => Err(OutOfTurn::NotSeller),
        (_, Some(outlook)) if possible(outlook) && now < outlook.acts_until => Ok(party),
        (_, Some(outlook)) if possible(outlook) => Err(OutOfTurn::Late),
        // A firm contract is in the state, and yet it is not possible.
        _ if is_in(contract, act.states(party)) => Err(OutOfTurn::Firm),
        _ => Err(OutOfTurn::State),
    }
}

/// Refuses what [`verdict`] does, in words.
///
/// # Errors
/// [`Failure`] with the rules' own code, and what can be done in its place.
pub(super) fn check(
    contract: &ContractView,
    own: (AccountId, &str),
    act: ActKind,
    now: u64,
) -> Result<(), Failure> {
    let (account, name) = own;
    if contract.outlook.is_none() {
        let reason = contract.reason.and_then(|reason| word(&reason)).unwrap_or_default();
        let message = format!("the contract is over: {reason}");
        let failure = Failure::new(Exit::Rejected, "CONTRACT_UNKNOWN", message);
        return Err(failure.hint("see what happened with 'tally contract show'"));
    }
    let Err(refused) = verdict(contract, account, act, now) else { return Ok(()) };
    let doing = doing(act);
    let (code, message) = match refused {
        OutOfTurn::NotParty => {
            ("NOT_PARTY", format!("{name} is neither buyer nor seller of this contract"))
        }
        OutOfTurn::NotBuyer => {
            ("NOT_BUYER", format!("its buyer, {}, does that, not {name}", contract.buyer))
        }
        OutOfTurn::NotSeller => {
            ("NOT_SELLER", format!("its seller, {}, does that, not {name}", contract.seller))
        }
        OutOfTurn::State => ("CONTRACT_STATE", out_of_state(contract, account, act, now)),
        OutOfTurn::Firm => {
            ("NOT_INTERRUPTIBLE", "the contract is firm: nothing of it is taken back".to_owned())
        }
        OutOfTurn::Late => {
            let until = contract.outlook.as_ref().map_or(0, |outlook| outlook.acts_until);
            let since = when::relative(until, now);
            (
                "CONTRACT_DUE_PASSED",
                format!("it is too late to {doing}: the last moment was {since}"),
            )
        }
    };
    let possible = possible(contract, account, now);
    let hint = match refused {
        OutOfTurn::NotParty | OutOfTurn::NotBuyer | OutOfTurn::NotSeller => {
            "name that account's key with --key NAME".to_owned()
        }
        OutOfTurn::State | OutOfTurn::Firm | OutOfTurn::Late => match possible.as_slice() {
            [] => "there is nothing that you can do now; see 'tally contract show'".to_owned(),
            acts => format!("what you can do now: {}", acts.join(", ")),
        },
    };
    let data = json!({ "state": contract.state, "outlook": contract.outlook });
    Err(Failure::new(Exit::Rejected, code, message).hint(hint).data(data))
}

/// Why an act is not for the contract's state: it comes later, and when, or it is past.
fn out_of_state(contract: &ContractView, own: AccountId, act: ActKind, now: u64) -> String {
    let party = if own == contract.seller.0.account { Party::Seller } else { Party::Buyer };
    let place = |state: ContractStateView| {
        COURSE.iter().position(|course| ContractStateView::from(*course) == state)
    };
    let here = place(contract.state);
    let later = act.states(party).iter().find(|state| place((**state).into()) > here);
    let (doing, state) = (doing(act), word(&contract.state).unwrap_or_default());
    match later {
        Some(state) => format!("it is too early to {doing}: {}", begins(contract, *state, now)),
        None => format!("it is too late to {doing}: the contract is {state}"),
    }
}

/// When a state begins.
fn begins(contract: &ContractView, state: ContractState, now: u64) -> String {
    match state {
        ContractState::Staging => "that is for when the buyer has staged".to_owned(),
        ContractState::Active => {
            let start = contract.window.start;
            let (start, relative) = (when::show(start), when::relative(start, now));
            format!("that is for when its slots have begun, not before {start}, {relative}")
        }
        ContractState::Ended => {
            let (ends, relative) = (when::show(contract.ends), when::relative(contract.ends, now));
            format!("that is for when its slots are over, by {ends} at the latest, {relative}")
        }
        ContractState::SignOff => "that is for when the result is posted".to_owned(),
        ContractState::Matched
        | ContractState::Ready
        | ContractState::Reclaiming
        | ContractState::Disputed
        | ContractState::Closed(_) => "its time comes later".to_owned(),
    }
}

/// The commands by which `own` may act at `now`.
fn possible(contract: &ContractView, own: AccountId, now: u64) -> Vec<&'static str> {
    let can = |act: &&ActKind| verdict(contract, own, **act, now).is_ok();
    ActKind::ALL.iter().filter(can).map(|act| command((*act).into())).collect()
}

/// The acts of `party` as commands.
pub(super) fn commands_of(acts: &[TurnView], party: PartyView) -> Vec<&'static str> {
    acts.iter().filter(|turn| turn.by == party).map(|turn| command(turn.act)).collect()
}

/// An act, as one says what it is too early to do.
const fn doing(act: ActKind) -> &'static str {
    match act {
        ActKind::EndpointPublish => "say where you can be reached",
        ActKind::StageReady => "stage",
        ActKind::HostReady => "be ready",
        ActKind::ResultPost => "post a result",
        ActKind::Accept => "accept",
        ActKind::Reject => "reject",
        ActKind::EndEarly => "end its slots",
        ActKind::Abort => "abort",
        ActKind::ReclaimStart => "take back what is left",
    }
}

/// By whom, who may be marked, and how a wait ends, as "the buyer accepts".
pub(super) fn duty(turn: TurnView, mark: &str) -> String {
    let does = match turn.act {
        ActKindView::StageReady => "makes code and data ready",
        ActKindView::HostReady => "gets ready to run them",
        ActKindView::ResultPost => "posts the result",
        ActKindView::Accept => "accepts",
        ActKindView::Reject => "rejects",
        ActKindView::Abort => "gives way by an abort",
        ActKindView::EndpointPublish => "says where it can be reached",
        ActKindView::EndEarly => "ends the slots",
        ActKindView::ReclaimStart => "takes back the rest",
    };
    format!("the {}{mark} {does}", party_name(turn.by))
}

/// The command of `tally contract` by which an act is done.
pub(super) const fn command(act: ActKindView) -> &'static str {
    match act {
        ActKindView::EndpointPublish => "endpoint",
        ActKindView::StageReady => "stage",
        ActKindView::HostReady => "ready",
        ActKindView::ResultPost => "result",
        ActKindView::Accept => "accept",
        ActKindView::Reject => "reject",
        ActKindView::EndEarly => "end",
        ActKindView::Abort => "abort",
        ActKindView::ReclaimStart => "reclaim",
    }
}

fn is_in(contract: &ContractView, states: &[ContractState]) -> bool {
    states.iter().any(|state| ContractStateView::from(*state) == contract.state)
}

#[cfg(test)]
mod tests;
