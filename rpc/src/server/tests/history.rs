//! The history that the fake node shows: a line of each kind.

use chain::amount::Amount;

use super::fake::{ALICE, MISSING, WAITS, address, signed, tip, translator};
use crate::error::Error;
use crate::methods::AccountListHistory;
use crate::text::{Address, Text};
use crate::types::{
    Change, ColumnsView, EventView, FailureView, HistoryLineView, HistoryView, RejectionView,
    StepView,
};

pub(super) fn answer(question: &AccountListHistory) -> Result<HistoryView, Error> {
    let account = question.account;
    if translator().account(&account)? == MISSING {
        return Err(Error::HistoryOff);
    }
    let steps = [StepView::Beginning, StepView::Timers, failed_step(), StepView::Fees];
    let items = steps.into_iter().map(|step| line(step, account)).collect();
    let columns = |cash| ColumnsView::new(Amount::from_u64(cash), Amount::from_u64(1)).unwrap();
    Ok(HistoryView {
        tip: tip(),
        account,
        begins: 1,
        from: question.from.unwrap_or(2),
        until: question.until.unwrap_or(10),
        opening: columns(5),
        closing: columns(6),
        items,
        next_cursor: question.cursor.clone(),
    })
}

fn failed_step() -> StepView {
    let (name, message) = ("N".to_owned(), "m".to_owned());
    let rejection = RejectionView { code: 1, name, message };
    StepView::Transaction {
        index: 3,
        transaction: signed(1).transaction.id().into(),
        sender: address(ALICE),
        fee: Amount::from_u64(7).into(),
        failure: Some(FailureView { operation: 2, rejection }),
    }
}

fn line(step: StepView, account: Text<Address>) -> HistoryLineView {
    let (from, to, amount) = (account, address(WAITS), Amount::from_u64(1).into());
    HistoryLineView {
        height: 4,
        time: 5,
        step,
        operations: translator().transaction(&signed(1)).operations,
        events: vec![EventView::Transferred { from, to, amount }],
        amount_change: Change::less(Amount::MAX).into(),
        held_change: Change::of(Amount::MAX).into(),
        after: ColumnsView::new(Amount::MAX, Amount::from_u64(1)).unwrap(),
    }
}
