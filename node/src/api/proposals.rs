//! What authorities are to agree on.

use chain::state::{Key, Object};
use rpc::error::Error;
use rpc::methods::{AuthorityProposals, ProposalGet};
use rpc::types::{AtTip, AuthoritiesView, Page, ProposalView};

use super::lists::object_cursor;
use super::{NodeApi, internal};

pub(super) fn authorities(api: &NodeApi) -> AtTip<AuthoritiesView> {
    let committed = api.read();
    let view = committed.view();
    let view = api.translate.authorities(&committed.header, view.params(), view.authorities());
    api.at(&committed, view)
}

pub(super) fn list(
    api: &NodeApi,
    question: &AuthorityProposals,
) -> Result<Page<ProposalView>, Error> {
    let committed = api.read();
    let last = object_cursor(question.cursor.as_deref())?;
    let items = committed.state.proposals_after(last);
    let items = items.map(|(id, it)| (id.to_string(), api.translate.proposal(id, it)));
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

pub(super) fn proposal(
    api: &NodeApi,
    question: &ProposalGet,
) -> Result<AtTip<ProposalView>, Error> {
    let (committed, id) = (api.read(), question.proposal.0);
    if let Some(proposal) = committed.view().proposal(&id) {
        return Ok(api.at(&committed, api.translate.proposal(id, proposal)));
    }
    let ended = api.ledger.store().ended(&Key::Proposal(id)).map_err(internal)?;
    let ended = ended.filter(|ended| ended.height <= committed.header.height);
    match ended.map(|ended| ended.object) {
        Some(Object::Proposal(proposal)) => {
            Ok(api.at(&committed, api.translate.proposal(id, &proposal)))
        }
        _ => Err(Error::NotFound { what: "proposal" }),
    }
}
