//! `tally tx show`: where a transaction stands, what it asked for and what it did.

use chain::hash::Hash;
use rpc::methods::TxGet;
use rpc::text::Text;
use rpc::types::TxView;

use crate::context::Session;
use crate::failure::Failure;
use crate::output::Answer;
use crate::shown::Style;
use crate::signing::{unknown, with_transaction};
use crate::text::{escape, facts};
use crate::when;

/// Runs `tally tx show`.
pub(super) async fn run(session: &Session, hash: Hash) -> Result<Answer, Failure> {
    let answer = session.client.call(TxGet { id: Text(hash) }).await?;
    let style = Style::Unit(&session.token);
    let mut lines = vec![("transaction", hash.to_string())];
    match &answer.value {
        TxView::Pending { transaction } => {
            lines.push(("status", "pending".to_owned()));
            lines.extend(style.transaction(transaction));
        }
        TxView::Included { height, time, included, .. } => {
            let place =
                format!("block {height}, position {}, {}", included.index, when::show(*time));
            lines.push(("included", place));
            lines.extend(style.transaction(&included.transaction));
            lines.extend(style.receipt(&included.receipt));
        }
        TxView::Rejected(rejection) => {
            let why =
                format!("rejected: {} ({})", escape(&rejection.message), escape(&rejection.name));
            lines.push(("status", why));
        }
        TxView::Expired => lines.push(("status", "expired".to_owned())),
        TxView::Unknown { blocks_from } => {
            return Err(with_transaction(unknown(*blocks_from), hash));
        }
    }
    Ok(Answer::new(&answer, facts(&lines)).with("hash", &hash.to_string()))
}
