//! Blocks built, checked and committed on a store of their own.

use std::path::Path;

use chain::amount::Amount;
use chain::height::{Height, Nonce};
use chain::operation::Operation;
use chain::time::Time;
use consensus::{Application as _, Work};
use runtime::rejection::Rejection;

use super::*;
use crate::application::lock;
use crate::mempool::Fate;
use crate::testing::{Chain, account, genesis, key, operation, transaction, transfer};

fn chain(folder: &Path) -> Chain {
    Chain::open(folder).unwrap()
}

/// Two nodes of one chain, each with a folder of its own.
fn pair() -> (tempfile::TempDir, Chain, Chain) {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (chain(&folder.path().join("one")), chain(&folder.path().join("other")));
    (folder, one, other)
}

fn cash(chain: &Chain, byte: u8) -> Amount {
    chain.ledger.read().view().account(&account(byte)).unwrap().cash
}

#[test]
fn built_block_is_valid_elsewhere_and_leads_to_the_same_state() {
    let (_folder, builder, checker) = pair();
    let before = cash(&builder, 2);
    builder.submit(transfer(1, 0));
    let turn = builder.turn(&[]);
    let block = builder.application.build(&turn).unwrap();
    assert_eq!(block.transactions, [transfer(1, 0)]);
    assert_eq!(checker.application.check(&block, &turn), Some(Verdict::Valid));
    for chain in [&builder, &checker] {
        chain.application.commit(&block, None);
        assert_eq!(chain.tip(), block.header);
        assert_eq!(Some(cash(chain, 2)), before.checked_add(Amount::from_u64(1)));
    }
    assert!(lock(&builder.mempool).is_empty());
}

#[test]
fn final_block_never_seen_before_is_applied_and_committed() {
    let (_folder, builder, late) = pair();
    builder.submit(transfer(1, 0));
    let block = builder.grow();
    late.application.commit(&block, None);
    assert_eq!(late.tip(), block.header);
}

#[test]
fn block_delivered_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path());
    let first = chain.grow();
    let second = chain.grow();
    chain.application.commit(&first, None);
    chain.application.commit(&second, None);
    assert_eq!(chain.tip(), second.header);
}

#[test]
fn blocks_stand_on_ancestors_that_are_not_committed() {
    let (_folder, builder, checker) = pair();
    builder.submit(transfer(1, 0));
    let first = builder.application.build(&builder.turn(&[])).unwrap();
    builder.submit(transfer(1, 1));
    let second = builder.application.build(&builder.turn(&[&first])).unwrap();
    assert_eq!(second.transactions, [transfer(1, 1)]);
    let turn = builder.turn(&[&first, &second]);
    let third = builder.application.build(&turn).unwrap();
    assert!(third.transactions.is_empty());
    // The checker has seen neither ancestor, and applies both again.
    assert_eq!(checker.application.check(&third, &turn), Some(Verdict::Valid));
    for block in [first, second, third] {
        builder.application.commit(&block, None);
        checker.application.commit(&block, None);
    }
    assert_eq!(builder.tip(), checker.tip());
    assert!(lock(&builder.mempool).is_empty());
}

#[test]
fn block_that_loses_leaves_no_trace() {
    let (_folder, chain, other) = pair();
    chain.submit(transfer(1, 0));
    let losing = chain.application.build(&chain.turn(&[])).unwrap();
    let winning = other.grow();
    assert_ne!(losing.header.digest(), winning.header.digest());
    chain.application.commit(&winning, None);
    assert_eq!(chain.ledger.overlays().find(&losing.header.digest()).map(|_| ()), None);
    assert_eq!(chain.grow().transactions, [transfer(1, 0)]);
}

#[test]
fn ancestor_committed_since_the_turn_was_drawn_up_is_part_of_the_state() {
    let (_folder, builder, checker) = pair();
    builder.submit(transfer(1, 0));
    let first = builder.application.build(&builder.turn(&[])).unwrap();
    builder.submit(transfer(1, 1));
    let turn = builder.turn(&[&first]);
    for chain in [&builder, &checker] {
        chain.application.commit(&first, None);
        assert_eq!(chain.ledger.base(&turn, &|_| unreachable!()).unwrap().overlays.len(), 0);
    }
    let second = builder.application.build(&turn).unwrap();
    assert_eq!(second.transactions, [transfer(1, 1)]);
    assert_eq!(checker.application.check(&second, &turn), Some(Verdict::Valid));
}

#[test]
fn turn_that_the_tip_has_passed_by_gets_no_answer() {
    let (_folder, chain, other) = pair();
    let ours = chain.application.build(&chain.turn(&[])).unwrap();
    let (under, beside) = (chain.turn(&[]), chain.turn(&[&ours]));
    let mut late = chain.application.build(&beside).unwrap();
    // Not the very block that was built here, which is known to be valid.
    late.header.time.0 += 1;
    other.submit(transfer(1, 0));
    chain.application.commit(&other.grow(), None);
    for turn in [&under, &beside] {
        assert_eq!(chain.application.work(turn), None);
        assert_eq!(chain.application.build(turn), None);
        assert_eq!(chain.application.check(&late, turn), None);
    }
}

#[test]
fn block_is_built_on_one_that_is_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path());
    chain.submit(transfer(1, 0));
    let first = chain.application.build(&chain.turn(&[])).unwrap();
    chain.submit(transfer(1, 1));
    let turn = chain.turn(&[&first]);
    // The base is held while the commit writes, and let go for its last step.
    let base = chain.ledger.base(&turn, &|_| unreachable!()).unwrap();
    std::thread::scope(|scope| {
        let commit = scope.spawn(|| chain.application.commit(&first, None));
        while chain.ledger.store().place(&transfer(1, 0).transaction.id()).unwrap().is_none() {
            std::thread::yield_now();
        }
        assert_eq!(base.overlays.len(), 1);
        assert_eq!(base.committed.header.height, Height::GENESIS, "readers wait for the last step");
        drop(base);
        commit.join().unwrap();
    });
    assert_eq!(chain.tip(), first.header);
    assert_eq!(chain.application.build(&turn).unwrap().transactions, [transfer(1, 1)]);
}

#[test]
fn block_that_lies_is_invalid() {
    let (_folder, builder, checker) = pair();
    builder.submit(transfer(1, 0));
    let turn = builder.turn(&[]);
    let block = builder.application.build(&turn).unwrap();
    type Lie = fn(&mut Block);
    let lies: [(&str, Lie); 6] = [
        ("state root", |block| block.header.state_root = Hash::ZERO),
        ("receipts root", |block| block.header.receipts_root = Hash::ZERO),
        ("version", |block| block.header.version = VERSION + 1),
        ("proposer", |block| block.header.proposer.0[0] ^= 1),
        ("authorities", |block| block.header.next_authorities = Some(Vec::new())),
        ("signature", |block| block.transactions[0].witnesses[0].signature.0[0] ^= 1),
    ];
    for (what, lie) in lies {
        let mut lying = block.clone();
        lie(&mut lying);
        assert_eq!(checker.application.check(&lying, &turn), Some(Verdict::Invalid), "{what}");
    }
    assert_eq!(checker.application.check(&block, &turn), Some(Verdict::Valid));
}

#[test]
fn block_with_a_transaction_refused_at_the_door_is_invalid() {
    let (_folder, builder, checker) = pair();
    let turn = builder.turn(&[]);
    let mut block = builder.application.build(&turn).unwrap();
    block.transactions.push(transfer(1, 5));
    assert_eq!(checker.application.check(&block, &turn), Some(Verdict::Invalid));
}

#[test]
fn reopened_ledger_stands_where_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let (tip, state) = {
        let chain = chain(folder.path());
        for nonce in 0..5 {
            chain.submit(transfer(1, nonce));
            chain.grow();
        }
        let committed = chain.ledger.read();
        (committed.header.clone(), committed.state.clone())
    };
    let reopened = chain(folder.path());
    assert_eq!(reopened.tip(), tip);
    assert!(reopened.ledger.read().state.iter().eq(state.iter()));
    assert_eq!(reopened.ledger.read().index, Index::of(&state));
    runtime::invariants::check(&state).unwrap();
    let place = reopened.ledger.store().place(&transfer(1, 3).transaction.id()).unwrap().unwrap();
    assert_eq!((place.height, place.index), (Height(4), 0));
    reopened.submit(transfer(1, 5));
    assert_eq!(reopened.grow().transactions.len(), 1);
}

#[test]
fn transaction_that_the_rules_refuse_is_dropped_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path());
    let mut dear = transaction(1, 0);
    dear.fee_max = Amount::ZERO;
    let dear = chain.submit(dear.sign(&key(1)));
    let fine = chain.submit(transfer(3, 0));
    assert_eq!(chain.grow().transactions, [transfer(3, 0)]);
    let mempool = lock(&chain.mempool);
    assert_eq!(mempool.fate(&dear), Some(Fate::Rejected(Rejection::FeeAboveMax)));
    assert_eq!(mempool.fate(&fine), None);
    assert!(mempool.is_empty());
}

#[test]
fn transaction_refused_on_a_block_that_is_not_final_is_only_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path());
    let first = chain.application.build(&chain.turn(&[])).unwrap();
    let mut dear = transaction(1, 0);
    dear.fee_max = Amount::ZERO;
    let dear = chain.submit(dear.sign(&key(1)));
    let second = chain.application.build(&chain.turn(&[&first])).unwrap();
    assert!(second.transactions.is_empty());
    assert!(lock(&chain.mempool).waiting(&dear).is_some());
}

#[test]
fn transaction_refused_after_others_of_a_block_is_dropped_only_when_that_block_is_final() {
    let (_folder, chain, other) = pair();
    let account = chain.ledger.read().view().account(&account(1)).unwrap();
    let amount = account.available().checked_sub(Amount::from_u64(2_000)).unwrap();
    let (to, memo) = (crate::testing::account(2), chain::memo::Memo::default());
    let all = operation(1, 0, Operation::Transfer { to, amount, memo }).sign(&key(1));
    chain.submit(all.clone());
    let after = chain.submit(transfer(1, 1));

    let losing = chain.application.build(&chain.turn(&[])).unwrap();
    assert_eq!(losing.transactions, std::slice::from_ref(&all));
    chain.application.commit(&other.grow(), None);
    assert!(lock(&chain.mempool).waiting(&after).is_some());

    assert_eq!(chain.grow().transactions, [all]);
    let fate = lock(&chain.mempool).fate(&after);
    assert_eq!(fate, Some(Fate::Rejected(Rejection::FeeNotCovered)));
}

#[test]
fn deadline_asks_for_one_block_to_bring_the_time_and_one_to_fire() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path());
    let work = || chain.application.work(&chain.turn(&[]));
    assert_eq!(work(), Some(Work::None));
    let expires = Time(chain.tip().time.0 + 4_500);
    let (amount, beneficiary) = (Amount::from_u64(5), account(2));
    let hold = operation(1, 0, Operation::HoldOpen { amount, beneficiary, expires });
    chain.submit(hold.sign(&key(1)));
    // A turn comes a second after its parent; the fifth after the hold's end.
    for expected in [Work::Waiting, Work::Due(expires), Work::Due(expires), Work::Due(expires)] {
        assert_eq!(work(), Some(expected));
        chain.grow();
    }
    // The end has come on the clock; the next block brings it into the chain, and the one after it fires.
    for expected in [Work::Waiting, Work::Waiting] {
        assert_eq!(work(), Some(expected));
        chain.grow();
    }
    assert_eq!(work(), Some(Work::None));
    let account = chain.ledger.read().view().account(&account(1)).unwrap();
    assert_eq!(account.held, genesis().deposits.account);
}

#[test]
fn last_block_of_an_epoch_names_the_next_authorities() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path());
    let mut last = None;
    for _ in 1..=600 {
        let block = chain.grow();
        if block.header.next_authorities.is_some() {
            last = Some(block.header);
        }
    }
    let last = last.unwrap();
    assert_eq!(last.height, Height(599));
    assert_eq!(last.next_authorities, Some(genesis().charter.authorities));
}

#[test]
fn more_waits_than_a_block_holds() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path());
    let memo = chain::memo::Memo::new("x".repeat(chain::limits::MEMO_BYTES_MAX)).unwrap();
    let fill = |from: u8, nonce: u64| {
        let (to, amount) = (account(2), Amount::from_u64(1));
        let pay = Operation::Transfer { to, amount, memo: memo.clone() };
        let mut transaction = transaction(from, nonce);
        transaction.operations = vec![pay; chain::limits::OPERATIONS_MAX];
        transaction.sign(&key(from))
    };
    let mut waiting = 0;
    for from in [1, 2, 3, 4, 5, 6] {
        for nonce in 0..60 {
            chain.submit(fill(from, nonce));
            waiting += 1;
        }
    }
    let first = chain.grow();
    let bytes = chain::encoding::encode(&first).len();
    assert!(bytes <= chain::limits::BLOCK_BYTES_MAX, "{bytes}");
    assert!(bytes > chain::limits::BLOCK_BYTES_MAX * 9 / 10, "{bytes}");
    let second = chain.grow();
    assert_eq!(first.transactions.len() + second.transactions.len(), waiting);
    let next = chain.ledger.read().view().account(&account(1)).unwrap().nonce;
    assert_eq!(next, Nonce(60));
}

#[test]
fn state_after_each_of_the_last_blocks_is_shown_and_proved() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path());
    let key = Key::Account(account(2));
    let mut blocks = vec![(chain.tip(), cash(&chain, 2))];
    for nonce in 0..past::BLOCKS_MAX as u64 + 3 {
        if nonce % 2 == 0 {
            chain.submit(transfer(1, nonce / 2));
        }
        blocks.push((chain.grow().header, cash(&chain, 2)));
    }
    let committed = chain.ledger.read();
    assert_eq!(committed.first_shown(), Height(3));
    for (header, cash) in &blocks {
        let Some(then) = committed.at(header.height) else {
            assert!(header.height < Height(3));
            continue;
        };
        assert_eq!(then.view().account(&account(2)).unwrap().cash, *cash);
        let held = then.view().get(&key);
        assert_eq!(then.prove(&key).verify(&header.state_root, &key, held), Ok(()));
    }
    let tip = committed.header.height;
    assert!(committed.at(tip).is_some());
    assert!(committed.at(tip.next()).is_none());
}

#[test]
fn node_that_has_just_started_shows_its_tip_alone() {
    let folder = tempfile::tempdir().unwrap();
    let tip = {
        let chain = chain(folder.path());
        chain.grow();
        chain.grow().header.height
    };
    let chain = chain(folder.path());
    let committed = chain.ledger.read();
    assert_eq!(committed.first_shown(), tip);
    assert!(committed.at(tip).is_some());
    assert!(committed.at(Height(1)).is_none());
}
