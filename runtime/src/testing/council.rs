//! Authorities of the rules' tests: keys that can sign, and a ledger on which some of them vote.

use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::authority_set::AuthoritySet;
use chain::event::Event;
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::proposal::{Admission, Change, ProposalEnded, ProposalStage};
use chain::receipt::Outcome;
use chain::state::{Key, Object};
use chain::time::Millis;
use curve25519_dalek::constants::ED25519_BASEPOINT_TABLE;
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use super::{Ledger, account, chain, run};
use crate::rejection::Rejection;
use crate::state::View;

/// The key with this number. The first authority of the harness has a key that nobody can sign with.
pub(crate) fn voter(number: u8) -> AuthorityKey {
    AuthorityKey((&secret(number) * ED25519_BASEPOINT_TABLE).compress().to_bytes())
}

/// The signature of the key with this number, by the rules of ed25519.
pub(crate) fn signed(number: u8, message: &[u8]) -> AuthoritySignature {
    let hash = |parts: &[&[u8]]| Scalar::from_hash(Sha512::new().chain_update(parts.concat()));
    let nonce = hash(&[&[number], message]);
    let commitment = (&nonce * ED25519_BASEPOINT_TABLE).compress().to_bytes();
    let challenge = hash(&[&commitment, &voter(number).0, message]);
    let scalar = (nonce + challenge * secret(number)).to_bytes();
    AuthoritySignature([commitment, scalar].concat().try_into().unwrap())
}

fn secret(number: u8) -> Scalar {
    Scalar::from(u64::from(number) + 8)
}

/// The proof that the key with this number is to vote for `who`.
pub(crate) fn proof(number: u8, who: &str, replaces: Option<AuthorityKey>) -> AuthoritySignature {
    let claim = AuthorityKey::claim(chain(), &account(who), replaces);
    signed(number, &AuthorityKey::claim_bytes(claim))
}

/// What lets the key with this number vote for `who`.
pub(crate) fn admission(number: u8, who: &str) -> Admission {
    let authority = Authority { key: voter(number), account: account(who) };
    Admission { authority, address: None, proof: proof(number, who, None) }
}

/// A ledger on which the harness' own key votes for a, and keys 1, 2 and 3 for b, c and d; blocks are
/// proposed by the first.
pub(crate) fn council() -> Ledger {
    let mut ledger = run("a 100, b 100, c 100, d 100, e 100, alice 1000, cashier 0");
    let own = Authority { key: AuthorityKey([7; 32]), account: account("a") };
    let others = (1..).zip(["b", "c", "d"]);
    let others =
        others.map(|(number, who)| Authority { key: voter(number), account: account(who) });
    ledger.govern([own].into_iter().chain(others).collect());
    ledger
}

impl Ledger {
    /// `who` does this in the next block, and it applies.
    pub(crate) fn act(&mut self, who: &str, operation: Operation) -> Vec<Event> {
        let signed = self.sign(who, 0, vec![operation]);
        let applied = self.apply(self.time.after(Millis(1)), &[signed]).unwrap();
        match &applied.receipts.transactions[0].outcome {
            Outcome::Applied { events } => events.clone(),
            Outcome::Failed { code, .. } => panic!("{:?}", Rejection::from_code(*code)),
        }
    }

    /// a proposes this, b and c approve it, and the delay passes. Says what came of it, and what it did.
    pub(crate) fn decide(&mut self, change: Change) -> (ProposalEnded, Vec<Event>) {
        let id = self.agreed(change);
        let events = self.pass(10);
        let Some(Object::Proposal(proposal)) = self.ended(&Key::Proposal(id)) else {
            panic!("the proposal has not ended")
        };
        let ProposalStage::Ended(how) = proposal.stage else { panic!("{:?}", proposal.stage) };
        (how, events)
    }

    /// a proposes this, and b and c approve it.
    pub(crate) fn agreed(&mut self, change: Change) -> ObjectId {
        let nonce = self.account("a").unwrap().nonce;
        let digest = change.digest();
        self.act("a", Operation::Propose { change });
        let proposal = ObjectId::of_operation(chain(), account("a"), nonce, 0);
        for who in ["b", "c"] {
            self.act(who, Operation::Approve { proposal, change: digest });
        }
        proposal
    }

    /// An empty block so much later, and what timers did in it.
    pub(crate) fn pass(&mut self, millis: u64) -> Vec<Event> {
        self.apply(self.time.after(Millis(millis)), &[]).unwrap();
        self.apply(self.time.after(Millis(1)), &[]).unwrap().receipts.timers
    }

    /// Blocks up to the last of the running epoch, and what that names.
    pub(crate) fn end_epoch(&mut self) -> Vec<Authority> {
        loop {
            let applied = self.apply(self.time.after(Millis(1)), &[]).unwrap();
            if let Some(next) = applied.next_authorities {
                return next;
            }
        }
    }

    /// Who votes, and who will.
    pub(crate) fn authorities(&self) -> AuthoritySet {
        View::new(&self.state, &[]).authorities().clone()
    }

    /// `who` proposes this, and it is refused.
    pub(crate) fn refuses_change(&mut self, who: &str, change: Change, rejection: Rejection) {
        self.refuses(who, Operation::Propose { change }, rejection);
    }
}
