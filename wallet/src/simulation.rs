//! What a transaction would do, as the node says without keeping anything of it.

use chain::encoding::encode;
use chain::keys::{PublicKey, Signature};
use chain::transaction::{SignedTransaction, Transaction};
use chain::witness::Witness;
use rpc::methods::TxSimulate;
use rpc::text::{Text, TransactionBytes};
use rpc::types::{OutcomeView, SimulationView};
use serde_json::json;

use crate::context::Session;
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::shown::Style;
use crate::text::facts;

/// Asks what `transaction` would do once `keys` have signed it.
///
/// # Errors
/// [`Failure`] when it would be rejected or fail, with the exit code of that, or when nobody signs it.
pub(crate) async fn run(
    session: &Session,
    transaction: &Transaction,
    keys: &[PublicKey],
) -> Result<Answer, Failure> {
    if keys.is_empty() {
        let message = "who would sign it decides whether it is rejected";
        return Err(Failure::usage(message).hint("name a key with --key NAME"));
    }
    let witness = |key: &PublicKey| Witness { key: *key, signature: Signature([0; 64]) };
    let mut witnesses: Vec<Witness> = keys.iter().map(witness).collect();
    witnesses.sort_by_key(|witness| witness.key);
    let signed = SignedTransaction { transaction: transaction.clone(), witnesses };
    let bytes = TransactionBytes::new(encode(&signed)).ok_or_else(|| {
        Failure::new(Exit::Usage, "TRANSACTION_INVALID", "the transaction is too large")
    })?;
    let answer = session.client.call(TxSimulate { transaction: Text(bytes) }).await?;
    let hash = transaction.id().to_string();
    let receipt = match answer.value {
        SimulationView::Included(receipt) => receipt,
        SimulationView::Rejected(rejection) => {
            let failure = Failure::rejected(&rejection);
            let message = format!("it would be rejected: {}", failure.message);
            return Err(Failure { message, ..failure });
        }
    };
    if let OutcomeView::Failed { operation, rejection } = &receipt.outcome {
        let message = format!("it would fail at operation {operation}: {}", rejection.message);
        let data = json!({ "hash": hash, "simulated": true, "receipt": receipt });
        let failure = Failure::new(Exit::Failed, "", message).data(data);
        let hint = "nothing was signed or sent";
        return Err(Failure { code: rejection.name.clone().into(), ..failure }.hint(hint));
    }
    let style = Style::Unit(&session.token);
    let text = facts(&style.receipt(&receipt));
    let text = format!("{text}this is what would happen now; nothing was signed or sent");
    let document =
        json!({ "tip": answer.tip, "hash": hash, "simulated": true, "receipt": receipt });
    Ok(Answer::new(&document, text))
}
