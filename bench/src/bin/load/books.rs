//! What every account of the run must hold in the end, worked out from what was submitted alone.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use chain::account::AccountId;
use chain::amount::Amount;
use chain::operation::Operation;
use chain::transaction::Transaction;
use rpc::client::Client;
use rpc::methods::{AccountGet, ChainStatus};
use tokio::task::JoinSet;

use crate::network::Network;
use crate::payment::Payer;

/// Wrong balances that are named; the rest are counted.
const NAMED_MAX: usize = 5;
/// Accounts that are compared with the node's, spread over all of them.
const COMPARED_MAX: usize = 20_000;

/// The cash of the accounts that this run alone pays from.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    cash: BTreeMap<AccountId, Amount>,
}

impl Books {
    /// Books in which `funder` alone has money.
    pub(crate) fn open(funder: &Payer) -> Self {
        Self { cash: BTreeMap::from([(funder.account, funder.cash)]) }
    }

    /// Enters a transaction of transfers that pays its `fee_max`. Whoever is paid and is not in the books is
    /// opened.
    pub(crate) fn settle(&mut self, network: &Network, transaction: &Transaction) -> Result<()> {
        let sender = transaction.sender;
        self.take(sender, transaction.fee_max)?;
        for operation in &transaction.operations {
            let Operation::Transfer { to, amount, .. } = operation else { continue };
            let opens = !self.cash.contains_key(to);
            let deposit = if opens { network.account_deposit } else { Amount::ZERO };
            let paid = amount.checked_add(deposit).context("too much money")?;
            self.take(sender, paid)?;
            let cash = self.cash.entry(*to).or_default();
            *cash = cash.checked_add(paid).context("too much money")?;
        }
        Ok(())
    }

    fn take(&mut self, sender: AccountId, amount: Amount) -> Result<()> {
        let cash = self.cash.get_mut(&sender).context("a sender is not in the books")?;
        *cash = cash.checked_sub(amount).context("a sender pays more than it has")?;
        Ok(())
    }

    /// Accounts that hold something else, and a supply that changed, in sentences.
    pub(crate) async fn violations(
        &self,
        client: &Client,
        network: &Network,
        connections: u8,
    ) -> Result<Vec<String>> {
        let step = self.cash.len().div_ceil(COMPARED_MAX).max(1);
        let expected: Vec<(AccountId, Amount)> =
            self.cash.iter().step_by(step).map(|(id, it)| (*id, *it)).collect();
        let mut running = JoinSet::new();
        for share in expected.chunks(expected.len().div_ceil(connections.into())) {
            running.spawn(wrong(client.clone(), *network, share.to_vec()));
        }
        let mut violations = Vec::new();
        while let Some(wrong) = running.join_next().await {
            violations.extend(wrong??);
        }
        let more = violations.len().saturating_sub(NAMED_MAX);
        violations.truncate(NAMED_MAX);
        if more > 0 {
            violations.push(format!("and {more} other accounts"));
        }
        let supply = client.call(ChainStatus {}).await?.value.supply.0;
        if supply != network.supply {
            violations.push(format!("the supply was {} and is {supply}", network.supply));
        }
        Ok(violations)
    }
}

async fn wrong(
    client: Client,
    network: Network,
    expected: Vec<(AccountId, Amount)>,
) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for (account, expected) in expected {
        let account = network.address(account);
        let cash = client.call(AccountGet { account }).await?.value.amount.0;
        if cash != expected {
            violations.push(format!("{account} holds {cash}, not {expected}"));
        }
    }
    Ok(violations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts;
    use crate::payment::transfer;
    use chain::hash::Hash;
    use chain::height::{Height, Nonce};

    #[test]
    fn books_follow_payments_fees_and_openings() {
        let units = Amount::from_u64;
        let [mut alice, bob]: [Payer; 2] = accounts::fresh(2).unwrap().try_into().unwrap();
        alice.cash = units(100);
        let mut books = Books::open(&alice);
        let transaction = Transaction {
            chain: Hash::ZERO,
            sender: alice.account,
            nonce: Nonce(0),
            valid_until: Height(1),
            fee_max: units(3),
            operations: vec![transfer(bob.account, units(10)), transfer(bob.account, units(20))],
        };
        let network = Network { account_deposit: units(5), ..crate::network::tests::free() };
        books.settle(&network, &transaction).unwrap();
        assert_eq!(books.cash[&alice.account], units(62));
        assert_eq!(books.cash[&bob.account], units(35));
        let beyond = Transaction { fee_max: units(63), ..transaction };
        assert!(books.settle(&network, &beyond).is_err());
    }
}
