//! Questions about money: accounts, holds, channels.

use chain::id::ObjectId;
use chain::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Address, Text};
use crate::types::{
    AccountView, AgentView, AtTip, ChannelView, HoldView, Limit, Page, PaymentView,
};

/// `account_get`: an account.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountGet {
    /// The account.
    pub account: Text<Address>,
}

impl Method for AccountGet {
    const NAME: &'static str = "account_get";
    const SUMMARY: &'static str = "An account.";
    type Answer = AtTip<AccountView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.account_get(&self)
    }
}

/// `account_get_by_name`: the account that bears a name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountGetByName {
    /// The name.
    pub name: Text<Name>,
}

impl Method for AccountGetByName {
    const NAME: &'static str = "account_get_by_name";
    const SUMMARY: &'static str = "The account that bears a name.";
    type Answer = AtTip<AccountView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.account_get_by_name(&self)
    }
}

/// `agent_list`: what an account granted to keys besides its own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentList {
    /// The account.
    pub account: Text<Address>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for AgentList {
    const NAME: &'static str = "agent_list";
    const SUMMARY: &'static str = "What an account granted to keys besides its own.";
    type Answer = Page<AgentView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.agent_list(&self)
    }
}

/// `hold_get`: a hold, also after its end.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldGet {
    /// The hold.
    pub hold: Text<ObjectId>,
}

impl Method for HoldGet {
    const NAME: &'static str = "hold_get";
    const SUMMARY: &'static str = "A hold, also after its end.";
    type Answer = AtTip<HoldView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.hold_get(&self)
    }
}

/// `hold_list`: the open holds that an account owns or may capture.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldList {
    /// The account.
    pub account: Text<Address>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for HoldList {
    const NAME: &'static str = "hold_list";
    const SUMMARY: &'static str = "The open holds that an account owns or may capture.";
    type Answer = Page<HoldView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.hold_list(&self)
    }
}

/// `withdrawal_list`: the withdrawals that wait for the cashier, whoever asked for them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalList {
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for WithdrawalList {
    const NAME: &'static str = "withdrawal_list";
    const SUMMARY: &'static str =
        "The withdrawals that wait for the cashier, whoever asked for them.";
    type Answer = Page<HoldView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.withdrawal_list(&self)
    }
}

/// `payment_get`: what a hold, contract or channel has paid, for as long as it may be given back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentGet {
    /// The hold, contract or channel.
    pub of: Text<ObjectId>,
}

impl Method for PaymentGet {
    const NAME: &'static str = "payment_get";
    const SUMMARY: &'static str =
        "What a hold, contract or channel has paid, for as long as it may be given back.";
    type Answer = AtTip<PaymentView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.payment_get(&self)
    }
}

/// `channel_get`: a channel, also after its end.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelGet {
    /// The channel.
    pub channel: Text<ObjectId>,
}

impl Method for ChannelGet {
    const NAME: &'static str = "channel_get";
    const SUMMARY: &'static str = "A channel, also after its end.";
    type Answer = AtTip<ChannelView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.channel_get(&self)
    }
}

/// `channel_list`: the open channels in which an account pays or is paid.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelList {
    /// The account.
    pub account: Text<Address>,
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for ChannelList {
    const NAME: &'static str = "channel_list";
    const SUMMARY: &'static str = "The open channels in which an account pays or is paid.";
    type Answer = Page<ChannelView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.channel_list(&self)
    }
}
