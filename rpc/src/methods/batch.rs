//! The question for what shows a market's match in a block.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::types::{AtTip, BATCH_PART_ITEMS_MAX, BatchView, Limit};

/// `market_get_batch`: what shows a market's match in one of the last blocks, with proofs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketGetBatch {
    /// The name of the market.
    pub market: String,
    /// The height of the block; none for the tip's.
    #[serde(default)]
    pub height: Option<u64>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit<BATCH_PART_ITEMS_MAX>,
}

impl Method for MarketGetBatch {
    const NAME: &'static str = "market_get_batch";
    const SUMMARY: &'static str = "What shows a market's match in one of the last blocks: inputs, trades and prices, with proofs.";
    type Answer = AtTip<BatchView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.market_get_batch(&self)
    }
}
