//! The index follows from the blocks: however it came to be, it says the same.

use chain::block::Block;
use chain::event::Event;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::operation::Operation;
use chain::order::{BidTerms, FillRule, Side};
use chain::quantity::Quantity;
use chain::time::Time;

use super::*;
use crate::testing::{Chain, key, operation, transfer};

fn index_path(folder: &Path) -> PathBuf {
    folder.join("index")
}

fn open(folder: &Path, chain: &Chain) -> MarketIndex {
    MarketIndex::open(&index_path(folder), chain.ledger.store(), |_, _| {}).unwrap()
}

/// Places an order of account `from` ten hours ahead, in a block of its own.
fn place(chain: &Chain, from: u8, nonce: u64, (side, quantity, limit): (Side, u64, u64)) -> Block {
    let place = chain.order(side, quantity, limit);
    chain.submit(operation(from, nonce, Operation::OrderPlace(place)).sign(&key(from)));
    chain.grow()
}

const fn bid() -> Side {
    Side::Bid(BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None })
}

/// Two trades, at 40 and at 50, and a payment between them.
fn trade(chain: &Chain) -> ObjectId {
    let offer = place(chain, 1, 0, (Side::Ask(chain::order::AskTerms::OWN), 9, 40));
    place(chain, 2, 0, (bid(), 4, 60));
    chain.submit(transfer(3, 0));
    chain.grow();
    place(chain, 1, 1, (Side::Ask(chain::order::AskTerms::OWN), 9, 50));
    place(chain, 2, 1, (bid(), 7, 60));
    let sender = offer.transactions[0].transaction.sender;
    ObjectId::of_operation(offer.header.chain, sender, chain::height::Nonce(0), 0)
}

type Everything = (Vec<(Place, TradeRow)>, Vec<(Time, Candle)>, Vec<(Place, EventRow)>);

fn everything(index: &MarketIndex, order: ObjectId) -> Everything {
    let all = Place::FIRST..=Place::LAST;
    let trades = index.trades(MarketId(0), all, Direction::Rising);
    let times = Time(0)..=Time(u64::MAX);
    let candles = index.candles((MarketId(0), Interval::Day), times, Direction::Rising);
    let events = index.events(order, None);
    (
        trades.collect::<Result<_, _>>().unwrap(),
        candles.collect::<Result<_, _>>().unwrap(),
        events.collect::<Result<_, _>>().unwrap(),
    )
}

#[test]
fn index_made_later_equals_one_kept_block_by_block() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::indexed(folder.path()).unwrap();
    let order = trade(&chain);
    let kept = everything(chain.ledger.market_index().unwrap(), order);
    let other = tempfile::tempdir().unwrap();
    assert_eq!(everything(&open(other.path(), &chain), order), kept);

    let (trades, candles, events) = kept;
    let sold = trades.iter().map(|(_, trade)| (trade.quantity.0, trade.price.0));
    assert_eq!(sold.collect::<Vec<_>>(), [(4, 40), (5, 50), (2, 50)]);
    let [(_, candle)] = candles[..] else { panic!("one day") };
    let prices = [candle.open, candle.high, candle.low, candle.close].map(|price| price.0);
    assert_eq!(prices, [40, 50, 40, 50]);
    assert_eq!((candle.volume, candle.trades), (2 * (4 + 5 + 2), 3));
    let names = events.iter().map(|(_, row)| match row.event {
        Event::OrderPlaced { .. } => "placed",
        Event::Matched { .. } => "matched",
        Event::OrderClosed { .. } => "closed",
        _ => "other",
    });
    assert_eq!(names.collect::<Vec<_>>(), ["placed", "matched", "matched", "closed"]);
    assert!(matches!(events[0].1.origin, Origin::Transaction(_)));
    assert_eq!(events[1].1.origin, Origin::Matching);
}

#[test]
fn index_that_was_left_behind_reads_what_it_lacks() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let chain = Chain::open(folder.path()).unwrap();
    place(&chain, 1, 0, (Side::Ask(chain::order::AskTerms::OWN), 9, 40));
    drop(open(other.path(), &chain));
    let bought = place(&chain, 2, 0, (bid(), 4, 60));
    let mut reports = Vec::new();
    let path = index_path(other.path());
    let index = MarketIndex::open(&path, chain.ledger.store(), |height, tip| {
        reports.push((height, tip));
    });
    let (trades, ..) = everything(&index.unwrap(), ObjectId([0; 32]));
    assert_eq!(trades[0].0.height, bought.header.height);
    assert_eq!(reports, [(bought.header.height, bought.header.height)]);
}

#[test]
fn rows_are_read_from_a_place_on_and_backwards() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::indexed(folder.path()).unwrap();
    let order = trade(&chain);
    let index = chain.ledger.market_index().unwrap();
    let all = || Place::FIRST..=Place::LAST;
    let mut rising: Vec<Place> =
        index.trades(MarketId(0), all(), Direction::Rising).map(|row| row.unwrap().0).collect();
    let falling = index.trades(MarketId(0), all(), Direction::Falling).map(|row| row.unwrap().0);
    let falling: Vec<Place> = falling.collect();
    rising.reverse();
    assert_eq!(rising, falling);
    assert_eq!(index.trades(MarketId(1), all(), Direction::Rising).count(), 0);
    let first = index.events(order, None).next().unwrap().unwrap().0;
    assert_eq!(index.events(order, Some(first)).count(), 3);
}

#[test]
fn damaged_index_is_made_anew() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let chain = Chain::open(folder.path()).unwrap();
    let order = trade(&chain);
    let whole = everything(&open(other.path(), &chain), order);
    for file in fs::read_dir(index_path(other.path())).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            fs::write(path, b"nothing of use").unwrap();
        }
    }
    assert_eq!(everything(&open(other.path(), &chain), order), whole);
}

#[test]
fn index_of_another_past_is_made_anew() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let longer = Chain::open(folder.path()).unwrap();
    let order = trade(&longer);
    drop(open(other.path(), &longer));
    let folder = tempfile::tempdir().unwrap();
    let shorter = Chain::open(folder.path()).unwrap();
    let (trades, candles, events) = everything(&open(other.path(), &shorter), order);
    assert_eq!((trades.len(), candles.len(), events.len()), (0, 0, 0));
}

#[test]
fn failed_write_puts_the_index_off_until_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::indexed(folder.path()).unwrap();
    assert!(chain.ledger.market_index().is_some());
    let index = chain.ledger.market_index().unwrap();
    *index.mark() = None;
    trade(&chain);
    assert!(chain.ledger.market_index().is_none());
}
