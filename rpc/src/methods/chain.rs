//! Questions about the chain, its blocks and the node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::types::{
    AtTip, BLOCKS_MAX, BlockEventView, BlockView, BlocksView, ChainStatusView, IncludedView, Limit,
    NodeStatusView, Page,
};

/// `chain_status`: the chain and what its members have agreed on: all that a wallet needs before
/// it signs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainStatus {}

impl Method for ChainStatus {
    const NAME: &'static str = "chain_status";
    const SUMMARY: &'static str =
        "The chain and what its members have agreed on: all that a wallet needs before it signs.";
    type Answer = AtTip<ChainStatusView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_status()
    }
}

/// `chain_get_block`: a block, with what it holds and did unless that is too large for one
/// answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainGetBlock {
    /// Its height.
    pub height: u64,
}

impl Method for ChainGetBlock {
    const NAME: &'static str = "chain_get_block";
    const SUMMARY: &'static str =
        "A block, with what it holds and did unless that is too large for one answer.";
    type Answer = AtTip<BlockView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_get_block(&self)
    }
}

/// `chain_get_blocks`: blocks in a row: at most 100, and no more than fit one answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainGetBlocks {
    /// The height of the first.
    pub from: u64,
    /// How many.
    #[serde(default)]
    pub count: Limit<BLOCKS_MAX>,
}

impl Method for ChainGetBlocks {
    const NAME: &'static str = "chain_get_blocks";
    const SUMMARY: &'static str = "Blocks in a row: at most 100, and no more than fit one answer.";
    type Answer = BlocksView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_get_blocks(&self)
    }
}

/// `chain_list_transactions`: the transactions of a block and what they did.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainListTransactions {
    /// The height of the block.
    pub height: u64,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for ChainListTransactions {
    const NAME: &'static str = "chain_list_transactions";
    const SUMMARY: &'static str = "The transactions of a block and what they did.";
    type Answer = Page<IncludedView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_list_transactions(&self)
    }
}

/// `chain_list_events`: what a block did by itself: timers, then matching and paying out.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainListEvents {
    /// The height of the block.
    pub height: u64,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for ChainListEvents {
    const NAME: &'static str = "chain_list_events";
    const SUMMARY: &'static str =
        "What a block did by itself: timers, then matching and paying out.";
    type Answer = Page<BlockEventView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_list_events(&self)
    }
}

/// `node_status`: the node that answers.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeStatus {}

impl Method for NodeStatus {
    const NAME: &'static str = "node_status";
    const SUMMARY: &'static str = "The node that answers.";
    type Answer = AtTip<NodeStatusView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.node_status()
    }
}
