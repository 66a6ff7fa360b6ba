//! Who acts for an account: its keys in person, or one of its agents.
//!
//! Invariant: nobody signs who is not needed. A witness more could be added or taken away by whoever passes
//! the bytes on.

use chain::account::{Account, AccountId, Signing};
use chain::agent::Agent;
use chain::keys::PublicKey;
use chain::witness::Witness;

use crate::state::View;

/// Those who signed may not act for the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotSigned;

/// Checks that `witnesses`, which are in rising order of key, may act for the account `id`. Returns the agent
/// that does, where it is one; whether its time is over is left to the caller.
pub(crate) fn check(
    view: &View<'_>,
    id: AccountId,
    account: &Account,
    witnesses: &[Witness],
) -> Result<Option<Agent>, NotSigned> {
    let alone = match witnesses {
        [witness] => Some(&witness.key),
        _ => None,
    };
    let in_person = match account.signing {
        Signing::OwnKey => alone.is_some_and(|key| AccountId::of_key(key) == id),
        Signing::KeySet => {
            let signers = view.signers(&id).expect("an account says whether it has a set");
            signers.are_signed_by(witnesses.iter().map(|witness| &witness.key))
        }
    };
    if in_person {
        return Ok(None);
    }
    let agent = alone.and_then(|key: &PublicKey| view.agent(&Agent::id(id, key)));
    agent.map(Some).ok_or(NotSigned)
}
