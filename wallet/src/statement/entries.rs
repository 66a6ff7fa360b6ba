//! Why an amount changed: each line taken apart into movements of money.

use chain::account::AccountId;
use chain::amount::Amount;
use rpc::types::{Change, EventView, HistoryLineView, StepView};
use serde::Serialize;

use super::Owner;

/// A kind of movement. The words are those of the JSON documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// What was there where the node's knowledge begins.
    BroughtForward,
    /// Paid by others.
    Received,
    /// Paid to others.
    Paid,
    /// Fees of the account's own transactions.
    Fees,
    /// The account's part of a block's fees.
    FeesEarned,
    /// Paid to others out of the account's holds, contracts and channels.
    Captured,
    /// Paid by others out of theirs.
    Collected,
    /// Given back to whoever had paid.
    Refunded,
    /// Given back by whoever had been paid.
    Regained,
    /// Put on the ledger by the cashier.
    Deposited,
    /// Taken off the ledger by the cashier.
    Withdrawn,
    /// The treasury's part of what the account's contracts paid it, less what was returned.
    Commission,
    /// The same, to the treasury.
    CommissionEarned,
    /// Got as the broker of a contract.
    Brokerage,
}

impl Kind {
    /// Every kind, in the order of totals.
    pub(crate) const ALL: [Self; 14] = [
        Self::BroughtForward,
        Self::Received,
        Self::Paid,
        Self::Captured,
        Self::Collected,
        Self::Refunded,
        Self::Regained,
        Self::Deposited,
        Self::Withdrawn,
        Self::Fees,
        Self::FeesEarned,
        Self::Commission,
        Self::CommissionEarned,
        Self::Brokerage,
    ];

    /// The kind for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BroughtForward => "brought forward",
            Self::Received => "received",
            Self::Paid => "paid",
            Self::Fees => "fees",
            Self::FeesEarned => "fees earned",
            Self::Captured => "captured from holds",
            Self::Collected => "collected from others' holds",
            Self::Refunded => "refunded to others",
            Self::Regained => "refunded by others",
            Self::Deposited => "deposited",
            Self::Withdrawn => "withdrawn",
            Self::Commission => "commission",
            Self::CommissionEarned => "commission earned",
            Self::Brokerage => "brokerage",
        }
    }
}

/// A movement of the account's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its kind.
    pub(crate) kind: Kind,
    /// What it comes to.
    pub(crate) change: Change,
}

/// The movements of a line.
pub(crate) fn entries(line: &HistoryLineView, owner: Owner) -> Vec<Entry> {
    let mut entries = Vec::new();
    match &line.step {
        StepView::Beginning => {
            let change = Change::of(line.after.amount.0);
            entries.push(Entry { kind: Kind::BroughtForward, change });
        }
        StepView::Transaction { sender, fee, .. } if sender.0.account == owner.account => {
            entries.push(Entry { kind: Kind::Fees, change: Change::less(fee.0) });
        }
        StepView::Transaction { .. } | StepView::Timers | StepView::Matching | StepView::Fees => {}
    }
    entries.extend(line.events.iter().flat_map(|event| movements(event, owner)));
    entries
}

/// What the account pays and gets where one account, named with what it is to it, pays another.
fn moved(
    owner: Owner,
    (from, spent): (AccountId, Kind),
    (to, got): (AccountId, Kind),
    amount: Amount,
) -> [Option<(Kind, Change)>; 2] {
    let is = |account| account == owner.account;
    [is(from).then(|| (spent, Change::less(amount))), is(to).then(|| (got, Change::of(amount)))]
}

/// The same for commission.
fn commission(event: &EventView, owner: Owner) -> [Option<(Kind, Change)>; 2] {
    let moved = |from, to, amount| moved(owner, from, to, amount);
    match *event {
        EventView::CommissionTaken { from, amount, .. } => {
            let (payer, treasury) = (from.0.account, owner.treasury);
            moved((payer, Kind::Commission), (treasury, Kind::CommissionEarned), amount.0)
        }
        EventView::CommissionShared { to, amount, .. } => {
            let (treasury, broker) = (owner.treasury, to.0.account);
            moved((treasury, Kind::CommissionEarned), (broker, Kind::Brokerage), amount.0)
        }
        EventView::CommissionReturned { to, amount, .. } => {
            let (payee, treasury) = (to.0.account, owner.treasury);
            moved((treasury, Kind::CommissionEarned), (payee, Kind::Commission), amount.0)
        }
        _ => [None, None],
    }
}

/// What an event takes from the account, and what it gives to it.
fn movements(event: &EventView, owner: Owner) -> impl Iterator<Item = Entry> {
    let is = |account: AccountId| account == owner.account;
    let (less, more) = (Change::less, Change::of);
    let moved = |from, to, amount| moved(owner, from, to, amount);
    let movements = match *event {
        EventView::AccountOpened { account: to, by: from, deposit: amount }
        | EventView::Transferred { from, to, amount } => {
            moved((from.0.account, Kind::Paid), (to.0.account, Kind::Received), amount.0)
        }
        EventView::Deposited { to, amount, .. } => {
            [is(to.0.account).then(|| (Kind::Deposited, more(amount.0))), None]
        }
        EventView::HoldCaptured { from, to, amount, .. } => {
            moved((from.0.account, Kind::Captured), (to.0.account, Kind::Collected), amount.0)
        }
        EventView::FeesPaid { proposer, proposer_amount, treasury_amount } => [
            is(proposer.0.account).then(|| (Kind::FeesEarned, more(proposer_amount.0))),
            is(owner.treasury).then(|| (Kind::FeesEarned, more(treasury_amount.0))),
        ],
        EventView::CommissionTaken { .. }
        | EventView::CommissionReturned { .. }
        | EventView::CommissionShared { .. } => commission(event, owner),
        EventView::Withdrawn { from, amount, .. } => {
            [is(from.0.account).then(|| (Kind::Withdrawn, less(amount.0))), None]
        }
        EventView::Refunded { from, to, amount, .. } => {
            moved((from.0.account, Kind::Refunded), (to.0.account, Kind::Regained), amount.0)
        }
        EventView::AccountUpdated { .. }
        | EventView::KeysSet { .. }
        | EventView::AgentGranted { .. }
        | EventView::AgentEnded { .. }
        | EventView::WithdrawalRejected { .. }
        | EventView::HoldOpened { .. }
        | EventView::HoldClosed { .. }
        | EventView::OrderPlaced { .. }
        | EventView::OrderClosed { .. }
        | EventView::OrderAmended { .. }
        | EventView::CancelAtSet { .. }
        | EventView::Standing(_)
        | EventView::CellCleared { .. }
        | EventView::Matched { .. }
        | EventView::ContractPaid { .. }
        | EventView::ContractClosed { .. }
        | EventView::ContractMoved { .. }
        | EventView::EndpointPublished { .. }
        | EventView::ResultPosted { .. }
        | EventView::QuoteAccepted { .. }
        | EventView::ChannelOpened { .. }
        | EventView::VoucherAccepted { .. }
        | EventView::ChannelClosing { .. }
        | EventView::ChannelClosed { .. }
        | EventView::HostRegistered { .. }
        | EventView::HostUpdated { .. }
        | EventView::HostClosed { .. }
        | EventView::PoolSet { .. }
        | EventView::PoolBlackout { .. }
        | EventView::Proposal(_)
        | EventView::Authority(_) => [None, None],
    };
    movements.into_iter().flatten().map(|(kind, change)| Entry { kind, change })
}
