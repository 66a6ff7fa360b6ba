//! Objects of the state: holds, channels, markets, orders.

use chain::captured::Captured;
use chain::channel::{BestVoucher, Channel, ChannelStatus};
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::order::{
    AskTerms, CancelScope, FillRule, Order, OrderClosed, Pass, Sellers, Side, Sold, TimeInForce,
};
use chain::parties::{Accounts, Parties, Preference};
use chain::time::{Time, Window};

use super::{Translator, host};
use crate::types::{
    BestVoucherView, CancelScopeView, ChannelStatusView, ChannelView, FillRuleView, HoldClosedView,
    HoldView, MarketView, ObjectStatus, OrderClosedView, OrderDetailView, OrderView, PartiesView,
    PassView, PaymentView, PurposeView, SellersView, SideView, SoldView, TimeInForceView,
    WindowView,
};

impl Translator {
    /// A hold.
    pub fn hold(&self, id: ObjectId, hold: &Hold, status: ObjectStatus) -> HoldView {
        let spent = status == ObjectStatus::Ended && hold.captured == hold.amount;
        HoldView {
            hold: id.into(),
            owner: self.address(hold.owner),
            purpose: self.purpose(&hold.purpose),
            amount: hold.amount.into(),
            captured: hold.captured.into(),
            refunded: hold.refunded.into(),
            deposit: hold.deposit.into(),
            status,
            reason: spent.then_some(HoldClosedView::Spent),
        }
    }

    /// What `of` has paid, and to whom; `until` when it may be given back, once what paid it has ended.
    pub fn payment(&self, of: ObjectId, payment: &Captured, until: Option<Time>) -> PaymentView {
        PaymentView {
            of: of.into(),
            payer: self.address(payment.payer),
            payee: self.address(payment.payee),
            captured: payment.captured.into(),
            refunded: payment.refunded.into(),
            until: until.map(|time| time.0),
        }
    }

    /// What a hold is for.
    pub(super) fn purpose(&self, purpose: &Purpose) -> PurposeView {
        match purpose {
            Purpose::User { beneficiary, expires } => {
                PurposeView::User { beneficiary: self.address(*beneficiary), expires: expires.0 }
            }
            Purpose::Bid { order } => PurposeView::Bid { order: (*order).into() },
            Purpose::Contract { contract } => {
                PurposeView::Contract { contract: (*contract).into() }
            }
            Purpose::Channel { channel } => PurposeView::Channel { channel: (*channel).into() },
            Purpose::Withdrawal { target, expires } => {
                PurposeView::Withdrawal { target: target.as_str().to_owned(), expires: expires.0 }
            }
        }
    }

    /// A channel.
    pub fn channel(&self, id: ObjectId, channel: &Channel, status: ObjectStatus) -> ChannelView {
        let status = match (status, channel.status) {
            (ObjectStatus::Ended, _) => ChannelStatusView::Ended,
            (ObjectStatus::Open, ChannelStatus::Open) => ChannelStatusView::Open,
            (ObjectStatus::Open, ChannelStatus::Closing { time, height }) => {
                ChannelStatusView::Closing { closes: time.0, closes_height: height.0 }
            }
        };
        ChannelView {
            channel: id.into(),
            payer: self.address(channel.payer),
            payee: self.address(channel.payee),
            hold: channel.hold.into(),
            funded: channel.funded.into(),
            voucher_key: channel.voucher_key.into(),
            settle_delay_ms: channel.settle_delay.0,
            best: channel.best.map(Into::into),
            status,
        }
    }

    /// A market.
    pub fn market(&self, id: MarketId, market: &Market) -> MarketView {
        MarketView {
            market: id.0,
            name: market.name.clone(),
            unit: market.unit.clone(),
            slot_ms: market.slot.0,
            lot: market.lot.0,
            tick: market.tick.into(),
            quantity_min: market.quantity_min.0,
            horizon_slots: market.horizon_slots,
            lead_ms: market.lead.0,
            k_bps: market.k_bps,
            grades: market.grades.clone(),
            attributes: market.attributes.iter().map(Into::into).collect(),
            status: market.status.into(),
        }
    }

    /// With whom an order may trade.
    pub(super) fn parties(&self, parties: &Parties) -> PartiesView {
        let list = |accounts: &Accounts| accounts.iter().map(|it| self.address(it)).collect();
        let preference = parties.prefer.as_ref();
        PartiesView {
            only: list(&parties.only),
            deny: list(&parties.deny),
            prefer: preference.map(|it| list(it.accounts())).unwrap_or_default(),
            tolerance_bps: preference.map(Preference::tolerance_bps).unwrap_or_default(),
        }
    }

    /// An order in `market`.
    pub fn order(
        &self,
        id: ObjectId,
        order: &Order,
        market: &Market,
        status: ObjectStatus,
    ) -> OrderView {
        let filled = status == ObjectStatus::Ended && order.filled == order.quantity;
        OrderView {
            order: id.into(),
            owner: self.address(order.owner),
            market: order.market.0,
            market_name: market.name.clone(),
            side: order.side.into(),
            quantity: order.quantity.0,
            filled: order.filled.0,
            window: order.window.into(),
            limit: order.limit.into(),
            time_in_force: order.time_in_force.into(),
            grade: order.grade.0,
            parties: self.parties(&order.parties),
            conditions: self.conditions(&order.conditions),
            predicates: host::predicates(&order.predicates),
            placed: order.placed.0,
            hold: order.hold.map(Into::into),
            status,
            reason: filled.then_some(OrderClosedView::Filled),
            stretch: order.stretch.map(Into::into),
            standing: order.standing.map(Into::into),
        }
    }

    /// An order in `market` and what it has sold.
    pub fn order_detail(
        &self,
        id: ObjectId,
        order: &Order,
        market: &Market,
        status: ObjectStatus,
    ) -> OrderDetailView {
        let sold = order.sold.iter().copied().map(Into::into).collect();
        OrderDetailView { order: self.order(id, order, market, status), sold }
    }
}

impl From<BestVoucher> for BestVoucherView {
    fn from(best: BestVoucher) -> Self {
        Self { sequence: best.sequence, cumulative: best.cumulative.into() }
    }
}

impl From<Window> for WindowView {
    fn from(window: Window) -> Self {
        Self { start: window.start.0, end: window.end.0 }
    }
}

impl From<Side> for SideView {
    fn from(side: Side) -> Self {
        match side {
            Side::Ask(AskTerms { host }) => Self::Ask { host: host.map(Into::into) },
            Side::Bid(terms) => {
                Self::Bid { fill: terms.fill.into(), sellers_max: terms.sellers_max }
            }
        }
    }
}

impl From<FillRule> for FillRuleView {
    fn from(rule: FillRule) -> Self {
        match rule {
            FillRule::AllOrNone => Self::AllOrNone,
            FillRule::AtLeast(quantity) => Self::AtLeast { quantity: quantity.0 },
        }
    }
}

impl From<Pass> for PassView {
    fn from(pass: Pass) -> Self {
        match pass {
            Pass::First => Self::First,
            Pass::Second => Self::Second,
        }
    }
}

impl From<Sellers> for SellersView {
    fn from(sellers: Sellers) -> Self {
        match sellers {
            Sellers::Any => Self::Any,
            Sellers::Preferred => Self::Preferred,
        }
    }
}

impl From<CancelScope> for CancelScopeView {
    fn from(scope: CancelScope) -> Self {
        match scope {
            CancelScope::All => Self::All,
            CancelScope::Market(market) => Self::Market { market: market.0 },
            CancelScope::Bids(market) => Self::Bids { market: market.0 },
            CancelScope::Asks(market) => Self::Asks { market: market.0 },
        }
    }
}

impl From<TimeInForce> for TimeInForceView {
    fn from(time_in_force: TimeInForce) -> Self {
        match time_in_force {
            TimeInForce::ImmediateOrCancel => Self::ImmediateOrCancel,
            TimeInForce::Until(time) => Self::Until { time: time.0 },
        }
    }
}

impl From<HoldClosed> for HoldClosedView {
    fn from(reason: HoldClosed) -> Self {
        match reason {
            HoldClosed::Released => Self::Released,
            HoldClosed::Expired => Self::Expired,
            HoldClosed::Spent => Self::Spent,
            HoldClosed::Ended => Self::Ended,
            HoldClosed::Rejected => Self::Rejected,
        }
    }
}

impl From<OrderClosed> for OrderClosedView {
    fn from(reason: OrderClosed) -> Self {
        match reason {
            OrderClosed::Filled => Self::Filled,
            OrderClosed::Cancelled => Self::Cancelled,
            OrderClosed::Expired => Self::Expired,
            OrderClosed::NotMatched => Self::NotMatched,
            OrderClosed::FillRule => Self::FillRule,
            OrderClosed::SoldOut => Self::SoldOut,
            OrderClosed::MarketClosed => Self::MarketClosed,
        }
    }
}

impl From<Sold> for SoldView {
    fn from(sold: Sold) -> Self {
        Self { window: sold.window.into(), quantity: sold.quantity.0 }
    }
}
