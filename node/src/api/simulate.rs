//! What a transaction would do: run on an overlay of the tip that nobody keeps.

use chain::authority::Authority;
use chain::block::Header;
use chain::params::Params;
use chain::time::Millis;
use chain::transaction::SignedTransaction;
use rpc::error::Error;
use rpc::methods::TxSimulate;
use rpc::types::{AtTip, SimulationView};
use runtime::block::BlockRun;
use runtime::context::BlockContext;

use super::{NodeApi, fault, rejection_view};
use crate::application::lock;

/// Runs a transaction as the only one of the block after the tip. The sender's transactions that wait are
/// taken as done where its nonce is concerned, and are not run.
pub(super) fn simulate(
    api: &NodeApi,
    question: &TxSimulate,
) -> Result<AtTip<SimulationView>, Error> {
    let bytes = question.transaction.0.as_bytes();
    let signed = SignedTransaction::from_bytes(bytes).map_err(|_| Error::TransactionMalformed)?;
    let transaction = &signed.transaction;
    let committed = api.read();
    let view = committed.view();
    let first = view.account(&transaction.sender).unwrap_or_default().nonce;
    let last = lock(&api.mempool).next_nonce(&transaction.sender, first);
    let run =
        BlockRun::begin(view, after(&committed.header, view.params(), &view.authorities().voting));
    let run = run.map_err(|invalid| fault(&invalid))?;
    let receipt = run.try_out(&signed, bytes.len(), transaction.nonce.clamp(first, last));
    let simulated = match receipt {
        Ok(receipt) => SimulationView::Included(api.translate.receipt(&receipt)),
        Err(rejection) => SimulationView::Rejected(rejection_view(rejection)),
    };
    Ok(api.at(&committed, simulated))
}

/// A block right after `tip`. Who proposes it changes nothing for a transaction in it.
fn after(tip: &Header, params: &Params, voting: &[Authority]) -> BlockContext {
    let height = tip.height.next();
    let proposer = voting.first().map_or(tip.proposer, |authority| authority.key);
    BlockContext {
        chain: params.chain,
        height,
        epoch: height.0.checked_div(params.epoch_blocks).unwrap_or(tip.epoch),
        parent: tip.digest(),
        parent_time: tip.time,
        time: tip.time.after(Millis(1)),
        proposer,
    }
}
