//! What the network asks of transactions, as the node says.

use anyhow::Result;
use chain::account::AccountId;
use chain::address;
use chain::amount::Amount;
use chain::limits::VALID_FOR_BLOCKS_MAX;
use rpc::client::Client;
use rpc::methods::ChainStatus;
use rpc::text::{Address, Text};
use wallet::compose::Terms;

/// A network, as the payments of one run need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Network {
    /// What transactions pay. They stay valid for as long as any may.
    pub(crate) terms: Terms,
    /// What addresses begin with.
    pub(crate) kind: address::Network,
    /// What whoever opens an account pays besides.
    pub(crate) account_deposit: Amount,
    /// All the money there is.
    pub(crate) supply: Amount,
}

impl Network {
    /// Asks the node.
    pub(crate) async fn read(client: &Client) -> Result<Self> {
        let status = client.call(ChainStatus {}).await?;
        Ok(Self {
            terms: Terms { valid_for_blocks: VALID_FOR_BLOCKS_MAX, ..Terms::of(&status) },
            kind: status.value.network.into(),
            account_deposit: status.value.deposits.account.0,
            supply: status.value.supply.0,
        })
    }

    /// The address of `account`.
    pub(crate) const fn address(&self, account: AccountId) -> Text<Address> {
        Text(Address { network: self.kind, account })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use chain::hash::Hash;
    use chain::height::Height;
    use chain::params::Fees;

    use super::*;

    /// A network on which nothing costs anything.
    pub(crate) fn free() -> Network {
        let zero = Amount::ZERO;
        let fees = Fees { base: zero, per_byte: zero, per_operation: zero, proposer_bps: 0 };
        let terms =
            Terms { chain: Hash::ZERO, fees, tip: Height(0), valid_for_blocks: 10, signatures: 1 };
        let kind = address::Network::Dev;
        Network { terms, kind, account_deposit: zero, supply: zero }
    }
}
