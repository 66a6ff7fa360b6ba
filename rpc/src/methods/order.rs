//! Questions about an order: why it does not trade, and what one would get.

use chain::id::ObjectId;
use chain::operation::OrderPlace;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::canonical::Canonical;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Address, Text};
use crate::types::{AtTip, ExplanationView, OrderQuoteView};

/// `order_explain`: why an order does not trade.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderExplain {
    /// The order, open or ended.
    pub order: Text<ObjectId>,
}

impl Method for OrderExplain {
    const NAME: &'static str = "order_explain";
    const SUMMARY: &'static str =
        "Why an order does not trade as the book stands: the nearest reason.";
    type Answer = AtTip<ExplanationView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.order_explain(&self)
    }
}

/// `order_quote`: what an order would get.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderQuote {
    /// Who would place it; whether there is such an account, and what it has, is not asked.
    pub account: Text<Address>,
    /// The order.
    pub order: Text<Canonical<OrderPlace>>,
}

impl Method for OrderQuote {
    const NAME: &'static str = "order_quote";
    const SUMMARY: &'static str =
        "What an order would get in the next block, and what it would cost.";
    type Answer = AtTip<OrderQuoteView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.order_quote(&self)
    }
}
