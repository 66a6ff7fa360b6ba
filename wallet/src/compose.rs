//! Building transactions: a pure step from what the network asks for and what the user wants to bytes
//! that only lack a signature. The fee is exact, not an estimate.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::encoding::encode;
use chain::hash::{Domain, Hash};
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::keys::{PublicKey, Signature};
use chain::limits::{OPERATIONS_MAX, TRANSACTION_BYTES_MAX, VALID_FOR_BLOCKS_MAX, WITNESSES_MAX};
use chain::operation::Operation;
use chain::params::Fees;
use chain::transaction::{SignedTransaction, Transaction};
use chain::witness::Witness;
use rpc::types::{AtTip, ChainStatusView};

/// For how many blocks a transaction is valid, unless somebody says otherwise.
pub const VALID_FOR_BLOCKS: u64 = 600;

/// Why no transaction can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// None, or more than [`OPERATIONS_MAX`].
    #[error("a transaction has 1 to {OPERATIONS_MAX} operations, not {0}")]
    OperationsCount(usize),
    /// Larger than [`TRANSACTION_BYTES_MAX`].
    #[error("the transaction has {0} bytes; {TRANSACTION_BYTES_MAX} is the most")]
    TooLarge(usize),
    /// Valid for no block, or for more than [`VALID_FOR_BLOCKS_MAX`].
    #[error("a transaction is valid for 1 to {VALID_FOR_BLOCKS_MAX} blocks, not {0}")]
    ValidFor(u64),
    /// Signed by nobody, or by more than [`WITNESSES_MAX`].
    #[error("a transaction has 1 to {WITNESSES_MAX} signatures, not {0}")]
    Signatures(usize),
    /// The fee is above the largest amount.
    #[error("the fee is larger than any amount")]
    FeeTooLarge,
}

/// What the network asks of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The chain's identity.
    pub chain: Hash,
    /// What transactions pay.
    pub fees: Fees,
    /// The last block there is.
    pub tip: Height,
    /// For how many blocks after it the transaction is valid.
    pub valid_for_blocks: u64,
    /// How many keys sign it.
    pub signatures: usize,
}

impl Terms {
    /// The terms that a node reported, with the usual validity and one signature.
    pub fn of(status: &AtTip<ChainStatusView>) -> Self {
        Self {
            chain: status.value.chain.0,
            fees: (&status.value.fees).into(),
            tip: Height(status.tip.height),
            valid_for_blocks: VALID_FOR_BLOCKS,
            signatures: 1,
        }
    }
}

/// Builds a transaction whose `fee_max` is exactly the fee it will pay once so many keys have
/// signed it.
///
/// # Errors
/// [`ComposeError`] when a bound of the protocol is broken.
pub fn compose(
    terms: &Terms,
    sender: AccountId,
    nonce: Nonce,
    operations: Vec<Operation>,
) -> Result<Transaction, ComposeError> {
    let count = operations.len();
    if !(1..=OPERATIONS_MAX).contains(&count) {
        return Err(ComposeError::OperationsCount(count));
    }
    if !(1..=WITNESSES_MAX).contains(&terms.signatures) {
        return Err(ComposeError::Signatures(terms.signatures));
    }
    if !(1..=VALID_FOR_BLOCKS_MAX).contains(&terms.valid_for_blocks) {
        return Err(ComposeError::ValidFor(terms.valid_for_blocks));
    }
    let valid_until = terms.tip.after(terms.valid_for_blocks);
    let (chain, fee_max) = (terms.chain, Amount::ZERO);
    let transaction = Transaction { chain, sender, nonce, valid_until, fee_max, operations };
    let bytes = signed_bytes(&transaction, terms.signatures);
    if bytes > TRANSACTION_BYTES_MAX {
        return Err(ComposeError::TooLarge(bytes));
    }
    let fee_max = terms.fees.of(bytes, count).ok_or(ComposeError::FeeTooLarge)?;
    Ok(Transaction { fee_max, ..transaction })
}

/// The name of what operation number `operation` of `transaction` makes: a hold, order or channel.
pub fn made_by(transaction: &Transaction, operation: u8) -> ObjectId {
    let Transaction { chain, sender, nonce, .. } = *transaction;
    ObjectId::of_operation(chain, sender, nonce, operation)
}

/// What stands on the ledger for the name of an outside payment, as its cashier wrote it.
pub fn reference(name: &str) -> Hash {
    Hash::of(Domain::Reference, &[name.as_bytes()])
}

/// The size of `transaction` once so many keys have signed it. Sums, keys and signatures have the same size
/// whatever they say, so neither the fee nor the signature changes it.
fn signed_bytes(transaction: &Transaction, signatures: usize) -> usize {
    let witness = Witness { key: PublicKey([0; 32]), signature: Signature([0; 64]) };
    let transaction = transaction.clone();
    encode(&SignedTransaction { transaction, witnesses: vec![witness; signatures] }).len()
}

#[cfg(test)]
mod tests {
    use chain::keys::SecretKey;
    use chain::memo::Memo;

    use super::*;

    const FEES: Fees = Fees {
        base: Amount::from_u64(1_000),
        per_byte: Amount::from_u64(3),
        per_operation: Amount::from_u64(100),
        proposer_bps: 5_000,
    };

    fn terms() -> Terms {
        Terms {
            chain: Hash([1; 32]),
            fees: FEES,
            tip: Height(10),
            valid_for_blocks: 600,
            signatures: 1,
        }
    }

    fn transfers(count: usize, memo: &str) -> Vec<Operation> {
        let memo = Memo::new(memo).unwrap();
        let transfer =
            Operation::Transfer { to: AccountId([2; 20]), amount: Amount::from_u64(5), memo };
        vec![transfer; count]
    }

    fn composed(operations: Vec<Operation>) -> Result<Transaction, ComposeError> {
        compose(&terms(), AccountId([3; 20]), Nonce(4), operations)
    }

    #[test]
    fn the_fee_is_what_the_signed_bytes_pay() {
        let key = SecretKey::from_bytes(&[7; 32]).unwrap();
        for (count, memo) in [(1, ""), (1, "rent for November"), (2, "x"), (64, "")] {
            let transaction = composed(transfers(count, memo)).unwrap();
            let fee = transaction.fee_max;
            let verified = transaction.sign(&key).verify().unwrap();
            assert_eq!(Some(fee), FEES.of(verified.bytes(), count), "{count} {memo}");
        }
    }

    #[test]
    fn the_fee_covers_as_many_signatures_as_were_asked_for() {
        let terms = Terms { signatures: 3, ..terms() };
        let transaction = compose(&terms, AccountId([3; 20]), Nonce(4), transfers(1, "")).unwrap();
        let fee = transaction.fee_max;
        let mut signed = transaction.sign(&SecretKey::from_bytes(&[7; 32]).unwrap());
        signed.witnesses = vec![signed.witnesses[0]; 3];
        assert_eq!(Some(fee), FEES.of(encode(&signed).len(), 1));
        for signatures in [0, WITNESSES_MAX + 1] {
            let terms = Terms { signatures, ..terms };
            let refused = compose(&terms, AccountId([3; 20]), Nonce(4), transfers(1, ""));
            assert_eq!(refused, Err(ComposeError::Signatures(signatures)));
        }
    }

    #[test]
    fn the_last_height_is_so_many_blocks_ahead() {
        let transaction = composed(transfers(1, "")).unwrap();
        assert_eq!((transaction.valid_until, transaction.nonce), (Height(610), Nonce(4)));
        for blocks in [0, VALID_FOR_BLOCKS_MAX + 1] {
            let terms = Terms { valid_for_blocks: blocks, ..terms() };
            let refused = compose(&terms, AccountId([3; 20]), Nonce(4), transfers(1, ""));
            assert_eq!(refused, Err(ComposeError::ValidFor(blocks)));
        }
    }

    #[test]
    fn bounds_of_the_protocol_are_kept() {
        assert_eq!(composed(vec![]), Err(ComposeError::OperationsCount(0)));
        assert_eq!(composed(transfers(65, "")), Err(ComposeError::OperationsCount(65)));
        let fees = Fees { base: Amount::MAX, ..FEES };
        let refused =
            compose(&Terms { fees, ..terms() }, AccountId([3; 20]), Nonce(4), transfers(1, ""));
        assert_eq!(refused, Err(ComposeError::FeeTooLarge));
    }

    #[test]
    fn names_of_made_objects_are_known_before_they_are_made() {
        let transaction = composed(transfers(2, "")).unwrap();
        let expected = ObjectId::of_operation(Hash([1; 32]), AccountId([3; 20]), Nonce(4), 1);
        assert_eq!(made_by(&transaction, 1), expected);
    }
}
