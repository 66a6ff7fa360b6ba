//! The network's own terms: its params, who votes, and who holds its offices.

use chain::account::AccountStatus;
use chain::state::{Key, Object};

use crate::invariants::Violation;
use crate::state::{State, View};

pub(super) fn check(state: &State) -> Result<(), Violation> {
    let Some(Object::Authorities(set)) = state.get(&Key::Authorities) else {
        return Err(Violation::NoGenesis);
    };
    if !set.is_sound() {
        return Err(Violation::Authorities);
    }
    let view = View::new(state, &[]);
    let params = view.params();
    if params.upgrade.is_some_and(|upgrade| upgrade.version <= params.version) {
        return Err(Violation::Upgrade);
    }
    let voters = set.voting.iter().chain(&set.next).map(|authority| authority.account);
    for account in voters.chain([params.cashier, params.treasury]) {
        // A test may have no cashier; whoever is there can act.
        let status = view.account(&account).map(|account| account.status);
        if status == Some(AccountStatus::Frozen) {
            return Err(Violation::Office(account));
        }
    }
    Ok(())
}
