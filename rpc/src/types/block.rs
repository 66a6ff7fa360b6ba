//! Blocks as clients see them.

use chain::authority::AuthorityKey;
use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::page::json_bytes;
use crate::types::{EventView, IncludedView, PAGE_BYTES_MAX, TipView};

/// A block: its header, and what it holds and did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockView {
    /// Its position; genesis is 0.
    pub height: u64,
    /// The digest of its header.
    pub hash: Text<Hash>,
    /// The version of the rules it follows.
    pub version: u16,
    /// The span of heights with one authority set, counted from 0.
    pub epoch: u64,
    /// The digest of the header before.
    pub parent: Text<Hash>,
    /// When it was proposed.
    pub time: u64,
    /// Whose turn it was; all zero for genesis.
    pub proposer: Text<AuthorityKey>,
    /// Commits to the transactions and their witnesses.
    pub transactions_root: Text<Hash>,
    /// Commits to the receipts.
    pub receipts_root: Text<Hash>,
    /// Commits to the state after the block.
    pub state_root: Text<Hash>,
    /// Who votes from the next block on, where the block says so.
    pub next_authorities: Option<Vec<AuthorityView>>,
    /// How many transactions it holds.
    pub transactions_count: u32,
    /// What it holds and did; none when that is too large for one answer. Then `chain_list_transactions`
    /// and `chain_list_events` give it in parts.
    pub content: Option<BlockContentView>,
}

impl BlockView {
    /// The block, without its content when that is more than [`PAGE_BYTES_MAX`].
    pub fn bounded(mut self) -> Self {
        self.content = self.content.filter(|content| json_bytes(content) <= PAGE_BYTES_MAX);
        self
    }
}

/// A key that may vote, and the account that is paid for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthorityView {
    /// The voting key.
    pub key: Text<AuthorityKey>,
    /// Where its fees go.
    pub account: Text<Address>,
}

/// What a block holds and did, in the order it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockContentView {
    /// What timers did before the transactions.
    pub timers: Vec<EventView>,
    /// The transactions and what they did.
    pub transactions: Vec<IncludedView>,
    /// What matching and paying out did after them.
    pub matching: Vec<EventView>,
}

/// Blocks in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlocksView {
    /// The block that the answer is about: the last there is.
    pub tip: TipView,
    /// The blocks, in order of height.
    pub items: Vec<BlockView>,
    /// Where to go on; none when the last block is the tip.
    pub next_height: Option<u64>,
}

impl BlocksView {
    /// As many of `blocks`, from the first on, as fit [`PAGE_BYTES_MAX`]; at least one if there is one.
    pub fn fill(tip: TipView, blocks: impl IntoIterator<Item = BlockView>) -> Self {
        let mut items: Vec<BlockView> = Vec::new();
        let mut bytes = 0;
        for block in blocks {
            let block = block.bounded();
            bytes += json_bytes(&block);
            if bytes > PAGE_BYTES_MAX && !items.is_empty() {
                break;
            }
            items.push(block);
        }
        let next = items.last().map(|block| block.height.saturating_add(1));
        Self { tip, items, next_height: next.filter(|height| *height <= tip.height) }
    }
}

/// Something a block did by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockEventView {
    /// When in the block it happened.
    pub phase: BlockPhase,
    /// What changed.
    pub event: EventView,
}

/// The part of a block that is no transaction's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockPhase {
    /// Timers, before the transactions.
    Timers,
    /// Matching and paying out, after them.
    Matching,
}

#[cfg(test)]
mod tests {
    use chain::account::AccountId;
    use chain::address::Network;
    use chain::amount::Amount;

    use super::*;
    use crate::text::Address;

    const ZERO: Text<Hash> = Text(Hash::ZERO);

    fn tip(height: u64) -> TipView {
        TipView { height, block_hash: ZERO, state_root: ZERO, time: 1 }
    }

    /// A block with so many events of more than 100 bytes each.
    fn block(height: u64, events: usize) -> BlockView {
        let proposer = Text(Address { network: Network::Dev, account: AccountId([7; 20]) });
        let (proposer_amount, treasury_amount) = (Text(Amount::MAX), Text(Amount::MAX));
        let event = EventView::FeesPaid { proposer, proposer_amount, treasury_amount };
        let timers = vec![event; events];
        BlockView {
            height,
            hash: ZERO,
            version: 1,
            epoch: 0,
            parent: ZERO,
            time: height,
            proposer: Text(AuthorityKey::default()),
            transactions_root: ZERO,
            receipts_root: ZERO,
            state_root: ZERO,
            next_authorities: None,
            transactions_count: 0,
            content: Some(BlockContentView { timers, transactions: vec![], matching: vec![] }),
        }
    }

    #[test]
    fn block_too_large_for_an_answer_comes_without_its_content() {
        let blocks = BlocksView::fill(tip(9), [block(8, PAGE_BYTES_MAX / 100), block(9, 1)]);
        assert_eq!(blocks.items.len(), 2);
        assert!(blocks.items[0].content.is_none());
        assert_eq!(blocks.items[1], block(9, 1));
        assert_eq!(blocks.next_height, None);
    }

    #[test]
    fn blocks_end_before_they_are_too_large() {
        let half = PAGE_BYTES_MAX / 400;
        let blocks = BlocksView::fill(tip(9), (1..=9).map(|height| block(height, half)));
        assert!(json_bytes(&blocks) <= PAGE_BYTES_MAX + 1024);
        let last = blocks.items.last().unwrap();
        assert!(last.content.is_some() && last.height < 9);
        assert_eq!(blocks.next_height, Some(last.height + 1));
        assert_eq!(BlocksView::fill(tip(9), []).next_height, None);
    }
}
