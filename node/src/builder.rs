//! Packs what waits into a block: by bytes, by number and by work, in the mempool's order.

use std::sync::Arc;

use chain::limits::{BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX};
use chain::transaction::{SignedTransaction, VerifiedTransaction};
use runtime::block::{Applied, BlockRun, InvalidBlock};
use runtime::context::BlockContext;
use runtime::rejection::Rejection;
use runtime::state::View;

use crate::mempool::Mempool;

/// A packed block, before it is sealed.
#[derive(Debug)]
pub struct Packed {
    /// What it holds.
    pub transactions: Vec<SignedTransaction>,
    /// What that does.
    pub applied: Applied,
    /// What the rules refused after those. A gap in nonces is no reason: it may still be closed.
    pub refused: Vec<Arc<VerifiedTransaction>>,
}

/// The transactions that may go into a block on top of `view`: as many as may fit one.
pub fn candidates(mempool: &Mempool, view: &View<'_>) -> Vec<Arc<VerifiedTransaction>> {
    let next = |sender: &_| view.account(sender).unwrap_or_default().nonce;
    let mut bytes = 0;
    mempool
        .candidates(next)
        .take(BLOCK_TRANSACTIONS_MAX)
        .take_while(|transaction| {
            bytes += transaction.bytes();
            bytes <= BLOCK_BYTES_MAX
        })
        .map(Arc::clone)
        .collect()
}

/// Packs `candidates` into the block of `context` until it is full.
///
/// # Errors
/// [`InvalidBlock`] when the context is none of an honest node's block.
pub fn pack(
    view: View<'_>,
    context: BlockContext,
    candidates: &[Arc<VerifiedTransaction>],
) -> Result<Packed, InvalidBlock> {
    let mut run = BlockRun::begin(view, context)?;
    let (mut transactions, mut refused) = (Vec::new(), Vec::new());
    for transaction in candidates {
        if !run.has_room_for(transaction) {
            break;
        }
        match run.execute(transaction) {
            Ok(_) => transactions.push(transaction.signed().clone()),
            Err(Rejection::NonceTooHigh) => {}
            Err(_) => refused.push(Arc::clone(transaction)),
        }
    }
    Ok(Packed { transactions, applied: run.finish(), refused })
}
