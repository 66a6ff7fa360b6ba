//! Claims about postings. That they lead from the state before a block to the state after it, [`check`]
//! asserts for every block of every test of the rules.

use std::collections::BTreeMap;

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::state::{Key, Object};
use chain::time::{Millis, Time};

use super::{BlockStep, Posting};
use crate::block::Applied;
use crate::state::{State, View};
use crate::testing::{account, run};

/// Asserts what holds of the postings of any block on top of `before`.
pub(crate) fn check(before: &State, applied: &Applied) {
    let Applied { postings, changes, .. } = applied;
    let place = |posting: &Posting| (posting.step, posting.account);
    assert!(postings.is_sorted_by(|one, next| place(one) < place(next)), "{postings:?}");

    let view = View::new(before, &[]);
    let mut sums: BTreeMap<AccountId, (Amount, Amount)> = BTreeMap::new();
    let mut moved = 0;
    for Posting { account, cash, held, .. } in postings {
        assert!(held <= cash, "{account:?}");
        let first = view.account(account).unwrap_or_default();
        let (was, _) = sums.insert(*account, (*cash, *held)).unwrap_or((first.cash, first.held));
        moved += signed(*cash) - signed(was);
    }
    let after = changes.objects.iter().filter_map(|(key, object)| match (key, object) {
        (Key::Account(id), Some(Object::Account(Account { cash, held, .. }))) => {
            Some((*id, (*cash, *held)))
        }
        _ => None,
    });
    assert_eq!(sums, after.collect(), "the last posting of an account is how it stands");
    let supply = match changes.objects.get(&Key::Supply) {
        Some(Some(Object::Supply(supply))) => *supply,
        _ => view.supply(),
    };
    let came = signed(supply.cash()) - signed(view.supply().cash());
    assert_eq!(moved, came, "postings move what was minted or burned");
}

fn signed(amount: Amount) -> i128 {
    i128::try_from(amount.base_units()).unwrap()
}

/// The postings of the block that `statement` makes after `script`: step, name, cash, held.
fn postings(script: &str, block: &str) -> Vec<(BlockStep, &'static str, u128, u128)> {
    let mut ledger = run(script);
    let last = ledger.last(block);
    let name = |id| {
        let names = ["alice", "bob", "carol", "treasury", "proposer", "cashier"];
        names.into_iter().find(|name| account(name) == id).unwrap()
    };
    let shown = last
        .postings
        .iter()
        .map(|it| (it.step, name(it.account), it.cash.base_units(), it.held.base_units()));
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by_key(|(step, name, ..)| (*step, *name));
    shown
}

#[test]
fn transaction_posts_both_sides_and_its_fee() {
    let shown = postings("given base 2 share 5000; alice 10, bob 1", "alice -> bob 3");
    let expected = [
        (BlockStep::Transaction(0), "alice", 5, 0),
        (BlockStep::Transaction(0), "bob", 4, 0),
        (BlockStep::Fees, "proposer", 1, 0),
        (BlockStep::Fees, "treasury", 1, 0),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn transaction_that_failed_posts_its_fee_alone() {
    let block = "alice -> bob 3 & alice -> bob 100 BALANCE_TOO_LOW@1 | bob -> alice 1";
    let shown = postings("given base 2 share 0; alice 10, bob 5", block);
    let expected = [
        (BlockStep::Transaction(0), "alice", 8, 0),
        (BlockStep::Transaction(1), "alice", 9, 0),
        (BlockStep::Transaction(1), "bob", 2, 0),
        (BlockStep::Fees, "proposer", 0, 0),
        (BlockStep::Fees, "treasury", 4, 0),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn timer_posts_what_it_frees_before_the_transactions() {
    let script = "alice 10, bob 0; alice holds 4 for bob until 50 as h; time 60";
    let shown = postings(script, "alice -> bob 9");
    let expected = [
        (BlockStep::Timers, "alice", 10, 0),
        (BlockStep::Transaction(0), "alice", 1, 0),
        (BlockStep::Transaction(0), "bob", 9, 0),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn an_empty_block_posts_nothing() {
    let mut ledger = run("alice 10");
    let applied = ledger.apply(Time(0).after(Millis(9)), &[]).unwrap();
    assert_eq!(applied.postings, []);
}
