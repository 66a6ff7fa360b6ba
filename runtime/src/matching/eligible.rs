//! Which ask may serve which bid, and which bids share one price.

use chain::account::AccountId;
use chain::conditions::{Kind, agree};
use chain::hash::Hash;
use chain::limits::BPS;
use chain::market::Grade;
use chain::order::Sellers;
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::Quantity;
use chain::time::Window;

use super::book::{Ask, Bid, Book, Offers};
use super::pools::{Spoken, Suiting};

/// What keeps an ask from serving a bid whatever its price, in the order in which it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bar {
    /// The ask's window does not contain the bid's.
    Window,
    /// The ask's grade is too low.
    Grade,
    /// The ask may be taken back, and the bid does not accept that, or not at so short a notice.
    Kind,
    /// The ask's owner wants a text agreed to that the bid's does not agree to.
    Agreement,
    /// Both are of one owner, or the parties of one do not admit the other's.
    Party,
    /// The ask's host lacks something that the bid asks for.
    Host,
}

/// Bids that have the same eligible asks and take them in the same order. A bidder whom some ask treats
/// otherwise than a stranger has groups of its own: it owns the ask, or the ask names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group<'a> {
    /// The slots.
    pub(super) window: Window,
    /// The least grade.
    pub(super) grade: Grade,
    /// With whom the bids may trade.
    pub(super) parties: &'a Parties,
    /// What the bids ask of hosts.
    pub(super) predicates: &'a Predicates,
    /// The bidder whose group it is, where one has a group of its own.
    pub(super) bidder: Option<AccountId>,
    /// What the bids accept.
    pub(super) kind: Kind,
    /// The text that they agree to.
    pub(super) agreement: Option<Hash>,
}

impl<'a> Group<'a> {
    /// The group of `bid`.
    pub(super) fn of(book: &Book<'_>, bid: &Bid<'a>) -> Self {
        let owner = bid.order.owner;
        Self { bidder: book.sets_apart(owner).then_some(owner), ..Self::apart(bid) }
    }

    /// The group of `bid` as it would be if asks that no bid reaches counted too, whoever owns or names them.
    pub(super) fn apart(bid: &Bid<'a>) -> Self {
        Self {
            window: bid.order.window,
            grade: bid.order.grade,
            parties: &bid.order.parties,
            predicates: &bid.order.predicates,
            bidder: Some(bid.order.owner),
            kind: bid.order.conditions.kind,
            agreement: bid.order.conditions.agreement,
        }
    }

    /// How much `ask` can sell to a bid of this group, in whole lots and besides what is `spoken` for: zero
    /// where they may not trade. `suiting` says which hosts have what the group asks for.
    pub(super) fn room(
        &self,
        offers: &Offers<'_>,
        suiting: &Suiting,
        ask: &Ask<'_>,
        spoken: &Spoken,
    ) -> Quantity {
        if self.bar_but_host(ask).is_none() && suiting.admits(ask.pool) {
            offers.free(ask, self.window, spoken)
        } else {
            Quantity::ZERO
        }
    }

    /// The same where nothing is known of the group yet and nothing spoken for.
    pub(super) fn left(&self, offers: &Offers<'_>, ask: &Ask<'_>) -> Quantity {
        match self.bar(offers, ask) {
            Some(_) => Quantity::ZERO,
            None => offers.free(ask, self.window, &Spoken::default()),
        }
    }

    /// What keeps `ask` from serving bids of this group, whatever its price and however much it has left;
    /// the first that does.
    pub(super) fn bar(&self, offers: &Offers<'_>, ask: &Ask<'_>) -> Option<Bar> {
        let suits = || offers.pools.suits(ask.pool, self.predicates, self.window);
        self.bar_but_host(ask).or_else(|| (!suits()).then_some(Bar::Host))
    }

    fn bar_but_host(&self, ask: &Ask<'_>) -> Option<Bar> {
        let order = ask.order;
        if !order.window.contains(self.window) {
            return Some(Bar::Window);
        }
        if order.grade < self.grade {
            return Some(Bar::Grade);
        }
        if !self.kind.accepts(order.conditions.kind) {
            return Some(Bar::Kind);
        }
        if !agree(self.agreement, order.conditions.agreement) {
            return Some(Bar::Agreement);
        }
        let welcome = match self.bidder {
            Some(bidder) => bidder != order.owner && order.parties.admit(bidder),
            // Nobody names a stranger: it is left out only where some are named alone.
            None => order.parties.only.is_empty(),
        };
        (!welcome || !self.parties.admit(order.owner)).then_some(Bar::Party)
    }

    /// Which of a bid's sellers the owner of `ask` is.
    pub(super) fn sellers(&self, ask: &Ask<'_>) -> Sellers {
        if self.parties.prefer(ask.order.owner) { Sellers::Preferred } else { Sellers::Any }
    }

    /// What `ask` counts as in the order in which the bids take asks: its price in parts of a basis point,
    /// less what the bids overlook where they prefer its owner. Never above the price.
    pub(super) fn rank(&self, ask: &Ask<'_>) -> u128 {
        let overlooked = match (&self.parties.prefer, self.sellers(ask)) {
            (Some(preference), Sellers::Preferred) => preference.tolerance_bps(),
            (Some(_) | None, _) => 0,
        };
        let counted = BPS.saturating_sub(overlooked);
        u128::from(ask.price.0).saturating_mul(u128::from(counted))
    }
}

/// What of a group's trades has one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell<'a> {
    /// The bids.
    pub(super) group: Group<'a>,
    /// The sellers: a preferred one may be dearer than another that is passed over for it.
    pub(super) sellers: Sellers,
}

impl<'a> Cell<'a> {
    /// The cell in which `bid` trades with `ask`.
    pub(super) fn of(book: &Book<'_>, bid: &Bid<'a>, ask: &Ask<'_>) -> Self {
        let group = Group::of(book, bid);
        Self { group, sellers: group.sellers(ask) }
    }

    /// True when `ask` may stand idle below the price only if it has no room for the cell.
    pub(super) fn counts(&self, ask: &Ask<'_>) -> bool {
        match self.sellers {
            Sellers::Any => true,
            Sellers::Preferred => self.group.sellers(ask) == Sellers::Preferred,
        }
    }
}
