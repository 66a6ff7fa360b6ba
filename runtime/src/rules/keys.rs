//! Keys: an account may be signed for by so many of a set in place of its own key. The set counts from
//! the next transaction on.

use chain::account::{Account, Signing};
use chain::event::Event;
use chain::signers::{SignerSet, Signers};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;

/// Lets `signers` sign for the sender from here on. Its own key alone is as good as no set.
pub(crate) fn set(draft: &mut Draft<'_>, step: &Step, signers: &Signers) -> Result<(), Rejection> {
    let id = step.sender;
    if !signers.keys().iter().all(|key| key.is_on_curve()) {
        return Err(Rejection::KeyInvalid);
    }
    let before = draft.view().signer_set(&id);
    let own = signers.is_own_key_of(id);
    if before.map_or(own, |before| before.signers == *signers) {
        return Err(Rejection::KeysUnchanged);
    }
    let first = before.is_none();
    let deposit = before.map_or(draft.params().deposits.keys, |before| before.deposit);
    if first {
        money::check_available(&money::account(draft, &id), [deposit])?;
    }

    // From here on the keys change.
    if first {
        money::set_aside(draft, id, deposit);
    } else if own {
        money::free(draft, id, deposit);
    }
    let signing = if own { Signing::OwnKey } else { Signing::KeySet };
    let account = money::account(draft, &id);
    draft.put_account(id, Account { signing, ..account });
    draft.put_signers(id, (!own).then(|| SignerSet { signers: signers.clone(), deposit }));
    draft.emit(Event::KeysSet { account: id, signers: signers.clone() });
    Ok(())
}

#[cfg(test)]
mod tests;
