//! Digests: SHA-256 under a domain, so that bytes hashed as one thing never pass for another.

use std::cmp::Ordering;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use sha2::{Digest, Sha256};

/// A SHA-256 digest, 32 bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub struct Hash(pub [u8; 32]);

/// The order of the bytes.
impl Ord for Hash {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Hash {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash {
    /// The digest of nothing in particular: the parent of the genesis block.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of `parts`, one after the other, under `domain`.
    ///
    /// The hashed bytes are: length of the domain's tag (one byte), the tag, the parts. Parts carry no
    /// lengths; callers pass at most one part of varying length, and pass it last.
    pub fn of(domain: Domain, parts: &[&[u8]]) -> Self {
        let tag = domain.tag();
        let mut hasher = Sha256::new();
        hasher.update([u8::try_from(tag.len()).expect("tags are shorter than 256 bytes")]);
        hasher.update(tag);
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The plain SHA-256 of `bytes`, for trees that separate their node kinds by a prefix byte.
    pub(crate) fn plain(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The digest's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Parses 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// What a digest is of. A tag is part of the hashed bytes and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// A public key, cut to an account id.
    Account,
    /// A transaction without its witnesses: its id, and what its sender signs.
    Transaction,
    /// A signed transaction with its witnesses: what the transactions root commits to.
    Witnessed,
    /// A receipt.
    Receipt,
    /// The events of a block that no transaction caused.
    BlockEvents,
    /// A block header: the block's digest.
    Header,
    /// A voucher: what a payer signs.
    Voucher,
    /// The bytes of a charter: the identity of a chain.
    Genesis,
    /// What an account begins with.
    Balance,
    /// What names a payment from outside, as its cashier wrote it.
    Reference,
    /// The id of an object that an operation made.
    Operation,
    /// The id of an object that the runtime made.
    Runtime,
    /// What an account grants to a key.
    Agent,
    /// The time at which an account's orders end.
    CancelSwitch,
    /// With whom an order may trade.
    Parties,
    /// What a bid asks of a host.
    Predicates,
    /// The rank of an order among equals.
    Tie,
    /// Whose turn it is in a match with more work than a block may do.
    Turn,
    /// The key of an object in the state tree.
    StateKey,
    /// The value of an object in the state tree.
    StateValue,
    /// A quote: what its maker signs.
    Quote,
    /// What the owner of an authority's new key signs with it.
    AuthorityKey,
    /// What a proposal changes: what is approved.
    Change,
}

impl Domain {
    const fn tag(self) -> &'static [u8] {
        match self {
            Self::Account => b"tally/account",
            Self::Transaction => b"tally/transaction",
            Self::Witnessed => b"tally/witnessed",
            Self::Receipt => b"tally/receipt",
            Self::BlockEvents => b"tally/block-events",
            Self::Header => b"tally/header",
            Self::Voucher => b"tally/voucher",
            Self::Genesis => b"tally/genesis",
            Self::Balance => b"tally/balance",
            Self::Reference => b"tally/reference",
            Self::Operation => b"tally/operation",
            Self::Runtime => b"tally/runtime",
            Self::Agent => b"tally/agent",
            Self::CancelSwitch => b"tally/cancel-switch",
            Self::Parties => b"tally/parties",
            Self::Predicates => b"tally/predicates",
            Self::Tie => b"tally/tie",
            Self::Turn => b"tally/turn",
            Self::StateKey => b"tally/key",
            Self::StateValue => b"tally/value",
            Self::Quote => b"tally/quote",
            Self::AuthorityKey => b"tally/authority-key",
            Self::Change => b"tally/change",
        }
    }
}

/// The order of the bytes of two digests. They nearly always differ in the first eight, and comparing those
/// as one number takes a fraction of what comparing slices does.
pub(crate) fn compare<const N: usize>(one: &[u8; N], other: &[u8; N]) -> Ordering {
    let first = |bytes: &[u8; N]| bytes.first_chunk().copied().map_or(0, u64::from_be_bytes);
    first(one).cmp(&first(other)).then_with(|| one.cmp(other))
}

/// Parses exactly `2 * N` lower- or upper-case hexadecimal digits.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let mut digits = text.chars();
    for byte in &mut bytes {
        let (high, low) = (digits.next()?.to_digit(16)?, digits.next()?.to_digit(16)?);
        *byte = u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_under_other_domains_differ() {
        assert_ne!(Hash::of(Domain::Header, &[b"x"]), Hash::of(Domain::Voucher, &[b"x"]));
    }

    #[test]
    fn digests_order_as_their_bytes_do() {
        let of = |place: usize, byte: u8| {
            let mut bytes = [0x80; 32];
            bytes[place] = byte;
            Hash(bytes)
        };
        let digests: Vec<Hash> =
            (0..32).flat_map(|place| [0, 0x7f, 0xff].map(|byte| of(place, byte))).collect();
        for (one, other) in digests.iter().flat_map(|one| digests.iter().map(move |it| (one, it))) {
            assert_eq!(one.cmp(other), one.0.cmp(&other.0), "{one} {other}");
        }
    }

    #[test]
    fn hex_round_trips_and_refuses_the_rest() {
        let hash = Hash::of(Domain::Header, &[b"x"]);
        assert_eq!(Hash::from_hex(&hash.to_string()), Some(hash));
        assert_eq!(Hash::from_hex(&hash.to_string()[1..]), None);
        assert_eq!(Hash::from_hex(&format!("{hash}0")), None);
        assert_eq!(Hash::from_hex(&hash.to_string().replacen(|_: char| true, "g", 1)), None);
    }
}
