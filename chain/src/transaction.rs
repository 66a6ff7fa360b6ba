//! Transactions: up to 64 operations that take effect together or not at all, under one signature.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::batch::{self, Claim};
use crate::encoding::{DecodeError, bounded_list, decode, encode};
use crate::hash::{Domain, Hash};
use crate::height::{Height, Nonce};
use crate::keys::{PublicKey, SecretKey, SignatureInvalid};
use crate::limits::{OPERATIONS_MAX, TRANSACTION_BYTES_MAX};
use crate::operation::Operation;
use crate::witness::{self, Witness};

/// What a sender asks for.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Transaction {
    /// The chain it is for: the hash of its genesis.
    pub chain: Hash,
    /// Whose money pays.
    pub sender: AccountId,
    /// Its place in the sender's order.
    pub nonce: Nonce,
    /// The last height that may hold it.
    pub valid_until: Height,
    /// The most it may cost, in base units.
    pub fee_max: Amount,
    /// The steps, in order; 1 to [`OPERATIONS_MAX`].
    #[borsh(deserialize_with = "operations")]
    pub operations: Vec<Operation>,
}

impl Transaction {
    /// The transaction's id, which is what its sender signs.
    pub fn id(&self) -> Hash {
        Hash::of(Domain::Transaction, &[&encode(self)])
    }

    /// Signs the transaction with several keys, none of them twice, in any order.
    pub fn sign_with(self, keys: &[SecretKey]) -> SignedTransaction {
        let witnesses = witness::sign(&self.id(), keys);
        SignedTransaction { transaction: self, witnesses }
    }

    /// Signs the transaction with one key.
    pub fn sign(self, key: &SecretKey) -> SignedTransaction {
        self.sign_with(std::slice::from_ref(key))
    }
}

/// A transaction and the signatures that authorise it. Nothing is verified yet.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedTransaction {
    /// What is asked for.
    pub transaction: Transaction,
    /// Who signed it: 1 to [`WITNESSES_MAX`](crate::limits::WITNESSES_MAX), in rising order of key.
    #[borsh(deserialize_with = "witness::read")]
    pub witnesses: Vec<Witness>,
}

impl SignedTransaction {
    /// Reads a signed transaction of at most [`TRANSACTION_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are too many, not canonical, or break a bound on lists.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > TRANSACTION_BYTES_MAX { Err(DecodeError) } else { decode(bytes) }
    }

    /// What the transactions root commits to: the transaction and its witnesses.
    pub fn witnessed_id(&self) -> Hash {
        Hash::of(Domain::Witnessed, &[&encode(self)])
    }

    /// Verifies every signature in the transaction: those of its witnesses, its vouchers and its quotes.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when one does not verify, or the witnesses of it or of a quote are none or out of
    /// order.
    pub fn verify(self) -> Result<VerifiedTransaction, SignatureInvalid> {
        let id = self.transaction.id();
        if batch::verify(&self.claims(&id)?).is_empty() {
            Ok(VerifiedTransaction::new(self, id))
        } else {
            Err(SignatureInvalid)
        }
    }

    /// What must hold for the transaction to be verified, its id told: its witnesses, vouchers and quotes.
    fn claims(&self, id: &Hash) -> Result<Vec<Claim>, SignatureInvalid> {
        let mut claims: Vec<Claim> = witness::claims(*id, &self.witnesses)?.collect();
        for operation in &self.transaction.operations {
            if let Operation::VoucherSubmit { voucher } = operation {
                claims.push(voucher.claim());
            } else if let Operation::QuoteAccept { quote, .. } = operation {
                claims.extend(quote.claims()?);
            }
        }
        Ok(claims)
    }
}

/// Verifies many signed transactions together, which is faster than one by one; each gets the verdict
/// of [`SignedTransaction::verify`].
pub fn verify_all(
    transactions: Vec<SignedTransaction>,
) -> Vec<Result<VerifiedTransaction, SignatureInvalid>> {
    let mut claims: Vec<Claim> = Vec::with_capacity(transactions.len());
    let gathered: Vec<_> = transactions
        .into_iter()
        .map(|signed| {
            let id = signed.transaction.id();
            let from = claims.len();
            claims.extend(signed.claims(&id)?);
            Ok((VerifiedTransaction::new(signed, id), from..claims.len()))
        })
        .collect();
    let failed = batch::verify(&claims);
    gathered
        .into_iter()
        .map(|transaction| {
            let (verified, own) = transaction?;
            let first = failed.partition_point(|position| *position < own.start);
            let fails = failed.get(first).is_some_and(|position| own.contains(position));
            if fails { Err(SignatureInvalid) } else { Ok(verified) }
        })
        .collect()
}

/// A transaction whose signatures all verify. Whether its signers may act for its sender, and whether
/// its sender can pay, the rules check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedTransaction {
    signed: SignedTransaction,
    id: Hash,
    bytes: usize,
}

impl VerifiedTransaction {
    /// Nothing outside this file makes one, and nothing in it lets one out before its claims are verified.
    fn new(signed: SignedTransaction, id: Hash) -> Self {
        let bytes = encode(&signed).len();
        Self { signed, id, bytes }
    }

    /// What was asked for.
    pub const fn transaction(&self) -> &Transaction {
        &self.signed.transaction
    }

    /// The transaction with its signatures.
    pub const fn signed(&self) -> &SignedTransaction {
        &self.signed
    }

    /// The transaction's id.
    pub const fn id(&self) -> Hash {
        self.id
    }

    /// The size of the signed transaction in bytes.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The keys that signed, in rising order.
    pub fn signers(&self) -> impl Iterator<Item = &PublicKey> {
        self.signed.witnesses.iter().map(|witness| &witness.key)
    }
}

fn operations<R: io::Read>(reader: &mut R) -> io::Result<Vec<Operation>> {
    bounded_list(reader, 1..=OPERATIONS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ObjectId;
    use crate::memo::Memo;
    use crate::voucher::Voucher;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).unwrap()
    }

    fn transaction(operations: usize) -> Transaction {
        let to = AccountId([9; 20]);
        let step = Operation::Transfer { to, amount: Amount::from_u64(5), memo: Memo::default() };
        Transaction {
            chain: Hash([1; 32]),
            sender: AccountId::of_key(&key(1).public_key()),
            nonce: Nonce(3),
            valid_until: Height(100),
            fee_max: Amount::from_u64(1_000),
            operations: vec![step; operations],
        }
    }

    #[test]
    fn signed_transaction_round_trips_and_verifies() {
        let signed = transaction(2).sign(&key(1));
        let bytes = encode(&signed);
        assert_eq!(SignedTransaction::from_bytes(&bytes), Ok(signed.clone()));
        let verified = signed.verify().unwrap();
        assert_eq!(verified.bytes(), bytes.len());
        assert_eq!(verified.id(), transaction(2).id());
    }

    #[test]
    fn changed_transaction_does_not_verify() {
        let mut signed = transaction(1).sign(&key(1));
        signed.transaction.nonce = Nonce(4);
        assert_eq!(signed.verify(), Err(SignatureInvalid));
    }

    #[test]
    fn id_leaves_witnesses_out() {
        let (one, other) = (transaction(1).sign(&key(1)), transaction(1).sign(&key(2)));
        assert_eq!(one.transaction.id(), other.transaction.id());
        assert_ne!(one.witnessed_id(), other.witnessed_id());
    }

    #[test]
    fn witnesses_out_of_order_or_twice_are_refused() {
        let one = transaction(1).sign(&key(1));
        let mut twice = one.clone();
        twice.witnesses.push(one.witnesses[0]);
        assert_eq!(twice.verify(), Err(SignatureInvalid));
        let mut none = one;
        none.witnesses.clear();
        assert_eq!(none.verify(), Err(SignatureInvalid));
    }

    #[test]
    fn many_transactions_get_the_verdict_each_gets_alone() {
        let good = transaction(1).sign(&key(1));
        let mut changed = good.clone();
        changed.transaction.nonce = Nonce(4);
        let mut unwitnessed = good.clone();
        unwitnessed.witnesses.clear();
        let paid = with_vouchers(&[key(5), key(6)]);
        let mut underpaid = paid.clone();
        let Operation::VoucherSubmit { voucher } = &mut underpaid.transaction.operations[1] else {
            panic!("its second step is a voucher");
        };
        voucher.voucher.cumulative = Amount::from_u64(8);
        let underpaid = underpaid.transaction.sign(&key(1));
        let all = vec![changed, good.clone(), unwitnessed, paid, underpaid, good];
        let alone: Vec<_> = all.iter().cloned().map(SignedTransaction::verify).collect();
        let verdicts: Vec<bool> = alone.iter().map(Result::is_ok).collect();
        assert_eq!(verdicts, [false, true, false, true, false, true]);
        assert_eq!(verify_all(all), alone);
        assert_eq!(verify_all(Vec::new()), []);
    }

    fn with_vouchers(keys: &[SecretKey]) -> SignedTransaction {
        let voucher = Voucher {
            chain: Hash([1; 32]),
            channel: ObjectId([2; 32]),
            sequence: 1,
            cumulative: Amount::from_u64(7),
        };
        let operations =
            keys.iter().map(|key| Operation::VoucherSubmit { voucher: voucher.sign(key) });
        Transaction { operations: operations.collect(), ..transaction(1) }.sign(&key(1))
    }

    #[test]
    fn lists_beyond_their_bounds_do_not_decode() {
        for operations in [0, OPERATIONS_MAX + 1] {
            let bytes = encode(&transaction(operations).sign(&key(1)));
            assert_eq!(SignedTransaction::from_bytes(&bytes), Err(DecodeError), "{operations}");
        }
        let bytes = encode(&transaction(OPERATIONS_MAX).sign(&key(1)));
        assert!(SignedTransaction::from_bytes(&bytes).is_ok());
    }

    #[test]
    fn every_prefix_and_flipped_bit_is_refused_or_another_transaction() {
        let signed = transaction(1).sign(&key(1));
        let bytes = encode(&signed);
        for length in 0..bytes.len() {
            assert!(SignedTransaction::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(decoded) = SignedTransaction::from_bytes(&flipped) {
                assert_eq!(encode(&decoded), flipped, "bit {bit}");
                assert_ne!(decoded, signed, "bit {bit}");
            }
        }
        let longer = [bytes, vec![0]].concat();
        assert!(SignedTransaction::from_bytes(&longer).is_err());
    }
}
