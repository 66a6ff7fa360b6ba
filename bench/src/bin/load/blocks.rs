//! The blocks of a run, read back once it is over: what is in them, and that every accepted transaction is
//! in exactly one of them and took effect.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use anyhow::Result;
use chain::hash::Hash;
use rpc::client::Client;
use rpc::methods::{ChainGetBlock, ChainListTransactions};
use rpc::types::{IncludedView, LIMIT_MAX, Limit, OutcomeView};

use crate::payment::Prepared;

/// Blocks in a row.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    /// How many transactions are in each block that has any.
    pub(crate) sizes: Vec<u32>,
    /// How often each transaction is in a block and took effect.
    applied: BTreeMap<Hash, u32>,
    /// Transactions in blocks that had no effect, by the name of the rejection.
    failed: BTreeMap<String, u64>,
}

impl Blocks {
    /// Reads the blocks at `heights`.
    pub(crate) async fn read(client: &Client, heights: RangeInclusive<u64>) -> Result<Self> {
        let mut blocks = Self::default();
        for height in heights {
            let block = client.call(ChainGetBlock { height }).await?.value;
            if block.transactions_count > 0 {
                blocks.sizes.push(block.transactions_count);
            }
            match block.content {
                Some(content) => blocks.add(content.transactions),
                None => blocks.read_parts(client, height).await?,
            }
        }
        Ok(blocks)
    }

    async fn read_parts(&mut self, client: &Client, height: u64) -> Result<()> {
        let limit = Limit::new(LIMIT_MAX).expect("the limit is within itself");
        let mut cursor = None;
        loop {
            let question = ChainListTransactions { height, cursor, limit };
            let page = client.call(question).await?;
            self.add(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    fn add(&mut self, transactions: Vec<IncludedView>) {
        for IncludedView { transaction, receipt, .. } in transactions {
            match receipt.outcome {
                OutcomeView::Applied { .. } => {
                    *self.applied.entry(transaction.id.0).or_default() += 1;
                }
                OutcomeView::Failed { rejection, .. } => {
                    *self.failed.entry(rejection.name).or_default() += 1;
                }
            }
        }
    }

    /// How many of `accepted` are in a block and took effect.
    pub(crate) fn settled(&self, accepted: &[Prepared]) -> usize {
        accepted.iter().filter(|one| self.applied.contains_key(&one.id)).count()
    }

    /// What is wrong with the blocks that should hold `accepted`, in sentences.
    pub(crate) fn violations(&self, accepted: &[Prepared]) -> Vec<String> {
        let lost = accepted.len() - self.settled(accepted);
        let twice = self.applied.values().filter(|times| **times > 1).count();
        let mut violations = Vec::new();
        if lost > 0 {
            violations.push(format!("{lost} transactions were accepted and did not take effect"));
        }
        if twice > 0 {
            violations.push(format!("{twice} transactions are in more than one block"));
        }
        if !self.failed.is_empty() {
            violations.push(format!("transactions in blocks failed: {:?}", self.failed));
        }
        violations
    }
}

#[cfg(test)]
mod tests {
    use chain::amount::Amount;

    use super::*;
    use crate::accounts;
    use crate::network::tests::free;
    use crate::payment::transfer;

    #[test]
    fn a_transaction_lost_or_settled_twice_is_noticed() {
        let mut payer = accounts::fresh(1).unwrap().remove(0);
        let mut accepted = Vec::new();
        for amount in 1..=3 {
            let operations = vec![transfer(payer.account, Amount::from_u64(amount))];
            accepted.push(payer.prepare(&free(), operations).unwrap());
        }
        let mut blocks = Blocks::default();
        blocks.applied.extend(accepted.iter().map(|one| (one.id, 1)));
        assert_eq!(blocks.settled(&accepted), 3);
        assert!(blocks.violations(&accepted).is_empty());

        blocks.applied.remove(&accepted[0].id);
        blocks.applied.insert(accepted[1].id, 2);
        assert_eq!(blocks.settled(&accepted), 2);
        assert_eq!(blocks.violations(&accepted).len(), 2);
    }
}
