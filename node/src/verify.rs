//! Signatures of whole blocks: those not verified before are verified by all cores at once.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use chain::hash::Hash;
use chain::keys::SignatureInvalid;
use chain::transaction::{SignedTransaction, VerifiedTransaction};

/// Fewer transactions than this are not worth a thread.
const THREAD_TRANSACTIONS_MIN: usize = 16;

/// Verifies `transactions`, in their order. What `known` finds under its id and is the same to the last
/// byte is not verified again.
///
/// # Errors
/// [`SignatureInvalid`] when one signature does not verify.
pub fn transactions(
    transactions: &[SignedTransaction],
    known: impl Fn(&Hash) -> Option<Arc<VerifiedTransaction>>,
) -> Result<Vec<VerifiedTransaction>, SignatureInvalid> {
    let mut verified: Vec<Option<VerifiedTransaction>> = transactions
        .iter()
        .map(|signed| {
            let known = known(&signed.transaction.id())?;
            (known.signed() == signed).then(|| Arc::unwrap_or_clone(known))
        })
        .collect();
    let unknown: Vec<(usize, &SignedTransaction)> =
        transactions.iter().enumerate().filter(|(index, _)| verified[*index].is_none()).collect();
    for (index, transaction) in in_parallel(&unknown)? {
        verified[index] = Some(transaction);
    }
    Ok(verified.into_iter().flatten().collect())
}

type Numbered = (usize, VerifiedTransaction);

fn in_parallel(unknown: &[(usize, &SignedTransaction)]) -> Result<Vec<Numbered>, SignatureInvalid> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = unknown.len().div_ceil(cores).max(THREAD_TRANSACTIONS_MIN);
    let mut shares = unknown.chunks(share);
    let Some(own) = shares.next() else { return Ok(Vec::new()) };
    thread::scope(|scope| {
        let others: Vec<_> = shares.map(|share| scope.spawn(|| one_by_one(share))).collect();
        let mut verified = one_by_one(own)?;
        for other in others {
            verified.extend(other.join().expect("verifying does not panic")?);
        }
        Ok(verified)
    })
}

fn one_by_one(share: &[(usize, &SignedTransaction)]) -> Result<Vec<Numbered>, SignatureInvalid> {
    let verify = |(index, signed): &(usize, &SignedTransaction)| {
        (*signed).clone().verify().map(|verified| (*index, verified))
    };
    share.iter().map(verify).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn verified_transactions_keep_their_order() {
        let signed: Vec<_> = (0..100).map(|nonce| testing::transfer(1, nonce)).collect();
        let verified = transactions(&signed, |_| None).unwrap();
        assert!(verified.iter().map(VerifiedTransaction::signed).eq(&signed));
    }

    #[test]
    fn one_bad_signature_among_many_is_found() {
        for bad in [0, 50, 99] {
            let mut signed: Vec<_> = (0..100).map(|nonce| testing::transfer(1, nonce)).collect();
            signed[bad].transaction.fee_max = chain::amount::Amount::ZERO;
            assert_eq!(transactions(&signed, |_| None), Err(SignatureInvalid));
        }
    }

    #[test]
    fn known_transaction_with_other_witnesses_is_verified_again() {
        let known = Arc::new(testing::transfer(1, 0).verify().unwrap());
        let mut other = testing::transfer(1, 0);
        let look_up = |_: &Hash| Some(Arc::clone(&known));
        assert!(transactions(std::slice::from_ref(&other), look_up).is_ok());
        other.witnesses[0].signature.0[0] ^= 1;
        assert_eq!(transactions(&[other], look_up), Err(SignatureInvalid));
    }
}
