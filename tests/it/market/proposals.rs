//! Random proposals: after every block the runtime and the naive model have the same markets, and have come
//! as far with every proposal.

use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::{Market, MarketId, MarketStatus};
use chain::operation::Operation;
use chain::proposal::{Change, MarketChange, ProposalStage};
use chain::quantity::Quantity;
use chain::receipt::Outcome;
use chain::state::{Key, Object};
use chain::time::Millis;
use runtime::state::View;
use tests::proposal_model::ProposalModel;
use tests::random::Random;

use super::floor::{Floor, Trader, hourly};

const RUNS: u64 = 60;
const BLOCKS: u64 = 40;
const TRADERS: usize = 5;
const SPAN: u64 = 40;
const DELAY: u64 = 10;

struct Council {
    random: Random,
    floor: Floor,
    model: ProposalModel,
    made: Vec<ObjectId>,
}

#[test]
fn random_proposals_agree_with_the_model() {
    let (mut ended, mut markets) = (0, 0);
    for seed in 0..RUNS {
        let mut council = Council::new(seed);
        for _ in 0..BLOCKS {
            council.block(seed);
        }
        ended += council.model.ended.len();
        markets += council.model.markets.len() - 1;
    }
    assert!(ended > 300 && markets > 60, "only {ended} ended and made {markets} markets");
}

impl Council {
    /// Traders 0 to 3 are authorities, or fewer of them with several votes each; the last is none.
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut floor = Floor::new(&[hourly()], TRADERS as u8, 100_000);
        let members = 1 + random.below(4) as usize;
        let votes = members.max(1 + random.below(5) as usize);
        let votes: Vec<_> = (0..votes).map(|vote| floor.account_of(vote % members)).collect();
        floor.govern(&votes, (Millis(SPAN), Millis(DELAY)));
        let model = ProposalModel::new(votes, (SPAN, DELAY), vec![hourly()]);
        Self { random, floor, model, made: Vec::new() }
    }

    fn block(&mut self, seed: u64) {
        let now = self.floor.now().0;
        let time = now + 1 + self.random.below(8);
        self.model.pass(now);
        let asked: Vec<(Trader, Vec<Operation>)> =
            (0..TRADERS).filter_map(|trader| Some((trader, vec![self.asked()?]))).collect();
        let expected: Vec<bool> = asked
            .iter()
            .map(|(trader, operations)| self.follow(*trader, &operations[0], now))
            .collect();
        let applied = self.floor.block(time, &asked);
        let outcomes = applied.receipts.transactions.iter();
        let applies = outcomes.map(|it| matches!(it.outcome, Outcome::Applied { .. }));
        assert_eq!(applies.collect::<Vec<_>>(), expected, "seed {seed}: {asked:?}");
        self.compare(seed);
    }

    fn asked(&mut self) -> Option<Operation> {
        let random = &mut self.random;
        match random.below(4) {
            0 => Some(Operation::Propose { change: change(random, &self.model) }),
            1 | 2 if !self.made.is_empty() => {
                let recent = &self.made[self.made.len().saturating_sub(4)..];
                let proposal = *random.pick(recent);
                let view = View::new(&self.floor.state, &[]);
                let shown = view.proposal(&proposal).filter(|_| !random.once_in(8));
                let change = shown.map_or(Hash::ZERO, |shown| shown.change.digest());
                Some(Operation::Approve { proposal, change })
            }
            _ => None,
        }
    }

    /// Does in the model what a trader asks for. True where it applies.
    fn follow(&mut self, trader: Trader, operation: &Operation, now: u64) -> bool {
        let by = self.floor.account_of(trader);
        match operation {
            Operation::Propose { change } => {
                let may = self.model.may_propose(by, change);
                if may {
                    let id = self.floor.next_id(trader);
                    self.made.push(id);
                    self.model.propose((id, by), change.clone(), now);
                }
                may
            }
            Operation::Approve { proposal, change } => {
                self.model.approve((*proposal, *change), by, now)
            }
            other => panic!("{other:?} is no matter of authorities"),
        }
    }

    fn compare(&self, seed: u64) {
        let view = View::new(&self.floor.state, &[]);
        let markets: Vec<Market> = view.markets().map(|(_, market)| market.clone()).collect();
        assert_eq!(markets, self.model.markets, "seed {seed}: markets");
        let open = self.floor.state.iter().filter_map(|(key, object)| match (key, object) {
            (Key::Proposal(id), Object::Proposal(proposal)) => {
                assert!(!matches!(proposal.stage, ProposalStage::Ended(_)), "seed {seed}");
                Some(*id)
            }
            _ => None,
        });
        let mut expected = self.model.open();
        expected.sort_unstable();
        assert_eq!(open.collect::<Vec<_>>(), expected, "seed {seed}: proposals");
    }
}

/// A change that may be sound, of a market that may be there.
fn change(random: &mut Random, model: &ProposalModel) -> Change {
    let number = random.below(model.markets.len() as u64 + 1);
    if random.once_in(2) {
        let name = format!("m{}", random.below(12));
        return Change::Market(MarketChange::Add(Box::new(Market { name, ..hourly() })));
    }
    let mut terms = hourly().terms();
    match random.below(5) {
        0 => terms.quantity_min = Quantity(random.below(3)),
        1 => terms.lead = Millis(random.below(3) * 1_000_000_000),
        2 => terms.k_bps = *random.pick(&[0, 5_000, 10_000, 10_001]),
        3 => terms.horizon_slots = random.below(200),
        _ => terms.status = MarketStatus::Closed,
    }
    let market = MarketId(u32::try_from(number).expect("few markets"));
    Change::Market(MarketChange::Set { market, terms })
}
