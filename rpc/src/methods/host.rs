//! Questions about hosts: what is said of them, what they have to sell, and whom they can serve.

use chain::id::ObjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Address, Text};
use crate::types::{AtTip, HostView, Limit, OrderView, Page, PoolView};

/// `host_get`: a host, and what is said of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostGet {
    /// The host.
    pub host: Text<ObjectId>,
}

impl Method for HostGet {
    const NAME: &'static str = "host_get";
    const SUMMARY: &'static str = "A host, and what is said of it.";
    type Answer = AtTip<HostView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.host_get(&self)
    }
}

/// `host_list`: the hosts of an account, or all there are.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostList {
    /// Whose hosts; everybody's where it is left out.
    #[serde(default)]
    pub account: Option<Text<Address>>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for HostList {
    const NAME: &'static str = "host_list";
    const SUMMARY: &'static str = "The hosts of an account, or all there are.";
    type Answer = Page<HostView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.host_list(&self)
    }
}

/// `host_pools`: what a host has to sell, market by market.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostPools {
    /// The host.
    pub host: Text<ObjectId>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for HostPools {
    const NAME: &'static str = "host_pools";
    const SUMMARY: &'static str = "What a host has to sell, market by market.";
    type Answer = Page<PoolView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.host_pools(&self)
    }
}

/// `order_for_host`: the open bids of a market that a host can serve at some price, and at least a lot of.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderForHost {
    /// The host; one without a pool in the market serves nobody there.
    pub host: Text<ObjectId>,
    /// The name of the market.
    pub market: String,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for OrderForHost {
    const NAME: &'static str = "order_for_host";
    const SUMMARY: &'static str =
        "The open bids of a market that a host can serve at some price, and at least a lot of.";
    type Answer = Page<OrderView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.order_for_host(&self)
    }
}
