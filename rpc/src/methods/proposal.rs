//! Questions about what authorities are to agree on.

use chain::id::ObjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::Text;
use crate::types::{AtTip, AuthoritiesView, HappeningView, Limit, Page, ProposalView};

/// `authority_proposals`: the proposals that are not over.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityProposals {
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for AuthorityProposals {
    const NAME: &'static str = "authority_proposals";
    const SUMMARY: &'static str = "The proposals of authorities that are not over.";
    type Answer = Page<ProposalView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.authority_proposals(&self)
    }
}

/// `proposal_get`: a proposal, also after its end.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalGet {
    /// The proposal.
    pub proposal: Text<ObjectId>,
}

impl Method for ProposalGet {
    const NAME: &'static str = "proposal_get";
    const SUMMARY: &'static str = "A proposal of authorities, also after its end.";
    type Answer = AtTip<ProposalView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.proposal_get(&self)
    }
}

/// `authority_list`: who votes, and who will.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityList {}

impl Method for AuthorityList {
    const NAME: &'static str = "authority_list";
    const SUMMARY: &'static str =
        "Who votes, who will from the next epoch on, and the rules' version.";
    type Answer = AtTip<AuthoritiesView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.authority_list()
    }
}

/// `authority_list_history`: all that authorities have decided.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityListHistory {
    /// Where to go on: the `next_cursor` of the part before; none for the first part.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items to answer with at most.
    #[serde(default)]
    pub limit: Limit,
}

impl Method for AuthorityListHistory {
    const NAME: &'static str = "authority_list_history";
    const SUMMARY: &'static str = "Every step of every proposal and change of who votes, the first first. Nodes may keep no index.";
    type Answer = Page<HappeningView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.authority_list_history(&self)
    }
}
