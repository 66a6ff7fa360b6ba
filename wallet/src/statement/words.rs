//! What happened, in words for people: a sentence for each thing a line is about.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::id::ObjectId;
use chain::token::Token;
use rpc::text::{Address, Text};
use rpc::types::{
    AuthorityEventView, BlackoutChangeView, EventView, HistoryLineView, OperationView,
    ProposalEventView, PurposeView, SideView, StandingEventView, StepView, WindowView,
};

use super::Owner;
use crate::commands::word;
use crate::text::escape;
use crate::when;

/// Says what happened to one account.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    /// Whose words they are.
    pub(crate) owner: Owner,
    /// How sums are written.
    pub(crate) token: &'a Token,
}

impl Words<'_> {
    /// What a line is about: at least one sentence.
    pub(crate) fn of(&self, line: &HistoryLineView) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        let mut operations: Vec<&OperationView> = line.operations.iter().collect();
        for event in &line.events {
            let memo = memo(&mut operations, event);
            said.extend(self.event(event).map(|words| words + &memo));
        }
        match &line.step {
            StepView::Beginning => said.push("what the account had here".to_owned()),
            StepView::Transaction { sender, fee, failure, .. } => {
                if let Some(failure) = failure {
                    let (at, why) = (failure.operation, escape(&failure.rejection.name));
                    said.push(format!("failed at operation {at}: {why}; only the fee was taken"));
                } else if said.is_empty() {
                    said.extend(line.operations.iter().filter_map(operation));
                }
                if sender.0.account == self.owner.account {
                    said.push(format!("fee {}", self.sum(*fee)));
                }
            }
            StepView::Timers if said.is_empty() => said.push("a deadline passed".to_owned()),
            StepView::Matching if said.is_empty() => said.push("orders were matched".to_owned()),
            StepView::Timers | StepView::Matching | StepView::Fees => {}
        }
        said
    }

    /// What an event says, where it says anything to this account.
    pub(crate) fn event(&self, event: &EventView) -> Option<String> {
        match event {
            EventView::AccountOpened { .. }
            | EventView::Transferred { .. }
            | EventView::Deposited { .. }
            | EventView::Withdrawn { .. }
            | EventView::WithdrawalRejected { .. }
            | EventView::Refunded { .. } => self.payment(event),
            EventView::FeesPaid { proposer, proposer_amount, treasury_amount } => {
                Some(self.fees(proposer, *proposer_amount, *treasury_amount))
            }
            EventView::HoldOpened { .. }
            | EventView::HoldCaptured { .. }
            | EventView::HoldClosed { .. } => self.hold(event),
            EventView::OrderPlaced { .. }
            | EventView::OrderClosed { .. }
            | EventView::OrderAmended { .. }
            | EventView::CancelAtSet { .. }
            | EventView::CellCleared { .. }
            | EventView::Matched { .. } => self.market(event),
            EventView::Standing(event) => self.standing(event),
            EventView::ContractPaid { .. }
            | EventView::ContractClosed { .. }
            | EventView::ContractMoved { .. }
            | EventView::EndpointPublished { .. }
            | EventView::ResultPosted { .. }
            | EventView::QuoteAccepted { .. } => self.contract(event),
            EventView::Proposal(event) => proposal(event),
            EventView::Authority(event) => authority(event),
            EventView::CommissionTaken { .. }
            | EventView::CommissionReturned { .. }
            | EventView::CommissionShared { .. } => self.commission(event),
            EventView::AccountUpdated { .. }
            | EventView::KeysSet { .. }
            | EventView::AgentGranted { .. }
            | EventView::AgentEnded { .. } => self.signing(event),
            EventView::HostRegistered { .. }
            | EventView::HostUpdated { .. }
            | EventView::HostClosed { .. }
            | EventView::PoolSet { .. }
            | EventView::PoolBlackout { .. } => host(event),
            EventView::ChannelOpened { .. }
            | EventView::VoucherAccepted { .. }
            | EventView::ChannelClosing { .. }
            | EventView::ChannelClosed { .. } => self.channel(event),
        }
    }

    fn payment(&self, event: &EventView) -> Option<String> {
        match event {
            EventView::AccountOpened { account, by, deposit } => {
                let deposit = self.sum(*deposit);
                Some(if self.is(account) {
                    format!("opened by {by}, who paid its deposit of {deposit}")
                } else {
                    format!("opened {account} with a deposit of {deposit}")
                })
            }
            EventView::Transferred { from, to, amount } => {
                let amount = self.sum(*amount);
                Some(if self.is(from) {
                    format!("paid {amount} to {to}")
                } else {
                    format!("received {amount} from {from}")
                })
            }
            EventView::Deposited { amount, reference, .. } => {
                let reference = short(&reference.to_string());
                Some(format!("deposited {} by the cashier, {reference}", self.sum(*amount)))
            }
            EventView::Withdrawn { hold, amount, reference, .. } => {
                let (hold, reference) = (short(&hold.to_string()), short(&reference.to_string()));
                let amount = self.sum(*amount);
                Some(format!("withdrew {amount}, hold {hold}: paid outside as {reference}"))
            }
            EventView::WithdrawalRejected { hold, reason } => {
                let hold = short(&hold.to_string());
                Some(format!("withdrawal {hold} rejected by the cashier{}", note(reason)))
            }
            EventView::Refunded { of, from, to, amount, reason, .. } => {
                let (of, amount) = (short(&of.to_string()), self.sum(*amount));
                let reason = note(reason);
                Some(if self.is(from) {
                    format!("refunded {amount} of {of} to {to}{reason}")
                } else {
                    format!("{from} refunded {amount} of {of}{reason}")
                })
            }
            _ => None,
        }
    }

    fn fees(
        &self,
        proposer: &Text<Address>,
        proposer_amount: Text<Amount>,
        treasury_amount: Text<Amount>,
    ) -> String {
        let treasury = self.owner.account == self.owner.treasury;
        let part = |own: bool, words, amount| own.then(|| format!("{words} {}", self.sum(amount)));
        let parts = [
            part(self.is(proposer), "as its proposer", proposer_amount),
            part(treasury, "as treasury", treasury_amount),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!("fees of the block: {}", parts.join(", "))
    }

    fn hold(&self, event: &EventView) -> Option<String> {
        match event {
            EventView::HoldOpened { hold, owner, purpose, amount, .. } => {
                let (hold, amount) = (short(&hold.to_string()), self.sum(*amount));
                Some(if self.is(owner) {
                    format!("set {amount} aside {}: hold {hold}", purpose_words(purpose))
                } else {
                    format!("{owner} set {amount} aside for this account: hold {hold}")
                })
            }
            EventView::HoldCaptured { hold, from, to, amount, .. } => {
                let (hold, amount) = (short(&hold.to_string()), self.sum(*amount));
                Some(if self.is(from) {
                    format!("{to} captured {amount} of hold {hold}")
                } else {
                    format!("captured {amount} of hold {hold} from {from}")
                })
            }
            EventView::HoldClosed { hold, returned, reason, .. } => {
                let hold = short(&hold.to_string());
                let reason = word(reason).unwrap_or_default();
                Some(format!("hold {hold} {reason}: {} available again", self.sum(*returned)))
            }
            _ => None,
        }
    }

    fn market(&self, event: &EventView) -> Option<String> {
        match event {
            EventView::OrderPlaced { order, side, quantity, window, limit, .. } => {
                let side = side_name(side);
                let (order, window) = (short(&order.to_string()), span(window));
                let unit = self.token.base_unit();
                Some(format!("placed {side} {order}: {quantity} at {limit}{unit}, {window}"))
            }
            EventView::OrderClosed { order, reason, .. } => {
                let reason = word(reason).unwrap_or_default();
                Some(format!("order {} ended: {reason}", short(&order.to_string())))
            }
            EventView::OrderAmended { order, quantity, limit, .. } => {
                let (order, unit) = (short(&order.to_string()), self.token.base_unit());
                Some(format!("amended order {order}: {quantity} at {limit}{unit}"))
            }
            EventView::CancelAtSet { time, .. } => Some(match time {
                Some(time) => format!("all orders end at {}", when::show(*time)),
                None => "no time is set at which orders end".to_owned(),
            }),
            EventView::Matched { contract, buyer, quantity, price, window, total, .. } => {
                let verb = if self.is(buyer) { "bought" } else { "sold" };
                let (contract, window) = (short(&contract.to_string()), span(window));
                let (unit, total) = (self.token.base_unit(), self.sum(*total));
                Some(format!(
                    "{verb} {quantity} at {price}{unit}, {window}, {total} in all: contract {contract}"
                ))
            }
            _ => None,
        }
    }

    fn standing(&self, event: &StandingEventView) -> Option<String> {
        match event {
            StandingEventView::StandingMoved { standing, state, next, .. } => {
                let (state, next) = (word(state).unwrap_or_default(), span(next));
                Some(format!(
                    "standing order {} {state}, next {next}",
                    short(&standing.to_string())
                ))
            }
            StandingEventView::StandingPlaced { standing, order, .. } => {
                let (standing, order) = (short(&standing.to_string()), short(&order.to_string()));
                Some(format!("standing order {standing} placed order {order}"))
            }
            StandingEventView::StandingMissed { standing, window, rejection, again, .. } => {
                let (standing, window) = (short(&standing.to_string()), span(window));
                let then = again.map_or_else(
                    || "given up".to_owned(),
                    |again| format!("again {}", when::show(again)),
                );
                let why = escape(&rejection.message);
                Some(format!("standing order {standing} could not place {window}: {why}; {then}"))
            }
            StandingEventView::StandingEnded { standing, placed, reason, .. } => {
                let (standing, reason) = (short(&standing.to_string()), word(reason));
                let reason = reason.unwrap_or_default();
                Some(format!("standing order {standing} {reason} after {placed} orders"))
            }
        }
    }

    fn commission(&self, event: &EventView) -> Option<String> {
        match event {
            EventView::CommissionTaken { of, amount, .. } => {
                let (of, amount) = (short(&of.to_string()), self.sum(*amount));
                Some(format!("commission of {amount} on contract {of}"))
            }
            EventView::CommissionReturned { of, amount, .. } => {
                let (of, amount) = (short(&of.to_string()), self.sum(*amount));
                Some(format!("commission of {amount} on contract {of} returned"))
            }
            EventView::CommissionShared { of, amount, .. } => {
                let (of, amount) = (short(&of.to_string()), self.sum(*amount));
                Some(format!("broker's share of {amount} of the commission on contract {of}"))
            }
            _ => None,
        }
    }

    fn contract(&self, event: &EventView) -> Option<String> {
        match event {
            EventView::ContractPaid { contract, slots_paid, amount, .. } => {
                let (contract, amount) = (short(&contract.to_string()), self.sum(*amount));
                Some(format!("contract {contract}: {amount}, {slots_paid} slots paid in all"))
            }
            EventView::ContractClosed { contract, paid, reason, .. } => {
                let (contract, reason) = (short(&contract.to_string()), word(reason)?);
                let paid = self.sum(*paid);
                Some(format!("contract {contract} closed, {reason}: {paid} paid in all"))
            }
            EventView::ContractMoved { contract, state, due, .. } => {
                let (contract, state) = (short(&contract.to_string()), word(state)?);
                Some(format!("contract {contract} is {state} until {}", when::show(*due)))
            }
            EventView::EndpointPublished { contract, by, .. } => {
                let who = if self.is(by) { "this account".to_owned() } else { by.to_string() };
                Some(format!("contract {}: {who} can be reached", short(&contract.to_string())))
            }
            EventView::QuoteAccepted { quote, maker, taker, quantity, .. } => {
                let (who, quote) =
                    (if self.is(taker) { maker } else { taker }, short(&quote.to_string()));
                let word = if self.is(taker) { "of" } else { "by" };
                Some(format!("quote {quote} {word} {who} accepted: {quantity} units"))
            }
            EventView::ResultPosted { contract, digest, .. } => {
                let digest = short(&digest.to_string());
                Some(format!("contract {}: result {digest}", short(&contract.to_string())))
            }
            _ => None,
        }
    }

    fn channel(&self, event: &EventView) -> Option<String> {
        match event {
            EventView::ChannelOpened { channel, payer, payee, funded, .. } => {
                let (channel, funded) = (short(&channel.to_string()), self.sum(*funded));
                Some(if self.is(payer) {
                    format!("opened channel {channel} to {payee} with {funded}")
                } else {
                    format!("{payer} opened channel {channel} with {funded}")
                })
            }
            EventView::ChannelClosed { channel, captured, returned } => {
                let (captured, returned) = (self.sum(*captured), self.sum(*returned));
                let channel = short(&channel.to_string());
                Some(format!("channel {channel} ended: {captured} paid, {returned} returned"))
            }
            _ => None,
        }
    }

    fn signing(&self, event: &EventView) -> Option<String> {
        match event {
            EventView::AccountUpdated { name: Some(name), .. } => Some(format!("named '{name}'")),
            EventView::AccountUpdated { name: None, .. } => Some("name given up".to_owned()),
            EventView::KeysSet { .. } => Some("other keys sign from here on".to_owned()),
            EventView::AgentGranted { key, cap, expires, .. } => {
                let (key, expires) = (short(&key.to_string()), when::show(*expires));
                Some(format!("key {key} may use up to {} until {expires}", self.sum(*cap)))
            }
            EventView::AgentEnded { key, spent, .. } => {
                let key = short(&key.to_string());
                Some(format!("key {key} may use no more; it used {}", self.sum(*spent)))
            }
            _ => None,
        }
    }

    fn is(&self, address: &Text<Address>) -> bool {
        let own: AccountId = self.owner.account;
        address.0.account == own
    }

    fn sum(&self, amount: Text<Amount>) -> String {
        self.token.format(amount.0)
    }
}

/// The note that came with a payment, which stands in its operation; each operation is used once.
fn memo(operations: &mut Vec<&OperationView>, event: &EventView) -> String {
    let EventView::Transferred { to: paid, amount: sum, .. } = event else { return String::new() };
    let matches = |operation: &&OperationView| matches!(operation, OperationView::Transfer { to, amount, .. } if to == paid && amount == sum);
    let Some(at) = operations.iter().position(matches) else { return String::new() };
    match operations.remove(at) {
        OperationView::Transfer { memo, .. } => note(memo),
        _ => String::new(),
    }
}

fn host(event: &EventView) -> Option<String> {
    let name = |host: &Text<ObjectId>| short(&host.to_string());
    match event {
        EventView::HostRegistered { host, .. } => Some(format!("registered host {}", name(host))),
        EventView::HostUpdated { host, .. } => {
            Some(format!("host {} says other things", name(host)))
        }
        EventView::HostClosed { host, .. } => Some(format!("host {} ended", name(host))),
        EventView::PoolSet { host, capacity, .. } => {
            Some(format!("host {} sells {capacity} in every slot", name(host)))
        }
        EventView::PoolBlackout { host, window, change, .. } => {
            let verb = match change {
                BlackoutChangeView::Begin => "sells nothing more from",
                BlackoutChangeView::Lift => "sells again from",
            };
            Some(format!("host {} {verb} {}", name(host), span(window)))
        }
        _ => None,
    }
}

/// A stranger's note after other words.
fn note(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" \"{}\"", escape(text)) }
}

/// An operation that moved none of its sender's money.
fn proposal(event: &ProposalEventView) -> Option<String> {
    match event {
        ProposalEventView::Proposed { proposal, .. } => {
            Some(format!("made proposal {}", short(&proposal.to_string())))
        }
        ProposalEventView::ProposalApproved { proposal, .. } => {
            Some(format!("approved proposal {}", short(&proposal.to_string())))
        }
        ProposalEventView::ProposalClosed { proposal, reason, .. } => {
            let reason = word(reason).unwrap_or_default();
            Some(format!("proposal {} ended: {reason}", short(&proposal.to_string())))
        }
        ProposalEventView::Frozen { .. } => {
            Some("frozen by the authorities: it only ends what it has begun".to_owned())
        }
        ProposalEventView::Unfrozen { .. } => Some("released by the authorities".to_owned()),
        ProposalEventView::Appointed { office, .. } => {
            Some(format!("made {} by the authorities", word(office).unwrap_or_default()))
        }
        ProposalEventView::MarketSet { .. }
        | ProposalEventView::ParamSet { .. }
        | ProposalEventView::UpgradeSet { .. } => None,
    }
}

/// What became of an authority of the account.
fn authority(event: &AuthorityEventView) -> Option<String> {
    match event {
        AuthorityEventView::AuthorityAdded { key, epoch, .. } => {
            Some(format!("votes with {} from epoch {epoch} on", short(&key.to_string())))
        }
        AuthorityEventView::AuthorityRemoved { key, epoch, .. } => {
            Some(format!("votes no more with {} from epoch {epoch} on", short(&key.to_string())))
        }
        AuthorityEventView::AuthorityRotated { before, key, epoch, .. } => Some(format!(
            "votes with {} in place of {} from epoch {epoch} on",
            short(&key.to_string()),
            short(&before.to_string())
        )),
        AuthorityEventView::AuthorityMoved { address, .. } => Some(match address {
            Some(address) => format!("its authority is reached at {address}"),
            None => "says no more where its authority is reached".to_owned(),
        }),
        AuthorityEventView::EpochEntered { .. } => None,
    }
}

fn operation(operation: &OperationView) -> Option<String> {
    let value = serde_json::to_value(operation).ok()?;
    Some(value["type"].as_str()?.replace('_', " "))
}

fn purpose_words(purpose: &PurposeView) -> String {
    match purpose {
        PurposeView::User { beneficiary, expires } => {
            format!("for {beneficiary} until {}", when::show(*expires))
        }
        PurposeView::Bid { order } => format!("for bid {}", short(&order.to_string())),
        PurposeView::Contract { contract } => {
            format!("for contract {}", short(&contract.to_string()))
        }
        PurposeView::Channel { channel } => format!("for channel {}", short(&channel.to_string())),
        PurposeView::Withdrawal { target, .. } => {
            format!("to be withdrawn to \"{}\"", escape(target))
        }
    }
}

const fn side_name(side: &SideView) -> &'static str {
    match side {
        SideView::Bid { .. } => "bid",
        SideView::Ask { .. } => "ask",
    }
}

fn span(window: &WindowView) -> String {
    format!("{} to {}", when::show(window.start), when::show(window.end))
}

/// The beginning of a name of 64 digits, enough to tell it from others on a page.
fn short(name: &str) -> String {
    name.chars().take(12).collect()
}
