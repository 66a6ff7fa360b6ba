//! Who pays, and what is ready to be submitted.

use anyhow::{Context, Result};
use chain::account::AccountId;
use chain::amount::Amount;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::Nonce;
use chain::keys::SecretKey;
use chain::memo::Memo;
use chain::operation::Operation;
use chain::transaction::Transaction;
use rpc::client::Client;
use rpc::methods::AccountGet;
use rpc::text::TransactionBytes;
use wallet::compose::compose;

use crate::network::Network;

/// An account that signs one transaction after the other.
#[derive(Clone, Debug)]
pub(crate) struct Payer {
    key: SecretKey,
    /// Its account.
    pub(crate) account: AccountId,
    /// All the money of it, when it was read.
    pub(crate) cash: Amount,
    nonce: Nonce,
}

/// A transaction, signed and encoded.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// Its id.
    pub(crate) id: Hash,
    /// What it asks for. Its `fee_max` is its fee.
    pub(crate) transaction: Transaction,
    /// What is submitted.
    pub(crate) bytes: TransactionBytes,
}

impl Payer {
    /// The payer of an account that is about to be opened.
    pub(crate) fn new(key: SecretKey) -> Self {
        let account = AccountId::of_key(&key.public_key());
        Self { key, account, cash: Amount::ZERO, nonce: Nonce::default() }
    }

    /// The payer of an account that is there.
    pub(crate) async fn read(client: &Client, network: &Network, key: SecretKey) -> Result<Self> {
        let payer = Self::new(key);
        let account = network.address(payer.account);
        let view = client.call(AccountGet { account }).await.context("the account that pays")?;
        Ok(Self { cash: view.value.amount.0, nonce: Nonce(view.value.next_nonce), ..payer })
    }

    /// Signs the next transaction.
    pub(crate) fn prepare(
        &mut self,
        network: &Network,
        operations: Vec<Operation>,
    ) -> Result<Prepared> {
        let transaction = compose(&network.terms, self.account, self.nonce, operations)?;
        self.nonce = self.nonce.next().context("no nonce is left")?;
        let bytes = encode(&transaction.clone().sign(&self.key));
        let bytes = TransactionBytes::new(bytes).context("the transaction is too large")?;
        Ok(Prepared { id: transaction.id(), transaction, bytes })
    }
}

/// A payment without a note.
pub(crate) fn transfer(to: AccountId, amount: Amount) -> Operation {
    Operation::Transfer { to, amount, memo: Memo::default() }
}
