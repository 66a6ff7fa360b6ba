//! The first state and block 0: what a genesis means for the ledger.

use chain::account::Account;
use chain::amount::Amount;
use chain::authority::AuthorityKey;
use chain::block::{Block, Header};
use chain::hash::Hash;
use chain::height::Height;
use chain::market::MarketId;
use chain::receipt::Receipts;
use chain::state::{Key, Object};
use chain::supply::Supply;
use runtime::tree::Tree;

use crate::genesis::Genesis;

impl Genesis {
    /// The objects of the first state, in rising order of key.
    pub fn initial_state(&self) -> Vec<(Key, Object)> {
        let minted = Amount::sum(self.accounts.iter().map(|balance| balance.amount))
            .expect("a genesis has no more money than there can be");
        let accounts = self.accounts.iter().map(|balance| {
            let held = self.deposits.account;
            let account = Account { cash: balance.amount, held, ..Account::default() };
            (Key::Account(balance.account), Object::Account(account))
        });
        let markets = (0..).zip(&self.markets).map(|(number, market)| {
            (Key::Market(MarketId(number)), Object::Market(Box::new(market.clone())))
        });
        [
            (Key::Params, Object::Params(Box::new(self.params()))),
            (Key::Supply, Object::Supply(Supply { minted, burned: Amount::ZERO })),
        ]
        .into_iter()
        .chain(accounts)
        .chain(markets)
        .chain([(Key::Authorities, Object::Authorities(Box::new(self.authority_set())))])
        .collect()
    }

    /// The tree over the first state; its root stands in block 0.
    pub fn initial_tree(&self) -> Tree {
        let objects = self.initial_state();
        let entries = objects.iter().map(|(key, object)| (key.digest(), Some(object.digest())));
        let mut tree = Tree::empty();
        tree.commit(tree.update(&[], entries));
        tree
    }

    /// Block 0: no transactions, no proposer, no parent; it names the authorities that vote first.
    pub fn block(&self) -> Block {
        let header = Header {
            version: self.version,
            chain: self.hash(),
            height: Height::GENESIS,
            epoch: 0,
            parent: Hash::ZERO,
            time: self.time,
            proposer: AuthorityKey::default(),
            transactions_root: Block::transactions_root([]),
            receipts_root: Receipts::default().root(),
            state_root: self.initial_tree().root(),
            next_authorities: Some(self.authorities.clone()),
        };
        Block { header, transactions: Vec::new() }
    }
}
