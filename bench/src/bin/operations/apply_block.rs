//! `apply_block` with transfers: the rules alone, signatures, state tree and store not included.

use chain::amount::Amount;
use chain::limits::OPERATIONS_MAX;
use chain::memo::Memo;
use chain::operation::Operation;
use chain::receipt::Outcome;
use chain::transaction::VerifiedTransaction;

use crate::fixture::Fixture;
use crate::timing::Timing;

/// Transactions in a block, each of a sender of its own.
const TRANSACTIONS: u32 = 1_000;
/// Accounts there are.
const ACCOUNTS: u32 = 10_000;

/// The operations measured here: transfers, one to a transaction and as many as one may have. An item is a
/// transfer.
pub(crate) fn measure() -> Vec<Timing> {
    let fixture = Fixture::new(TRANSACTIONS, ACCOUNTS);
    let full = u32::try_from(OPERATIONS_MAX).expect("a bound is small");
    [(TRANSACTIONS, 1), (TRANSACTIONS / full, full)]
        .into_iter()
        .map(|(transactions, operations)| {
            let block = block(&fixture, transactions as usize, operations as usize);
            let applied = fixture.apply(&block);
            let outcomes = applied.receipts.transactions.iter().map(|receipt| &receipt.outcome);
            assert!(outcomes.clone().all(|outcome| matches!(outcome, Outcome::Applied { .. })));
            let name = format!("apply_block/transactions={transactions},transfers={operations}");
            Timing::measure(&name, transactions * operations, || fixture.apply(&block))
        })
        .collect()
}

fn block(fixture: &Fixture, transactions: usize, operations: usize) -> Vec<VerifiedTransaction> {
    let transfer = |number| Operation::Transfer {
        to: fixture.recipient(number),
        amount: Amount::from_u64(1),
        memo: Memo::default(),
    };
    (0..transactions)
        .map(|number| {
            let numbers = number * operations..(number + 1) * operations;
            fixture.transaction(number, numbers.map(transfer).collect())
        })
        .collect()
}
