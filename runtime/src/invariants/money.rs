//! The sums: cash against the supply, held money against what it is held for.

use std::collections::BTreeMap;

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::state::{Key, Object};

use crate::invariants::Violation;
use crate::state::State;

/// What an account's objects need.
#[derive(Clone, Copy, Debug, Default)]
struct Needs {
    held: Amount,
    orders: u32,
}

pub(super) fn check(state: &State, account_deposits: &[Amount]) -> Result<(), Violation> {
    let (Some(Object::Params(params)), Some(Object::Supply(supply))) =
        (state.get(&Key::Params), state.get(&Key::Supply))
    else {
        return Err(Violation::NoGenesis);
    };
    let mut needs = needs(state)?;
    let mut cash = Some(Amount::ZERO);
    for (id, account) in accounts(state) {
        cash = cash.and_then(|sum| sum.checked_add(account.cash));
        let opened = [&[Amount::ZERO, params.deposits.account], account_deposits].concat();
        check_account(id, account, needs.remove(&id).unwrap_or_default(), &opened)?;
    }
    if supply.burned > supply.minted || cash != Some(supply.cash()) {
        return Err(Violation::Supply);
    }
    needs.keys().next().map_or(Ok(()), |owner| Err(Violation::OwnerMissing(*owner)))
}

fn check_account(
    id: AccountId,
    account: &Account,
    needs: Needs,
    opened: &[Amount],
) -> Result<(), Violation> {
    if account.held > account.cash {
        return Err(Violation::HeldAboveCash(id));
    }
    if account.orders != needs.orders {
        return Err(Violation::OrderCount(id));
    }
    // Its own deposit is one that was asked for at some time; only what the genesis opened may bear none.
    let own = account.held.checked_sub(needs.held);
    if own.is_some_and(|own| opened.contains(&own)) { Ok(()) } else { Err(Violation::Held(id)) }
}

fn accounts(state: &State) -> impl Iterator<Item = (AccountId, &Account)> {
    state.iter().filter_map(|(key, object)| {
        if let (Key::Account(id), Object::Account(account)) = (key, object) {
            Some((*id, account))
        } else {
            None
        }
    })
}

/// What the objects of each account need it to hold.
fn needs(state: &State) -> Result<BTreeMap<AccountId, Needs>, Violation> {
    let mut needs: BTreeMap<AccountId, Needs> = BTreeMap::new();
    for (key, object) in state.iter() {
        let (owner, held, orders) = if let Object::Hold(hold) = object {
            let rest = hold.amount.checked_sub(hold.captured);
            (hold.owner, rest.and_then(|rest| rest.checked_add(hold.deposit)), 0)
        } else if let Object::Order(order) = object {
            (order.owner, Some(order.deposit), 1)
        } else if let Object::Standing(standing) = object {
            (standing.owner, Some(standing.deposit), 0)
        } else if let Object::Channel(channel) = object {
            (channel.payer, Some(channel.deposit), 0)
        } else if let Object::Agent(agent) = object {
            (agent.account, Some(agent.deposit), 0)
        } else if let Object::Host(host) = object {
            (host.owner, Some(host.deposit), 0)
        } else if let (Key::Pool(id), Object::Pool(pool)) = (key, object) {
            let Some(Object::Host(host)) = state.get(&Key::Host(id.host)) else {
                return Err(Violation::Pool(*id));
            };
            (host.owner, Some(pool.deposit), 0)
        } else if let Object::Proposal(proposal) = object {
            (proposal.proposer, Some(proposal.deposit), 0)
        } else if let (Key::NameOf(account), Object::NameOf(bears)) = (key, object) {
            (*account, Some(bears.deposit), 0)
        } else if let (Key::Signers(account), Object::Signers(set)) = (key, object) {
            (*account, Some(set.deposit), 0)
        } else {
            continue;
        };
        let entry = needs.entry(owner).or_default();
        let sum = held.and_then(|held| entry.held.checked_add(held));
        entry.held = sum.ok_or(Violation::Held(owner))?;
        entry.orders = entry.orders.saturating_add(orders);
    }
    Ok(needs)
}
