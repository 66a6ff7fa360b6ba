//! What authorities decide, written from the protocol document alone: a list of proposals, and days on which
//! something becomes of them.

use std::collections::{BTreeMap, BTreeSet};

use chain::account::AccountId;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::{Market, MarketTerms};
use chain::proposal::{Change, MarketChange, ProposalEnded};

/// Proposals, and the markets that they have made.
#[derive(Clone, Debug)]
pub struct ProposalModel {
    /// One for each vote: the account that casts it.
    pub votes: Vec<AccountId>,
    /// How long a proposal is open.
    pub span: u64,
    /// How long one waits that is approved.
    pub delay: u64,
    /// The markets, by number.
    pub markets: Vec<Market>,
    /// What has become of proposals that are over.
    pub ended: BTreeMap<ObjectId, ProposalEnded>,
    open: Vec<Open>,
}

#[derive(Clone, Debug)]
struct Open {
    id: ObjectId,
    change: Change,
    approved_by: BTreeSet<AccountId>,
    until: u64,
    enacts: Option<u64>,
}

impl ProposalModel {
    /// No proposals, and these markets.
    pub fn new(votes: Vec<AccountId>, (span, delay): (u64, u64), markets: Vec<Market>) -> Self {
        let (ended, open) = (BTreeMap::new(), Vec::new());
        Self { votes, span, delay, markets, ended, open }
    }

    /// The names of the proposals that are not over.
    pub fn open(&self) -> Vec<ObjectId> {
        self.open.iter().map(|it| it.id).collect()
    }

    /// Does what falls due when the parent block's time is `now`: the earliest first, then by name.
    pub fn pass(&mut self, now: u64) {
        loop {
            let due = |it: &Open| it.enacts.unwrap_or(it.until);
            let next =
                self.open.iter().filter(|it| due(it) <= now).map(|it| (due(it), it.id)).min();
            let Some((_, id)) = next else { return };
            let at = self.open.iter().position(|it| it.id == id).expect("it was just found");
            let proposal = self.open.remove(at);
            let how = if proposal.enacts.is_none() {
                ProposalEnded::Expired
            } else if self.enact(&proposal.change) {
                ProposalEnded::Enacted
            } else {
                ProposalEnded::Dropped
            };
            self.ended.insert(id, how);
        }
    }

    /// True when the rules let `by` propose this.
    pub fn may_propose(&self, by: AccountId, change: &Change) -> bool {
        self.votes.contains(&by)
            && match markets(change) {
                MarketChange::Add(market) => self.is_free(&market.name),
                MarketChange::Set { market, terms } => {
                    let market = self.markets.get(market.0 as usize);
                    market.is_some_and(|market| fits(market, terms) && market.terms() != *terms)
                }
            }
    }

    /// Makes a proposal.
    pub fn propose(&mut self, (id, by): (ObjectId, AccountId), change: Change, now: u64) {
        let approved_by = BTreeSet::new();
        self.open.push(Open { id, change, approved_by, until: now + self.span, enacts: None });
        let digest = self.open.last().expect("it was just made").change.digest();
        self.approve((id, digest), by, now);
    }

    /// Approves a proposal; false where the rules do not let `by`.
    pub fn approve(&mut self, (id, change): (ObjectId, Hash), by: AccountId, now: u64) -> bool {
        let (votes, delay) = (&self.votes, self.delay);
        let Some(proposal) = self.open.iter_mut().find(|it| it.id == id) else { return false };
        let shown = proposal.change.digest() == change;
        if !votes.contains(&by) || !shown || proposal.enacts.is_some() {
            return false;
        }
        if !proposal.approved_by.insert(by) {
            return false;
        }
        let cast = votes.iter().filter(|vote| proposal.approved_by.contains(vote)).count();
        if cast * 3 > votes.len() * 2 {
            proposal.enacts = Some(now + delay);
        }
        true
    }

    fn enact(&mut self, change: &Change) -> bool {
        match markets(change) {
            MarketChange::Add(market) => {
                let free = self.is_free(&market.name);
                if free {
                    self.markets.push(market.as_ref().clone());
                }
                free
            }
            MarketChange::Set { market, terms } => {
                let market = &mut self.markets[market.0 as usize];
                market.quantity_min = terms.quantity_min;
                market.horizon_slots = terms.horizon_slots;
                market.lead = terms.lead;
                market.k_bps = terms.k_bps;
                market.status = terms.status;
                true
            }
        }
    }

    fn is_free(&self, name: &str) -> bool {
        self.markets.len() < 64 && self.markets.iter().all(|market| market.name != name)
    }
}

/// This model knows of markets alone.
fn markets(change: &Change) -> &MarketChange {
    let Change::Market(change) = change else { panic!("{change:?} is no matter of markets") };
    change
}

fn fits(market: &Market, terms: &MarketTerms) -> bool {
    terms.quantity_min.0 > 0
        && terms.quantity_min.0.is_multiple_of(market.lot.0)
        && terms.horizon_slots > 0
        && terms.lead.0 < market.slot.0 * terms.horizon_slots
        && terms.k_bps <= 10_000
}
