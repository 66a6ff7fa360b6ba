//! Random patterns: whatever happens to a standing order, the days that a calendar on paper names have one
//! order each, in time, and the budget is kept.

use std::collections::BTreeMap;

use chain::order::{Order, TimeInForce};
use tests::random::Random;

use super::*;

const PATTERNS: u64 = 300;
const DAYS: u64 = 40;

/// The windows of a pattern, written down day by day.
fn calendar(terms: &StandingTerms) -> Vec<Window> {
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let bits = BTreeMap::from([
        ("Mon", 1),
        ("Tue", 2),
        ("Wed", 4),
        ("Thu", 8),
        ("Fri", 16),
        ("Sat", 32),
        ("Sun", 64),
    ]);
    let first = terms.template.window;
    let (hour, length) = (first.start.0 % DAY.0, first.end.0 - first.start.0);
    let mut windows = Vec::new();
    for (day, name) in (0..DAYS + 60).zip(names.iter().cycle()) {
        let start = day * DAY.0 + hour;
        let skipped = terms.skip.iter().any(|skip| skip.0 == day);
        let named = terms.weekdays.bits() & bits[name] != 0;
        if named && !skipped && start >= first.start.0 && start < terms.until.0 {
            windows.push(Window { start: Time(start), end: Time(start + length) });
        }
    }
    windows
}

struct Play {
    random: Random,
    floor: Floor,
    id: ObjectId,
    terms: StandingTerms,
    /// The windows that have neither an order nor passed, and when the next one's is to be placed.
    ahead: Vec<Window>,
    due: u64,
    running: bool,
    /// What its contracts were made for.
    bought: u128,
    placed: usize,
}

#[test]
fn random_patterns_place_every_window_once() {
    let (mut placed, mut broke) = (0, 0);
    for seed in 0..PATTERNS {
        let mut play = Play::new(seed);
        for _ in 0..120 {
            broke += play.block(seed);
        }
        placed += play.placed;
    }
    assert!(placed > 1_000, "only {placed} orders were placed");
    assert!(broke > 100, "only {broke} were missed");
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let is_bid = random.once_in(2);
        let first = 24 * (1 + random.below(9)) + random.below(24);
        let window =
            Window { start: Time(first * HOUR), end: Time((first + 1 + random.below(30)) * HOUR) };
        let template = if is_bid { bid(10, 60, window) } else { ask(10, 40, window) };
        let until = Time(window.start.0 + 1 + random.below(28 * DAY.0));
        let skip = (0..random.below(6))
            .map(|_| random.below(30))
            .collect::<std::collections::BTreeSet<_>>();
        let today = Weekdays::from_bits(1 << ((first / 24 + 3) % 7)).expect("a day");
        let others = u8::try_from(random.below(128)).expect("seven bits");
        let terms = StandingTerms {
            template,
            weekdays: Weekdays::from_bits(today.bits() | others).expect("days"),
            until,
            skip: Days::new(skip.into_iter().map(Day).collect()).expect("few days"),
            horizon: Millis(HOUR * (1 + random.below(9 * 24))),
            budget: (is_bid && random.once_in(2))
                .then(|| Amount::from_u64(5_000 + random.below(60_000))),
        };
        let cash = 20_000 + random.below(80_000);
        let floor = Floor::new(&[hourly()], 2, cash);
        let ahead = calendar(&terms);
        let mut play = Self {
            random,
            id: floor.next_id(0),
            floor,
            due: 0,
            terms,
            ahead,
            running: false,
            bought: 0,
            placed: 0,
        };
        play.skip_over(0);
        play
    }

    /// Leaves out the windows that cannot be traded `now`, as when it begins or is resumed.
    fn skip_over(&mut self, now: u64) {
        let ask = matches!(self.terms.template.side, chain::order::Side::Ask(_));
        self.ahead.retain(|window| if ask { window.end.0 > now } else { window.start.0 > now });
        self.wait();
    }

    fn wait(&mut self) {
        let next = self.ahead.first().map_or(0, |window| window.start.0);
        self.due = next.saturating_sub(self.terms.horizon.0);
    }

    /// One block. Returns how many orders found no money or budget.
    fn block(&mut self, seed: u64) -> usize {
        let now = self.floor.now().0;
        let time = now + 1 + self.random.below(12 * HOUR);
        let operation = self.operation();
        let refused = operation.clone().map(|operation| self.floor.refusal(0, operation));
        let mut asked: Vec<(Trader, Vec<Operation>)> = Vec::new();
        if let Some(operation) = operation.filter(|_| refused == Some(None)) {
            self.follow(&operation, now);
            asked.push((0, vec![operation]));
        }
        let turn = self.turn(now);
        if !turn {
            asked.extend(self.offer().map(|ask| (1, vec![Operation::OrderPlace(ask)])));
        }
        let applied = self.floor.block(time, &asked);
        for event in &applied.receipts.matching {
            if let Event::Matched { buyer, total, .. } = event {
                assert_eq!(*buyer, self.floor.account_of(0));
                self.bought += total.base_units();
            }
        }
        let short = if turn { self.check_turn(seed, now, &applied) } else { 0 };
        if !turn {
            assert_eq!((placed(&applied), missed(&applied)), (vec![], vec![]), "seed {seed}");
        }
        self.check_left(seed);
        short
    }

    /// True when the standing order has its turn in a block whose parent's time is `now`.
    fn turn(&self, now: u64) -> bool {
        self.running && !self.ahead.is_empty() && self.due <= now
    }

    fn check_turn(&mut self, seed: u64, now: u64, applied: &Applied) -> usize {
        let window = self.ahead[0];
        let slots = (window.end.0 - window.start.0) / HOUR;
        let needed = match self.terms.template.side {
            chain::order::Side::Ask(_) => 0,
            chain::order::Side::Bid(_) => 60 * 10 * slots,
        };
        let last = match self.terms.template.side {
            chain::order::Side::Ask(_) => window.end.0,
            chain::order::Side::Bid(_) => window.start.0,
        };
        let count = if let [(order, of)] = placed(applied)[..] {
            assert_eq!(of, window, "seed {seed}");
            assert!(last > now, "seed {seed}: too late");
            let order = self.order(order);
            assert_eq!(order.time_in_force, TimeInForce::Until(Time(last)), "seed {seed}");
            self.placed += 1;
            self.ahead.remove(0);
            self.wait();
            0
        } else {
            let [(reason, again)] = missed(applied)[..] else { panic!("seed {seed}: {applied:?}") };
            let later = now + STANDING_RETRY_MS;
            assert_eq!(again, (later < last).then_some(later), "seed {seed}");
            match reason {
                Rejection::WindowTooSoon => assert!(last <= now, "seed {seed}"),
                Rejection::BalanceTooLow => {
                    assert!(self.floor.available(0) < needed + ORDER_DEPOSIT, "seed {seed}");
                }
                Rejection::BudgetExceeded => {
                    let budget = self.terms.budget.expect("it has one").base_units();
                    assert!(self.committed() + u128::from(needed) > budget, "seed {seed}");
                }
                other => panic!("seed {seed}: {other:?}"),
            }
            match again {
                Some(again) => self.due = again,
                None => {
                    self.ahead.remove(0);
                    self.wait();
                }
            }
            usize::from(reason != Rejection::WindowTooSoon)
        };
        if self.ahead.is_empty() {
            assert_eq!(ended(applied), Some(StandingClosed::Completed), "seed {seed}");
            self.running = false;
        }
        count
    }

    /// What the open bids of the standing order have set aside, and its contracts were made for.
    fn committed(&self) -> u128 {
        let own = self.floor.state.iter().filter_map(|(_, object)| match object {
            Object::Order(order) if order.standing == Some(self.id) => order.hold,
            _ => None,
        });
        let holds = own.filter_map(|hold| match self.floor.state.get(&Key::Hold(hold)) {
            Some(Object::Hold(hold)) => Some(hold.amount.base_units()),
            _ => None,
        });
        holds.sum::<u128>() + self.bought
    }

    fn check_left(&self, seed: u64) {
        let Some(standing) = standing(&self.floor, self.id) else {
            assert!(!self.running, "seed {seed}: it is over");
            return;
        };
        assert_eq!(standing.committed.base_units(), self.committed(), "seed {seed}");
        let budget = self.terms.budget.map_or(u128::MAX, Amount::base_units);
        assert!(self.committed() <= budget, "seed {seed}: beyond the budget");
        if self.running {
            assert_eq!((standing.next, standing.due.0), (self.ahead[0], self.due), "seed {seed}");
        }
    }

    fn order(&self, id: ObjectId) -> &Order {
        self.floor.order(id).expect("nothing has taken it yet")
    }

    /// What the owner does, if anything.
    fn operation(&mut self) -> Option<Operation> {
        if self.floor.account(0).nonce.0 == 0 {
            return Some(put(self.terms.clone()));
        }
        let own = self.floor.state.iter().filter_map(|(key, object)| match (key, object) {
            (Key::Order(id), Object::Order(order)) if order.standing == Some(self.id) => Some(*id),
            _ => None,
        });
        let own: Vec<ObjectId> = own.collect();
        let order = (!own.is_empty()).then(|| *self.random.pick(&own));
        match self.random.below(24) {
            0 => Some(act(self.id, StandingAct::Pause)),
            1..4 => Some(act(self.id, StandingAct::Resume)),
            4 if self.random.once_in(4) => Some(act(self.id, StandingAct::End)),
            5 => order.map(|order| Operation::OrderCancel { order }),
            6..9 => order.map(|order| Operation::OrderAmend {
                order,
                quantity: Quantity(10 + self.random.below(10)),
                limit: Price(40 + self.random.below(40)),
                stretch: None,
            }),
            _ => None,
        }
    }

    /// Does on paper what the owner does, which is not refused.
    fn follow(&mut self, operation: &Operation, now: u64) {
        match operation {
            Operation::StandingPut(_) => self.running = true,
            Operation::Standing { act: StandingAct::Resume, .. } => {
                self.skip_over(now);
                self.running = true;
            }
            Operation::Standing { .. } => self.running = false,
            _ => {}
        }
    }

    /// What somebody offers for one of the bids, now or never.
    fn offer(&mut self) -> Option<OrderPlace> {
        let own = self.floor.state.iter().filter_map(|(_, object)| match object {
            Object::Order(order) if order.standing == Some(self.id) => Some(order.window),
            _ => None,
        });
        let windows: Vec<Window> = own.collect();
        let wanted = !windows.is_empty() && self.random.once_in(3);
        let quantity = 1 + self.random.below(12);
        let limit = 30 + self.random.below(30);
        wanted.then(|| immediate(ask(quantity, limit, *self.random.pick(&windows))))
    }
}
