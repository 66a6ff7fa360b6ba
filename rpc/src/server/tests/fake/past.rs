//! What the node of fixed answers says of the past, and of orders that might be.

use super::*;

pub(super) fn happenings(
    cursor: Option<&str>,
    limit: Limit,
    origin: OriginView,
) -> Result<Page<HappeningView>, Error> {
    let amount = Amount::from_u64(1);
    let event = translator().event(&Event::Transferred { from: ALICE, to: WAITS, amount });
    page(cursor, limit, |at| {
        let height = at.into();
        HappeningView { height, time: 5, origin, event: event.clone() }
    })
}

pub(super) fn trades(question: &MarketTrades) -> Result<Page<TradeView>, Error> {
    page(question.cursor.as_deref(), question.limit, |at| TradeView {
        height: question.from.unwrap_or(1),
        time: question.until.unwrap_or(2),
        ..trade(at)
    })
}

/// As many trades as the height says.
pub(super) fn trades_at(height: u64) -> Vec<TradeView> {
    let numbers = 0..u8::try_from(height).unwrap();
    numbers.map(|number| TradeView { height, ..trade(number) }).collect()
}

fn trade(at: u8) -> TradeView {
    TradeView {
        height: 1,
        time: 2,
        contract: id(at).into(),
        bid: id(2).into(),
        ask: id(3).into(),
        buyer: address(ALICE),
        seller: address(WAITS),
        window: window().into(),
        quantity: u64::MAX,
        price: Price(u64::MAX).into(),
        total: Amount::MAX.into(),
    }
}

pub(super) fn candles(question: &MarketCandles) -> Result<Page<CandleView>, Error> {
    if question.interval == IntervalView::Minute {
        return Err(Error::IndexOff);
    }
    page(question.cursor.as_deref(), question.limit, |at| CandleView {
        start: question.from_time.unwrap_or(at.into()),
        end: question.until_time.unwrap_or(at.into()),
        open: Price(1).into(),
        high: Price(u64::MAX).into(),
        low: Price(0).into(),
        close: Price(2).into(),
        volume: u64::MAX,
        total: Amount::MAX.into(),
        trades: 3,
    })
}

pub(super) fn explained(question: &OrderExplain) -> Result<AtTip<ExplanationView>, Error> {
    let (order, passed) = (order(question.order.0.0[0]).order, PassedView::default());
    let why = WhyView::Price { short: Price(u64::MAX).into() };
    Ok(at_tip(ExplanationView { order, why, passed }))
}

pub(super) fn quoted(question: &OrderQuote) -> Result<AtTip<OrderQuoteView>, Error> {
    let amount = |units| Text(Amount::from_u64(units));
    let quantity = question.order.0.0.quantity.0;
    let fill = QuotedFillView {
        order: id(3).into(),
        owner: question.account,
        quantity,
        price: Price(45).into(),
        slots: 6,
        total: amount(1),
    };
    let (why, passed) = (WhyView::Sellers, PassedView::default());
    Ok(at_tip(OrderQuoteView {
        fills: vec![fill],
        quantity,
        filled: quantity,
        total: amount(1),
        hold: amount(2),
        deposit: amount(3),
        fee: amount(4),
        commission: amount(5),
        why_not: Some(WhyNotView { why, passed }),
    }))
}

pub(super) fn earnings(question: &AccountListEarnings) -> Result<Page<EarningView>, Error> {
    page(question.cursor.as_deref(), question.limit, |at| EarningView {
        day: question.from_time.unwrap_or(at.into()),
        of: id(at).into(),
        source: Some(EarningSourceView::Contract {
            market_name: "cpu".to_owned(),
            host: Some(id(9).into()),
            buyer: address(ALICE),
            seller: question.account,
        }),
        gross: Amount::MAX.into(),
        received: Amount::ZERO.into(),
        shared: Amount::from_u64(1).into(),
        commission: Change::less(Amount::from_u64(2)).into(),
        refunded: Amount::from_u64(3).into(),
        net: Change::less(Amount::MAX).into(),
        payments: u64::MAX,
    })
}
