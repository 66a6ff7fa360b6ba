//! A block: timers that are due, transactions one by one, standing orders that are due, matching, fees paid
//! out.
//!
//! [`apply_block`] is the only way in for a block somebody else built. A builder uses [`BlockRun`] step
//! by step, so that it can leave out what does not pass the door.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::authority::Authority;
use chain::block::VERSION;
use chain::event::Event;
use chain::height::Nonce;
use chain::limits::{
    BLOCK_BYTES_MAX, BLOCK_OPERATIONS_MAX, BLOCK_OVERHEAD_BYTES_MAX, BLOCK_TRANSACTIONS_MAX,
};
use chain::receipt::{Receipt, Receipts};
use chain::transaction::{SignedTransaction, VerifiedTransaction};

use crate::context::BlockContext;
use crate::draft::Draft;
use crate::posting::{BlockStep, Posting};
use crate::rejection::Rejection;
use crate::rules::{authority, standing};
use crate::state::{Changes, View};
use crate::{fees, invariants, matching, timers, transaction};

/// What a block did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// What it changed in the state.
    pub changes: Changes,
    /// What it reports.
    pub receipts: Receipts,
    /// What its steps left in the accounts they wrote, in order.
    pub postings: Vec<Posting>,
    /// Who votes from the next block on, in the last block of an epoch.
    pub next_authorities: Option<Vec<Authority>>,
}

/// Why no honest node builds such a block. The first reason that holds is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBlock {
    /// It is for another chain.
    #[error("the block is for another chain")]
    ChainMismatch,
    /// Its height is not in its epoch.
    #[error("the block's height is not in its epoch")]
    EpochMismatch,
    /// It follows rules that this code does not know.
    #[error("the block follows version {version} of the rules, and this program knows {VERSION}")]
    VersionUnknown {
        /// Their version.
        version: u16,
    },
    /// It is not later than its parent.
    #[error("the block is not later than its parent")]
    TimeNotLater,
    /// Its proposer is no authority.
    #[error("the block's proposer is no authority")]
    ProposerUnknown,
    /// A transaction does not fit any more: in number, operations or bytes.
    #[error("transaction {index} does not fit the block")]
    TooLarge {
        /// Its place in the block, counted from 0.
        index: usize,
    },
    /// A transaction does not pass the door.
    #[error("transaction {index}: {rejection}")]
    Transaction {
        /// Its place in the block, counted from 0.
        index: usize,
        /// Why.
        rejection: Rejection,
    },
}

/// Applies a whole block to the state it stands on.
///
/// # Errors
/// [`InvalidBlock`] when no honest node builds it; the state is as it was.
pub fn apply_block(
    view: View<'_>,
    context: BlockContext,
    transactions: &[VerifiedTransaction],
) -> Result<Applied, InvalidBlock> {
    let mut run = BlockRun::begin(view, context)?;
    for (index, transaction) in transactions.iter().enumerate() {
        if !run.has_room_for(transaction) {
            return Err(InvalidBlock::TooLarge { index });
        }
        run.execute(transaction)
            .map_err(|rejection| InvalidBlock::Transaction { index, rejection })?;
    }
    Ok(run.finish())
}

/// A block that runs.
#[derive(Debug)]
pub struct BlockRun<'a> {
    draft: Draft<'a>,
    proposer: AccountId,
    timers: Vec<Event>,
    receipts: Vec<Receipt>,
    fees: Amount,
    operations: usize,
    bytes: usize,
}

impl<'a> BlockRun<'a> {
    /// Begins a block on top of `view`: fires the timers that are due.
    ///
    /// # Errors
    /// [`InvalidBlock`] when the context is none of an honest node's block.
    pub fn begin(view: View<'a>, context: BlockContext) -> Result<Self, InvalidBlock> {
        let proposer = check_context(&view, &context)?;
        let mut draft = Draft::new(view, context);
        timers::fire_due(&mut draft);
        draft.commit_transaction();
        draft.end_step(BlockStep::Timers);
        let timers = draft.take_events();
        let receipts = Vec::new();
        let fees = Amount::ZERO;
        Ok(Self { draft, proposer, timers, receipts, fees, operations: 0, bytes: 0 })
    }

    /// True when the block has room left for `transaction`.
    pub fn has_room_for(&self, transaction: &VerifiedTransaction) -> bool {
        let operations = transaction.transaction().operations.len();
        self.receipts.len() < BLOCK_TRANSACTIONS_MAX
            && self.operations.saturating_add(operations) <= BLOCK_OPERATIONS_MAX
            && self.bytes.saturating_add(transaction.bytes()) <= TRANSACTIONS_BYTES_MAX
    }

    /// Executes a transaction. One that passes the door stands in the block, even if an operation of it
    /// is refused.
    ///
    /// # Errors
    /// The [`Rejection`] of one that does not pass the door; the block is as it was.
    ///
    /// # Panics
    /// When the block has no room for it.
    pub fn execute(&mut self, transaction: &VerifiedTransaction) -> Result<&Receipt, Rejection> {
        assert!(self.has_room_for(transaction), "the caller checked that there is room");
        let admitted = transaction::admit(&self.draft, transaction)?;
        let (id, unsigned) = (transaction.id(), transaction.transaction());
        let receipt = transaction::apply(&mut self.draft, id, unsigned, &admitted);
        let index = u32::try_from(self.receipts.len()).expect("a block's transactions are bounded");
        self.draft.end_step(BlockStep::Transaction(index));
        self.fees = self.fees.checked_add(receipt.fee).expect("fees stay within the supply");
        self.receipts.push(receipt);
        self.operations =
            self.operations.saturating_add(transaction.transaction().operations.len());
        self.bytes = self.bytes.saturating_add(transaction.bytes());
        Ok(self.receipts.last().expect("a receipt was just added"))
    }

    /// What a transaction of so many `bytes`, signed, would do at this point of the block, which ends
    /// here: no block comes of it. Its signatures are not verified, its sender's next nonce is taken to be
    /// `nonce`, and nothing is matched.
    ///
    /// # Errors
    /// The [`Rejection`] of one that does not pass the door.
    pub fn try_out(
        mut self,
        signed: &SignedTransaction,
        bytes: usize,
        nonce: Nonce,
    ) -> Result<Receipt, Rejection> {
        let admitted = transaction::admit_at(&self.draft, signed, bytes, nonce)?;
        let transaction = &signed.transaction;
        Ok(transaction::apply(&mut self.draft, transaction.id(), transaction, &admitted))
    }

    /// Ends the block: standing orders place theirs, the markets are matched and the fees paid out.
    ///
    /// # Panics
    /// When an invariant is broken over what the block touched: money came or went, or an account holds
    /// more than it has.
    pub fn finish(self) -> Applied {
        let Self { mut draft, proposer, timers, receipts, fees, .. } = self;
        let context = *draft.context();
        let (parent, params) = (draft.parent(), draft.params());
        standing::place_due(&mut draft);
        matching::clear_markets(&mut draft);
        draft.end_step(BlockStep::Matching);
        fees::pay_out(&mut draft, fees, proposer);
        draft.end_step(BlockStep::Fees);
        let last_of_epoch = context.height.next().0.checked_rem(params.epoch_blocks) == Some(0);
        let next_authorities = last_of_epoch.then(|| authority::enter_next(&mut draft));
        let matching = draft.take_events();
        let (changes, postings) = draft.into_changes();
        invariants::assert_touched(&parent, &changes);
        Applied {
            changes,
            receipts: Receipts { transactions: receipts, timers, matching },
            postings,
            next_authorities,
        }
    }
}

/// Bytes of a block that its transactions may take.
const TRANSACTIONS_BYTES_MAX: usize = BLOCK_BYTES_MAX - BLOCK_OVERHEAD_BYTES_MAX;

/// Checks what a header says before its block runs. Returns the proposer's account.
fn check_context(view: &View<'_>, context: &BlockContext) -> Result<AccountId, InvalidBlock> {
    let params = view.params();
    if context.chain != params.chain {
        return Err(InvalidBlock::ChainMismatch);
    }
    if context.height.0.checked_div(params.epoch_blocks) != Some(context.epoch) {
        return Err(InvalidBlock::EpochMismatch);
    }
    let version = params.version_at(context.height);
    if version != VERSION {
        return Err(InvalidBlock::VersionUnknown { version });
    }
    if context.time <= context.parent_time {
        return Err(InvalidBlock::TimeNotLater);
    }
    let mut voting = view.authorities().voting.iter();
    let proposer = voting.find(|authority| authority.key == context.proposer);
    proposer.map(|authority| authority.account).ok_or(InvalidBlock::ProposerUnknown)
}

#[cfg(test)]
mod tests;
