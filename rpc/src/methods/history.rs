//! The question about what became of an account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Address, Text};
use crate::types::{HistoryView, Limit};

/// `account_list_history`: what became of an account, and what it had after each step.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountListHistory {
    /// The account.
    pub account: Text<Address>,
    /// The first height of the range; the first that the node knows, if none is named.
    #[serde(default)]
    pub from: Option<u64>,
    /// The height after the last of the range; that after the tip, if none is named.
    #[serde(default)]
    pub until: Option<u64>,
    /// Leaves out blocks before this time.
    #[serde(default)]
    pub from_time: Option<u64>,
    /// Leaves out blocks of this time and after it.
    #[serde(default)]
    pub until_time: Option<u64>,
    /// In which order the lines come.
    #[serde(default)]
    pub order: HistoryOrder,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many lines to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

/// In which order the lines of a history come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HistoryOrder {
    /// The last line first.
    #[default]
    NewestFirst,
    /// The first line first.
    OldestFirst,
}

impl Method for AccountListHistory {
    const NAME: &'static str = "account_list_history";
    const SUMMARY: &'static str =
        "What became of an account, and what it had after each step. Nodes may keep no histories.";
    type Answer = HistoryView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.account_list_history(&self)
    }
}
