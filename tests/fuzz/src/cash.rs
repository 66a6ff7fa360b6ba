//! Everybody's cash as the receipts tell it, and nothing but the receipts: a naive ledger beside the
//! rules. Cash moves by fees, transfers, deposits, withdrawals, captures, refunds, and with accounts that are
//! opened; all else only sets it aside.

use std::collections::BTreeMap;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::event::Event;
use chain::id::ObjectId;
use chain::proposal::{Office, ProposalEvent};
use chain::receipt::Receipts;
use chain::state::{Key, Object};
use chain::transaction::VerifiedTransaction;
use runtime::state::{State, View};

#[derive(Debug)]
pub(crate) struct Cash {
    treasury: AccountId,
    accounts: BTreeMap<AccountId, u128>,
    /// Who owns which hold.
    holds: BTreeMap<ObjectId, AccountId>,
}

impl Cash {
    /// What stands in `state`, which has no holds.
    pub(crate) fn of(state: &State) -> Self {
        let treasury = View::new(state, &[]).params().treasury;
        Self { treasury, accounts: accounts(state), holds: BTreeMap::new() }
    }

    /// Follows a block.
    pub(crate) fn follow(&mut self, transactions: &[VerifiedTransaction], receipts: &Receipts) {
        receipts.timers.iter().for_each(|event| self.event(event));
        for (transaction, receipt) in transactions.iter().zip(&receipts.transactions) {
            self.take(transaction.transaction().sender, receipt.fee);
            receipt.outcome.events().iter().for_each(|event| self.event(event));
        }
        receipts.matching.iter().for_each(|event| self.event(event));
        // A block runs by its parent's params: another treasury gets what the next one takes.
        for event in &receipts.timers {
            if let Event::Proposal(ProposalEvent::Appointed { office, account, .. }) = event
                && *office == Office::Treasury
            {
                self.treasury = *account;
            }
        }
    }

    /// # Panics
    /// When somebody's cash in `state` is not what the receipts add up to.
    pub(crate) fn compare(&self, state: &State) {
        assert_eq!(self.accounts, accounts(state), "cash is what the receipts say");
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::AccountOpened { account, by, deposit } => {
                self.take(*by, *deposit);
                self.give(*account, *deposit);
            }
            Event::Transferred { from, to, amount } => {
                self.take(*from, *amount);
                self.give(*to, *amount);
            }
            Event::Deposited { to, amount, .. } => self.give(*to, *amount),
            Event::HoldOpened { hold, terms } => {
                let before = self.holds.insert(*hold, terms.owner);
                assert_eq!(before, None, "a hold is opened once");
            }
            Event::Withdrawn { from, amount, .. } => self.take(*from, *amount),
            Event::CommissionTaken { from, amount, .. } => {
                self.take(*from, *amount);
                self.give(self.treasury, *amount);
            }
            Event::CommissionReturned { to, amount, .. }
            | Event::CommissionShared { to, amount, .. } => {
                self.take(self.treasury, *amount);
                self.give(*to, *amount);
            }
            Event::Refunded { from, to, amount, .. } => {
                self.take(*from, *amount);
                self.give(*to, *amount);
            }
            Event::HoldCaptured { hold, to, amount, .. } => {
                self.take(self.holds[hold], *amount);
                self.give(*to, *amount);
            }
            Event::FeesPaid { proposer, proposer_amount, treasury_amount } => {
                self.give(*proposer, *proposer_amount);
                self.give(self.treasury, *treasury_amount);
            }
            Event::HoldClosed { .. }
            | Event::OrderPlaced { .. }
            | Event::OrderClosed { .. }
            | Event::OrderAmended { .. }
            | Event::CancelAtSet { .. }
            | Event::HostRegistered { .. }
            | Event::HostUpdated { .. }
            | Event::HostClosed { .. }
            | Event::PoolSet { .. }
            | Event::PoolBlackout { .. }
            | Event::Standing(_)
            | Event::CellCleared { .. }
            | Event::Matched { .. }
            | Event::ContractPaid { .. }
            | Event::ContractClosed { .. }
            | Event::ContractMoved { .. }
            | Event::EndpointPublished { .. }
            | Event::ResultPosted { .. }
            | Event::ChannelOpened { .. }
            | Event::VoucherAccepted { .. }
            | Event::ChannelClosing { .. }
            | Event::ChannelClosed { .. }
            | Event::Proposal(_)
            | Event::Authority(_)
            | Event::WithdrawalRejected { .. }
            | Event::AccountUpdated { .. }
            | Event::KeysSet { .. }
            | Event::AgentGranted { .. }
            | Event::AgentEnded { .. }
            | Event::QuoteAccepted { .. } => {}
        }
    }

    fn give(&mut self, to: AccountId, amount: Amount) {
        *self.accounts.entry(to).or_default() += amount.base_units();
    }

    fn take(&mut self, from: AccountId, amount: Amount) {
        let cash = self.accounts.get_mut(&from).expect("who pays has an account");
        *cash = cash.checked_sub(amount.base_units()).expect("who pays has the money");
    }
}

fn accounts(state: &State) -> BTreeMap<AccountId, u128> {
    let cash = |(key, object): (&Key, &Object)| match (key, object) {
        (Key::Account(id), Object::Account(account)) => Some((*id, account.cash.base_units())),
        _ => None,
    };
    state.iter().filter_map(cash).collect()
}
