//! Questions about the market: markets, orders, contracts.

use chain::id::ObjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Address, Text};
use crate::types::{
    AtTip, ContractStateView, ContractView, DepthView, Limit, MarketView, OrderDetailView,
    OrderView, Page, PartyView, WindowView,
};

/// `market_list`: the markets of the network.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketList {}

impl Method for MarketList {
    const NAME: &'static str = "market_list";
    const SUMMARY: &'static str = "The markets of the network.";
    type Answer = Page<MarketView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.market_list()
    }
}

/// `market_get`: a market.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketGet {
    /// The name of the market.
    pub market: String,
}

impl Method for MarketGet {
    const NAME: &'static str = "market_get";
    const SUMMARY: &'static str = "A market.";
    type Answer = AtTip<MarketView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.market_get(&self)
    }
}

/// `market_depth`: what stands in the book of a market, summed up by window and price.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketDepth {
    /// The name of the market.
    pub market: String,
    /// Only what shares a point with this window; asks are cut to it.
    #[serde(default)]
    pub window: Option<WindowView>,
    /// What is summed up.
    #[serde(default)]
    pub by: DepthBy,
}

/// What of a book is summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepthBy {
    /// Orders of one window and price.
    #[default]
    Window,
    /// Orders of one price, as they count for the window that is named, which must be: asks that contain it
    /// and have something left in all of it, and bids that share a point with it.
    Price,
}

impl Method for MarketDepth {
    const NAME: &'static str = "market_depth";
    const SUMMARY: &'static str =
        "What stands in the book of a market, summed up by window and price, or by price alone.";
    type Answer = DepthView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.market_depth(&self)
    }
}

/// A side of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SideName {
    /// Needs.
    Bid,
    /// Offers.
    Ask,
}

/// `market_orders`: the open orders of a market.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketOrders {
    /// The name of the market.
    pub market: String,
    /// Only orders of this side.
    #[serde(default)]
    pub side: Option<SideName>,
    /// Only orders whose windows share a point with this one.
    #[serde(default)]
    pub window: Option<WindowView>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for MarketOrders {
    const NAME: &'static str = "market_orders";
    const SUMMARY: &'static str = "The open orders of a market.";
    type Answer = Page<OrderView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.market_orders(&self)
    }
}

/// `order_get`: an order, also after its end, and what an ask has sold.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderGet {
    /// The order.
    pub order: Text<ObjectId>,
}

impl Method for OrderGet {
    const NAME: &'static str = "order_get";
    const SUMMARY: &'static str = "An order, also after its end, and what an ask has sold.";
    type Answer = AtTip<OrderDetailView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.order_get(&self)
    }
}

/// `order_list`: the open orders of an account.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderList {
    /// The account.
    pub account: Text<Address>,
    /// Only orders in the market of this name.
    #[serde(default)]
    pub market: Option<String>,
    /// Only orders of this side.
    #[serde(default)]
    pub side: Option<SideName>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for OrderList {
    const NAME: &'static str = "order_list";
    const SUMMARY: &'static str = "The open orders of an account.";
    type Answer = Page<OrderView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.order_list(&self)
    }
}

/// `contract_get`: a contract, also after its end.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractGet {
    /// The contract.
    pub contract: Text<ObjectId>,
}

impl Method for ContractGet {
    const NAME: &'static str = "contract_get";
    const SUMMARY: &'static str = "A contract, also after its end.";
    type Answer = AtTip<ContractView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.contract_get(&self)
    }
}

/// `contract_list`: the open contracts in which an account buys or sells.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractList {
    /// The account.
    pub account: Text<Address>,
    /// Only contracts of the market of this name.
    #[serde(default)]
    pub market: Option<String>,
    /// Only contracts in which the account has this part.
    #[serde(default)]
    pub role: Option<PartyView>,
    /// Only contracts that have come so far.
    #[serde(default)]
    pub state: Option<ContractStateView>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for ContractList {
    const NAME: &'static str = "contract_list";
    const SUMMARY: &'static str = "The open contracts in which an account buys or sells.";
    type Answer = Page<ContractView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.contract_list(&self)
    }
}
