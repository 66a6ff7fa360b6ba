//! Claims about the frame of a block. That a block gives the same twice, and on uncommitted ancestors,
//! the harness asserts for every block of every test.

use chain::amount::Amount;
use chain::authority::AuthorityKey;
use chain::event::Event;
use chain::hash::Hash;
use chain::limits::{MEMO_BYTES_MAX, OPERATIONS_MAX};
use chain::memo::Memo;
use chain::operation::Operation;
use chain::receipt::Outcome;
use chain::time::Time;
use chain::transaction::VerifiedTransaction;

use super::{BlockRun, InvalidBlock, TRANSACTIONS_BYTES_MAX, apply_block};
use crate::context::BlockContext;
use crate::rejection::Rejection;
use crate::state::View;
use crate::testing::{Ledger, account, run};

fn transfer(to: &str, units: u64) -> Operation {
    let (to, amount) = (account(to), Amount::from_u64(units));
    Operation::Transfer { to, amount, memo: Memo::default() }
}

fn invalid(ledger: &Ledger, context: BlockContext) -> InvalidBlock {
    apply_block(View::new(&ledger.state, &[]), context, &[]).unwrap_err()
}

#[test]
fn context_of_no_honest_block_is_invalid() {
    let ledger = run("alice 10; block; block");
    let good = ledger.context();
    let view = View::new(&ledger.state, &[]);
    assert!(apply_block(view, good, &[]).is_ok());
    let other = BlockContext { chain: Hash::ZERO, ..good };
    assert_eq!(invalid(&ledger, other), InvalidBlock::ChainMismatch);
    let other = BlockContext { epoch: 1, ..good };
    assert_eq!(invalid(&ledger, other), InvalidBlock::EpochMismatch);
    let other = BlockContext { time: good.parent_time, ..good };
    assert_eq!(invalid(&ledger, other), InvalidBlock::TimeNotLater);
    let other = BlockContext { proposer: AuthorityKey([8; 32]), ..good };
    assert_eq!(invalid(&ledger, other), InvalidBlock::ProposerUnknown);
}

#[test]
fn last_block_of_an_epoch_names_the_next_authorities() {
    let mut ledger = run("alice 10");
    for height in 1..=20 {
        let applied = ledger.apply(Time(height), &[]).unwrap();
        let named = applied.next_authorities.map(|authorities| authorities.len());
        assert_eq!(named, (height % 10 == 9).then_some(1), "height {height}");
    }
}

#[test]
fn builder_skips_what_the_door_refuses() {
    let ledger = run("given base 1; alice 10, bob 0");
    let good = ledger.sign("alice", 0, vec![transfer("bob", 1)]);
    let gap = ledger.sign("alice", 5, vec![transfer("bob", 1)]);
    let next = ledger.sign("alice", 1, vec![transfer("bob", 100)]);
    let view = View::new(&ledger.state, &[]);
    let mut run = BlockRun::begin(view, ledger.context()).unwrap();
    assert_eq!(run.execute(&gap).unwrap_err(), Rejection::NonceTooHigh);
    assert_eq!(run.execute(&good).unwrap().fee, Amount::from_u64(1));
    assert_eq!(run.execute(&good).unwrap_err(), Rejection::NonceTooLow);
    let code = Rejection::BalanceTooLow.code();
    assert_eq!(run.execute(&next).unwrap().outcome, Outcome::Failed { operation: 0, code });
    let built = run.finish();
    assert_eq!(apply_block(view, ledger.context(), &[good, next]), Ok(built));
}

#[test]
fn receipts_stand_in_the_order_of_transactions() {
    let mut ledger = run("alice 10, bob 10");
    let transactions: Vec<VerifiedTransaction> = [("alice", "bob", 1), ("bob", "carol", 2)]
        .map(|(from, to, units)| ledger.sign(from, 0, vec![transfer(to, units)]))
        .into();
    let applied = ledger.apply(Time(1), &transactions).unwrap();
    let ids = applied.receipts.transactions.iter().map(|receipt| receipt.transaction);
    assert!(ids.eq(transactions.iter().map(VerifiedTransaction::id)));
    let Outcome::Applied { events } = &applied.receipts.transactions[1].outcome else { panic!() };
    let (from, to, amount) = (account("bob"), account("carol"), Amount::from_u64(2));
    let opened = Event::AccountOpened { account: to, by: from, deposit: Amount::ZERO };
    assert_eq!(events, &[opened, Event::Transferred { from, to, amount }]);
}

#[test]
fn block_holds_no_more_bytes_than_its_bound() {
    let ledger = run("alice 1000000, bob 0");
    let memo = Memo::new("x".repeat(MEMO_BYTES_MAX)).unwrap();
    let (to, amount) = (account("bob"), Amount::from_u64(1));
    let operations = vec![Operation::Transfer { to, amount, memo }; OPERATIONS_MAX];
    let view = View::new(&ledger.state, &[]);
    let mut run = BlockRun::begin(view, ledger.context()).unwrap();
    let mut transactions = Vec::new();
    for skipped in 0.. {
        let transaction = ledger.sign("alice", skipped, operations.clone());
        transactions.push(transaction.clone());
        if !run.has_room_for(&transaction) {
            break;
        }
        run.execute(&transaction).unwrap();
    }
    let bytes: usize = transactions.iter().map(VerifiedTransaction::bytes).sum();
    assert!(bytes > TRANSACTIONS_BYTES_MAX);
    assert!(bytes - transactions[0].bytes() <= TRANSACTIONS_BYTES_MAX);
    let index = transactions.len() - 1;
    let result = apply_block(view, ledger.context(), &transactions);
    assert_eq!(result, Err(InvalidBlock::TooLarge { index }));
    assert_eq!(apply_block(view, ledger.context(), &transactions[..index]), Ok(run.finish()));
}

#[test]
fn header_of_a_block_decides_no_deadline() {
    // The block's own time is past the hold's end; its parent's is not.
    let mut ledger = run("alice 10, bob 0; alice holds 5 for bob until 50 as h");
    ledger.step("time 500");
    ledger.step("alice 10/5");
    ledger.step("block");
    ledger.step("alice 10");
}
