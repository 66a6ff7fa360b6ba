//! In which events of a step an account has a part.

use std::collections::BTreeSet;

use chain::account::AccountId;
use chain::authority_set::AuthorityEvent;
use chain::event::Event;
use chain::hold::Purpose;
use chain::id::ObjectId;
use chain::proposal::ProposalEvent;
use chain::standing::StandingEvent;

/// Looks at the events of one step in their order.
pub(in crate::api) struct Parties {
    account: AccountId,
    treasury: AccountId,
    /// Holds of the account that end in the step.
    ended: BTreeSet<ObjectId>,
    /// The hold that the last events were about, and whether the account has a part in it.
    hold: Option<(ObjectId, bool)>,
}

impl Parties {
    /// Those of `account` in the step that reports `events`.
    pub(in crate::api) fn new<'a>(
        account: AccountId,
        treasury: AccountId,
        events: impl Iterator<Item = &'a Event>,
    ) -> Self {
        let ended = events.filter_map(|event| match event {
            Event::HoldClosed { hold, owner, .. } if *owner == account => Some(*hold),
            _ => None,
        });
        Self { account, treasury, ended: ended.collect(), hold: None }
    }

    /// True when the account has a part in `event`.
    ///
    /// What a channel reports of its end names no payer. It comes right after what its hold reports, so
    /// whoever has a part in that has a part in this.
    pub(in crate::api) fn include(&mut self, event: &Event) -> bool {
        let is = |account: &AccountId| *account == self.account;
        match event {
            Event::AccountOpened { account, by, .. } => is(account) || is(by),
            Event::Transferred { from, to, .. } => is(from) || is(to),
            Event::Deposited { to, .. } => is(to),
            Event::HoldOpened { terms, .. } => match &terms.purpose {
                Purpose::User { beneficiary, .. } => is(&terms.owner) || is(beneficiary),
                Purpose::Bid { .. }
                | Purpose::Contract { .. }
                | Purpose::Channel { .. }
                | Purpose::Withdrawal { .. } => is(&terms.owner),
            },
            Event::HoldCaptured { hold, from, to, .. } => {
                let own = is(from) || is(to);
                self.about(*hold, own)
            }
            Event::HoldClosed { hold, owner, .. } => {
                let own = is(owner);
                match self.hold {
                    Some((last, _)) if last == *hold => own,
                    _ => self.about(*hold, own),
                }
            }
            Event::ChannelClosed { .. } => self.hold.is_some_and(|(_, own)| own),
            Event::OrderPlaced { owner, .. }
            | Event::OrderClosed { owner, .. }
            | Event::OrderAmended { owner, .. }
            | Event::HostRegistered { owner, .. }
            | Event::HostUpdated { owner, .. }
            | Event::HostClosed { owner, .. }
            | Event::PoolSet { owner, .. }
            | Event::PoolBlackout { owner, .. }
            | Event::Standing(StandingEvent::Moved { owner, .. })
            | Event::Standing(StandingEvent::Placed { owner, .. })
            | Event::Standing(StandingEvent::Missed { owner, .. })
            | Event::Standing(StandingEvent::Ended { owner, .. }) => is(owner),
            Event::Matched { buyer, seller, .. }
            | Event::ContractPaid { buyer, seller, .. }
            | Event::ContractClosed { buyer, seller, .. }
            | Event::ContractMoved { buyer, seller, .. }
            | Event::ResultPosted { buyer, seller, .. } => is(buyer) || is(seller),
            Event::EndpointPublished { by, to, .. } => is(by) || is(to),
            Event::QuoteAccepted { maker, taker, .. } => is(maker) || is(taker),
            Event::ChannelOpened { payer, payee, .. } => is(payer) || is(payee),
            Event::FeesPaid { proposer, .. } => is(proposer) || is(&self.treasury),
            Event::CommissionTaken { from: seller, .. }
            | Event::CommissionReturned { to: seller, .. }
            | Event::CommissionShared { to: seller, .. } => is(seller) || is(&self.treasury),
            Event::Withdrawn { from, .. } => is(from),
            Event::WithdrawalRejected { hold, .. } => self.ended.contains(hold),
            Event::Refunded { from, to, .. } => is(from) || is(to),
            Event::AccountUpdated { account, .. }
            | Event::KeysSet { account, .. }
            | Event::AgentGranted { account, .. }
            | Event::AgentEnded { account, .. }
            | Event::CancelAtSet { account, .. } => is(account),
            Event::Proposal(event) => self.has_part_in_proposal(event),
            Event::Authority(event) => self.has_part_in_office(event),
            // These move no money.
            Event::CellCleared { .. }
            | Event::VoucherAccepted { .. }
            | Event::ChannelClosing { .. } => false,
        }
    }

    fn has_part_in_proposal(&self, event: &ProposalEvent) -> bool {
        match event {
            ProposalEvent::Proposed { proposer: account, .. }
            | ProposalEvent::Approved { by: account, .. }
            | ProposalEvent::Closed { proposer: account, .. }
            | ProposalEvent::Frozen { account, .. }
            | ProposalEvent::Unfrozen { account, .. }
            | ProposalEvent::Appointed { account, .. } => *account == self.account,
            ProposalEvent::MarketSet { .. }
            | ProposalEvent::ParamSet { .. }
            | ProposalEvent::UpgradeSet { .. } => false,
        }
    }

    fn has_part_in_office(&self, event: &AuthorityEvent) -> bool {
        match event {
            AuthorityEvent::Added { account, .. }
            | AuthorityEvent::Removed { account, .. }
            | AuthorityEvent::Rotated { account, .. }
            | AuthorityEvent::Moved { account, .. } => *account == self.account,
            AuthorityEvent::Entered { .. } => false,
        }
    }

    const fn about(&mut self, hold: ObjectId, own: bool) -> bool {
        self.hold = Some((hold, own));
        own
    }
}
