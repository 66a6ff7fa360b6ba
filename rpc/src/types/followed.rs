//! What is sent to whoever follows something over a web socket.

use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;
use crate::types::{BlockView, EventView, LevelView, TradeView, TxView};

/// A message to a subscriber. `height` and `sequence` name it: a block's messages of one subscription are counted from
/// 0, the same each time they are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageView {
    /// The subscription, as the answer to its request called it.
    pub subscription: u64,
    /// The height of the block that it is about.
    pub height: u64,
    /// Which of the block's messages it is.
    pub sequence: u32,
    /// What it says.
    #[serde(flatten)]
    pub item: FollowedView,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "topic", content = "item", rename_all = "snake_case")]
pub enum FollowedView {
    /// A block, without what it holds.
    Block(Box<BlockView>),
    /// Where a transaction stands.
    Transaction(Box<TxView>),
    /// What happened to an account in a block.
    Account(FollowedAccountView),
    /// A trade.
    Trade(Box<TradeView>),
    /// The book, summed up.
    Depth {
        /// What is needed, the highest price first.
        bids: Vec<LevelView>,
        /// What is offered, the lowest price first.
        asks: Vec<LevelView>,
        /// True when there are more levels than are shown.
        truncated: bool,
    },
}

/// What happened to an account in a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FollowedAccountView {
    /// Its own transactions, also those that failed.
    pub transactions: Vec<Text<Hash>>,
    /// The events in which it has a part, in order.
    pub events: Vec<EventView>,
}
