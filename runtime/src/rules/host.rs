//! Hosts: registered by whoever sells their capacity, open to all.
//!
//! A host's owner says what it is and has. Such a declaration proves nothing: whoever asks for better evidence
//! is not served by it, and no rule makes a better one yet.

use chain::account::AccountId;
use chain::attribute::{Attribute, AttributeKind, Attributes, Evidence};
use chain::event::Event;
use chain::host::{Host, PoolId};
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::sealed::Sealed;
use chain::word::Word;

use super::pool;
use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::state::View;

/// Registers a host of the sender.
pub(crate) fn register(
    draft: &mut Draft<'_>,
    step: &Step,
    attributes: &Attributes,
    endpoint: &Option<Sealed>,
) -> Result<(), Rejection> {
    let (owner, deposit) = (step.sender, draft.params().deposits.host);
    check_attributes(draft, attributes)?;
    money::check_available(&money::account(draft, &owner), [deposit])?;

    // From here on the host stands.
    let host = step.object_id(draft.context().chain);
    money::set_aside(draft, owner, deposit);
    let (attributes, endpoint) = (attributes.clone(), endpoint.clone());
    draft.put_host(host, Host { owner, attributes, endpoint, deposit });
    draft.emit(Event::HostRegistered { host, owner });
    Ok(())
}

/// Says anew all that is said of a host. Bids that its pools could not serve may be served now.
pub(crate) fn update(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
    (attributes, endpoint): (&Attributes, &Option<Sealed>),
) -> Result<(), Rejection> {
    let before = own(draft, step, id)?;
    check_attributes(draft, attributes)?;
    let (attributes, endpoint) = (attributes.clone(), endpoint.clone());
    let host = Host { owner: step.sender, attributes, endpoint, deposit: before.deposit };
    if host == *before {
        return Err(Rejection::HostUnchanged);
    }

    // From here on the host is another.
    let pools: Vec<PoolId> = draft.view().pools_of(id).into_keys().collect();
    for pool in pools {
        draft.wake(pool.market);
    }
    draft.put_host(id, host);
    draft.emit(Event::HostUpdated { host: id, owner: step.sender });
    Ok(())
}

/// Ends a host and its pools, which are not in use.
pub(crate) fn close(draft: &mut Draft<'_>, step: &Step, id: ObjectId) -> Result<(), Rejection> {
    let deposit = own(draft, step, id)?.deposit;
    let pools = draft.view().pools_of(id);
    if pools.values().any(|pool| pool::is_in_use(pool)) {
        return Err(Rejection::PoolInUse);
    }
    let pools: Vec<PoolId> = pools.into_keys().collect();

    // From here on the host ends.
    for pool in pools {
        pool::end(draft, pool, step.sender);
    }
    money::free(draft, step.sender, deposit);
    draft.remove_host(id);
    draft.emit(Event::HostClosed { host: id, owner: step.sender });
    Ok(())
}

/// The host `id`, which is the sender's own.
pub(super) fn own<'d>(
    draft: &'d Draft<'_>,
    step: &Step,
    id: ObjectId,
) -> Result<&'d Host, Rejection> {
    owned(&draft.view(), step.sender, id)
}

/// The host `id`, which belongs to `owner`.
pub(super) fn owned<'a>(
    view: &View<'a>,
    owner: AccountId,
    id: ObjectId,
) -> Result<&'a Host, Rejection> {
    let host = view.host(&id).ok_or(Rejection::HostUnknown)?;
    if host.owner == owner { Ok(host) } else { Err(Rejection::NotHostOwner) }
}

/// Checks what an owner says of a host, key by key.
fn check_attributes(draft: &Draft<'_>, attributes: &Attributes) -> Result<(), Rejection> {
    let (view, now) = (draft.view(), draft.context().parent_time);
    for Attribute { key, value, evidence, expires } in attributes.iter() {
        let kind = kind(&view, key).ok_or(Rejection::AttributeUnknown)?;
        if !kind.admits(value) {
            return Err(Rejection::AttributeMismatch);
        }
        if *evidence > Evidence::Declared {
            return Err(Rejection::EvidenceTooGood);
        }
        if expires.is_some_and(|expires| expires <= now) {
            return Err(Rejection::AttributeEndPassed);
        }
    }
    Ok(())
}

/// What kind of value stands under `key`, which is the same in all markets that have it.
fn kind<'a>(view: &View<'a>, key: &Word) -> Option<&'a AttributeKind> {
    let mut markets = (0..).map_while(|number| view.market(MarketId(number)));
    markets.find_map(|market| market.attributes.kind(key))
}

#[cfg(test)]
pub(crate) mod tests;
