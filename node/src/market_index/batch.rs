//! From blocks to rows.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use chain::account::AccountId;
use chain::amount::Amount;
use chain::block::Header;
use chain::encoding::encode;
use chain::event::Event;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::quantity::{Price, Quantity};
use chain::receipt::Receipts;
use chain::standing::StandingEvent;
use chain::time::{Time, Window};
use rocksdb::WriteBatch;

use super::candle::{self, Candle, Interval};
use super::earning::{self, Earning};
use super::read::Place;
use super::{Family, IndexError, MARK_KEY, Mark, MarketIndex, SCHEMA, SCHEMA_KEY};

/// A trade: a part of a bid that an ask serves.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TradeRow {
    /// The time of its block.
    pub time: Time,
    /// The contract that was made.
    pub contract: ObjectId,
    /// The bid.
    pub bid: ObjectId,
    /// The ask.
    pub ask: ObjectId,
    /// Who buys.
    pub buyer: AccountId,
    /// Who sells.
    pub seller: AccountId,
    /// The slots.
    pub window: Window,
    /// Units in each slot.
    pub quantity: Quantity,
    /// For a unit and slot, in base units.
    pub price: Price,
    /// What it costs, in base units.
    pub total: Amount,
}

/// Something that happened to an object.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EventRow {
    /// The time of its block.
    pub time: Time,
    /// What made it happen.
    pub origin: Origin,
    /// What happened.
    pub event: Event,
}

/// What in a block makes something happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Origin {
    /// A deadline.
    Timers,
    /// The transaction with this id.
    Transaction(Hash),
    /// The match, or what else the block does at its end.
    Matching,
}

/// Rows that are written at once.
pub(super) struct Batch<'a> {
    index: &'a MarketIndex,
    write: WriteBatch,
    /// Candles as they are after the rows.
    candles: BTreeMap<[u8; candle::KEY_BYTES], Candle>,
    /// Earnings as they are after the rows.
    earnings: BTreeMap<[u8; earning::KEY_BYTES], Earning>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(index: &'a MarketIndex) -> Self {
        let (candles, earnings) = (BTreeMap::new(), BTreeMap::new());
        Self { index, write: WriteBatch::default(), candles, earnings }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.write.len().saturating_add(self.candles.len()).saturating_add(self.earnings.len())
    }

    /// Adds what happened in a block.
    pub(super) fn add(&mut self, header: &Header, receipts: &Receipts) -> Result<(), IndexError> {
        for (number, (origin, event)) in (0..).zip(events(receipts)) {
            let place = Place { height: header.height, number };
            let subjects = subjects(event);
            if subjects.iter().any(Option::is_some) {
                let row = EventRow { time: header.time, origin, event: event.clone() };
                let row = encode(&row);
                let family = self.index.family(Family::Events);
                for object in subjects.into_iter().flatten() {
                    self.write.put_cf(family, place.key(&object.0), &row);
                }
            }
            if let Some((market, trade)) = trade(header.time, event) {
                self.trade(market, place, &trade)?;
            }
        }
        let all = events(receipts).map(|(_, event)| event);
        earning::earnings(header.time, all, |account, source, earning| {
            self.earn(source.key(account), earning)
        })
    }

    fn earn(&mut self, key: [u8; earning::KEY_BYTES], latest: Earning) -> Result<(), IndexError> {
        let before = match self.earnings.get(&key) {
            Some(earning) => Some(*earning),
            None => self.index.value(Family::Earnings, &key)?,
        };
        self.earnings.insert(key, before.unwrap_or_default().and(latest));
        Ok(())
    }

    fn trade(
        &mut self,
        market: MarketId,
        place: Place,
        trade: &TradeRow,
    ) -> Result<(), IndexError> {
        let family = self.index.family(Family::Trades);
        self.write.put_cf(family, place.key(&market.0.to_be_bytes()), encode(trade));
        // Units times slots: what the total is the price of.
        let volume = trade.total.base_units().checked_div(trade.price.0.into()).unwrap_or(0);
        let latest = Candle::of(trade.price, volume, trade.total);
        for interval in Interval::ALL {
            let key = candle::key(market, interval, interval.start(trade.time));
            let before = match self.candles.get(&key) {
                Some(candle) => Some(*candle),
                None => self.index.value(Family::Candles, &key)?,
            };
            self.candles.insert(key, before.map_or(latest, |before: Candle| before.and(latest)));
        }
        Ok(())
    }

    /// Writes the rows, and that they reach up to `mark`.
    pub(super) fn write(mut self, mark: Mark) -> Result<(), IndexError> {
        let candles = self.index.family(Family::Candles);
        for (key, candle) in &self.candles {
            self.write.put_cf(candles, key, encode(candle));
        }
        let earnings = self.index.family(Family::Earnings);
        for (key, earning) in &self.earnings {
            self.write.put_cf(earnings, key, encode(earning));
        }
        let meta = self.index.family(Family::Meta);
        self.write.put_cf(meta, SCHEMA_KEY, encode(&SCHEMA));
        self.write.put_cf(meta, MARK_KEY, encode(&mark));
        self.index.db.write(self.write).map_err(|source| self.index.refusal(source))
    }
}

/// Everything that happened in a block, in its order.
fn events(receipts: &Receipts) -> impl Iterator<Item = (Origin, &Event)> {
    let timers = receipts.timers.iter().map(|event| (Origin::Timers, event));
    let transactions = receipts.transactions.iter().flat_map(|receipt| {
        let origin = Origin::Transaction(receipt.transaction);
        receipt.outcome.events().iter().map(move |event| (origin, event))
    });
    let matching = receipts.matching.iter().map(|event| (Origin::Matching, event));
    timers.chain(transactions).chain(matching)
}

/// Under which the index keeps all that authorities decide: no object is called so.
pub const GOVERNING: ObjectId = ObjectId([0; 32]);

/// The orders, standing orders, contracts and channels that an event is about.
fn subjects(event: &Event) -> [Option<ObjectId>; 3] {
    match event {
        Event::OrderPlaced { order, .. }
        | Event::OrderClosed { order, .. }
        | Event::OrderAmended { order, .. } => [Some(*order), None, None],
        Event::Matched { contract, bid, ask, .. } => [Some(*contract), Some(*bid), Some(*ask)],
        Event::ContractPaid { contract, .. }
        | Event::ContractClosed { contract, .. }
        | Event::ContractMoved { contract, .. }
        | Event::EndpointPublished { contract, .. }
        | Event::ResultPosted { contract, .. }
        | Event::QuoteAccepted { contract, .. } => [Some(*contract), None, None],
        Event::Standing(StandingEvent::Moved { standing, .. })
        | Event::Standing(StandingEvent::Missed { standing, .. })
        | Event::Standing(StandingEvent::Ended { standing, .. }) => [Some(*standing), None, None],
        Event::Standing(StandingEvent::Placed { standing, order, .. }) => {
            [Some(*standing), Some(*order), None]
        }
        Event::ChannelOpened { channel, .. }
        | Event::VoucherAccepted { channel, .. }
        | Event::ChannelClosing { channel, .. }
        | Event::ChannelClosed { channel, .. } => [Some(*channel), None, None],
        // What they are of may be a contract or a channel; a hold costs a row that nobody asks for.
        Event::Refunded { of, .. }
        | Event::CommissionTaken { of, .. }
        | Event::CommissionReturned { of, .. }
        | Event::CommissionShared { of, .. } => [Some(*of), None, None],
        Event::AccountOpened { .. }
        | Event::Transferred { .. }
        | Event::Deposited { .. }
        | Event::HoldOpened { .. }
        | Event::HoldCaptured { .. }
        | Event::HoldClosed { .. }
        | Event::CellCleared { .. }
        | Event::FeesPaid { .. }
        | Event::Withdrawn { .. }
        | Event::WithdrawalRejected { .. }
        | Event::AccountUpdated { .. }
        | Event::KeysSet { .. }
        | Event::AgentGranted { .. }
        | Event::AgentEnded { .. }
        | Event::CancelAtSet { .. }
        | Event::HostRegistered { .. }
        | Event::HostUpdated { .. }
        | Event::HostClosed { .. }
        | Event::PoolSet { .. }
        | Event::PoolBlackout { .. } => [None; 3],
        Event::Proposal(_) | Event::Authority(_) => [Some(GOVERNING), None, None],
    }
}

/// The trade that an event reports, and its market.
pub fn trade(time: Time, event: &Event) -> Option<(MarketId, TradeRow)> {
    let Event::Matched {
        contract,
        market,
        bid,
        ask,
        buyer,
        seller,
        window,
        quantity,
        price,
        total,
        ..
    } = event
    else {
        return None;
    };
    let row = TradeRow {
        time,
        contract: *contract,
        bid: *bid,
        ask: *ask,
        buyer: *buyer,
        seller: *seller,
        window: *window,
        quantity: *quantity,
        price: *price,
        total: *total,
    };
    Some((*market, row))
}
