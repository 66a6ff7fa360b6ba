//! Which holds, orders, standing orders, contracts, channels, agents and hosts of the tip an account has a part in, by name, and which
//! withdrawals wait for the cashier.
//!
//! In memory; made from the state at the start and kept up to date by every commit.

use std::collections::BTreeSet;
use std::ops::Bound;

use chain::account::AccountId;
use chain::hold::Purpose;
use chain::id::ObjectId;
use chain::state::{Key, Object};
use runtime::state::{Changes, State};

/// A kind of object that belongs to accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Holds: their owner, and the beneficiary of one opened by its owner.
    Hold,
    /// Orders: their owner.
    Order,
    /// Contracts: buyer, seller and user.
    Contract,
    /// Channels: payer and payee.
    Channel,
    /// What was granted to agents: whose money they may move.
    Agent,
    /// Hosts: their owner.
    Host,
    /// Standing orders: their owner.
    Standing,
}

/// What accounts have a part in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    of_accounts: BTreeSet<(Kind, AccountId, ObjectId)>,
    withdrawals: BTreeSet<ObjectId>,
}

impl Index {
    /// The index of a whole state.
    pub fn of(state: &State) -> Self {
        let mut index = Self::default();
        state.iter().for_each(|(key, object)| index.enter(key, object));
        index
    }

    /// Takes over what a block changes in `before`, the state it has not been committed to yet.
    pub fn commit(&mut self, before: &State, changes: &Changes) {
        for (key, after) in &changes.objects {
            // An account is no part of itself, and most of what a block changes.
            if matches!(key, Key::Account(_)) {
                continue;
            }
            if let Some(object) = before.get(key) {
                self.leave(key, object);
            }
            if let Some(object) = after {
                self.enter(key, object);
            }
        }
    }

    /// What `account` has a part in, in order of name, from just after `cursor` on.
    pub fn of_account(
        &self,
        kind: Kind,
        account: AccountId,
        cursor: Option<ObjectId>,
    ) -> impl Iterator<Item = ObjectId> {
        let first = match cursor {
            Some(cursor) => Bound::Excluded((kind, account, cursor)),
            None => Bound::Included((kind, account, ObjectId([0; 32]))),
        };
        let last = Bound::Included((kind, account, ObjectId([u8::MAX; 32])));
        self.of_accounts.range((first, last)).map(|(_, _, id)| *id)
    }

    /// The withdrawals that wait for the cashier, in order of name, from just after `cursor` on.
    pub fn withdrawals(&self, cursor: Option<ObjectId>) -> impl Iterator<Item = ObjectId> {
        let first = cursor.map_or(Bound::Unbounded, Bound::Excluded);
        self.withdrawals.range((first, Bound::Unbounded)).copied()
    }

    fn enter(&mut self, key: &Key, object: &Object) {
        self.withdrawals.extend(withdrawal(key, object));
        self.of_accounts.extend(entries(key, object).into_iter().flatten());
    }

    fn leave(&mut self, key: &Key, object: &Object) {
        for entry in entries(key, object).into_iter().flatten() {
            self.of_accounts.remove(&entry);
        }
        if let Some(id) = withdrawal(key, object) {
            self.withdrawals.remove(&id);
        }
    }
}

/// The name of the object if it is a withdrawal.
fn withdrawal(key: &Key, object: &Object) -> Option<ObjectId> {
    match (key, object) {
        (Key::Hold(id), Object::Hold(hold)) => {
            matches!(hold.purpose, Purpose::Withdrawal { .. }).then_some(*id)
        }
        _ => None,
    }
}

type Entry = (Kind, AccountId, ObjectId);

/// The entries of one object: one for each account that has a part in it.
fn entries(key: &Key, object: &Object) -> [Option<Entry>; 3] {
    let (kind, id, first, others) = match (key, object) {
        (Key::Hold(id), Object::Hold(hold)) => {
            let beneficiary = match hold.purpose {
                Purpose::User { beneficiary, .. } => Some(beneficiary),
                Purpose::Bid { .. }
                | Purpose::Contract { .. }
                | Purpose::Channel { .. }
                | Purpose::Withdrawal { .. } => None,
            };
            (Kind::Hold, id, hold.owner, [beneficiary, None])
        }
        (Key::Order(id), Object::Order(order)) => (Kind::Order, id, order.owner, [None; 2]),
        (Key::Contract(id), Object::Contract(contract)) => {
            (Kind::Contract, id, contract.buyer, [Some(contract.seller), contract.user])
        }
        (Key::Channel(id), Object::Channel(channel)) => {
            (Kind::Channel, id, channel.payer, [Some(channel.payee), None])
        }
        (Key::Agent(id), Object::Agent(agent)) => (Kind::Agent, id, agent.account, [None; 2]),
        (Key::Host(id), Object::Host(host)) => (Kind::Host, id, host.owner, [None; 2]),
        (Key::Standing(id), Object::Standing(standing)) => {
            (Kind::Standing, id, standing.owner, [None; 2])
        }
        _ => return [None; 3],
    };
    let [second, third] = others;
    [Some(first), second, third].map(|account| account.map(|account| (kind, account, *id)))
}

#[cfg(test)]
mod tests {
    use chain::amount::Amount;
    use chain::hold::Hold;
    use chain::target::Target;
    use chain::time::Time;

    use super::*;

    const ALICE: AccountId = AccountId([1; 20]);
    const BOB: AccountId = AccountId([2; 20]);

    fn hold(byte: u8, owner: AccountId, beneficiary: AccountId) -> (Key, Object) {
        let purpose = Purpose::User { beneficiary, expires: Time(9) };
        let hold = Hold::new(owner, purpose, Amount::from_u64(5));
        (Key::Hold(ObjectId([byte; 32])), Object::Hold(Box::new(hold)))
    }

    fn names(index: &Index, account: AccountId, cursor: Option<u8>) -> Vec<u8> {
        let cursor = cursor.map(|byte| ObjectId([byte; 32]));
        index.of_account(Kind::Hold, account, cursor).map(|id| id.0[0]).collect()
    }

    #[test]
    fn objects_are_listed_for_every_party_after_the_cursor() {
        let state =
            State::from_objects([hold(3, ALICE, BOB), hold(1, BOB, ALICE), hold(2, BOB, BOB)]);
        let index = Index::of(&state);
        assert_eq!(names(&index, ALICE, None), [1, 3]);
        assert_eq!(names(&index, BOB, None), [1, 2, 3]);
        assert_eq!(names(&index, BOB, Some(1)), [2, 3]);
        assert_eq!(index.of_account(Kind::Order, BOB, None).count(), 0);
    }

    #[test]
    fn withdrawals_are_listed_for_their_owner_and_on_their_own() {
        let target = Target::new("a bank").unwrap();
        let purpose = Purpose::Withdrawal { target, expires: Time(9) };
        let withdrawal = Hold::new(ALICE, purpose, Amount::from_u64(5));
        let key = Key::Hold(ObjectId([2; 32]));
        let mut state =
            State::from_objects([hold(1, ALICE, BOB), (key, Object::Hold(Box::new(withdrawal)))]);
        let mut index = Index::of(&state);
        assert_eq!(names(&index, ALICE, None), [1, 2]);
        assert_eq!(index.withdrawals(None).collect::<Vec<_>>(), [ObjectId([2; 32])]);
        assert_eq!(index.withdrawals(Some(ObjectId([2; 32]))).count(), 0);
        let changes = Changes { objects: [(key, None)].into(), ..Changes::default() };
        index.commit(&state, &changes);
        state.commit(&changes);
        assert_eq!(index, Index::of(&state));
        assert_eq!(index.withdrawals(None).count(), 0);
    }

    #[test]
    fn committed_index_equals_one_made_anew() {
        let mut state = State::from_objects([hold(3, ALICE, BOB), hold(1, BOB, ALICE)]);
        let mut index = Index::of(&state);
        let (key, object) = hold(4, ALICE, BOB);
        let mut changes = Changes::default();
        changes.objects.insert(key, Some(object));
        changes.objects.insert(Key::Hold(ObjectId([3; 32])), None);
        index.commit(&state, &changes);
        state.commit(&changes);
        assert_eq!(index, Index::of(&state));
    }
}
