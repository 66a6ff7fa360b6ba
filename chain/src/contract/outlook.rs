//! What a contract waits for, and what comes of it when nobody acts: who has which duty, until when, and who gets
//! which money otherwise.

use super::{ActKind, Contract, ContractClosed, ContractState, Party};
use crate::amount::Amount;
use crate::time::{Millis, Time};

/// What a contract waits for, and what its timer does when that does not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// By whom and how the wait can be ended as it should; empty where time alone has to pass.
    pub duties: &'static [(Party, ActKind)],
    /// When the timer fires.
    pub until: Time,
    /// The state that it leads to. While slots pass, it is the same until the last is over.
    pub then: ContractState,
    /// What the seller is paid then, before commission and what others get of it, in base units.
    pub pays: Amount,
    /// How much of what the contract holds returns to the buyer then, in base units.
    pub returns: Amount,
}

impl Contract {
    /// How many slots of length `slot` it has: those that are whole by its end.
    pub fn slots(&self, slot: Millis) -> u64 {
        self.whole_slots(slot, self.ends)
    }

    /// How many of its slots are over at `point`, those that were missed included.
    pub fn slots_over(&self, slot: Millis, point: Time) -> u64 {
        self.whole_slots(slot, point).min(self.slots(slot))
    }

    /// What it has paid in all once it has paid for so many slots, less what is held back of them, in base units;
    /// `None` when that is no amount.
    pub fn progress(&self, slots: u64) -> Option<Amount> {
        let earned = self.cost(slots)?;
        earned.checked_sub(earned.share(self.terms.holdback_bps)?)
    }

    /// The share of the whole price that a buyer owes who does not use what it booked, in base units; `None` when
    /// the price is no amount.
    pub fn booking_share(&self, slot: Millis) -> Option<Amount> {
        self.cost(self.slots(slot))?.share(self.terms.booking_bps)
    }

    /// What comes next in a contract of a market whose slots have the length `slot`; `None` once it is over, or
    /// where its sums are no amounts.
    pub fn outlook(&self, slot: Millis) -> Option<Outlook> {
        let none = Amount::ZERO;
        let (then, pays, returns) = match self.state {
            ContractState::Matched => {
                let share = self.booking_share(slot)?;
                let rest = self.cost(self.slots(slot))?.checked_sub(share)?;
                (ContractState::Closed(ContractClosed::BuyerLate), share, rest)
            }
            ContractState::Staging => {
                let whole = self.cost(self.slots(slot))?;
                (ContractState::Closed(ContractClosed::NoShow), none, whole)
            }
            ContractState::Ready => (ContractState::Active, none, none),
            ContractState::Active | ContractState::Reclaiming => {
                let over = self.slots_over(slot, self.due).checked_sub(self.slots_missed)?;
                let pays = self.progress(over)?.checked_sub(self.paid)?;
                let ends = self.due >= self.ends;
                (if ends { ContractState::Ended } else { self.state }, pays, none)
            }
            ContractState::Ended if self.result.is_some() => (ContractState::SignOff, none, none),
            ContractState::Ended => {
                (ContractState::Closed(ContractClosed::NoResult), none, self.held_back()?)
            }
            ContractState::SignOff => {
                (ContractState::Closed(ContractClosed::Silence), self.held_back()?, none)
            }
            ContractState::Disputed => {
                (ContractState::Closed(ContractClosed::Rejected), none, self.held_back()?)
            }
            ContractState::Closed(_) => return None,
        };
        Some(Outlook { duties: self.state.duties(), until: self.due, then, pays, returns })
    }

    /// What was held back of the slots that were paid.
    fn held_back(&self) -> Option<Amount> {
        self.cost(self.slots_paid)?.checked_sub(self.paid)
    }

    fn whole_slots(&self, slot: Millis, point: Time) -> u64 {
        point.since(self.window.start).0.checked_div(slot.0).unwrap_or(0)
    }
}

impl ContractState {
    /// True while slots pass and are paid.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active | Self::Reclaiming)
    }

    /// By whom and how its wait can be ended as it should.
    const fn duties(self) -> &'static [(Party, ActKind)] {
        match self {
            Self::Matched => &[(Party::Buyer, ActKind::StageReady)],
            Self::Staging => &[(Party::Seller, ActKind::HostReady)],
            Self::Ended => &[(Party::Seller, ActKind::ResultPost)],
            Self::SignOff => &[(Party::Buyer, ActKind::Accept), (Party::Buyer, ActKind::Reject)],
            Self::Disputed => &[(Party::Buyer, ActKind::Accept), (Party::Seller, ActKind::Abort)],
            Self::Ready | Self::Active | Self::Reclaiming | Self::Closed(_) => &[],
        }
    }
}
