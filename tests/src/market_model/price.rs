//! What a cell trades at, asked of every order.

use chain::id::ObjectId;
use chain::order::{Pass, Sellers};

use super::MarketModel;

impl MarketModel {
    /// The price of a cell: its trades, and the bids of it that were left short of offers. Where the sellers
    /// are preferred, only they count. And whether every trade's plain interval, from the dearer of the bid's
    /// limit and the ask's stretch to the cheaper of the bid's stretch and the ask's limit, has a point in
    /// common with the others.
    pub(super) fn price(
        &self,
        trades: &[&(ObjectId, ObjectId, u64)],
        short: &[&ObjectId],
        sellers: Sellers,
    ) -> (u64, bool) {
        let limit = |id: &ObjectId| self.orders[id].placed.limit.0;
        let worst = |id: &ObjectId| self.worst(*id).0;
        let (any, ..) = trades[0];
        let counts =
            |ask: &ObjectId| sellers == Sellers::Any || self.sellers(*any, *ask) == sellers;
        let idle = self.eligible(*any).into_iter().filter(|ask| self.room(*any, *ask) > 0);
        let idle = idle.filter(counts);
        let low = trades.iter().map(|(_, ask, _)| worst(ask));
        let low = low.chain(short.iter().map(|bid| worst(bid))).max().expect("it traded");
        let high = trades.iter().map(|(bid, ..)| worst(bid));
        let high = high.chain(idle.map(|ask| worst(&ask))).min().expect("it traded");
        assert!(low <= high, "no price between {low} and {high}");
        if self.pass == Pass::First {
            return (self.point(low, high), true);
        }
        // Nobody in the cell has said more firmly than this what it would pay, or take.
        let firm_bid = trades.iter().map(|(bid, ..)| limit(bid)).max().expect("it traded");
        let firm_ask = trades.iter().map(|(_, ask, _)| limit(ask)).min().expect("it traded");
        let mut ends = [firm_bid, firm_ask].map(|firm| firm.max(low).min(high));
        ends.sort_unstable();
        (self.point(ends[0], ends[1]), low.max(firm_bid) <= high.min(firm_ask))
    }

    fn point(&self, from: u64, to: u64) -> u64 {
        let width = u128::from(to - from) * u128::from(self.market.k_bps) / 10_000;
        let price = from + u64::try_from(width).expect("a part of a width");
        price - price % self.market.tick.0
    }
}
