//! Equivocations: two votes of one authority that contradict each other, in bytes of our own, verified without the
//! engine.
//!
//! ```text
//!   in one view:   notarize X | notarize Y     two proposals were taken for the view's own
//!                  finalize X | finalize Y     two proposals were made final
//!                  nullify    | finalize X     the view was given up, and its proposal made final
//! ```
//! Invariant: an authority that follows the protocol, and whose journal is that of its votes, never signs both. So
//! whoever holds both holds a proof that it does not.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::authority::{AuthorityKey, AuthoritySignature};
use crate::certificate::{Ballot, ballot_bytes};
use crate::hash::Hash;

/// Two votes of one authority that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Equivocation {
    /// Whose votes they are.
    pub authority: AuthorityKey,
    /// The epoch in which it voted.
    pub epoch: u64,
    /// The view, counted from the epoch's beginning, in which it voted.
    pub view: u64,
    /// One vote: the lesser of the two, as [`Ballot`] orders them.
    pub first: Signed,
    /// The other.
    pub second: Signed,
}

/// A vote and its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Signed {
    /// What was voted for.
    pub ballot: Ballot,
    /// Over the bytes of the vote.
    pub signature: AuthoritySignature,
}

/// What an authority contradicted itself about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// It took two proposals for the view's own.
    TwoProposals,
    /// It made two proposals final.
    TwoFinals,
    /// It gave the view up and made its proposal final.
    GivenUpAndFinal,
}

impl Contradiction {
    /// Its name in files and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TwoProposals => "two_proposals",
            Self::TwoFinals => "two_finals",
            Self::GivenUpAndFinal => "given_up_and_final",
        }
    }
}

/// Why two votes prove nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EquivocationInvalid {
    /// An honest authority may sign both, or they are in the wrong order.
    #[error("its votes do not contradict each other, or are in the wrong order")]
    NoContradiction,
    /// A signature does not verify.
    #[error("a signature does not verify")]
    SignatureInvalid,
}

impl Equivocation {
    /// Verifies that its authority signed both votes on `chain`, and that they contradict each other. Whether it
    /// was an authority of [`Self::epoch`] is for whoever knows the epoch's voters.
    ///
    /// # Errors
    /// [`EquivocationInvalid`] says why it proves nothing.
    pub fn verify(&self, chain: Hash) -> Result<Contradiction, EquivocationInvalid> {
        let contradiction = contradiction(self.first.ballot, self.second.ballot)
            .ok_or(EquivocationInvalid::NoContradiction)?;
        for Signed { ballot, signature } in [&self.first, &self.second] {
            let message = ballot_bytes(chain, (self.epoch, self.view), ballot);
            let verified = self.authority.verify(&message, signature);
            verified.map_err(|_| EquivocationInvalid::SignatureInvalid)?;
        }
        Ok(contradiction)
    }
}

/// What two votes of one view contradict each other about; `None` when both may be honest, or the greater is first.
fn contradiction(first: Ballot, second: Ballot) -> Option<Contradiction> {
    match (first, second) {
        (Ballot::Notarize(one), Ballot::Notarize(other)) if one < other => {
            Some(Contradiction::TwoProposals)
        }
        (Ballot::Finalize(one), Ballot::Finalize(other)) if one < other => {
            Some(Contradiction::TwoFinals)
        }
        (Ballot::Nullify, Ballot::Finalize(_)) => Some(Contradiction::GivenUpAndFinal),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
