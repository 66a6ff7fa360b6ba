//! Claims about proposals: who decides, when a change takes effect, and what it leaves alone.

use chain::authority::{Authority, AuthorityKey};
use chain::event::Event;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::limits::{CLOSE_ORDERS_MAX, MARKETS_MAX};
use chain::market::{Grade, Market, MarketId, MarketStatus, MarketTerms};
use chain::operation::{Operation, OrderPlace};
use chain::order::{Order, OrderClosed, Side, TimeInForce};
use chain::parties::Parties;
use chain::proposal::{Change, MarketChange, ProposalEnded, ProposalEvent, ProposalStage};
use chain::quantity::{Price, Quantity};
use chain::receipt::Outcome;
use chain::state::{Key, Object};
use chain::time::{Millis, Time, Window};

use crate::rejection::Rejection;
use crate::state::View;
use crate::testing::{Ledger, account, chain, run};

/// When a proposal ends that too few approve, and how long one waits that enough have: as the harness says.
const SPAN: u64 = 100;
const DELAY: u64 = 10;

/// A ledger with the first so many of four authorities, called a, b, c and d.
fn ledger(authorities: usize) -> Ledger {
    let mut ledger = run("a 100, b 100, c 100, d 100, alice 1000000");
    let all = ["a", "b", "c", "d"].map(account).into_iter().zip(7..);
    let all = all.map(|(account, byte)| Authority { key: AuthorityKey([byte; 32]), account });
    let chosen: Vec<_> = all.take(authorities).collect();
    ledger.govern(chosen);
    ledger.agree(|params| params.deposits.proposal = chain::amount::Amount::from_u64(5));
    ledger
}

fn voting(ledger: &Ledger) -> Vec<Authority> {
    View::new(&ledger.state, &[]).authorities().voting.clone()
}

fn market(name: &str) -> Market {
    Market { name: name.to_owned(), ..crate::testing::market() }
}

fn add(name: &str) -> Change {
    Change::Market(MarketChange::Add(Box::new(market(name))))
}

fn set(number: u32, change: impl Fn(&mut MarketTerms)) -> Change {
    let mut terms = market("any").terms();
    change(&mut terms);
    Change::Market(MarketChange::Set { market: MarketId(number), terms })
}

fn close(number: u32) -> Change {
    set(number, |terms| terms.status = MarketStatus::Closed)
}

/// `who` does this in the next block, and it applies.
fn act(ledger: &mut Ledger, who: &str, operation: Operation) -> Vec<Event> {
    let signed = ledger.sign(who, 0, vec![operation]);
    let applied = ledger.apply(ledger.time.after(Millis(1)), &[signed]).unwrap();
    match &applied.receipts.transactions[0].outcome {
        Outcome::Applied { events } => events.clone(),
        Outcome::Failed { code, .. } => panic!("{:?}", Rejection::from_code(*code)),
    }
}

fn propose(ledger: &mut Ledger, who: &str, change: Change) -> ObjectId {
    let nonce = ledger.account(who).unwrap().nonce;
    act(ledger, who, Operation::Propose { change });
    ObjectId::of_operation(chain(), account(who), nonce, 0)
}

fn approve(ledger: &mut Ledger, who: &str, proposal: ObjectId) {
    let approval = approval(ledger, proposal);
    act(ledger, who, approval);
}

/// The approval of a proposal by whoever was shown what it changes; of one that is over, anything will do.
fn approval(ledger: &Ledger, proposal: ObjectId) -> Operation {
    let view = View::new(&ledger.state, &[]);
    let change = view.proposal(&proposal).map_or(Hash::ZERO, |it| it.change.digest());
    Operation::Approve { proposal, change }
}

/// An empty block so much later, and what timers did in it.
fn later(ledger: &mut Ledger, millis: u64) -> Vec<Event> {
    ledger.apply(ledger.time.after(Millis(millis)), &[]).unwrap();
    ledger.apply(ledger.time.after(Millis(1)), &[]).unwrap().receipts.timers
}

fn names(ledger: &Ledger) -> Vec<String> {
    View::new(&ledger.state, &[]).markets().map(|(_, market)| market.name.clone()).collect()
}

fn of_number(ledger: &Ledger, number: u32) -> Market {
    View::new(&ledger.state, &[]).market(MarketId(number)).unwrap().clone()
}

fn stage(ledger: &Ledger, id: ObjectId) -> ProposalStage {
    let open = View::new(&ledger.state, &[]).proposal(&id).map(|proposal| proposal.stage);
    let ended = || match ledger.ended(&Key::Proposal(id)) {
        Some(Object::Proposal(proposal)) => proposal.stage,
        other => panic!("{other:?}"),
    };
    open.unwrap_or_else(ended)
}

/// A ledger of one authority with an open market.
fn with_market() -> Ledger {
    let mut ledger = ledger(1);
    propose(&mut ledger, "a", add("cpu"));
    later(&mut ledger, DELAY);
    assert_eq!(names(&ledger), ["cpu"]);
    ledger
}

fn ask(ledger: &Ledger, quantity: u64) -> Operation {
    let start = (ledger.time.0 / 10 + 20) * 10;
    let window = Window { start: Time(start), end: Time(start + 100) };
    Operation::OrderPlace(OrderPlace {
        market: MarketId(0),
        side: Side::Ask(chain::order::AskTerms { host: None }),
        quantity: Quantity(quantity),
        window,
        limit: Price(5),
        stretch: None,
        time_in_force: TimeInForce::Until(window.end),
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: chain::conditions::Conditions::default(),
        predicates: chain::predicate::Predicates::default(),
    })
}

fn orders(ledger: &Ledger) -> Vec<Order> {
    let view = View::new(&ledger.state, &[]);
    view.book(MarketId(0)).iter().map(|id| view.order(id).unwrap().clone()).collect()
}

#[test]
fn proposal_of_the_only_authority_takes_effect_after_the_delay_and_not_before() {
    let mut ledger = ledger(1);
    let id = propose(&mut ledger, "a", add("cpu"));
    let enacts = Time(DELAY);
    assert_eq!(stage(&ledger, id), ProposalStage::Approved { enacts });
    assert_eq!(ledger.account("a").unwrap().held.base_units(), 5);
    later(&mut ledger, DELAY - 3);
    assert_eq!(names(&ledger), [""; 0]);
    let events = later(&mut ledger, 1);
    let (market, status) = (MarketId(0), MarketStatus::Open);
    let reason = ProposalEnded::Enacted;
    assert_eq!(
        events,
        [
            ProposalEvent::MarketSet { proposal: id, market, status },
            ProposalEvent::Closed { proposal: id, proposer: account("a"), reason },
        ]
        .map(Event::Proposal)
    );
    assert_eq!(names(&ledger), ["cpu"]);
    assert_eq!(stage(&ledger, id), ProposalStage::Ended(reason));
    assert_eq!(ledger.account("a").unwrap().held.base_units(), 0);
}

#[test]
fn more_than_two_thirds_decide() {
    for (count, needed) in [(1, 1), (2, 2), (3, 3), (4, 3)] {
        let mut ledger = ledger(count);
        let id = propose(&mut ledger, "a", add("cpu"));
        for (number, who) in (2..).zip(["b", "c", "d"].into_iter().take(count - 1)) {
            let open = matches!(stage(&ledger, id), ProposalStage::Open { .. });
            assert_eq!(open, number <= needed, "{count}: {number}");
            if open {
                approve(&mut ledger, who, id);
            }
        }
        later(&mut ledger, DELAY);
        assert_eq!(names(&ledger), ["cpu"], "{count}");
    }
}

#[test]
fn account_of_two_authorities_speaks_for_both() {
    let mut ledger = ledger(4);
    let mut authorities = voting(&ledger);
    authorities[1].account = account("a");
    ledger.govern(authorities);
    let id = propose(&mut ledger, "a", add("cpu"));
    approve(&mut ledger, "c", id);
    assert!(matches!(stage(&ledger, id), ProposalStage::Approved { .. }));
}

#[test]
fn proposal_that_too_few_approve_ends_without_effect() {
    let mut ledger = ledger(4);
    let id = propose(&mut ledger, "a", add("cpu"));
    approve(&mut ledger, "b", id);
    later(&mut ledger, SPAN);
    assert_eq!(stage(&ledger, id), ProposalStage::Ended(ProposalEnded::Expired));
    assert_eq!((names(&ledger).len(), ledger.account("a").unwrap().held.base_units()), (0, 0));
    let approval = approval(&ledger, id);
    ledger.refuses("c", approval, Rejection::ProposalUnknown);
}

#[test]
fn approvals_count_by_the_authorities_of_the_day_of_effect() {
    let mut ledger = ledger(4);
    let id = propose(&mut ledger, "a", add("cpu"));
    approve(&mut ledger, "b", id);
    approve(&mut ledger, "c", id);
    let mut authorities = voting(&ledger);
    authorities[2].account = account("alice");
    ledger.govern(authorities);
    later(&mut ledger, DELAY);
    assert_eq!(stage(&ledger, id), ProposalStage::Ended(ProposalEnded::Dropped));
    assert_eq!(names(&ledger), [""; 0]);
}

#[test]
fn what_is_beyond_bounds_is_refused() {
    let mut ledger = with_market();
    let refused = |ledger: &mut Ledger, who, change, reason| {
        ledger.refuses(who, Operation::Propose { change }, reason);
    };
    refused(&mut ledger, "alice", add("gpu"), Rejection::NotAuthority);
    let unsound: [fn(&mut Market); 9] = [
        |it| it.name = "GPU".to_owned(),
        |it| it.unit = String::new(),
        |it| it.slot = Millis(0),
        |it| it.lot = Quantity(0),
        |it| it.tick = Price(0),
        |it| it.quantity_min = Quantity(0),
        |it| it.horizon_slots = 0,
        |it| it.k_bps = 10_001,
        |it| it.status = MarketStatus::Closed,
    ];
    for change in unsound {
        let mut market = market("gpu");
        change(&mut market);
        let change = Change::Market(MarketChange::Add(Box::new(market)));
        refused(&mut ledger, "a", change, Rejection::MarketUnsound);
    }
    let lead = |lead| set(0, move |terms| terms.lead = Millis(lead));
    refused(&mut ledger, "a", lead(1_000), Rejection::MarketUnsound);
    refused(&mut ledger, "a", add("cpu"), Rejection::MarketNameTaken);
    refused(&mut ledger, "a", set(0, |_| {}), Rejection::MarketUnchanged);
    refused(&mut ledger, "a", set(1, |_| {}), Rejection::MarketUnknown);
    let id = propose(&mut ledger, "a", lead(999));
    let twice = approval(&ledger, id);
    ledger.refuses("a", twice, Rejection::ProposalDecided);
    let mut poor = self::ledger(1);
    poor.agree(|params| params.deposits.proposal = chain::amount::Amount::from_u64(101));
    refused(&mut poor, "a", add("gpu"), Rejection::BalanceTooLow);
}

#[test]
fn approvals_that_change_nothing_are_refused() {
    let mut ledger = ledger(4);
    let id = propose(&mut ledger, "a", add("cpu"));
    let approval = approval(&ledger, id);
    ledger.refuses("a", approval.clone(), Rejection::ApprovedAlready);
    ledger.refuses("alice", approval.clone(), Rejection::NotAuthority);
    ledger.apply(Time(SPAN + 1), &[]).unwrap();
    // Its timer fires before, unless too many are due.
    ledger.refuses("b", approval, Rejection::ProposalUnknown);
}

#[test]
fn markets_are_no_more_than_there_may_be_also_when_proposed_together() {
    let mut ledger = ledger(1);
    let proposals: Vec<ObjectId> = (0..=MARKETS_MAX)
        .map(|number| propose(&mut ledger, "a", add(&format!("m{number}"))))
        .collect();
    later(&mut ledger, DELAY);
    let open = View::new(&ledger.state, &[]).markets().count();
    let ended = proposals.iter().map(|id| stage(&ledger, *id));
    let dropped = ended.filter(|it| *it == ProposalStage::Ended(ProposalEnded::Dropped)).count();
    // Some took effect while others were still proposed, the last of which were refused by count.
    assert!(open <= MARKETS_MAX && open + dropped == proposals.len(), "{open} {dropped}");
    let more = Operation::Propose { change: add("more") };
    ledger.refuses("a", more, Rejection::TooManyMarkets);
}

#[test]
fn same_market_proposed_twice_is_made_once() {
    let mut ledger = ledger(1);
    let both = [propose(&mut ledger, "a", add("cpu")), propose(&mut ledger, "a", add("cpu"))];
    later(&mut ledger, DELAY + 1);
    assert_eq!(names(&ledger), ["cpu"]);
    let ended = both.map(|id| stage(&ledger, id));
    let as_expected = [ProposalEnded::Enacted, ProposalEnded::Dropped].map(ProposalStage::Ended);
    assert_eq!(ended, as_expected);
}

#[test]
fn other_terms_count_from_then_on_and_leave_orders_alone() {
    let mut ledger = with_market();
    let small = ask(&ledger, 1);
    act(&mut ledger, "alice", small);
    propose(&mut ledger, "a", set(0, |terms| terms.quantity_min = Quantity(2)));
    later(&mut ledger, DELAY);
    assert_eq!(of_number(&ledger, 0).quantity_min, Quantity(2));
    assert_eq!(orders(&ledger).len(), 1);
    let small = ask(&ledger, 1);
    ledger.refuses("alice", small, Rejection::QuantityTooSmall);
    let enough = ask(&ledger, 2);
    act(&mut ledger, "alice", enough);
}

#[test]
fn market_takes_orders_in_the_block_that_adds_it() {
    let mut ledger = ledger(1);
    propose(&mut ledger, "a", add("cpu"));
    ledger.apply(ledger.time.after(Millis(DELAY)), &[]).unwrap();
    assert_eq!(names(&ledger), [""; 0]);
    let first = ask(&ledger, 1);
    act(&mut ledger, "alice", first);
    assert_eq!(orders(&ledger).len(), 1);
}

#[test]
fn closed_market_ends_its_orders_some_in_each_block_and_takes_no_others() {
    let mut ledger = with_market();
    let count = CLOSE_ORDERS_MAX + 3;
    for _ in 0..count {
        let order = ask(&ledger, 1);
        act(&mut ledger, "alice", order);
    }
    let kept = *View::new(&ledger.state, &[]).book(MarketId(0)).last().unwrap();
    let id = propose(&mut ledger, "a", close(0));
    ledger.apply(ledger.time.after(Millis(DELAY)), &[]).unwrap();
    assert_eq!(orders(&ledger).len(), count);

    let ended = ledger.apply(ledger.time.after(Millis(1)), &[]).unwrap().receipts.timers;
    let closed = |event: &&Event| {
        matches!(event, Event::OrderClosed { reason: OrderClosed::MarketClosed, .. })
    };
    assert_eq!(ended.iter().filter(closed).count(), CLOSE_ORDERS_MAX);
    assert_eq!((orders(&ledger).len(), stage(&ledger, id)), (3, ProposalStage::Closing));
    let refused = ask(&ledger, 1);
    ledger.refuses("alice", refused, Rejection::MarketClosed);
    assert_eq!(orders(&ledger).len(), 0);
    assert_eq!(stage(&ledger, id), ProposalStage::Ended(ProposalEnded::Enacted));
    let amend = Operation::OrderAmend {
        order: kept,
        quantity: Quantity(2),
        limit: Price(5),
        stretch: None,
    };
    ledger.refuses("alice", amend, Rejection::OrderUnknown);
    assert_eq!(ledger.account("alice").unwrap().orders, 0);
}

#[test]
fn orders_of_a_closed_market_do_not_trade_while_they_wait_for_their_end() {
    let mut ledger = with_market();
    for _ in 0..=CLOSE_ORDERS_MAX {
        let order = ask(&ledger, 1);
        act(&mut ledger, "alice", order);
    }
    propose(&mut ledger, "a", close(0));
    later(&mut ledger, DELAY);
    assert_eq!(orders(&ledger).len(), 1);
    let rest = *View::new(&ledger.state, &[]).book(MarketId(0)).first().unwrap();
    let amend = Operation::OrderAmend {
        order: rest,
        quantity: Quantity(2),
        limit: Price(5),
        stretch: None,
    };
    let signed = ledger.sign("alice", 0, vec![amend]);
    let applied = ledger.apply(ledger.time.after(Millis(1)), &[signed]).unwrap();
    assert!(matches!(applied.receipts.transactions[0].outcome, Outcome::Failed { .. }));
    assert_eq!(orders(&ledger).len(), 0);
}

#[test]
fn market_that_opens_again_keeps_what_had_not_ended() {
    let mut ledger = with_market();
    for _ in 0..3 * CLOSE_ORDERS_MAX {
        let order = ask(&ledger, 1);
        act(&mut ledger, "alice", order);
    }
    propose(&mut ledger, "a", close(0));
    later(&mut ledger, DELAY);
    assert_eq!(orders(&ledger).len(), 2 * CLOSE_ORDERS_MAX);
    // It opens before the closing has come to an end.
    ledger.agree(|params| params.proposals.delay = Millis(1));
    let opening = propose(&mut ledger, "a", set(0, |_| {}));
    assert_eq!(orders(&ledger).len(), CLOSE_ORDERS_MAX);
    later(&mut ledger, 1);
    assert_eq!(stage(&ledger, opening), ProposalStage::Ended(ProposalEnded::Enacted));
    let left = orders(&ledger).len();
    later(&mut ledger, 1);
    assert_eq!(orders(&ledger).len(), left);
    let order = ask(&ledger, 1);
    act(&mut ledger, "alice", order);
}

#[test]
fn change_that_nobody_was_shown_is_not_approved() {
    let mut ledger = ledger(4);
    let id = propose(&mut ledger, "a", add("cpu"));
    let other = Operation::Approve { proposal: id, change: add("gpu").digest() };
    ledger.refuses("b", other, Rejection::ChangeMismatch);
    approve(&mut ledger, "b", id);
}
