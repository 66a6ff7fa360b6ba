//! Holds, orders, standing orders, contracts and channels: one by name, also after its end, and all of an account.

use chain::account::AccountId;
use chain::captured::Captured;
use chain::hold::Purpose;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::state::{Key, Object};
use rpc::error::Error;
use rpc::methods::{
    AgentList, ChannelGet, ChannelList, ContractGet, ContractList, HoldGet, HoldList, OrderGet,
    OrderList, PaymentGet, StandingGet, StandingList, WithdrawalList,
};
use rpc::text::{Address, Text};
use rpc::types::{
    AgentView, AtTip, ChannelView, ContractView, HoldView, Limit, ObjectStatus, OrderDetailView,
    OrderView, Page, PartyView, PaymentView, StandingView,
};

use super::{NodeApi, book, fault, internal};
use crate::index::Kind;
use crate::ledger::Committed;
use crate::store::Reason;

pub(super) fn hold(api: &NodeApi, question: &HoldGet) -> Result<AtTip<HoldView>, Error> {
    let (committed, id) = (api.read(), question.hold.0);
    let standing = standing(api, &committed, Key::Hold(id), "hold")?;
    let Object::Hold(hold) = &standing.object else { return Err(wrong_kind(api)) };
    let mut view = api.translate.hold(id, hold, standing.status);
    if let Some(Reason::Hold(reason)) = standing.reason {
        view.reason = Some(reason.into());
    }
    Ok(api.at(&committed, view))
}

pub(super) fn order(api: &NodeApi, question: &OrderGet) -> Result<AtTip<OrderDetailView>, Error> {
    let (committed, id) = (api.read(), question.order.0);
    let standing = standing(api, &committed, Key::Order(id), "order")?;
    let Object::Order(order) = &standing.object else { return Err(wrong_kind(api)) };
    let market = book::by_id(&committed, order.market);
    let mut view = api.translate.order_detail(id, order, market, standing.status);
    if let Some(Reason::Order(reason)) = standing.reason {
        view.order.reason = Some(reason.into());
    }
    Ok(api.at(&committed, view))
}

pub(super) fn contract(
    api: &NodeApi,
    question: &ContractGet,
) -> Result<AtTip<ContractView>, Error> {
    let (committed, id) = (api.read(), question.contract.0);
    let standing = standing(api, &committed, Key::Contract(id), "contract")?;
    let Object::Contract(contract) = &standing.object else { return Err(wrong_kind(api)) };
    let market = book::by_id(&committed, contract.market);
    Ok(api.at(&committed, api.translate.contract(id, contract, market, standing.status)))
}

pub(super) fn channel(api: &NodeApi, question: &ChannelGet) -> Result<AtTip<ChannelView>, Error> {
    let (committed, id) = (api.read(), question.channel.0);
    let standing = standing(api, &committed, Key::Channel(id), "channel")?;
    let Object::Channel(channel) = &standing.object else { return Err(wrong_kind(api)) };
    Ok(api.at(&committed, api.translate.channel(id, channel, standing.status)))
}

pub(super) fn holds(api: &NodeApi, question: &HoldList) -> Result<Page<HoldView>, Error> {
    let HoldList { account, cursor, limit } = question;
    let committed = api.read();
    let ids = List::of(api, account, cursor.as_deref(), *limit)?;
    Ok(ids.page(api, &committed, Kind::Hold, |id| {
        let hold = committed.view().hold(&id)?;
        Some(api.translate.hold(id, &hold, ObjectStatus::Open))
    }))
}

pub(super) fn withdrawals(
    api: &NodeApi,
    question: &WithdrawalList,
) -> Result<Page<HoldView>, Error> {
    let committed = api.read();
    let ids = committed.index.withdrawals(object_cursor(question.cursor.as_deref())?);
    let items = ids.filter_map(|id| {
        let hold = committed.view().hold(&id)?;
        Some((id.to_string(), api.translate.hold(id, &hold, ObjectStatus::Open)))
    });
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

pub(super) fn payment(api: &NodeApi, question: &PaymentGet) -> Result<AtTip<PaymentView>, Error> {
    let (committed, of) = (api.read(), question.of.0);
    let ended = committed.view().captured(&of);
    let until = ended.map(|captured| captured.until);
    let payment = ended.or_else(|| paid_so_far(&committed, of));
    let payment = payment.ok_or(Error::NotFound { what: "payment" })?;
    Ok(api.at(&committed, api.translate.payment(of, &payment, until)))
}

/// What an open hold or contract has paid.
fn paid_so_far(committed: &Committed, of: ObjectId) -> Option<Captured> {
    let view = committed.view();
    let (hold, payee, (commission_bps, shared_bps)) = match view.contract(&of) {
        Some(contract) => {
            let rates = (contract.terms.commission_bps, contract.shared_bps());
            (view.hold(&contract.hold)?, contract.seller, rates)
        }
        None => {
            let hold = view.hold(&of)?;
            let Purpose::User { beneficiary, .. } = hold.purpose else { return None };
            (hold, beneficiary, (0, 0))
        }
    };
    let (payer, captured, refunded) = (hold.owner, hold.captured, hold.refunded);
    let until = committed.header.time;
    let payment = Captured { payer, payee, captured, refunded, commission_bps, shared_bps, until };
    (!captured.is_zero()).then_some(payment)
}

pub(super) fn orders(api: &NodeApi, question: &OrderList) -> Result<Page<OrderView>, Error> {
    let OrderList { account, market, side, cursor, limit } = question;
    let committed = api.read();
    let wanted = wanted(&committed, market.as_deref())?;
    let ids = List::of(api, account, cursor.as_deref(), *limit)?;
    Ok(ids.page(api, &committed, Kind::Order, |id| {
        let order = committed.view().order(&id)?;
        let fits = wanted.is_none_or(|market| order.market == market)
            && side.is_none_or(|side| book::is_of(order, side));
        if !fits {
            return None;
        }
        let market = book::by_id(&committed, order.market);
        Some(api.translate.order(id, order, market, ObjectStatus::Open))
    }))
}

pub(super) fn standing_order(
    api: &NodeApi,
    question: &StandingGet,
) -> Result<AtTip<StandingView>, Error> {
    let (committed, id) = (api.read(), question.standing.0);
    let stands = standing(api, &committed, Key::Standing(id), "standing order")?;
    let Object::Standing(standing) = &stands.object else { return Err(wrong_kind(api)) };
    let market = book::by_id(&committed, standing.terms.template.market);
    Ok(api.at(&committed, api.translate.standing(id, standing, market, stands.status)))
}

pub(super) fn standing_orders(
    api: &NodeApi,
    question: &StandingList,
) -> Result<Page<StandingView>, Error> {
    let StandingList { account, cursor, limit } = question;
    let committed = api.read();
    let ids = List::of(api, account, cursor.as_deref(), *limit)?;
    Ok(ids.page(api, &committed, Kind::Standing, |id| {
        let standing = committed.view().standing(&id)?;
        let market = book::by_id(&committed, standing.terms.template.market);
        Some(api.translate.standing(id, standing, market, ObjectStatus::Open))
    }))
}

pub(super) fn contracts(
    api: &NodeApi,
    question: &ContractList,
) -> Result<Page<ContractView>, Error> {
    let ContractList { account, market, role, state, cursor, limit } = question;
    let committed = api.read();
    let wanted = wanted(&committed, market.as_deref())?;
    let party = api.translate.account(account)?;
    let ids = List::of(api, account, cursor.as_deref(), *limit)?;
    Ok(ids.page(api, &committed, Kind::Contract, |id| {
        let contract = committed.view().contract(&id)?;
        let role = role.is_none_or(|role| match role {
            PartyView::Buyer => contract.buyer == party,
            PartyView::Seller => contract.seller == party,
        });
        let state = state.is_none_or(|state| state == contract.state.into());
        if !role || !state || wanted.is_some_and(|market| contract.market != market) {
            return None;
        }
        let market = book::by_id(&committed, contract.market);
        Some(api.translate.contract(id, contract, market, ObjectStatus::Open))
    }))
}

pub(super) fn channels(api: &NodeApi, question: &ChannelList) -> Result<Page<ChannelView>, Error> {
    let ChannelList { account, cursor, limit } = question;
    let committed = api.read();
    let ids = List::of(api, account, cursor.as_deref(), *limit)?;
    Ok(ids.page(api, &committed, Kind::Channel, |id| {
        let channel = committed.view().channel(&id)?;
        Some(api.translate.channel(id, &channel, ObjectStatus::Open))
    }))
}

pub(super) fn agents(api: &NodeApi, question: &AgentList) -> Result<Page<AgentView>, Error> {
    let AgentList { account, cursor, limit } = question;
    let committed = api.read();
    let ids = List::of(api, account, cursor.as_deref(), *limit)?;
    Ok(ids.page(api, &committed, Kind::Agent, |id| {
        let agent = committed.view().agent(&id)?;
        Some(api.translate.agent(&agent))
    }))
}

/// The market of this name, if one is named.
fn wanted(committed: &Committed, market: Option<&str>) -> Result<Option<MarketId>, Error> {
    let market = market.map(|name| book::by_name(committed, name)).transpose()?;
    Ok(market.map(|(id, _)| id))
}

/// How an object stands: in the state, or as it ended.
pub(super) struct Standing {
    pub(super) object: Object,
    pub(super) status: ObjectStatus,
    pub(super) reason: Option<Reason>,
}

pub(super) fn standing(
    api: &NodeApi,
    committed: &Committed,
    key: Key,
    what: &'static str,
) -> Result<Standing, Error> {
    if let Some(object) = committed.state.get(&key) {
        return Ok(Standing { object: object.clone(), status: ObjectStatus::Open, reason: None });
    }
    let ended = api.ledger.store().ended(&key).map_err(internal)?;
    // One that came and went in a block above the tip is not there yet.
    let ended = ended.filter(|ended| ended.height <= committed.header.height);
    let ended = ended.ok_or(Error::NotFound { what })?;
    Ok(Standing { object: ended.object, status: ObjectStatus::Ended, reason: ended.reason })
}

pub(super) fn wrong_kind(api: &NodeApi) -> Error {
    fault(&api.ledger.store().damaged("an ended object under a key of another kind"))
}

/// A part of an account's objects.
struct List {
    account: AccountId,
    cursor: Option<ObjectId>,
    limit: Limit,
}

impl List {
    fn of(
        api: &NodeApi,
        account: &Text<Address>,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Self, Error> {
        let account = api.translate.account(account)?;
        Ok(Self { account, cursor: object_cursor(cursor)?, limit })
    }

    /// The part as a page; the cursor after an object is its name.
    fn page<T: serde::Serialize>(
        self,
        api: &NodeApi,
        committed: &Committed,
        kind: Kind,
        view: impl Fn(ObjectId) -> Option<T>,
    ) -> Page<T> {
        let ids = committed.index.of_account(kind, self.account, self.cursor);
        let candidates = ids.map(|id| (id.to_string(), view(id)));
        Page::sift(api.translate.tip(&committed.header), self.limit, candidates)
    }
}

/// The object after whose name a list goes on.
pub(super) fn object_cursor(cursor: Option<&str>) -> Result<Option<ObjectId>, Error> {
    cursor.map(|cursor| ObjectId::from_hex(cursor).ok_or(Error::CursorInvalid)).transpose()
}
