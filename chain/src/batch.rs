//! Many signatures verified together, with the verdict that each would get by itself.
//!
//! Each signature claims an equation between points of the curve. The sum of many takes far fewer
//! additions to check than each by itself. If it holds, all of them do: each is weighted by a number that
//! nobody knows before all claims are fixed, so wrong ones do not cancel. A sum that does not hold is
//! checked part by part, down to single claims, on which [`PublicKey::verify`] has the last word.

mod coefficient;
mod equation;
mod field;
mod point;
mod product;
mod sum;
mod weight;
mod window;

use crate::hash::Hash;
use crate::keys::{PublicKey, Signature, SignatureInvalid};
use crate::limits::BATCH_MAX;

use equation::{Equation, equations, hold};

/// Claims that are verified one by one: little is saved on so few, and much is lost when one is wrong.
const ALONE_MAX: usize = 4;
/// The parts into which a batch that does not hold is split. Whoever sends wrong claims on purpose makes
/// each cost a batch, a part and itself, a third more than alone; halving would ask for ten batches.
const PARTS: usize = 16;

/// That the owner of a key signed a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose signature it should be.
    pub key: PublicKey,
    /// What should have been signed.
    pub message: Hash,
    /// The signature.
    pub signature: Signature,
}

impl Claim {
    /// Verifies this claim by itself.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when it does not hold.
    pub fn verify(&self) -> Result<(), SignatureInvalid> {
        self.key.verify(&self.message, &self.signature)
    }
}

/// Which of `claims` do not hold, by position, rising; empty when all hold. The verdict is that of
/// [`Claim::verify`] on each, on every input.
pub fn verify(claims: &[Claim]) -> Vec<usize> {
    let mut failed = Vec::new();
    let mut first = 0_usize;
    for batch in claims.chunks(BATCH_MAX) {
        let mut holds = vec![false; batch.len()];
        if batch.len() > ALONE_MAX {
            settle(&equations(batch), &mut holds);
        } else {
            let verdicts = batch.iter().map(|claim| claim.verify().is_ok());
            holds.iter_mut().zip(verdicts).for_each(|(holds, verdict)| *holds = verdict);
        }
        let wrong = holds.iter().enumerate().filter(|(_, holds)| !**holds);
        failed.extend(wrong.map(|(position, _)| first.saturating_add(position)));
        first = first.saturating_add(batch.len());
    }
    failed
}

/// Writes down for each equation whether it holds.
fn settle(equations: &[Equation<'_>], holds: &mut [bool]) {
    let alone = equations.len() <= ALONE_MAX;
    if alone || hold(equations) {
        for Equation { claim, position, .. } in equations {
            if let Some(holds) = holds.get_mut(*position) {
                *holds = !alone || claim.verify().is_ok();
            }
        }
    } else {
        for part in equations.chunks(equations.len().div_ceil(PARTS)) {
            settle(part, holds);
        }
    }
}

#[cfg(test)]
mod tests;
