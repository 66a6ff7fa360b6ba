//! What can be followed over a web socket, block by block.

use chain::hash::Hash;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::{MarketDepth, TxGet};
use crate::text::{Address, Text};
use crate::types::{FollowedAccountView, FollowedView};

/// Something that can be followed: the type that implements it is its parameters.
pub trait Topic: Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static {
    /// What asks for it on the wire.
    const NAME: &'static str;
    /// What its messages say, in a sentence.
    const SUMMARY: &'static str;
    /// Whether its messages are about each block or about the tip.
    const OF: Of;

    /// The height to begin with, if one is named.
    fn first_height(&self) -> Option<u64>;

    /// What the block at `height`, which is committed, has to say; of a topic of the tip, how things are there.
    ///
    /// # Errors
    /// What `api` says.
    fn follow(&self, api: &dyn Api, height: u64) -> Result<Said, Error>;
}

/// What there is to say to those who follow something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The height of the block that it is about.
    pub height: u64,
    /// The messages, in their order.
    pub items: Vec<FollowedView>,
}

/// What the messages of a topic are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Every block, none left out.
    Blocks,
    /// The tip, where it differs from what was said last.
    Tip,
}

/// Something to be done with every topic.
pub trait TopicVisitor {
    /// Sees the topic `T`.
    fn visit<T: Topic>(&mut self);
}

/// Shows `visitor` every topic, in the order of the documentation.
pub fn each_topic(visitor: &mut impl TopicVisitor) {
    visitor.visit::<ChainSubscribe>();
    visitor.visit::<TxSubscribe>();
    visitor.visit::<AccountSubscribe>();
    visitor.visit::<MarketSubscribeTrades>();
    visitor.visit::<MarketSubscribeDepth>();
}

/// `chain_subscribe`: every block.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainSubscribe {
    /// The height to begin with; that after the tip, if none is named.
    #[serde(default)]
    pub from_height: Option<u64>,
}

impl Topic for ChainSubscribe {
    const NAME: &'static str = "chain_subscribe";
    const SUMMARY: &'static str = "Every block, without what it holds.";
    const OF: Of = Of::Blocks;

    fn first_height(&self) -> Option<u64> {
        self.from_height
    }

    fn follow(&self, api: &dyn Api, height: u64) -> Result<Said, Error> {
        let items = vec![FollowedView::Block(Box::new(api.block_at(height)?))];
        Ok(Said { height, items })
    }
}

/// `tx_subscribe`: where a transaction stands.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TxSubscribe {
    /// The transaction's id.
    pub id: Text<Hash>,
}

impl Topic for TxSubscribe {
    const NAME: &'static str = "tx_subscribe";
    const SUMMARY: &'static str = "Where a transaction stands, at once and whenever that changes.";
    const OF: Of = Of::Tip;

    fn first_height(&self) -> Option<u64> {
        None
    }

    fn follow(&self, api: &dyn Api, _height: u64) -> Result<Said, Error> {
        let answer = api.tx_get(&TxGet { id: self.id })?;
        let items = vec![FollowedView::Transaction(Box::new(answer.value))];
        Ok(Said { height: answer.tip.height, items })
    }
}

/// `account_subscribe`: what happens to an account.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountSubscribe {
    /// The account.
    pub account: Text<Address>,
    /// The height to begin with; that after the tip, if none is named.
    #[serde(default)]
    pub from_height: Option<u64>,
}

impl Topic for AccountSubscribe {
    const NAME: &'static str = "account_subscribe";
    const SUMMARY: &'static str =
        "The events in which an account has a part, and its own transactions.";
    const OF: Of = Of::Blocks;

    fn first_height(&self) -> Option<u64> {
        self.from_height
    }

    fn follow(&self, api: &dyn Api, height: u64) -> Result<Said, Error> {
        let view: FollowedAccountView = api.account_at_height(&self.account, height)?;
        let silent = view.events.is_empty() && view.transactions.is_empty();
        let items = if silent { Vec::new() } else { vec![FollowedView::Account(view)] };
        Ok(Said { height, items })
    }
}

/// `market_subscribe_trades`: what is traded in a market.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketSubscribeTrades {
    /// The name of the market.
    pub market: String,
    /// The height to begin with; that after the tip, if none is named.
    #[serde(default)]
    pub from_height: Option<u64>,
}

impl Topic for MarketSubscribeTrades {
    const NAME: &'static str = "market_subscribe_trades";
    const SUMMARY: &'static str = "Every trade in a market.";
    const OF: Of = Of::Blocks;

    fn first_height(&self) -> Option<u64> {
        self.from_height
    }

    fn follow(&self, api: &dyn Api, height: u64) -> Result<Said, Error> {
        let trades = api.market_trades_at(&self.market, height)?;
        let items = trades.into_iter().map(|trade| FollowedView::Trade(Box::new(trade)));
        Ok(Said { height, items: items.collect() })
    }
}

/// `market_subscribe_depth`: what stands in the book of a market.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct MarketSubscribeDepth(pub MarketDepth);

impl Topic for MarketSubscribeDepth {
    const NAME: &'static str = "market_subscribe_depth";
    const SUMMARY: &'static str =
        "What market_depth answers, at once and whenever the book changes.";
    const OF: Of = Of::Tip;

    fn first_height(&self) -> Option<u64> {
        None
    }

    fn follow(&self, api: &dyn Api, _height: u64) -> Result<Said, Error> {
        let depth = api.market_depth(&self.0)?;
        let (bids, asks, truncated) = (depth.bids, depth.asks, depth.truncated);
        let items = vec![FollowedView::Depth { bids, asks, truncated }];
        Ok(Said { height: depth.tip.height, items })
    }
}
