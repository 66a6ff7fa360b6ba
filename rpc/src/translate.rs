//! From the chain's types to the wire's. Accounts become addresses of the network at hand, and codes get
//! their names from whoever owns the rules.

mod account;
mod authority;
mod conditions;
mod contract;
mod event;
mod host;
mod object;
mod proposal;
mod quote;
mod standing;
mod transaction;

use chain::account::AccountId;
use chain::address::Network;
use chain::block::{Block, Header};
use chain::receipt::Receipts;

pub use self::account::AccountFacts;
use crate::error::Error;
use crate::text::{Address, Text};
use crate::types::{
    AuthorityView, BlockContentView, BlockEventView, BlockPhase, BlockView, RejectionView, TipView,
};

/// Translates for one network.
#[derive(Clone, Copy, Debug)]
pub struct Translator {
    network: Network,
    rejection: fn(u16) -> RejectionView,
}

impl Translator {
    /// A translator for `network`; `rejection` says what a code is called and means.
    pub const fn new(network: Network, rejection: fn(u16) -> RejectionView) -> Self {
        Self { network, rejection }
    }

    /// The address of `account`.
    pub fn address(&self, account: AccountId) -> Text<Address> {
        Text(Address { network: self.network, account })
    }

    /// The account at `address`.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`] when it is one of another network.
    pub fn account(&self, address: &Text<Address>) -> Result<AccountId, Error> {
        if address.0.network != self.network {
            return Err(Error::AddressInvalid { prefix: self.network.prefix() });
        }
        Ok(address.0.account)
    }

    /// The block with this header, as the subject of an answer.
    pub fn tip(&self, header: &Header) -> TipView {
        TipView {
            height: header.height.0,
            block_hash: header.digest().into(),
            state_root: header.state_root.into(),
            time: header.time.0,
        }
    }

    /// A block, without its content when that is too large for one answer. `receipts` are the block's;
    /// genesis has none.
    pub fn block(&self, block: &Block, receipts: &Receipts) -> BlockView {
        let transactions = (0..).zip(block.transactions.iter().zip(&receipts.transactions));
        let content = BlockContentView {
            timers: receipts.timers.iter().map(|event| self.event(event)).collect(),
            transactions: transactions
                .map(|(index, (transaction, receipt))| self.included(index, transaction, receipt))
                .collect(),
            matching: receipts.matching.iter().map(|event| self.event(event)).collect(),
        };
        let transactions_count = u32::try_from(block.transactions.len()).unwrap_or(u32::MAX);
        BlockView { transactions_count, content: Some(content), ..self.header(&block.header) }
            .bounded()
    }

    /// What the block with these receipts did by itself, in the order it happened.
    pub fn block_events(&self, receipts: &Receipts) -> impl Iterator<Item = BlockEventView> {
        let timers = receipts.timers.iter().map(|event| (BlockPhase::Timers, event));
        let matching = receipts.matching.iter().map(|event| (BlockPhase::Matching, event));
        timers
            .chain(matching)
            .map(|(phase, event)| BlockEventView { phase, event: self.event(event) })
    }

    fn header(&self, header: &Header) -> BlockView {
        let authorities = header.next_authorities.as_ref().map(|authorities| {
            authorities
                .iter()
                .map(|it| AuthorityView { key: it.key.into(), account: self.address(it.account) })
                .collect()
        });
        BlockView {
            height: header.height.0,
            hash: header.digest().into(),
            version: header.version,
            epoch: header.epoch,
            parent: header.parent.into(),
            time: header.time.0,
            proposer: header.proposer.into(),
            transactions_root: header.transactions_root.into(),
            receipts_root: header.receipts_root.into(),
            state_root: header.state_root.into(),
            next_authorities: authorities,
            transactions_count: 0,
            content: None,
        }
    }
}
