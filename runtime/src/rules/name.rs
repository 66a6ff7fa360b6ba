//! Names: an account bears one that no other does, for as long as it sets its deposit aside. Whoever
//! comes first has it; one that was given up may be taken by anybody.

use chain::event::Event;
use chain::name::{Name, NameUse};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;

/// Gives the sender `name`, in place of the one it bears, or none.
pub(crate) fn update(
    draft: &mut Draft<'_>,
    step: &Step,
    name: Option<Name>,
) -> Result<(), Rejection> {
    let account = step.sender;
    let bears = draft.view().name_use(&account);
    let before = bears.map(|bears| bears.name);
    let deposit = bears.map_or(draft.params().deposits.name, |bears| bears.deposit);
    if name == before {
        return Err(Rejection::NameUnchanged);
    }
    if name.is_some_and(|name| draft.view().named(&name).is_some()) {
        return Err(Rejection::NameTaken);
    }
    if before.is_none() {
        money::check_available(&money::account(draft, &account), [deposit])?;
    }

    // From here on the name changes.
    match (before, name) {
        (None, Some(_)) => money::set_aside(draft, account, deposit),
        (Some(_), None) => money::free(draft, account, deposit),
        (Some(_), Some(_)) | (None, None) => {}
    }
    draft.put_name(account, before, name.map(|name| NameUse { name, deposit }));
    draft.emit(Event::AccountUpdated { account, before, name });
    Ok(())
}

#[cfg(test)]
mod tests;
