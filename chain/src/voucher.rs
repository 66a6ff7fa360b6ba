//! Vouchers: a payer's signed word that a channel owes so much in all.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::Amount;
use crate::batch::Claim;
use crate::encoding::encode;
use crate::hash::{Domain, Hash};
use crate::id::ObjectId;
use crate::keys::{PublicKey, SecretKey, Signature, SignatureInvalid};

/// A payment out of a channel, cumulative: it replaces every voucher before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Voucher {
    /// The chain it is valid on.
    pub chain: Hash,
    /// The channel it pays from.
    pub channel: ObjectId,
    /// Its position among the channel's vouchers; rises with each.
    pub sequence: u64,
    /// All that the channel owes its payee since it opened, in base units.
    pub cumulative: Amount,
}

impl Voucher {
    /// What the payer signs.
    pub fn digest(&self) -> Hash {
        Hash::of(Domain::Voucher, &[&encode(self)])
    }

    /// Signs the voucher with the channel's voucher key.
    pub fn sign(self, key: &SecretKey) -> SignedVoucher {
        let signature = key.sign(&self.digest());
        SignedVoucher { voucher: self, key: key.public_key(), signature }
    }
}

/// A voucher with the key and signature that make it a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedVoucher {
    /// What is promised.
    pub voucher: Voucher,
    /// The channel's voucher key.
    pub key: PublicKey,
    /// Its signature over [`Voucher::digest`].
    pub signature: Signature,
}

impl SignedVoucher {
    /// Verifies the signature against the key the voucher names. Whether that is the channel's key, the
    /// rules check.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when it does not verify.
    pub fn verify(&self) -> Result<(), SignatureInvalid> {
        self.claim().verify()
    }

    /// That the owner of the key the voucher names signed it.
    pub fn claim(&self) -> Claim {
        Claim { key: self.key, message: self.voucher.digest(), signature: self.signature }
    }
}
