//! What must be the same in the runtime and in the naive model after every block, and what must hold.

use chain::conditions::agree;

use super::*;

impl Trading {
    /// Trades, prices, what ended and what is open are the same.
    pub(super) fn compare(&mut self, seed: u64, applied: &Applied, matches: &[ModelMatch]) {
        let mut trades = BTreeSet::new();
        let mut cells = BTreeMap::new();
        for event in &applied.receipts.matching {
            match event {
                Event::Matched {
                    bid, ask, quantity, price, buyer, seller, window, pass, ..
                } => {
                    assert_ne!(buyer, seller, "seed {seed}: a trade with oneself");
                    let (quantity, price) = (quantity.0, price.0);
                    let (bid, ask) = (*bid, *ask);
                    let pass = pass.expect("nobody accepts a quote here");
                    let trade = ModelTrade { bid, ask, quantity, price, pass };
                    assert!(trades.insert(trade), "seed {seed}: a trade twice");
                    let (need, offer) = (self.terms[&bid], self.terms[&ask]);
                    let (least, most) = (offer.worst(pass).0, need.worst(pass).0);
                    assert!(least <= price && price <= most, "seed {seed}: beyond a limit");
                    assert_eq!(*window, need.window, "seed {seed}: another window");
                    assert!(offer.window.contains(need.window), "seed {seed}: outside the offer");
                }
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
                } => {
                    let said = (*kind, *agreement);
                    let group = (*window, *grade, *parties, *predicates, said, *bidder);
                    let cell = (*market, *pass, group, *sellers);
                    let tick = self.models[market.0 as usize].market.tick.0;
                    assert_eq!(price.0 % tick, 0, "seed {seed}: a price off the ticks");
                    let before = cells.insert(cell, (price.0, quantity.0));
                    assert_eq!(before, None, "seed {seed}: two prices in a cell");
                    self.counts.preferred += usize::from(*sellers == Sellers::Preferred);
                    self.counts.ranges += usize::from(*pass == Pass::Second);
                    self.counts.choosy += usize::from(predicates.is_some());
                }
                _ => {}
            }
        }
        self.counts.trades += trades.len();
        self.counts.without_plain_price +=
            matches.iter().map(|result| result.without_plain_price).sum::<usize>();
        let expected: BTreeSet<ModelTrade> =
            matches.iter().flat_map(|result| result.trades.iter().copied()).collect();
        assert_eq!(trades, expected, "seed {seed}: trades");
        let priced = (0..).map(MarketId).zip(matches).flat_map(|(market, result)| {
            result.cells.iter().map(move |(cell, cleared)| {
                let (pass, window, grade, parties, predicates, said, bidder, sellers) = cell;
                let (parties, predicates) = (parties.digest(), predicates.digest());
                let group = (*window, *grade, parties, predicates, *said, *bidder);
                ((market, *pass, group, *sellers), *cleared)
            })
        });
        assert_eq!(cells, priced.collect(), "seed {seed}: cells");
        let ended: BTreeMap<_, _> = closed(&applied.receipts.matching).into_iter().collect();
        let expected = matches.iter().flat_map(|result| result.closed.clone()).collect();
        assert_eq!(ended, expected, "seed {seed}: orders that ended");
        self.compare_open(seed);
        self.compare_pools(seed, applied);
    }

    /// The same orders are open, with the same left of each.
    fn compare_open(&self, seed: u64) {
        let mut open = BTreeMap::new();
        for (key, object) in self.floor.state.iter() {
            if let (Key::Order(id), Object::Order(order)) = (key, object) {
                open.insert(*id, (order.quantity.0 - order.filled.0, left(order)));
            }
        }
        let models = self.models.iter().flat_map(|model| &model.orders);
        let expected = models.map(|(id, order)| (*id, (order.open, order.free.clone()))).collect();
        assert_eq!(open, expected, "seed {seed}: open orders");
    }

    /// No bid and ask are left that could trade, but for a reason that the model knows.
    pub(super) fn check_left(&self, seed: u64, matches: &[ModelMatch]) {
        for (model, result) in self.models.iter().zip(matches) {
            let (asks, bids): (Vec<_>, Vec<_>) = model
                .orders
                .iter()
                .partition(|(_, order)| matches!(order.placed.side, Side::Ask(_)));
            for (id, bid) in bids {
                let could_trade = asks.iter().any(|(ask_id, ask)| {
                    let (bid, ask) = (&bid.placed, &ask.placed);
                    let meets = ask.window.contains(bid.window) && ask.reach() <= bid.reach();
                    meets
                        && ask.owner != bid.owner
                        && ask.grade >= bid.grade
                        && bid.conditions.kind.accepts(ask.conditions.kind)
                        && agree(bid.conditions.agreement, ask.conditions.agreement)
                        && ask.parties.admit(bid.owner)
                        && bid.parties.admit(ask.owner)
                        && model.suits(*id, **ask_id)
                        && model.room(*id, **ask_id) > 0
                });
                let excused = result.excused.contains_key(id);
                assert!(!could_trade || excused, "seed {seed}: {id} could trade");
            }
        }
    }
}

/// What an ask has left, slot by slot; nothing for a bid.
fn left(order: &Order) -> Vec<u64> {
    if matches!(order.side, Side::Bid(_)) {
        return Vec::new();
    }
    let slots = order.window.start.0 / SLOT..order.window.end.0 / SLOT;
    let sold = |slot: u64| {
        let within = order
            .sold
            .iter()
            .find(|sold| sold.window.start.0 / SLOT <= slot && slot < sold.window.end.0 / SLOT);
        within.map_or(0, |sold| sold.quantity.0)
    };
    slots.map(|slot| order.quantity.0 - sold(slot)).collect()
}
