//! Standing orders.

use chain::id::ObjectId;
use chain::market::Market;
use chain::operation::Operation;
use chain::standing::{
    Standing, StandingAct, StandingClosed, StandingEvent, StandingState, StandingTerms, Weekdays,
};

use super::Translator;
use crate::types::{
    ObjectStatus, OperationView, StandingActView, StandingClosedView, StandingEventView,
    StandingStateView, StandingTermsView, StandingView, WeekdayView,
};

impl Translator {
    /// A standing order in `market`.
    pub fn standing(
        &self,
        id: ObjectId,
        standing: &Standing,
        market: &Market,
        status: ObjectStatus,
    ) -> StandingView {
        StandingView {
            standing: id.into(),
            owner: self.address(standing.owner),
            market_name: market.name.clone(),
            terms: self.standing_terms(&standing.terms),
            state: standing.state.into(),
            next: standing.next.into(),
            due: standing.due.0,
            placed: standing.placed,
            committed: standing.committed.into(),
            status,
        }
    }

    /// What a standing order places, and when.
    pub(super) fn standing_terms(&self, terms: &StandingTerms) -> StandingTermsView {
        StandingTermsView {
            template: self.order_place(&terms.template),
            weekdays: weekdays(terms.weekdays),
            until: terms.until.0,
            skip: terms.skip.iter().map(|day| day.start().0).collect(),
            horizon_ms: terms.horizon.0,
            budget: terms.budget.map(Into::into),
        }
    }

    pub(super) fn standing_operation(&self, operation: &Operation) -> OperationView {
        match operation {
            Operation::StandingPut(terms) => {
                OperationView::StandingPut { terms: self.standing_terms(terms) }
            }
            Operation::Standing { standing, act } => {
                OperationView::Standing { standing: (*standing).into(), act: (*act).into() }
            }
            _ => unreachable!("`operation` sends each variant to its function"),
        }
    }

    pub(super) fn standing_event(&self, event: StandingEvent) -> StandingEventView {
        match event {
            StandingEvent::Moved { standing, owner, state, next } => {
                StandingEventView::StandingMoved {
                    standing: standing.into(),
                    owner: self.address(owner),
                    state: state.into(),
                    next: next.into(),
                }
            }
            StandingEvent::Placed { standing, owner, order, window } => {
                StandingEventView::StandingPlaced {
                    standing: standing.into(),
                    owner: self.address(owner),
                    order: order.into(),
                    window: window.into(),
                }
            }
            StandingEvent::Missed { standing, owner, window, code, again } => {
                StandingEventView::StandingMissed {
                    standing: standing.into(),
                    owner: self.address(owner),
                    window: window.into(),
                    rejection: (self.rejection)(code),
                    again: again.map(|time| time.0),
                }
            }
            StandingEvent::Ended { standing, owner, placed, committed, reason } => {
                StandingEventView::StandingEnded {
                    standing: standing.into(),
                    owner: self.address(owner),
                    placed,
                    committed: committed.into(),
                    reason: reason.into(),
                }
            }
        }
    }
}

fn weekdays(weekdays: Weekdays) -> Vec<WeekdayView> {
    let all = WeekdayView::ALL.into_iter().enumerate();
    all.filter(|(bit, _)| weekdays.bits() >> bit & 1 == 1).map(|(_, day)| day).collect()
}

impl From<StandingState> for StandingStateView {
    fn from(state: StandingState) -> Self {
        match state {
            StandingState::Running => Self::Running,
            StandingState::Paused => Self::Paused,
        }
    }
}

impl From<StandingAct> for StandingActView {
    fn from(act: StandingAct) -> Self {
        match act {
            StandingAct::Pause => Self::Pause,
            StandingAct::Resume => Self::Resume,
            StandingAct::End => Self::End,
        }
    }
}

impl From<StandingClosed> for StandingClosedView {
    fn from(reason: StandingClosed) -> Self {
        match reason {
            StandingClosed::Completed => Self::Completed,
            StandingClosed::Ended => Self::Ended,
        }
    }
}
