//! What those who vote decide meanwhile: who joins them, and who leaves. One proposal after the other, submitted
//! to whatever node answers, again and again.

use std::collections::VecDeque;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::authority_set::AuthoritySet;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::Height;
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::operation::Operation;
use chain::proposal::{AuthoritiesChange, Change, ProposalStage};
use chain::state::{Key, Object};
use chain::transaction::Transaction;
use node::door::Offer;
use runtime::state::View;

use super::fleet::Fleet;

/// Blocks for which a transaction may wait.
const PATIENCE: u64 = 50;

/// A change of who votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// This node joins.
    Join(usize),
    /// This node leaves.
    Leave(usize),
}

/// What is to be decided, and what was.
#[derive(Debug, Default)]
pub(super) struct Council {
    wanted: VecDeque<Act>,
    proposed: Option<Proposed>,
    decided: usize,
}

#[derive(Debug)]
struct Proposed {
    proposal: ObjectId,
    change: Hash,
    transaction: Hash,
    bytes: Vec<u8>,
    until: Height,
}

impl Council {
    /// They are to decide so, when they have done what they are at.
    pub(super) fn want(&mut self, act: Act) {
        self.wanted.push_back(act);
    }

    /// How many changes took effect.
    pub(super) const fn decided(&self) -> usize {
        self.decided
    }

    /// Those who vote do what is next: propose, or approve.
    pub(super) fn go_on(&mut self, fleet: &Fleet) {
        let Some(ledger) = fleet.farthest() else { return };
        let committed = ledger.read();
        let (view, height) = (committed.view(), committed.header.height);
        let Some(proposed) = &self.proposed else {
            self.propose(fleet, &view, height);
            return;
        };
        match committed.state.get(&Key::Proposal(proposed.proposal)) {
            Some(Object::Proposal(open)) => {
                if let ProposalStage::Open { .. } = open.stage {
                    approve(fleet, &view, height, (proposed, &open.approvals));
                }
            }
            Some(_) | None => {
                let place = ledger.store().place(&proposed.transaction);
                if place.expect("the database is sound").is_some_and(|it| it.height <= height) {
                    self.decided += 1;
                    self.wanted.pop_front();
                    self.proposed = None;
                } else if proposed.until < height {
                    self.proposed = None;
                } else {
                    submit(fleet, &proposed.bytes);
                }
            }
        }
    }

    fn propose(&mut self, fleet: &Fleet, view: &View<'_>, height: Height) {
        let Some(act) = self.wanted.front() else { return };
        let set = view.authorities();
        let (Some(change), Some(owner)) = (change(fleet, set, *act), voters(fleet, set).next())
        else {
            self.wanted.pop_front();
            return;
        };
        let digest = change.digest();
        let (transaction, bytes) =
            signed(fleet, view, height, owner, Operation::Propose { change });
        let Transaction { chain, sender, nonce, .. } = transaction;
        submit(fleet, &bytes);
        self.proposed = Some(Proposed {
            proposal: ObjectId::of_operation(chain, sender, nonce, 0),
            change: digest,
            transaction: transaction.id(),
            bytes,
            until: transaction.valid_until,
        });
    }
}

/// What is to be proposed; `None` when it is so already.
fn change(fleet: &Fleet, set: &AuthoritySet, act: Act) -> Option<Change> {
    let (Act::Join(number) | Act::Leave(number)) = act;
    let admission = fleet.admission(number);
    let votes = set.next.contains(&admission.authority);
    let change = match act {
        Act::Join(_) if !votes => AuthoritiesChange::new(vec![admission], Vec::new()),
        Act::Leave(_) if votes => {
            AuthoritiesChange::new(Vec::new(), vec![admission.authority.account])
        }
        Act::Join(_) | Act::Leave(_) => None,
    };
    change.map(Change::Authorities)
}

/// The owners of the nodes that vote now.
fn voters<'a>(fleet: &'a Fleet, set: &'a AuthoritySet) -> impl Iterator<Item = &'a SecretKey> {
    let votes = |account: AccountId| set.voting.iter().any(|it| it.account == account);
    fleet.owners().iter().filter(move |owner| votes(account(owner)))
}

/// Whoever votes and has not approved does.
fn approve(
    fleet: &Fleet,
    view: &View<'_>,
    height: Height,
    (proposed, approvals): (&Proposed, &[AccountId]),
) {
    let Proposed { proposal, change, .. } = *proposed;
    for owner in voters(fleet, view.authorities()) {
        if !approvals.contains(&account(owner)) {
            let approval = Operation::Approve { proposal, change };
            submit(fleet, &signed(fleet, view, height, owner, approval).1);
        }
    }
}

fn signed(
    fleet: &Fleet,
    view: &View<'_>,
    height: Height,
    owner: &SecretKey,
    operation: Operation,
) -> (Transaction, Vec<u8>) {
    let sender = account(owner);
    let transaction = Transaction {
        chain: fleet.chain(),
        sender,
        nonce: view.account(&sender).unwrap_or_default().nonce,
        valid_until: Height(height.0 + PATIENCE),
        fee_max: Amount::from_u64(1_000_000),
        operations: vec![operation],
    };
    let signed = transaction.sign(owner);
    let bytes = encode(&signed);
    (signed.transaction, bytes)
}

/// Offers it to all: refused, it is offered again.
fn submit(fleet: &Fleet, bytes: &[u8]) {
    for door in fleet.doors() {
        door.submit(vec![Offer::decode(bytes)]);
    }
}

fn account(owner: &SecretKey) -> AccountId {
    AccountId::of_key(&owner.public_key())
}
