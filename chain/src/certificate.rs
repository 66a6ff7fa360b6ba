//! Certificates: a quorum's signatures on a block, in bytes of our own, verified without the engine.
//!
//! A vote is an ed25519 signature over what the engine's authorities sign to make a block final:
//!
//! ```text
//! varint(57) | "tally/consensus/" | chain | "_FINALIZE" | varint(epoch) | varint(view)
//!            | varint(parent view) | digest of the block
//! ```
//! Invariant: two certificates of one epoch for one height name the same block, as long as at least two
//! thirds of its authorities follow the protocol.

use std::collections::BTreeSet;
use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::authority::{Authority, AuthorityKey, AuthoritySignature};
use crate::encoding::bounded_list;
use crate::hash::Hash;
use crate::limits::AUTHORITIES_MAX;

const NAMESPACE: &[u8] = b"tally/consensus/";
const NOTARIZE: &[u8] = b"_NOTARIZE";
const NULLIFY: &[u8] = b"_NULLIFY";
const FINALIZE: &[u8] = b"_FINALIZE";

/// What binds authorities' votes and connections to one chain.
pub fn namespace(chain: Hash) -> Vec<u8> {
    [NAMESPACE, &chain.0].concat()
}

/// A quorum's signatures on a block.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Certificate {
    /// The epoch in which it was voted on.
    pub epoch: u64,
    /// The view, counted from the epoch's beginning, in which it was proposed.
    pub view: u64,
    /// The view of the block that it was proposed on.
    pub parent_view: u64,
    /// The digest of the block.
    pub block: Hash,
    /// Who voted for it, in strictly rising order of key; at most [`AUTHORITIES_MAX`].
    #[borsh(deserialize_with = "votes")]
    pub votes: Vec<Vote>,
}

/// What an authority may vote for in one view of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Ballot {
    /// This is the proposal of the view.
    Notarize(Voted),
    /// The view is given up.
    Nullify,
    /// The proposal is final.
    Finalize(Voted),
}

/// What a proposal is known by in its view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Voted {
    /// The view of the block that it was proposed on.
    pub parent_view: u64,
    /// The digest of the block.
    pub block: Hash,
}

/// The bytes that a vote for `ballot` in this epoch and view of `chain` signs.
pub fn ballot_bytes(chain: Hash, (epoch, view): (u64, u64), ballot: &Ballot) -> Vec<u8> {
    let (kind, voted) = match ballot {
        Ballot::Notarize(voted) => (NOTARIZE, Some(voted)),
        Ballot::Nullify => (NULLIFY, None),
        Ballot::Finalize(voted) => (FINALIZE, Some(voted)),
    };
    let namespace = [&namespace(chain), kind].concat();
    let mut bytes = Vec::new();
    put_varint(&mut bytes, u64::try_from(namespace.len()).expect("a length fits 64 bits"));
    bytes.extend(namespace);
    put_varint(&mut bytes, epoch);
    put_varint(&mut bytes, view);
    if let Some(Voted { parent_view, block }) = voted {
        put_varint(&mut bytes, *parent_view);
        bytes.extend(block.0);
    }
    bytes
}

/// One authority's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Vote {
    /// Whose it is.
    pub authority: AuthorityKey,
    /// Over [`Certificate::signed_bytes`].
    pub signature: AuthoritySignature,
}

/// Why a certificate proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateInvalid {
    /// The votes are not in strictly rising order of key: one may count twice.
    #[error("its votes are not in rising order of key")]
    VotesUnordered,
    /// A vote is of a key that has none in this epoch.
    #[error("{0} may not vote in its epoch")]
    VoterUnknown(AuthorityKey),
    /// Too few voted.
    #[error("{votes} votes are no quorum, which is {quorum}")]
    BelowQuorum {
        /// How many voted.
        votes: usize,
        /// How many must.
        quorum: usize,
    },
    /// A signature does not verify.
    #[error("the signature of {0} does not verify")]
    SignatureInvalid(AuthorityKey),
}

impl Certificate {
    /// The bytes that each vote on `chain` signs.
    pub fn signed_bytes(&self, chain: Hash) -> Vec<u8> {
        let Self { epoch, view, parent_view, block, votes: _ } = *self;
        ballot_bytes(chain, (epoch, view), &Ballot::Finalize(Voted { parent_view, block }))
    }

    /// Verifies that a quorum of `voters`, which are those of [`Self::epoch`] on `chain`, voted for
    /// [`Self::block`].
    ///
    /// # Errors
    /// [`CertificateInvalid`] says why not.
    pub fn verify(&self, chain: Hash, voters: &Voters) -> Result<(), CertificateInvalid> {
        if !self.votes.is_sorted_by(|a, b| a.authority < b.authority) {
            return Err(CertificateInvalid::VotesUnordered);
        }
        if let Some(vote) = self.votes.iter().find(|vote| !voters.contains(&vote.authority)) {
            return Err(CertificateInvalid::VoterUnknown(vote.authority));
        }
        let (votes, quorum) = (self.votes.len(), voters.quorum());
        if votes < quorum {
            return Err(CertificateInvalid::BelowQuorum { votes, quorum });
        }
        let message = self.signed_bytes(chain);
        self.votes.iter().try_for_each(|Vote { authority, signature }| {
            let verified = authority.verify(&message, signature);
            verified.map_err(|_| CertificateInvalid::SignatureInvalid(*authority))
        })
    }
}

fn votes<R: io::Read>(reader: &mut R) -> io::Result<Vec<Vote>> {
    bounded_list(reader, 0..=AUTHORITIES_MAX)
}

/// Writes `number` seven bits a byte, the lowest first; every byte but the last has its highest bit set.
fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

/// The keys that vote in one epoch; at least one, and each is a point of the curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voters(BTreeSet<AuthorityKey>);

/// The authorities named cannot vote: there is none, or a key is no point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authorities named are none that can vote")]
pub struct VotersInvalid;

impl Voters {
    /// The voting keys of `authorities`; one that is named twice has one vote.
    ///
    /// # Errors
    /// [`VotersInvalid`] when there is none, or a key is no point of the curve.
    pub fn new(authorities: &[Authority]) -> Result<Self, VotersInvalid> {
        let keys: BTreeSet<_> = authorities.iter().map(|authority| authority.key).collect();
        let valid = !keys.is_empty() && keys.iter().all(AuthorityKey::is_on_curve);
        if valid { Ok(Self(keys)) } else { Err(VotersInvalid) }
    }

    /// True when `key` votes.
    pub fn contains(&self, key: &AuthorityKey) -> bool {
        self.0.contains(key)
    }

    /// How many keys vote.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The least number of votes that is more than two thirds of all.
    pub fn quorum(&self) -> usize {
        let count = self.0.len();
        let faulty = count.saturating_sub(1) / 3;
        count.saturating_sub(faulty)
    }
}

#[cfg(test)]
mod tests;
