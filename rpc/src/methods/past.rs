//! Questions about the past of markets, of single objects and of what accounts earned. A node answers them that keeps an index.

use chain::id::ObjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::{HistoryOrder, Method};
use crate::text::{Address, Text};
use crate::types::{CandleView, EarningView, HappeningView, IntervalView, Limit, Page, TradeView};

/// `market_trades`: what was traded in a market.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketTrades {
    /// The name of the market.
    pub market: String,
    /// The first height of the range; the chain's first, if none is named.
    #[serde(default)]
    pub from: Option<u64>,
    /// The height after the last of the range; that after the tip, if none is named.
    #[serde(default)]
    pub until: Option<u64>,
    /// In which order the trades come.
    #[serde(default)]
    pub order: HistoryOrder,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for MarketTrades {
    const NAME: &'static str = "market_trades";
    const SUMMARY: &'static str = "What was traded in a market. Nodes may keep no index.";
    type Answer = Page<TradeView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.market_trades(&self)
    }
}

/// `market_candles`: what a market traded in equal spans of time.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketCandles {
    /// The name of the market.
    pub market: String,
    /// How long a span is.
    #[serde(default)]
    pub interval: IntervalView,
    /// Leaves out spans that begin before this time.
    #[serde(default)]
    pub from_time: Option<u64>,
    /// Leaves out spans that begin at this time or after it.
    #[serde(default)]
    pub until_time: Option<u64>,
    /// In which order the spans come; those without a trade are left out.
    #[serde(default)]
    pub order: HistoryOrder,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for MarketCandles {
    const NAME: &'static str = "market_candles";
    const SUMMARY: &'static str =
        "Prices and volume of a market in equal spans of time. Nodes may keep no index.";
    type Answer = Page<CandleView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.market_candles(&self)
    }
}

/// `order_list_history`: what happened to an order.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderListHistory {
    /// The order.
    pub order: Text<ObjectId>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for OrderListHistory {
    const NAME: &'static str = "order_list_history";
    const SUMMARY: &'static str =
        "What happened to an order, the first first. Nodes may keep no index.";
    type Answer = Page<HappeningView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.order_list_history(&self)
    }
}

/// `contract_list_history`: what happened to a contract.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractListHistory {
    /// The contract.
    pub contract: Text<ObjectId>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for ContractListHistory {
    const NAME: &'static str = "contract_list_history";
    const SUMMARY: &'static str =
        "What happened to a contract, the first first. Nodes may keep no index.";
    type Answer = Page<HappeningView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.contract_list_history(&self)
    }
}

/// `channel_list_history`: what happened to a channel.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelListHistory {
    /// The channel.
    pub channel: Text<ObjectId>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for ChannelListHistory {
    const NAME: &'static str = "channel_list_history";
    const SUMMARY: &'static str =
        "What happened to a channel, the first first. Nodes may keep no index.";
    type Answer = Page<HappeningView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.channel_list_history(&self)
    }
}

/// `account_list_earnings`: what an account earned.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountListEarnings {
    /// The account.
    pub account: Text<Address>,
    /// Leaves out days that begin before this time.
    #[serde(default)]
    pub from_time: Option<u64>,
    /// Leaves out days that begin at this time or after it.
    #[serde(default)]
    pub until_time: Option<u64>,
    /// In which order the days come; on each, what was earned from comes in order of name.
    #[serde(default)]
    pub order: HistoryOrder,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for AccountListEarnings {
    const NAME: &'static str = "account_list_earnings";
    const SUMMARY: &'static str =
        "What an account earned, day by day and from what. Nodes may keep no index.";
    type Answer = Page<EarningView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.account_list_earnings(&self)
    }
}
