//! A contract of five slots of 400 each, from 100 to 150, which alice buys of bob.
//!
//! A tenth is held back, the booking share is a fifth. Alice stages until 100; bob is ready until 115, posts
//! within 30 and waits 40 for her to sign off; what she rejects is disputed for 50.

mod outlook;
mod reclaim;
mod user;

use chain::conditions::{Conditions, Kind};
use chain::contract::{
    Contract, ContractAct, ContractClosed, ContractState, Delivery, Extent, Staged, Verdict,
};
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::{Grade, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Side, TimeInForce};
use chain::params::ContractTerms;
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::receipt::Outcome;
use chain::sealed::Sealed;
use chain::state::{Key, Object};
use chain::time::{Millis, Time, Window};

use crate::context::{BlockContext, Step};
use crate::draft::Draft;
use crate::rejection::Rejection;
use crate::state::{State, View};
use crate::testing::{Ledger, account, market, run};

const CASH: u64 = 10_000;

/// A ledger with the contract.
pub(crate) struct Scene {
    pub(crate) ledger: Ledger,
    pub(crate) id: ObjectId,
}

fn any_fill() -> Side {
    Side::Bid(BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None })
}

pub(crate) fn staged() -> ContractAct {
    let location = Sealed::new(*b"there").unwrap();
    ContractAct::StageReady(Staged { digests: vec![Hash([1; 32]), Hash([2; 32])], location })
}

const fn ready() -> ContractAct {
    ContractAct::HostReady { fingerprint: Hash([3; 32]) }
}

fn result(extent: Extent) -> ContractAct {
    let location = Sealed::default();
    ContractAct::ResultPost(Delivery { digest: Hash([4; 32]), location, extent })
}

/// The buyer's acceptance.
pub(crate) const fn accept() -> ContractAct {
    sign_off(Verdict::Accept)
}

const fn sign_off(verdict: Verdict) -> ContractAct {
    ContractAct::SignOff { verdict }
}

fn endpoint() -> ContractAct {
    ContractAct::EndpointPublish { endpoint: Sealed::new(*b"here").unwrap() }
}

impl Scene {
    /// The contract right after its match, at time 1.
    fn matched() -> Self {
        Self::matched_given("")
    }

    /// The same under other parameters, as a script gives them.
    fn matched_given(given: &str) -> Self {
        Self::matched_of(given, Kind::Firm)
    }

    /// The same where both sides say that it is of this kind.
    fn matched_of(given: &str, kind: Kind) -> Self {
        let conditions = Conditions { kind, ..Conditions::default() };
        Self::matched_on(given, &conditions, &conditions)
    }

    /// The same on these conditions of the buyer and of the seller.
    pub(crate) fn matched_on(given: &str, bought: &Conditions, sold: &Conditions) -> Self {
        let first = run(&format!("{given}alice 10000, bob 0, carol 0")).state;
        let market = (Key::Market(MarketId(0)), Object::Market(Box::new(market())));
        let objects = first.iter().map(|(key, object)| (*key, object.clone()));
        let mut ledger = Ledger::of_state(State::from_objects(objects.chain([market])));
        let window = Window { start: Time(100), end: Time(150) };
        let order = |side| OrderPlace {
            market: MarketId(0),
            side,
            quantity: Quantity(10),
            window,
            limit: Price(40),
            time_in_force: TimeInForce::Until(Time(100)),
            grade: Grade::BASE,
            parties: Parties::default(),
            conditions: if matches!(side, Side::Bid(_)) { bought } else { sold }.clone(),
            predicates: Predicates::default(),
            stretch: None,
        };
        let place = |side| vec![Operation::OrderPlace(order(side))];
        let bid = ledger.sign("alice", 0, place(any_fill()));
        let ask = ledger.sign("bob", 0, place(Side::Ask(AskTerms::OWN)));
        ledger.apply(Time(1), &[bid, ask]).unwrap();
        let id = contracts(&ledger.state).next().expect("they match").0;
        Self { ledger, id }
    }

    /// The contract as soon as it is in this state, when everybody is in time.
    fn in_state(state: ContractState) -> Self {
        Self::in_state_given("", state)
    }

    /// The same under other parameters, as a script gives them.
    pub(crate) fn in_state_given(given: &str, state: ContractState) -> Self {
        Self::matched_given(given).moved_to(state)
    }

    pub(crate) fn moved_to(mut self, state: ContractState) -> Self {
        let scene = &mut self;
        let steps: [(&str, u64, Option<ContractAct>); 6] = [
            ("alice", 50, Some(staged())),
            ("bob", 60, Some(ready())),
            ("", 100, None),
            ("", 150, None),
            ("bob", 160, Some(result(Extent::Whole))),
            ("alice", 170, Some(sign_off(Verdict::Reject))),
        ];
        for (who, time, act) in steps {
            if scene.contract().unwrap().state == state {
                return self;
            }
            scene.at(time);
            match act {
                Some(act) => assert_eq!(scene.act(who, act), None),
                None => scene.at(time + 1),
            }
        }
        assert_eq!(scene.contract().unwrap().state, state);
        self
    }

    /// An empty block at `time`; the next block judges by it.
    pub(crate) fn at(&mut self, time: u64) {
        self.ledger.apply(Time(time), &[]).unwrap();
    }

    /// The next block, in which `who` acts. Says why not.
    pub(crate) fn act(&mut self, who: &str, act: ContractAct) -> Option<Rejection> {
        self.operate(who, Operation::Contract { contract: self.id, act })
    }

    /// The next block, in which `who` does this. Says why not.
    pub(crate) fn operate(&mut self, who: &str, operation: Operation) -> Option<Rejection> {
        let transaction = self.ledger.sign(who, 0, vec![operation]);
        let time = self.ledger.time.after(Millis(1));
        let applied = self.ledger.apply(time, &[transaction]).unwrap();
        match applied.receipts.transactions[0].outcome {
            Outcome::Applied { .. } => None,
            Outcome::Failed { code, .. } => Rejection::from_code(code),
        }
    }

    fn contract(&self) -> Option<&Contract> {
        View::new(&self.ledger.state, &[]).contract(&self.id)
    }

    fn state(&self) -> Option<ContractState> {
        self.contract().map(|contract| contract.state)
    }

    /// Asserts that the contract closed for this reason, having paid so much, and that nothing is held.
    fn closed(&self, reason: ContractClosed, paid: u64) {
        let last = self.ledger.ended(&Key::Contract(self.id)).expect("it is over");
        let Object::Contract(last) = last else { panic!("a contract") };
        assert_eq!(last.state, ContractState::Closed(reason));
        assert_eq!(last.paid.base_units(), u128::from(paid));
        self.has(CASH - paid, 0, paid);
    }

    /// Asserts what alice has and holds, and what bob has.
    fn has(&self, alice: u64, held: u64, bob: u64) {
        let sums = [("alice", alice, held), ("bob", bob, 0)];
        for (name, cash, held) in sums {
            let account = self.ledger.account(name).unwrap();
            let has = (account.cash.base_units(), account.held.base_units());
            assert_eq!(has, (cash.into(), held.into()), "{name}");
        }
    }
}

fn contracts(state: &State) -> impl Iterator<Item = (ObjectId, &Contract)> {
    state.iter().filter_map(|(key, object)| match (key, object) {
        (Key::Contract(id), Object::Contract(contract)) => Some((*id, contract.as_ref())),
        _ => None,
    })
}

#[test]
fn contract_runs_from_the_match_to_the_sign_off() {
    let mut scene = Scene::matched();
    scene.has(CASH, 2_000, 0);
    scene.at(50);
    assert_eq!(scene.act("alice", endpoint()), None);
    assert_eq!(scene.act("bob", endpoint()), None);
    assert_eq!(scene.act("alice", staged()), None);
    assert_eq!(scene.state(), Some(ContractState::Staging));
    assert_eq!(scene.act("bob", ready()), None);
    assert_eq!(scene.state(), Some(ContractState::Ready));
    scene.at(100);
    scene.at(101);
    assert_eq!(scene.state(), Some(ContractState::Active));
    scene.at(110);
    scene.at(111);
    scene.has(CASH - 360, 1_640, 360);
    // Two slots without a block: both are paid at once.
    scene.at(135);
    scene.at(136);
    scene.has(CASH - 1_080, 920, 1_080);
    assert_eq!(scene.act("bob", result(Extent::Partial)), None);
    assert_eq!(scene.state(), Some(ContractState::Active));
    scene.at(150);
    scene.at(151);
    assert_eq!(scene.state(), Some(ContractState::Ended));
    scene.has(CASH - 1_800, 200, 1_800);
    assert_eq!(scene.act("bob", result(Extent::Whole)), None);
    assert_eq!(scene.state(), Some(ContractState::SignOff));
    assert_eq!(scene.act("alice", sign_off(Verdict::Accept)), None);
    scene.closed(ContractClosed::Accepted, 2_000);
}

#[test]
fn every_duty_that_is_not_done_in_time_has_its_end() {
    for (state, due, reason, paid) in [
        (ContractState::Matched, 100, ContractClosed::BuyerLate, 400),
        (ContractState::Staging, 115, ContractClosed::NoShow, 0),
        (ContractState::Ended, 180, ContractClosed::NoResult, 1_800),
        (ContractState::SignOff, 200, ContractClosed::Silence, 2_000),
        (ContractState::Disputed, 220, ContractClosed::Rejected, 1_800),
    ] {
        let mut scene = Scene::in_state(state);
        assert_eq!(scene.contract().unwrap().due, Time(due), "{state:?}");
        scene.at(due);
        assert_eq!(scene.state(), Some(state), "judged by the parent's time");
        scene.at(due + 1);
        scene.closed(reason, paid);
    }
}

#[test]
fn contract_keeps_the_terms_it_was_made_under() {
    let mut scene = Scene::matched();
    scene.ledger.agree(|params| {
        params.contracts = ContractTerms {
            stage_grace: Millis(1),
            ready_grace: Millis(1),
            result_grace: Millis(1),
            sign_off_grace: Millis(1),
            dispute_span: Millis(1),
            holdback_bps: 0,
            booking_bps: 0,
            commission_bps: 5_000,
            ..params.contracts
        };
    });
    scene.at(50);
    assert_eq!(scene.act("alice", staged()), None);
    assert_eq!(scene.contract().unwrap().due, Time(115));
    assert_eq!(scene.act("bob", ready()), None);
    for time in [100, 101, 150, 151] {
        scene.at(time);
    }
    scene.has(CASH - 1_800, 200, 1_800);
    assert_eq!(scene.contract().unwrap().due, Time(180));
    assert_eq!(scene.act("bob", result(Extent::Whole)), None);
    assert_eq!(scene.act("alice", sign_off(Verdict::Reject)), None);
    assert_eq!(scene.contract().unwrap().due, Time(202));
    scene.at(202);
    scene.at(203);
    scene.closed(ContractClosed::Rejected, 1_800);
}

#[test]
fn partial_result_is_signed_off_when_no_whole_one_follows() {
    let mut scene = Scene::in_state(ContractState::Active);
    assert_eq!(scene.act("bob", result(Extent::Partial)), None);
    scene.at(150);
    scene.at(180);
    assert_eq!(scene.state(), Some(ContractState::Ended));
    scene.at(181);
    assert_eq!(scene.state(), Some(ContractState::SignOff));
    scene.at(220);
    scene.at(221);
    scene.closed(ContractClosed::Silence, 2_000);
}

#[test]
fn leaving_costs_what_the_table_says() {
    let (buyer, seller) = (ContractClosed::AbortedByBuyer, ContractClosed::AbortedBySeller);
    // An active one is left at 125: two slots are over, and the third runs.
    for (state, who, reason, paid) in [
        (ContractState::Matched, "alice", buyer, 400),
        (ContractState::Staging, "alice", buyer, 400),
        (ContractState::Ready, "alice", buyer, 400),
        (ContractState::Active, "alice", buyer, 1_200),
        (ContractState::Matched, "bob", seller, 0),
        (ContractState::Staging, "bob", seller, 0),
        (ContractState::Ready, "bob", seller, 0),
        (ContractState::Active, "bob", seller, 720),
        (ContractState::Ended, "bob", seller, 1_800),
        (ContractState::SignOff, "bob", seller, 1_800),
        (ContractState::Disputed, "bob", seller, 1_800),
    ] {
        let mut scene = Scene::in_state(state);
        if state == ContractState::Active {
            scene.at(125);
        }
        assert_eq!(scene.act(who, ContractAct::Abort), None, "{state:?}");
        scene.closed(reason, paid);
    }
}

#[test]
fn slots_that_the_buyer_ends_include_the_one_that_runs() {
    let mut scene = Scene::in_state(ContractState::Active);
    scene.at(125);
    assert_eq!(scene.act("alice", ContractAct::EndEarly), None);
    // What is held back stays held; the two slots to come are free at once.
    scene.has(CASH - 1_080, 120, 1_080);
    assert_eq!(scene.state(), Some(ContractState::Ended));
    assert_eq!(scene.act("bob", result(Extent::Partial)), None);
    assert_eq!(scene.act("alice", sign_off(Verdict::Accept)), None);
    scene.closed(ContractClosed::Accepted, 1_200);
}

#[test]
fn slots_that_the_seller_ends_leave_out_the_one_that_runs() {
    let mut scene = Scene::in_state(ContractState::Active);
    scene.at(129);
    assert_eq!(scene.act("bob", result(Extent::Whole)), None);
    scene.has(CASH - 720, 80, 720);
    assert_eq!(scene.state(), Some(ContractState::SignOff));
    assert_eq!(scene.act("alice", sign_off(Verdict::Accept)), None);
    scene.closed(ContractClosed::Accepted, 800);
}

#[test]
fn slots_that_were_over_before_the_seller_was_ready_are_not_paid() {
    let mut scene = Scene::in_state(ContractState::Staging);
    scene.at(112);
    assert_eq!(scene.act("bob", ready()), None);
    assert_eq!(scene.state(), Some(ContractState::Active));
    scene.has(CASH, 1_600, 0);
    scene.at(150);
    scene.at(151);
    scene.has(CASH - 1_440, 160, 1_440);
    assert_eq!(scene.act("alice", sign_off(Verdict::Accept)), None);
    scene.closed(ContractClosed::Accepted, 1_600);
}

#[test]
fn dispute_ends_when_either_side_gives_way() {
    let mut scene = Scene::in_state(ContractState::Disputed);
    assert_eq!(scene.act("alice", sign_off(Verdict::Accept)), None);
    scene.closed(ContractClosed::Accepted, 2_000);
}

const STATES: [ContractState; 7] = [
    ContractState::Matched,
    ContractState::Staging,
    ContractState::Ready,
    ContractState::Active,
    ContractState::Ended,
    ContractState::SignOff,
    ContractState::Disputed,
];

/// The acts, who may do each, and in which of [`STATES`], as a row of marks.
fn table() -> Vec<(ContractAct, &'static str, &'static str)> {
    vec![
        (endpoint(), "alice", "++++..."),
        (endpoint(), "bob", "++++..."),
        (staged(), "alice", "+......"),
        (ready(), "bob", ".+....."),
        (result(Extent::Whole), "bob", "...++.."),
        (result(Extent::Partial), "bob", "...++.."),
        (sign_off(Verdict::Accept), "alice", "....+++"),
        (sign_off(Verdict::Reject), "alice", ".....+."),
        (ContractAct::EndEarly, "alice", "...+..."),
        (ContractAct::Abort, "alice", "++++..."),
        (ContractAct::Abort, "bob", "+++++++"),
    ]
}

#[test]
fn every_act_is_allowed_in_its_states_and_refused_in_all_others() {
    for (act, who, marks) in table() {
        for (state, mark) in STATES.into_iter().zip(marks.chars()) {
            let mut scene = Scene::in_state(state);
            let expected = (mark != '+').then_some(Rejection::ContractState);
            assert_eq!(scene.act(who, act.clone()), expected, "{act:?} by {who} in {state:?}");
        }
    }
}

#[test]
fn acts_of_one_side_are_refused_to_the_other_and_to_strangers() {
    let both =
        |act: &ContractAct| matches!(act, ContractAct::Abort | ContractAct::EndpointPublish { .. });
    for (act, who, _) in table() {
        let mut scene = Scene::matched();
        assert_eq!(scene.act("carol", act.clone()), Some(Rejection::NotParty), "{act:?}");
        if !both(&act) {
            let (other, expected) = match who {
                "alice" => ("bob", Rejection::NotBuyer),
                _ => ("alice", Rejection::NotSeller),
            };
            assert_eq!(scene.act(other, act.clone()), Some(expected), "{act:?}");
        }
        scene.id = ObjectId([9; 32]);
        assert_eq!(scene.act(who, act), Some(Rejection::ContractUnknown));
    }
}

/// The block's timers have all fired where a transaction runs, unless too many were due.
#[test]
fn act_after_its_time_is_refused_although_the_timer_is_late() {
    for state in STATES {
        let scene = Scene::in_state(state);
        let contract = scene.contract().unwrap();
        let active = state == ContractState::Active;
        let end = if active { contract.window.end } else { contract.due };
        for (time, expected) in [(end.0 - 1, Ok(())), (end.0, Err(Rejection::ContractDuePassed))] {
            let context = BlockContext { parent_time: Time(time), ..scene.ledger.context() };
            let mut draft = Draft::new(View::new(&scene.ledger.state, &[]), context);
            let nonce = scene.ledger.account("bob").unwrap().nonce;
            let step = Step { sender: account("bob"), nonce, operation: 0 };
            let done = super::apply(&mut draft, &step, scene.id, &ContractAct::Abort);
            assert_eq!(done, expected, "{state:?} at {time}");
        }
    }
}

#[test]
fn match_shortly_before_the_window_leaves_the_buyer_time_to_stage() {
    let mut ledger = Scene::matched().ledger;
    ledger.apply(Time(95), &[]).unwrap();
    let order = |side| OrderPlace {
        market: MarketId(0),
        side,
        quantity: Quantity(1),
        window: Window { start: Time(100), end: Time(110) },
        limit: Price(40),
        time_in_force: TimeInForce::ImmediateOrCancel,
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
    };
    let long =
        OrderPlace { window: Window { start: Time(100), end: Time(200) }, ..order(any_fill()) };
    let bids = [order(any_fill()), long.clone()].map(Operation::OrderPlace).to_vec();
    let ask = OrderPlace { quantity: Quantity(2), side: Side::Ask(AskTerms::OWN), ..long };
    let bids = ledger.sign("alice", 0, bids);
    let ask = ledger.sign("bob", 0, vec![Operation::OrderPlace(ask)]);
    ledger.apply(Time(96), &[bids, ask]).unwrap();
    let mut due: Vec<u64> = contracts(&ledger.state)
        .filter(|(_, contract)| contract.quantity == Quantity(1))
        .map(|(_, contract)| contract.due.0)
        .collect();
    due.sort_unstable();
    assert_eq!(due, [110, 115], "within the window, and the grace of 20 from the match at 95 on");
}
