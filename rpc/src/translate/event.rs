//! Events, one by one.

use chain::event::Event;

use super::{Translator, account};
use crate::types::EventView;

impl Translator {
    /// One change.
    pub fn event(&self, event: &Event) -> EventView {
        match event {
            Event::AccountOpened { .. }
            | Event::Transferred { .. }
            | Event::Deposited { .. }
            | Event::FeesPaid { .. }
            | Event::HoldOpened { .. }
            | Event::HoldCaptured { .. }
            | Event::HoldClosed { .. } => self.money_event(event),
            Event::Withdrawn { .. } | Event::WithdrawalRejected { .. } | Event::Refunded { .. } => {
                self.return_event(event)
            }
            Event::AccountUpdated { .. }
            | Event::KeysSet { .. }
            | Event::AgentGranted { .. }
            | Event::AgentEnded { .. } => self.account_event(event),
            Event::CellCleared { .. } | Event::Matched { .. } => self.market_event(event),
            Event::ContractPaid { .. }
            | Event::ContractClosed { .. }
            | Event::ContractMoved { .. }
            | Event::EndpointPublished { .. }
            | Event::ResultPosted { .. }
            | Event::CommissionTaken { .. }
            | Event::CommissionReturned { .. }
            | Event::CommissionShared { .. }
            | Event::QuoteAccepted { .. } => self.contract_event(event),
            Event::HostRegistered { .. }
            | Event::HostUpdated { .. }
            | Event::HostClosed { .. }
            | Event::PoolSet { .. }
            | Event::PoolBlackout { .. } => self.host_event(event),
            Event::OrderPlaced { .. }
            | Event::OrderClosed { .. }
            | Event::OrderAmended { .. }
            | Event::CancelAtSet { .. } => self.order_event(event),
            Event::Standing(event) => EventView::Standing(self.standing_event(*event)),
            Event::Proposal(event) => EventView::Proposal(self.proposal_event(*event)),
            Event::Authority(event) => EventView::Authority(self.authority_event(*event)),
            Event::ChannelOpened { .. }
            | Event::VoucherAccepted { .. }
            | Event::ChannelClosing { .. }
            | Event::ChannelClosed { .. } => self.channel_event(event),
        }
    }

    fn money_event(&self, event: &Event) -> EventView {
        let at = |account| self.address(account);
        match *event {
            Event::AccountOpened { account, by, deposit } => EventView::AccountOpened {
                account: at(account),
                by: at(by),
                deposit: deposit.into(),
            },
            Event::Transferred { from, to, amount } => {
                EventView::Transferred { from: at(from), to: at(to), amount: amount.into() }
            }
            Event::Deposited { to, amount, reference } => EventView::Deposited {
                to: at(to),
                amount: amount.into(),
                reference: reference.into(),
            },
            Event::FeesPaid { proposer, proposer_amount, treasury_amount } => EventView::FeesPaid {
                proposer: at(proposer),
                proposer_amount: proposer_amount.into(),
                treasury_amount: treasury_amount.into(),
            },
            Event::HoldOpened { hold, ref terms } => EventView::HoldOpened {
                hold: hold.into(),
                owner: at(terms.owner),
                purpose: self.purpose(&terms.purpose),
                amount: terms.amount.into(),
                deposit: terms.deposit.into(),
            },
            Event::HoldCaptured { hold, from, to, amount, cumulative } => EventView::HoldCaptured {
                hold: hold.into(),
                from: at(from),
                to: at(to),
                amount: amount.into(),
                cumulative: cumulative.into(),
            },
            Event::HoldClosed { hold, owner, returned, reason } => EventView::HoldClosed {
                hold: hold.into(),
                owner: at(owner),
                returned: returned.into(),
                reason: reason.into(),
            },
            _ => unreachable!("`event` sends each variant to its function"),
        }
    }

    fn return_event(&self, event: &Event) -> EventView {
        let at = |account| self.address(account);
        match event {
            Event::Withdrawn { hold, from, amount, reference } => EventView::Withdrawn {
                hold: (*hold).into(),
                from: at(*from),
                amount: (*amount).into(),
                reference: (*reference).into(),
            },
            Event::WithdrawalRejected { hold, reason } => EventView::WithdrawalRejected {
                hold: (*hold).into(),
                reason: reason.as_str().to_owned(),
            },
            Event::Refunded { of, from, to, amount, cumulative, reason } => EventView::Refunded {
                of: (*of).into(),
                from: at(*from),
                to: at(*to),
                amount: (*amount).into(),
                cumulative: (*cumulative).into(),
                reason: reason.as_str().to_owned(),
            },
            _ => unreachable!("`event` sends each variant to its function"),
        }
    }

    fn account_event(&self, event: &Event) -> EventView {
        let at = |account| self.address(account);
        match event {
            Event::AccountUpdated { account, before, name } => EventView::AccountUpdated {
                account: at(*account),
                before: before.map(Into::into),
                name: name.map(Into::into),
            },
            Event::KeysSet { account, signers } => {
                EventView::KeysSet { account: at(*account), signers: signers.into() }
            }
            Event::AgentGranted { account, key, scopes, cap, expires } => EventView::AgentGranted {
                account: at(*account),
                key: (*key).into(),
                scopes: account::scopes(*scopes),
                cap: (*cap).into(),
                expires: expires.0,
            },
            Event::AgentEnded { account, key, spent } => EventView::AgentEnded {
                account: at(*account),
                key: (*key).into(),
                spent: (*spent).into(),
            },
            _ => unreachable!("`event` sends each variant to its function"),
        }
    }

    fn market_event(&self, event: &Event) -> EventView {
        let at = |account| self.address(account);
        match *event {
            Event::CellCleared {
                market,
                window,
                grade,
                parties,
                bidder,
                sellers,
                price,
                quantity,
                kind,
                predicates,
                pass,
                agreement,
            } => EventView::CellCleared {
                market: market.0,
                window: window.into(),
                grade: grade.0,
                parties: parties.map(Into::into),
                bidder: bidder.map(at),
                sellers: sellers.into(),
                price: price.into(),
                quantity: quantity.0,
                notice_ms: kind.notice().map(|notice| notice.0),
                predicates: predicates.map(Into::into),
                pass: pass.into(),
                agreement: agreement.map(Into::into),
            },
            Event::Matched {
                contract,
                hold,
                market,
                bid,
                ask,
                buyer,
                seller,
                window,
                quantity,
                price,
                total,
                pass,
            } => EventView::Matched {
                contract: contract.into(),
                hold: hold.into(),
                market: market.0,
                bid: bid.into(),
                ask: ask.into(),
                buyer: at(buyer),
                seller: at(seller),
                window: window.into(),
                quantity: quantity.0,
                price: price.into(),
                total: total.into(),
                pass: pass.map(Into::into),
            },
            _ => unreachable!("`event` sends each variant to its function"),
        }
    }

    fn order_event(&self, event: &Event) -> EventView {
        match *event {
            Event::OrderPlaced { order, owner, market, side, quantity, window, limit, stretch } => {
                EventView::OrderPlaced {
                    order: order.into(),
                    owner: self.address(owner),
                    market: market.0,
                    side: side.into(),
                    quantity: quantity.0,
                    window: window.into(),
                    limit: limit.into(),
                    stretch: stretch.map(Into::into),
                }
            }
            Event::OrderClosed { order, owner, filled, reason, market, last } => {
                EventView::OrderClosed {
                    order: order.into(),
                    owner: self.address(owner),
                    filled: filled.0,
                    reason: reason.into(),
                    market: market.0,
                    last: last.into(),
                }
            }
            Event::OrderAmended { order, owner, quantity, limit, placed, held, stretch } => {
                EventView::OrderAmended {
                    order: order.into(),
                    owner: self.address(owner),
                    quantity: quantity.0,
                    limit: limit.into(),
                    placed: placed.0,
                    held: held.into(),
                    stretch: stretch.map(Into::into),
                }
            }
            Event::CancelAtSet { account, time } => EventView::CancelAtSet {
                account: self.address(account),
                time: time.map(|time| time.0),
            },
            _ => unreachable!("`event` sends each variant to its function"),
        }
    }

    fn channel_event(&self, event: &Event) -> EventView {
        let at = |account| self.address(account);
        match *event {
            Event::ChannelOpened { channel, hold, payer, payee, funded } => {
                EventView::ChannelOpened {
                    channel: channel.into(),
                    hold: hold.into(),
                    payer: at(payer),
                    payee: at(payee),
                    funded: funded.into(),
                }
            }
            Event::VoucherAccepted { channel, best } => {
                EventView::VoucherAccepted { channel: channel.into(), best: best.into() }
            }
            Event::ChannelClosing { channel, time, height } => EventView::ChannelClosing {
                channel: channel.into(),
                closes: time.0,
                closes_height: height.0,
            },
            Event::ChannelClosed { channel, captured, returned } => EventView::ChannelClosed {
                channel: channel.into(),
                captured: captured.into(),
                returned: returned.into(),
            },
            _ => unreachable!("`event` sends each variant to its function"),
        }
    }
}
