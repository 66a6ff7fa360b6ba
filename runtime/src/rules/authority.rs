//! Authorities: who votes next, and where they are reached.
//!
//! ```text
//!   proposal adds, removes ─┐
//!                           ├─► next ─ the last block of the epoch names it ─► voting
//!   authority's own key  ───┘
//! ```
//!
//! A removal names an account, not a key, so that no authority escapes it by taking another key. An authority
//! takes another key without anybody's vote: it has one vote before and after.

use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::authority_set::{AuthorityAct, AuthorityEvent, SetUnsound, is_reachable};
use chain::event::Event;
use chain::proposal::AuthoritiesChange;

use crate::context::Step;
use crate::draft::Draft;
use crate::rejection::Rejection;
use crate::rules::freeze;

/// An authority's account asks for something of its `key`.
pub(crate) fn act(
    draft: &mut Draft<'_>,
    step: &Step,
    key: AuthorityKey,
    act: AuthorityAct,
) -> Result<(), Rejection> {
    match act {
        AuthorityAct::Rotate { key: other, proof } => rotate(draft, step, key, (other, &proof)),
        AuthorityAct::Move { address } => {
            if address.is_some_and(|address| !is_reachable(address)) {
                return Err(Rejection::AddressUnreachable);
            }
            let set = draft.view().authorities();
            let mut known = set.voting.iter().chain(&set.next);
            if !known.any(|it| it.key == key && it.account == step.sender) {
                return Err(Rejection::AuthorityUnknown);
            }
            if set.endpoint(&key) == address {
                return Err(Rejection::AddressUnchanged);
            }

            // From here on it is reached there.
            let set = set.clone().reached(key, address);
            draft.put_authorities(set);
            let account = step.sender;
            draft.emit(Event::Authority(AuthorityEvent::Moved { account, key, address }));
            Ok(())
        }
    }
}

/// Another key votes in place of `key` from the next epoch on, and is reached where that one is.
fn rotate(
    draft: &mut Draft<'_>,
    step: &Step,
    key: AuthorityKey,
    (other, proof): (AuthorityKey, &AuthoritySignature),
) -> Result<(), Rejection> {
    let (context, set) = (*draft.context(), draft.view().authorities());
    let account = step.sender;
    let before = Authority { key, account };
    if !set.next.contains(&before) {
        return Err(Rejection::AuthorityUnknown);
    }
    let after = Authority { key: other, account };
    if is_taken(&set.next, &set.voting, after) {
        return Err(Rejection::AuthorityKnown);
    }
    if !other.proves((context.chain, &account), Some(key), proof) {
        return Err(Rejection::AuthorityUnproven);
    }
    let next: Vec<Authority> =
        set.next.iter().map(|it| if *it == before { after } else { *it }).collect();
    set.check_next(&next).map_err(refused)?;

    // From here on the other key votes next.
    let (address, set) = (set.endpoint(&key), set.clone().followed_by(next));
    draft.put_authorities(match address {
        Some(address) => set.reached(other, Some(address)),
        None => set,
    });
    let epoch = context.epoch.saturating_add(1);
    let rotated = AuthorityEvent::Rotated { account, before: key, key: other, epoch };
    draft.emit(Event::Authority(rotated));
    Ok(())
}

/// Checks a change of who votes next. Returns who does then.
pub(crate) fn check(
    draft: &Draft<'_>,
    change: &AuthoritiesChange,
) -> Result<Vec<Authority>, Rejection> {
    let (view, chain) = (draft.view(), draft.context().chain);
    let set = view.authorities();
    let mut next = set.next.clone();
    for account in change.remove() {
        let count = next.len();
        next.retain(|authority| authority.account != *account);
        if next.len() == count {
            return Err(Rejection::AuthorityUnknown);
        }
    }
    for admission in change.add() {
        let authority = admission.authority;
        freeze::check_open(&view, &authority.account)?;
        if is_taken(&next, &set.voting, authority) {
            return Err(Rejection::AuthorityKnown);
        }
        if !authority.key.proves((chain, &authority.account), None, &admission.proof) {
            return Err(Rejection::AuthorityUnproven);
        }
        if admission.address.is_some_and(|address| !is_reachable(address)) {
            return Err(Rejection::AddressUnreachable);
        }
        next.push(authority);
    }
    set.check_next(&next).map_err(refused)?;
    Ok(next)
}

/// Makes a change of who votes next, which was just checked, and gave `next`.
pub(crate) fn make(draft: &mut Draft<'_>, change: &AuthoritiesChange, next: Vec<Authority>) {
    let before = draft.view().authorities().clone();
    let epoch = draft.context().epoch.saturating_add(1);
    for Authority { key, account } in before.next.iter().filter(|it| !next.contains(it)) {
        let (key, account) = (*key, *account);
        draft.emit(Event::Authority(AuthorityEvent::Removed { key, account, epoch }));
    }
    let mut set = before.followed_by(next);
    for admission in change.add() {
        let Authority { key, account } = admission.authority;
        draft.emit(Event::Authority(AuthorityEvent::Added { key, account, epoch }));
        if let Some(address) = admission.address {
            set = set.reached(key, Some(address));
            let moved = AuthorityEvent::Moved { account, key, address: Some(address) };
            draft.emit(Event::Authority(moved));
        }
    }
    draft.put_authorities(set);
}

/// The last block of an epoch ends: who is to vote next does. Returns who that is.
pub(crate) fn enter_next(draft: &mut Draft<'_>) -> Vec<Authority> {
    let set = draft.view().authorities();
    let next = set.next.clone();
    if set.voting != next {
        let entered = set.clone().entered();
        draft.put_authorities(entered);
        let epoch = draft.context().epoch.saturating_add(1);
        let authorities = u32::try_from(next.len()).expect("authorities are few");
        draft.emit(Event::Authority(AuthorityEvent::Entered { epoch, authorities }));
    }
    next
}

/// True when the key votes or will, but as the same authority's: one may come back to its own.
fn is_taken(next: &[Authority], voting: &[Authority], authority: Authority) -> bool {
    next.iter().any(|it| it.key == authority.key)
        || voting.iter().any(|it| it.key == authority.key && it.account != authority.account)
}

const fn refused(reason: SetUnsound) -> Rejection {
    match reason {
        SetUnsound::Empty => Rejection::AuthoritiesEmpty,
        SetUnsound::TooMany => Rejection::TooManyAuthorities,
        SetUnsound::TooManyNew => Rejection::TooManyNewAuthorities,
    }
}

#[cfg(test)]
mod tests;
