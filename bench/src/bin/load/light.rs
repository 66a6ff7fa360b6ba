//! The time to final at light load: single transfers, each submitted a while after the one before was
//! settled, so that it meets an idle chain.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use chain::transaction::Transaction;
use rpc::client::Client;
use rpc::methods::{TxGet, TxSubmit};
use rpc::text::Text;
use rpc::types::{OutcomeView, TxView};
use tokio::time::sleep;

use crate::network::Network;
use crate::payment::{Payer, transfer};
use crate::transfers::AMOUNT;

/// From one transfer's end to the next one's start: longer than the shortest time between blocks, and no
/// divisor of the longest, so that they meet the chain at different moments.
const PAUSE: Duration = Duration::from_millis(230);
/// How often to ask whether a transfer is settled; the figures are no finer.
const POLL: Duration = Duration::from_millis(1);
/// How long a transfer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Single transfers and how long they took.
#[derive(Debug)]
pub(crate) struct Light {
    /// The transfers.
    pub(crate) transfers: Vec<Transaction>,
    /// From before the call that submitted one to the answer that called it settled, in rising order.
    spans: Vec<Duration>,
}

impl Light {
    /// Submits `count` transfers of `funder`, one by one.
    pub(crate) async fn measure(
        client: &Client,
        network: &Network,
        funder: &mut Payer,
        payers: &[Payer],
        count: u16,
    ) -> Result<Self> {
        let (mut transfers, mut spans) = (Vec::new(), Vec::new());
        for payer in payers.iter().cycle().take(count.into()) {
            let prepared = funder.prepare(network, vec![transfer(payer.account, AMOUNT)])?;
            sleep(PAUSE).await;
            let began = Instant::now();
            client.call(TxSubmit { transaction: Text(prepared.bytes) }).await?;
            let id = Text(prepared.id);
            while !is_settled(client, TxGet { id }).await? {
                if began.elapsed() > PATIENCE {
                    bail!("a transfer is not settled after {} s", PATIENCE.as_secs());
                }
                sleep(POLL).await;
            }
            spans.push(began.elapsed());
            transfers.push(prepared.transaction);
        }
        spans.sort_unstable();
        Ok(Self { transfers, spans })
    }

    /// The time within which so many percent of the transfers were settled.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        percentile(&self.spans, percent)
    }
}

async fn is_settled(client: &Client, question: TxGet) -> Result<bool> {
    match client.call(question).await?.value {
        TxView::Pending { .. } => Ok(false),
        TxView::Included { included, .. } => match included.receipt.outcome {
            OutcomeView::Applied { .. } => Ok(true),
            OutcomeView::Failed { rejection, .. } => bail!("a transfer failed: {}", rejection.name),
        },
        other => bail!("a transfer was accepted and lost: {other:?}"),
    }
}

/// The smallest of `sorted` that at least so many percent do not exceed; zero of none.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentile_is_one_of_the_values() {
        let spans: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&spans, 50), Duration::from_millis(100));
        assert_eq!(percentile(&spans, 99), Duration::from_millis(198));
        assert_eq!(percentile(&spans, 100), Duration::from_millis(200));
        assert_eq!(percentile(&spans[..1], 50), Duration::from_millis(1));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
