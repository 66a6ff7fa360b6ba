//! How single values stand in JSON: sums and prices as decimal strings of base units, digests and keys
//! in lower-case hexadecimal, accounts as addresses. What was read is the value itself, checked.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::net::SocketAddr;

use chain::account::AccountId;
use chain::address::{self, Network};
use chain::amount::Amount;
use chain::authority::AuthorityKey;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::limits::{SNAPSHOT_CHUNK_BYTES_MAX, TRANSACTION_BYTES_MAX};
use chain::name::Name;
use chain::quantity::Price;
use chain::sealed::Sealed;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that stands in JSON as a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<T>(pub T);

/// How a value is written as a string and read back; `Display` is the writing.
pub trait TextForm: Sized + fmt::Display {
    /// What the documentation calls the form.
    const NAME: &'static str;
    /// What a reader is told when a string is none, as in "expected a …".
    const EXPECTED: &'static str;
    /// A regular expression that every such string matches.
    const PATTERN: &'static str;

    /// Reads a string; `None` when it is not of this form.
    fn parse(text: &str) -> Option<Self>;
}

impl<T> From<T> for Text<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: fmt::Display> fmt::Display for Text<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<T: TextForm> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: TextForm> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader(PhantomData))
    }
}

/// Reads a string where it stands, without a copy of it.
struct Reader<T>(PhantomData<T>);

impl<T: TextForm> Visitor<'_> for Reader<T> {
    type Value = Text<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::parse(text).map(Text).ok_or_else(|| E::custom(format!("expected {}", T::EXPECTED)))
    }
}

impl<T: TextForm> JsonSchema for Text<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": T::EXPECTED, "pattern": T::PATTERN })
    }
}

const HEX_32: &str = "^[0-9a-f]{64}$";

impl TextForm for Amount {
    const NAME: &'static str = "Amount";
    const EXPECTED: &'static str = "an amount: base units in decimal digits, at most 10^30";
    const PATTERN: &'static str = "^(0|[1-9][0-9]{0,30})$";

    fn parse(text: &str) -> Option<Self> {
        decimal(text)?.parse().ok().and_then(Self::new)
    }
}

impl TextForm for Price {
    const NAME: &'static str = "Price";
    const EXPECTED: &'static str =
        "a price: base units for a unit and slot in decimal digits, below 2^64";
    const PATTERN: &'static str = "^(0|[1-9][0-9]{0,19})$";

    fn parse(text: &str) -> Option<Self> {
        decimal(text)?.parse().ok().map(Self)
    }
}

impl TextForm for Hash {
    const NAME: &'static str = "Hash";
    const EXPECTED: &'static str = "a digest: 64 lower-case hexadecimal digits";
    const PATTERN: &'static str = HEX_32;

    fn parse(text: &str) -> Option<Self> {
        lower_case(text).and_then(Self::from_hex)
    }
}

impl TextForm for ObjectId {
    const NAME: &'static str = "ObjectId";
    const EXPECTED: &'static str = "an object's id: 64 lower-case hexadecimal digits";
    const PATTERN: &'static str = HEX_32;

    fn parse(text: &str) -> Option<Self> {
        lower_case(text).and_then(Self::from_hex)
    }
}

impl TextForm for PublicKey {
    const NAME: &'static str = "PublicKey";
    const EXPECTED: &'static str = "a public key: 64 lower-case hexadecimal digits";
    const PATTERN: &'static str = HEX_32;

    fn parse(text: &str) -> Option<Self> {
        lower_case(text).and_then(Self::from_hex)
    }
}

impl TextForm for Name {
    const NAME: &'static str = "Name";
    const EXPECTED: &'static str =
        "a name: 3 to 32 small letters, digits and '-', no '-' at either end";
    const PATTERN: &'static str = "^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$";

    fn parse(text: &str) -> Option<Self> {
        Self::new(text)
    }
}

impl TextForm for Sealed {
    const NAME: &'static str = "Sealed";
    const EXPECTED: &'static str =
        "sealed words: at most 256 bytes in lower-case hexadecimal digits";
    const PATTERN: &'static str = "^([0-9a-f]{2}){0,256}$";

    fn parse(text: &str) -> Option<Self> {
        bytes_of_hex(text).and_then(Self::new)
    }
}

impl TextForm for AuthorityKey {
    const NAME: &'static str = "AuthorityKey";
    const EXPECTED: &'static str = "an authority's key: 64 lower-case hexadecimal digits";
    const PATTERN: &'static str = HEX_32;

    fn parse(text: &str) -> Option<Self> {
        lower_case(text).and_then(Self::from_hex)
    }
}

impl TextForm for SocketAddr {
    const NAME: &'static str = "SocketAddress";
    const EXPECTED: &'static str = "an address of a node: IP:PORT, or [IPv6]:PORT";
    const PATTERN: &'static str = "^.{3,56}:[0-9]{1,5}$";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A number of any unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub u128);

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl TextForm for Number {
    const NAME: &'static str = "Number";
    const EXPECTED: &'static str = "a number: decimal digits, below 2^128";
    const PATTERN: &'static str = "^(0|[1-9][0-9]{0,38})$";

    fn parse(text: &str) -> Option<Self> {
        decimal(text)?.parse().ok().map(Self)
    }
}

/// An account and the network it is on: all that an address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The network.
    pub network: Network,
    /// The account.
    pub account: AccountId,
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&address::encode(self.network, &self.account))
    }
}

impl TextForm for Address {
    const NAME: &'static str = "Address";
    const EXPECTED: &'static str = "an address: bech32m with the prefix of a network";
    const PATTERN: &'static str = "^(tally|tallytest|tallydev)1[02-9ac-hj-np-z]{38}$";

    fn parse(text: &str) -> Option<Self> {
        let (prefix, _) = lower_case(text)?.rsplit_once('1')?;
        let network = Network::from_prefix(prefix)?;
        let account = address::decode(network, text).ok()?;
        Some(Self { network, account })
    }
}

/// A signed transaction as bytes, not yet decoded; at most [`TRANSACTION_BYTES_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionBytes(Vec<u8>);

impl TransactionBytes {
    /// These bytes; `None` when they are too many for a transaction.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= TRANSACTION_BYTES_MAX).then_some(Self(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for TransactionBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, formatter)
    }
}

impl TextForm for TransactionBytes {
    const NAME: &'static str = "TransactionBytes";
    const EXPECTED: &'static str =
        "a signed transaction: lower-case hexadecimal digits, two for each of at most 32768 bytes";
    const PATTERN: &'static str = "^([0-9a-f]{2})*$";

    fn parse(text: &str) -> Option<Self> {
        let fits = text.len() <= 2 * TRANSACTION_BYTES_MAX;
        bytes_of_hex(text).filter(|_| fits).map(Self)
    }
}

/// A chunk of a snapshot, or its manifest, as bytes that are not looked into yet; at most
/// [`SNAPSHOT_CHUNK_BYTES_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotBytes(Vec<u8>);

impl SnapshotBytes {
    /// These bytes; `None` when they are too many for a chunk.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= SNAPSHOT_CHUNK_BYTES_MAX).then_some(Self(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SnapshotBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, formatter)
    }
}

impl TextForm for SnapshotBytes {
    const NAME: &'static str = "SnapshotBytes";
    const EXPECTED: &'static str = "a part of a snapshot: lower-case hexadecimal digits, two for each of at most 1048576 bytes";
    const PATTERN: &'static str = "^([0-9a-f]{2})*$";

    fn parse(text: &str) -> Option<Self> {
        let fits = text.len() <= 2 * SNAPSHOT_CHUNK_BYTES_MAX;
        bytes_of_hex(text).filter(|_| fits).map(Self)
    }
}

/// Writes two lower-case hexadecimal digits for each of `bytes`.
pub(crate) fn write_hex(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digits: String = bytes.iter().flat_map(|byte| DIGITS_OF[usize::from(*byte)]).collect();
    formatter.write_str(&digits)
}

/// The bytes that lower-case hexadecimal digits stand for; `None` for other text.
pub(crate) fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| {
        let (high, low) = (VALUE_OF[usize::from(*high)], VALUE_OF[usize::from(*low)]);
        (high < 16 && low < 16).then_some(high << 4 | low)
    });
    bytes.collect::<Option<Vec<u8>>>().filter(|_| rest.is_empty())
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The two digits of each byte. Transactions make up most of what travels.
const DIGITS_OF: [[char; 2]; 256] = {
    let mut digits = [['0'; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [DIGITS[byte >> 4] as char, DIGITS[byte & 15] as char];
        byte += 1;
    }
    digits
};

/// The value of each lower-case hexadecimal digit; 16 of what is none.
const VALUE_OF: [u8; 256] = {
    let mut values = [16; 256];
    let mut value = 0_u8;
    while value < 16 {
        values[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// `text` when it is the shortest way to write a number: digits alone, no leading zero.
pub(crate) fn decimal(text: &str) -> Option<&str> {
    let shortest = text == "0" || !text.starts_with('0');
    (shortest && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn lower_case(text: &str) -> Option<&str> {
    (!text.bytes().any(|byte| byte.is_ascii_uppercase())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: TextForm>(json: &str) -> Option<Text<T>> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn values_round_trip() {
        let address = Address { network: Network::Dev, account: AccountId([7; 20]) };
        let json = serde_json::to_string(&Text(address)).unwrap();
        assert_eq!(read(&json), Some(Text(address)));
        let json = serde_json::to_string(&Text(Amount::MAX)).unwrap();
        assert_eq!(json, "\"1000000000000000000000000000000\"");
        assert_eq!(read(&json), Some(Text(Amount::MAX)));
        let bytes = TransactionBytes::new(vec![0, 0x9f, 0xff]).unwrap();
        assert_eq!(serde_json::to_string(&Text(bytes.clone())).unwrap(), "\"009fff\"");
        assert_eq!(read("\"009fff\""), Some(Text(bytes)));
    }

    #[test]
    fn a_value_has_one_form() {
        for text in
            ["\"01\"", "\"+1\"", "\"\"", "\"1.0\"", "1", "\"1000000000000000000000000000001\""]
        {
            assert_eq!(read::<Amount>(text), None, "{text}");
        }
        assert_eq!(read::<Price>("\"18446744073709551616\""), None);
        let hash = Hash([0xab; 32]).to_string();
        assert!(read::<Hash>(&format!("{hash:?}")).is_some());
        assert_eq!(read::<Hash>(&format!("{:?}", hash.to_uppercase())), None);
        for text in ["\"0\"", "\"0G\"", "\"AA\"", "\"é\""] {
            assert_eq!(read::<TransactionBytes>(text), None, "{text}");
        }
    }

    #[test]
    fn transaction_bytes_are_bounded() {
        let text = |bytes: usize| format!("\"{}\"", "00".repeat(bytes));
        assert!(read::<TransactionBytes>(&text(TRANSACTION_BYTES_MAX)).is_some());
        assert!(read::<TransactionBytes>(&text(TRANSACTION_BYTES_MAX + 1)).is_none());
    }

    #[test]
    fn addresses_of_no_network_are_refused() {
        for text in ["\"bc1qqqqqq\"", "\"tally\"", "\"1\"", "\"\"", "\"tallydev1\""] {
            assert_eq!(read::<Address>(text), None, "{text}");
        }
    }
}
