//! Questions about standing orders.

use chain::id::ObjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Address, Text};
use crate::types::{AtTip, Limit, Page, StandingView};

/// `standing_get`: a standing order, also after its end.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandingGet {
    /// The standing order.
    pub standing: Text<ObjectId>,
}

impl Method for StandingGet {
    const NAME: &'static str = "standing_get";
    const SUMMARY: &'static str = "A standing order, also after its end.";
    type Answer = AtTip<StandingView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.standing_get(&self)
    }
}

/// `standing_list`: the standing orders of an account.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandingList {
    /// The account.
    pub account: Text<Address>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for StandingList {
    const NAME: &'static str = "standing_list";
    const SUMMARY: &'static str = "The standing orders of an account that are not over.";
    type Answer = Page<StandingView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.standing_list(&self)
    }
}
