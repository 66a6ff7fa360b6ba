//! In which order the bids of a group take asks: that of the book, or by what asks count as where the bids
//! prefer some sellers. Asks for other windows are not on the way, and nor are those that are dearer than the
//! group's first bid pays, which is its highest.

use chain::limits::BPS;
use chain::order::Sellers;
use chain::quantity::Price;

use super::book::Ask;
use super::eligible::Group;
use super::windows::AskWindows;

/// The order in which a group takes asks, step by step.
#[derive(Clone, Debug)]
pub(super) enum Route {
    /// The book's own, where all asks are for one window: a step is a position.
    Book,
    /// Positions in the order of the book.
    Listed(Vec<usize>),
    /// Positions by rank, preferred sellers first among equals, then in the order of the book.
    Ranked(Vec<usize>),
}

impl Route {
    /// The route along `asks` of `group`, whose first bid pays so much at the most.
    pub(super) fn of(
        group: &Group<'_>,
        most: Price,
        asks: &[Ask<'_>],
        windows: &AskWindows,
    ) -> Self {
        if group.parties.prefer.is_some() {
            return Self::ranked(group, most, asks, windows);
        }
        if windows.are_one() {
            return Self::Book;
        }
        let cheap = asks.partition_point(|ask| ask.price <= most);
        let those = windows.containing(group.window);
        let those = those.flat_map(|those| those.iter().take_while(|position| **position < cheap));
        let mut positions: Vec<usize> = those.copied().collect();
        positions.sort_unstable();
        Self::Listed(positions)
    }

    fn ranked(group: &Group<'_>, most: Price, asks: &[Ask<'_>], windows: &AskWindows) -> Self {
        let those = windows.containing(group.window).flatten().filter_map(|position| {
            let ask = asks.get(*position).expect("an ask of the book");
            let (rank, after) = (group.rank(ask), group.sellers(ask) == Sellers::Any);
            (rank <= whole(most)).then_some((rank, after, *position))
        });
        let mut ranked: Vec<_> = those.collect();
        ranked.sort_unstable();
        Self::Ranked(ranked.into_iter().map(|(.., position)| position).collect())
    }

    /// Asks looked at to find the route.
    pub(super) const fn cost(&self) -> usize {
        match self {
            Self::Book => 0,
            Self::Listed(positions) | Self::Ranked(positions) => positions.len(),
        }
    }

    /// The ask at `step`, and its position in the book; `None` behind the last.
    pub(super) fn ask<'b, 'a>(
        &self,
        asks: &'b [Ask<'a>],
        step: usize,
    ) -> Option<(usize, &'b Ask<'a>)> {
        let position = match self {
            Self::Book => step,
            Self::Listed(positions) | Self::Ranked(positions) => *positions.get(step)?,
        };
        asks.get(position).map(|ask| (position, ask))
    }

    /// The asks from `step` on, with steps and positions.
    pub(super) fn from<'b, 'a>(
        &'b self,
        asks: &'b [Ask<'a>],
        step: usize,
    ) -> impl Iterator<Item = (usize, usize, &'b Ask<'a>)> {
        let along = (step..).map_while(|step| self.ask(asks, step).map(|ask| (step, ask)));
        along.map(|(step, (position, ask))| (step, position, ask))
    }

    /// How many steps lead to asks that count as less than `price`.
    pub(super) fn below(&self, group: &Group<'_>, asks: &[Ask<'_>], price: Price) -> usize {
        match self {
            Self::Book => asks.partition_point(|ask| ask.price < price),
            Self::Listed(positions) | Self::Ranked(positions) => {
                positions.partition_point(|position| {
                    asks.get(*position).is_some_and(|ask| group.rank(ask) < whole(price))
                })
            }
        }
    }
}

/// A price as it counts where nothing is overlooked.
pub(super) fn whole(price: Price) -> u128 {
    u128::from(price.0).saturating_mul(u128::from(BPS))
}
