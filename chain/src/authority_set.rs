//! The authority set: who votes, who will from the next epoch on, and where they are reached.
//!
//! ```text
//!   voting   those of the running epoch; nothing changes them within it
//!   next     what proposals and rotations make of them; voting from the next epoch on
//! ```
//!
//! Invariant: most of those who vote next vote now, so that a quorum of the next epoch is there from its first
//! block on: see [`AuthoritySet::newcomers_max`].

use core::net::{IpAddr, SocketAddr};
use std::collections::BTreeSet;
use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::authority::{Authority, AuthorityKey, AuthoritySignature};
use crate::encoding::bounded_list;
use crate::hash::{Domain, Hash};
use crate::limits::{AUTHORITIES_MAX, ENDPOINTS_MAX};

/// What the bytes that prove a new key begin with, after their length.
pub const CLAIM: &[u8] = b"tally/authority-key";

/// Who votes, who will, and where they are reached.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AuthoritySet {
    /// Who votes in the epoch of the next block, in rising order of key.
    #[borsh(deserialize_with = "authorities")]
    pub voting: Vec<Authority>,
    /// Who votes in the epoch after it, in rising order of key; the same unless something changes.
    #[borsh(deserialize_with = "authorities")]
    pub next: Vec<Authority>,
    /// Where keys of either are reached, in rising order of key: those whose authorities have said so.
    #[borsh(deserialize_with = "endpoints")]
    pub endpoints: Vec<Endpoint>,
}

/// Where an authority's node is reached by the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Endpoint {
    /// The authority's key.
    pub key: AuthorityKey,
    /// Its node's address.
    pub address: SocketAddr,
}

/// Why authorities cannot vote next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetUnsound {
    /// There would be none.
    #[error("nobody would be left to vote")]
    Empty,
    /// There would be more than [`AUTHORITIES_MAX`].
    #[error("there would be too many authorities")]
    TooMany,
    /// More of them than [`AuthoritySet::newcomers_max`] do not vote now.
    #[error("too many authorities would be new at once")]
    TooManyNew,
}

impl AuthoritySet {
    /// `authorities` vote from the first block on, and go on.
    pub fn new(mut authorities: Vec<Authority>) -> Self {
        authorities.sort_unstable();
        Self { voting: authorities.clone(), next: authorities, endpoints: Vec::new() }
    }

    /// How many of `count` authorities may be such as do not vote yet: as many as a quorum can do without,
    /// and one in any case.
    pub const fn newcomers_max(count: usize) -> usize {
        let spared = count.saturating_sub(1) / 3;
        if spared > 1 { spared } else { 1 }
    }

    /// Checks that `next` can take over from those who vote now.
    ///
    /// # Errors
    /// [`SetUnsound`] says why not.
    pub fn check_next(&self, next: &[Authority]) -> Result<(), SetUnsound> {
        if next.is_empty() {
            return Err(SetUnsound::Empty);
        }
        if next.len() > AUTHORITIES_MAX {
            return Err(SetUnsound::TooMany);
        }
        let votes = |key: AuthorityKey| self.voting.iter().any(|authority| authority.key == key);
        let newcomers = next.iter().filter(|authority| !votes(authority.key)).count();
        if newcomers > Self::newcomers_max(next.len()) {
            return Err(SetUnsound::TooManyNew);
        }
        Ok(())
    }

    /// True when `key` votes, or will.
    pub fn knows(&self, key: &AuthorityKey) -> bool {
        self.voting.iter().chain(&self.next).any(|authority| authority.key == *key)
    }

    /// Where the node with `key` is reached, if its authority has said so.
    pub fn endpoint(&self, key: &AuthorityKey) -> Option<SocketAddr> {
        let found = self.endpoints.iter().find(|endpoint| endpoint.key == *key);
        found.map(|endpoint| endpoint.address)
    }

    /// The same set where the node with `key` is reached at `address`, or nobody says where.
    #[must_use]
    pub fn reached(mut self, key: AuthorityKey, address: Option<SocketAddr>) -> Self {
        self.endpoints.retain(|endpoint| endpoint.key != key);
        self.endpoints.extend(address.map(|address| Endpoint { key, address }));
        self.tidied()
    }

    /// The same set with others to vote next; whoever neither votes nor will is forgotten.
    #[must_use]
    pub fn followed_by(self, next: Vec<Authority>) -> Self {
        Self { next, ..self }.tidied()
    }

    /// The set of the next epoch: those named next vote.
    #[must_use]
    pub fn entered(self) -> Self {
        Self { voting: self.next.clone(), ..self }.tidied()
    }

    /// True when it is one that can stand: in order, none twice, within its bounds.
    pub fn is_sound(&self) -> bool {
        let rising = |set: &[Authority]| set.is_sorted_by(|a, b| a.key < b.key);
        rising(&self.voting)
            && rising(&self.next)
            && !self.voting.is_empty()
            && self.voting.len() <= AUTHORITIES_MAX
            && self.check_next(&self.next).is_ok()
            && self.endpoints.is_sorted_by(|a, b| a.key < b.key)
            && self.endpoints.iter().all(|it| self.knows(&it.key) && is_reachable(it.address))
    }

    fn tidied(mut self) -> Self {
        self.next.sort_unstable();
        let known: BTreeSet<AuthorityKey> =
            self.voting.iter().chain(&self.next).map(|authority| authority.key).collect();
        self.endpoints.retain(|endpoint| known.contains(&endpoint.key));
        self.endpoints.sort_unstable();
        self
    }
}

/// True for an address that a node can be reached at: of one machine, and with a port.
pub fn is_reachable(address: SocketAddr) -> bool {
    let one = match address.ip() {
        IpAddr::V4(ip) => !ip.is_unspecified() && !ip.is_multicast() && !ip.is_broadcast(),
        IpAddr::V6(ip) => !ip.is_unspecified() && !ip.is_multicast(),
    };
    one && address.port() != 0
}

impl AuthorityKey {
    /// What the owner of a new key says with it, so that nobody names a key that nobody has: it is to vote
    /// for `account` on `chain`, in place of the key that it `replaces`, if it replaces one.
    pub fn claim(chain: Hash, account: &AccountId, replaces: Option<Self>) -> Hash {
        let replaces = replaces.unwrap_or_default();
        Hash::of(Domain::AuthorityKey, &[&chain.0, &account.0, &replaces.0])
    }

    /// The bytes that are signed for [`Self::claim`]: they begin otherwise than those of any vote.
    pub fn claim_bytes(claim: Hash) -> Vec<u8> {
        let tag = [u8::try_from(CLAIM.len()).expect("a short tag")];
        [&tag, CLAIM, claim.as_bytes()].concat()
    }

    /// True when `proof` is this key's signature on [`Self::claim`].
    pub fn proves(
        &self,
        (chain, account): (Hash, &AccountId),
        replaces: Option<Self>,
        proof: &AuthoritySignature,
    ) -> bool {
        let claim = Self::claim(chain, account, replaces);
        self.verify(&Self::claim_bytes(claim), proof).is_ok()
    }
}

/// What an authority's account asks for of one of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum AuthorityAct {
    /// Another key votes in its place from the next epoch on.
    Rotate {
        /// The other key.
        key: AuthorityKey,
        /// Its signature on [`AuthorityKey::claim`].
        proof: AuthoritySignature,
    },
    /// Its node is reached elsewhere, or nobody says where.
    Move {
        /// Where.
        address: Option<SocketAddr>,
    },
}

/// A change of who votes, or of where they are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum AuthorityEvent {
    /// Another authority votes from an epoch on.
    Added {
        /// Its key.
        key: AuthorityKey,
        /// Its account.
        account: AccountId,
        /// The first epoch.
        epoch: u64,
    },
    /// An authority votes no more from an epoch on.
    Removed {
        /// Its key.
        key: AuthorityKey,
        /// Its account.
        account: AccountId,
        /// The first epoch without it.
        epoch: u64,
    },
    /// An authority votes with another key from an epoch on.
    Rotated {
        /// Its account.
        account: AccountId,
        /// The key before.
        before: AuthorityKey,
        /// The key from then on.
        key: AuthorityKey,
        /// The first epoch.
        epoch: u64,
    },
    /// An authority's node is reached elsewhere.
    Moved {
        /// Its account.
        account: AccountId,
        /// Its key.
        key: AuthorityKey,
        /// Where, if it says so.
        address: Option<SocketAddr>,
    },
    /// The block is the last of its epoch, and others vote in the next.
    Entered {
        /// The epoch that begins.
        epoch: u64,
        /// How many vote in it.
        authorities: u32,
    },
}

fn authorities<R: io::Read>(reader: &mut R) -> io::Result<Vec<Authority>> {
    bounded_list(reader, 1..=AUTHORITIES_MAX)
}

fn endpoints<R: io::Read>(reader: &mut R) -> io::Result<Vec<Endpoint>> {
    bounded_list(reader, 0..=ENDPOINTS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(byte: u8) -> Authority {
        Authority { key: AuthorityKey([byte; 32]), account: AccountId([byte; 20]) }
    }

    fn set(bytes: impl IntoIterator<Item = u8>) -> Vec<Authority> {
        bytes.into_iter().map(authority).collect()
    }

    #[test]
    fn set_grows_and_turns_over_by_what_a_quorum_can_do_without() {
        for (now, next, sound) in [
            (1..=1, 2..=2, Ok(())),
            (1..=1, 1..=2, Ok(())),
            (1..=1, 1..=3, Err(SetUnsound::TooManyNew)),
            (1..=4, 2..=5, Ok(())),
            (1..=4, 3..=6, Err(SetUnsound::TooManyNew)),
            (1..=7, 3..=9, Ok(())),
            (1..=7, 4..=10, Err(SetUnsound::TooManyNew)),
            (1..=4, 4..=4, Ok(())),
            (1..=100, 1..=101, Err(SetUnsound::TooMany)),
        ] {
            let now = AuthoritySet::new(set(now));
            assert_eq!(now.check_next(&set(next.clone())), sound, "{next:?}");
        }
        assert_eq!(AuthoritySet::new(set(1..=4)).check_next(&[]), Err(SetUnsound::Empty));
    }

    #[test]
    fn endpoint_is_forgotten_with_the_last_epoch_of_its_key() {
        let address = SocketAddr::from(([10, 0, 0, 1], 4_000));
        let first = AuthoritySet::new(set(1..=4)).reached(AuthorityKey([1; 32]), Some(address));
        let named = first.followed_by(set(2..=5));
        assert_eq!(named.endpoint(&AuthorityKey([1; 32])), Some(address));
        let entered = named.entered();
        assert_eq!((entered.endpoints.len(), entered.voting), (0, set(2..=5)));
    }

    #[test]
    fn address_without_a_port_or_of_nobody_reaches_nobody() {
        for (text, reachable) in [
            ("10.0.0.1:4000", true),
            ("127.0.0.1:1", true),
            ("[::1]:9", true),
            ("10.0.0.1:0", false),
            ("0.0.0.0:4000", false),
            ("[::]:4000", false),
            ("224.0.0.1:4000", false),
            ("255.255.255.255:4000", false),
        ] {
            assert_eq!(is_reachable(text.parse().unwrap()), reachable, "{text}");
        }
    }
}
