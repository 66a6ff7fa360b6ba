//! One step of a fuzzed transaction. Half of the choices fit what stands in the state, so that runs get
//! past the first refusals.

use chain::account::AccountId;
use chain::agent::{Scope, Scopes};
use chain::conditions::{Conditions, Kind, Share, Split};
use chain::contract::{ContractAct, Delivery, Extent, Staged, Verdict};
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::keys::{PublicKey, SecretKey};
use chain::market::{Grade, MarketId};
use chain::memo::Memo;
use chain::name::Name;
use chain::operation::{Operation, OrderPlace};
use chain::order::{BidTerms, CancelScope, FillRule, Side, TimeInForce};
use chain::parties::{Accounts, Parties, Preference};
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::quote::{Capacity, Offer, Quote};
use chain::sealed::Sealed;
use chain::signers::Signers;
use chain::standing::{Day, Days, StandingAct, StandingTerms, Weekdays};
use chain::state::{Key, Object};
use chain::target::Target;
use chain::time::{Millis, Time, Window};
use chain::voucher::Voucher;
use runtime::state::State;

use super::world::{CHAIN, SLOT, World};
use super::{hosts, proposals};
use crate::input::Input;

pub(super) fn operation(world: &World, input: &mut Input<'_>, state: &State) -> Operation {
    match input.below(48) {
        0 | 1 => {
            let (to, amount) = (world.account(input), input.amount());
            Operation::Transfer { to, amount, memo: Memo::default() }
        }
        2 => {
            let (to, amount) = (world.account(input), input.amount());
            Operation::Deposit { to, amount, reference: Hash([input.byte(); 32]) }
        }
        3 => {
            let (amount, beneficiary) = (input.amount(), world.account(input));
            Operation::HoldOpen { amount, beneficiary, expires: moment(world, input) }
        }
        4 => {
            Operation::HoldCapture { hold: object(world, input, state), cumulative: input.amount() }
        }
        5 => Operation::HoldRelease { hold: object(world, input, state) },
        6..10 => Operation::OrderPlace(place(world, input, state)),
        10 => Operation::OrderCancel { order: object(world, input, state) },
        11 | 12 => Operation::ChannelOpen {
            payee: world.account(input),
            amount: input.amount(),
            voucher_key: world.key(input).public_key(),
            settle_delay: Millis(input.number()),
        },
        13 => voucher(world, input, state),
        14 => Operation::CloseByPayee { channel: object(world, input, state) },
        15 => Operation::CloseByPayer { channel: object(world, input, state) },
        16..19 => withdrawal(world, input, state),
        19 => {
            let name = input.pick(&["", "alice", "bob-7", "the-market"]);
            Operation::AccountUpdate { name: Name::new(name) }
        }
        20 => key_set(world, input),
        21 => Operation::AgentGrant {
            key: world.key(input).public_key(),
            scopes: scopes(input),
            cap: input.amount(),
            expires: moment(world, input),
        },
        22 => Operation::AgentRevoke { key: world.key(input).public_key() },
        23 => {
            let place = place(world, input, state);
            let OrderPlace { quantity, limit, stretch, .. } = place;
            Operation::OrderAmend { order: object(world, input, state), quantity, limit, stretch }
        }
        24 => Operation::OrderCancelAll { scope: scope(input) },
        25 => {
            let time = (!input.once_in(4)).then(|| moment(world, input));
            Operation::CancelAt { time }
        }
        26..33 => in_contract(input, state),
        33 | 34 => quote_accept(world, input, state),
        35..41 => hosts::operation(world, input, state),
        41..44 => standing(world, input, state),
        44 | 45 => proposals::propose(input, &world.accounts(), state),
        46 => proposals::approve(object(world, input, state), input, state),
        47 => proposals::authority(input, state),
        _ => Operation::Refund {
            of: object(world, input, state),
            amount: input.amount(),
            reason: Memo::default(),
        },
    }
}

fn withdrawal(world: &World, input: &mut Input<'_>, state: &State) -> Operation {
    match input.below(3) {
        0 => Operation::WithdrawRequest {
            amount: input.amount(),
            target: Target::new("account 7").expect("a short text"),
        },
        1 => Operation::WithdrawConfirm {
            hold: object(world, input, state),
            reference: Hash([input.byte(); 32]),
        },
        _ => {
            Operation::WithdrawReject { hold: object(world, input, state), reason: Memo::default() }
        }
    }
}

/// An object that stands in the state, or any that was named before.
fn object(world: &World, input: &mut Input<'_>, state: &State) -> ObjectId {
    let choice = usize::from(input.byte());
    let standing: Vec<ObjectId> = state.iter().filter_map(|(key, _)| named(key)).collect();
    let names = if choice < 192 && !standing.is_empty() { &standing } else { &world.objects };
    names.get(choice % names.len().max(1)).copied().unwrap_or(ObjectId([1; 32]))
}

const fn named(key: &Key) -> Option<ObjectId> {
    match key {
        Key::Hold(id)
        | Key::Order(id)
        | Key::Contract(id)
        | Key::Channel(id)
        | Key::Captured(id)
        | Key::Proposal(id) => Some(*id),
        _ => None,
    }
}

/// A contract that stands in the state, or none.
fn contract(input: &mut Input<'_>, state: &State) -> ObjectId {
    let standing = state.iter().filter_map(|(key, _)| match key {
        Key::Contract(id) => Some(*id),
        _ => None,
    });
    let standing: Vec<ObjectId> = standing.collect();
    let choice = usize::from(input.byte());
    standing.get(choice % standing.len().max(1)).copied().unwrap_or(ObjectId([1; 32]))
}

fn in_contract(input: &mut Input<'_>, state: &State) -> Operation {
    Operation::Contract { contract: contract(input, state), act: contract_act(input) }
}

fn contract_act(input: &mut Input<'_>) -> ContractAct {
    let (digest, location) = (Hash([input.byte(); 32]), Sealed::default());
    match input.below(9) {
        0 => ContractAct::EndpointPublish { endpoint: location },
        1 | 2 => ContractAct::StageReady(Staged { digests: vec![digest], location }),
        3 => ContractAct::HostReady { fingerprint: digest },
        4 => {
            let extent = if input.once_in(2) { Extent::Whole } else { Extent::Partial };
            ContractAct::ResultPost(Delivery { digest, location, extent })
        }
        5 => {
            let verdict = if input.once_in(2) { Verdict::Accept } else { Verdict::Reject };
            ContractAct::SignOff { verdict }
        }
        6 => ContractAct::EndEarly,
        7 => ContractAct::ReclaimStart,
        _ => ContractAct::Abort,
    }
}

/// Somebody's word, most often signed by who gives it, or the one of before: salts are few.
fn quote_accept(world: &World, input: &mut Input<'_>, state: &State) -> Operation {
    let OrderPlace { market, quantity, window, limit: price, grade, .. } =
        place(world, input, state);
    let maker = world.key(input);
    let capacity = Capacity { market, window, quantity, price, grade };
    let quote = Quote {
        chain: if input.once_in(16) { Hash::ZERO } else { CHAIN },
        maker: AccountId::of_key(&maker.public_key()),
        taker: input.once_in(8).then(|| world.account(input)),
        expires: window.start,
        salt: u64::from(input.byte() % 2),
        offer: match input.below(3) {
            0 => Offer::Sell(capacity),
            1 => Offer::Buy(capacity),
            _ => Offer::Resell { contract: contract(input, state), price },
        },
        conditions: conditions(world, input),
    };
    let signer = if input.once_in(8) { world.key(input) } else { maker };
    let quote = Box::new(quote.sign_with(std::slice::from_ref(signer)));
    let (quantity, conditions) = (Quantity(6 * (1 + input.below(4))), conditions(world, input));
    Operation::QuoteAccept { quote, quantity, conditions }
}

/// A time around now, or at an edge.
pub(super) fn moment(world: &World, input: &mut Input<'_>) -> Time {
    match input.byte() {
        0 => Time(0),
        255 => Time(u64::MAX),
        span => Time((world.time + 16 * u64::from(span)).saturating_sub(256)),
    }
}

fn place(world: &World, input: &mut Input<'_>, state: &State) -> OrderPlace {
    let first = world.time / SLOT + input.below(4);
    let slots = if input.once_in(64) { input.number() } else { 1 + input.below(4) };
    let (start, end) = (first * SLOT, (first.saturating_add(slots)).saturating_mul(SLOT));
    let quantity = if input.once_in(64) { input.number() } else { 6 * (1 + input.below(8)) };
    let side = if input.once_in(2) {
        Side::Ask(hosts::ask(input, state))
    } else {
        Side::Bid(bid_terms(input, quantity))
    };
    let is_bid = matches!(side, Side::Bid(_));
    let level = if input.once_in(64) { input.number() } else { 35 * (1 + input.below(8)) };
    OrderPlace {
        market: MarketId(if input.once_in(16) { 2 } else { u32::from(input.byte() % 2) }),
        side,
        predicates: if is_bid || input.once_in(32) {
            hosts::predicates(input)
        } else {
            Predicates::default()
        },
        quantity: Quantity(quantity),
        window: Window { start: Time(start), end: Time(end) },
        limit: Price(level),
        time_in_force: match input.below(4) {
            0 => TimeInForce::ImmediateOrCancel,
            1 => TimeInForce::Until(moment(world, input)),
            _ => TimeInForce::Until(Time(start)),
        },
        grade: Grade(input.byte() % 4),
        parties: parties(world, input),
        conditions: conditions(world, input),
        stretch: stretch(input, level),
    }
}

/// A standing order, or what its owner does with one.
fn standing(world: &World, input: &mut Input<'_>, state: &State) -> Operation {
    if input.once_in(3) {
        let act = input.pick(&[StandingAct::Pause, StandingAct::Resume, StandingAct::End]);
        return Operation::Standing { standing: object(world, input, state), act };
    }
    Operation::StandingPut(Box::new(daily(world, input, state)))
}

/// An order a day, mostly the first of them in reach.
fn daily(world: &World, input: &mut Input<'_>, state: &State) -> StandingTerms {
    let template = place(world, input, state);
    let weekdays = if input.once_in(8) { input.byte() } else { 0x7f };
    let budget = match template.side {
        Side::Bid(_) => input.once_in(2).then(|| input.amount()),
        Side::Ask(_) => None,
    };
    StandingTerms {
        until: template.window.start.after(Millis(1 + 40_000_000 * input.below(8))),
        template,
        weekdays: Weekdays::from_bits(weekdays).unwrap_or(Weekdays::ALL),
        skip: Days::new((0..input.below(3)).map(Day).collect()).expect("a few days"),
        horizon: Millis(SLOT * input.below(8)),
        budget,
    }
}

/// Mostly none; else some steps from the limit, on either side of it.
fn stretch(input: &mut Input<'_>, limit: u64) -> Option<Price> {
    let steps = 35 * input.below(4);
    input.once_in(3).then(|| {
        Price(if input.once_in(2) {
            limit.saturating_add(steps)
        } else {
            limit.saturating_sub(steps)
        })
    })
}

/// Mostly everybody; else some of the world's people, preferred at times, for an ask too.
fn parties(world: &World, input: &mut Input<'_>) -> Parties {
    let mut some = |chance| {
        let one = input.once_in(chance).then(|| world.account(input));
        Accounts::new(one.into_iter().collect()).expect("one at most")
    };
    let (only, deny, preferred) = (some(16), some(8), some(4));
    let prefer = Preference::new(preferred, 2_500);
    Parties { only, deny, prefer }
}

/// Mostly firm.
fn conditions(world: &World, input: &mut Input<'_>) -> Conditions {
    let notice = Millis(8 * input.below(16));
    let kind = if input.once_in(4) { Kind::Interruptible { notice } } else { Kind::Firm };
    let account = input.once_in(4).then(|| world.account(input));
    let share = account.map(|account| Share { account, bps: 1 + u16::from(input.byte()) * 39 });
    let split = Split::new(share.into_iter().collect()).expect("less than all");
    let agreement = input.once_in(8).then(|| Hash([input.byte() % 2; 32]));
    let broker = input.once_in(4).then(|| world.account(input));
    let user = input.once_in(8).then(|| world.account(input));
    Conditions { kind, split, agreement, broker, user }
}

fn scope(input: &mut Input<'_>) -> CancelScope {
    let market = MarketId(u32::from(input.byte() % 3));
    match input.below(4) {
        0 => CancelScope::All,
        1 => CancelScope::Market(market),
        2 => CancelScope::Bids(market),
        _ => CancelScope::Asks(market),
    }
}

fn bid_terms(input: &mut Input<'_>, quantity: u64) -> BidTerms {
    let fill = match input.below(4) {
        0 => FillRule::AllOrNone,
        1 => FillRule::AtLeast(Quantity(input.number())),
        2 => FillRule::AtLeast(Quantity(quantity / 2)),
        _ => FillRule::AtLeast(Quantity(0)),
    };
    let sellers_max = input.once_in(4).then(|| u16::from(input.byte() % 3));
    BidTerms { fill, sellers_max }
}

/// A voucher for a channel, most often signed by its key.
fn voucher(world: &World, input: &mut Input<'_>, state: &State) -> Operation {
    let channel = object(world, input, state);
    let owner = match state.get(&Key::Channel(channel)) {
        Some(Object::Channel(channel)) => Some(channel.voucher_key),
        _ => None,
    };
    let any = world.key(input);
    let fitting = world.keys.iter().find(|key| Some(key.public_key()) == owner);
    let key = if input.once_in(8) { any } else { fitting.unwrap_or(any) };
    let chain = if input.once_in(16) { Hash::ZERO } else { CHAIN };
    let (sequence, cumulative) = (input.number(), input.amount());
    Operation::VoucherSubmit { voucher: Voucher { chain, channel, sequence, cumulative }.sign(key) }
}

/// Some keys of the world, and how many of them sign.
fn key_set(world: &World, input: &mut Input<'_>) -> Operation {
    let chosen = usize::from(input.byte());
    let in_set = |(number, _): &(usize, &SecretKey)| chosen >> number & 1 == 1;
    let keys: Vec<PublicKey> =
        world.keys.iter().enumerate().filter(in_set).map(|(_, key)| key.public_key()).collect();
    let threshold = 1 + input.byte() % u8::try_from(keys.len().max(1)).expect("few keys");
    let lone = || Signers::new(1, vec![world.key(&mut Input::new(&[])).public_key()]);
    let signers = Signers::new(threshold, keys).or_else(lone).expect("a key is a set");
    Operation::KeySet { signers }
}

fn scopes(input: &mut Input<'_>) -> Scopes {
    let chosen = input.byte();
    let scopes = (0..).zip(Scope::ALL).filter(|(bit, _)| chosen >> bit & 1 == 1);
    Scopes::new(scopes.map(|(_, scope)| scope))
        .or_else(|| Scopes::new([Scope::Pay]))
        .expect("one scope is enough")
}
