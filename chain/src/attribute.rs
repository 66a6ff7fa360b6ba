//! Attributes: what a host says of itself, under keys that a market has given a meaning.
//!
//! A market's schema names the keys that bids there may ask for, and the kind of value each has. A key that
//! several markets have is of one kind in all of them, so a host says a thing once for all of its pools.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::encoding::{bounded_list, bounded_text};
use crate::limits::{ATTRIBUTES_MAX, CHOICES_MAX, WORD_BYTES_MAX};
use crate::time::Time;
use crate::word::Word;

/// What a host is or has, how well that is known, and for how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Attribute {
    /// Under which key.
    pub key: Word,
    /// What is said.
    pub value: AttributeValue,
    /// How well it is known.
    pub evidence: Evidence,
    /// The first point at which it is said no more; none for as long as the host says nothing else.
    pub expires: Option<Time>,
}

/// What an attribute says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum AttributeValue {
    /// That it is so.
    Flag,
    /// How much or how many, in the unit of its kind.
    Number(u64),
    /// Which.
    Word(Word),
}

/// How well something is known of a host; the better the higher. Who asks for a level is served by that level
/// and better ones. An owner can declare, and no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum Evidence {
    /// The owner says so.
    Declared = 0,
    /// It was measured.
    Benchmarked = 1,
    /// Somebody vouches for it.
    Attested = 2,
}

/// What is said of a host: at most [`ATTRIBUTES_MAX`] attributes in rising order of key, no key twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// These attributes, in any order; `None` where there are too many or a key stands twice.
    pub fn new(mut attributes: Vec<Attribute>) -> Option<Self> {
        attributes.sort_unstable();
        Self::of_sorted(attributes)
    }

    /// The attribute under `key`.
    pub fn get(&self, key: &Word) -> Option<&Attribute> {
        let at = self.0.binary_search_by(|attribute| attribute.key.cmp(key)).ok()?;
        self.0.get(at)
    }

    /// The attributes, in rising order of key.
    pub fn iter(&self) -> impl Iterator<Item = &Attribute> {
        self.0.iter()
    }

    fn of_sorted(attributes: Vec<Attribute>) -> Option<Self> {
        let sound = attributes.len() <= ATTRIBUTES_MAX
            && attributes.is_sorted_by(|one, next| one.key < next.key);
        sound.then_some(Self(attributes))
    }
}

impl BorshDeserialize for Attributes {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let attributes = bounded_list(reader, 0..=ATTRIBUTES_MAX)?;
        Self::of_sorted(attributes).ok_or_else(|| invalid("attributes out of order"))
    }
}

/// What kind of value an attribute has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum AttributeKind {
    /// It is there or not.
    Flag,
    /// A number.
    Number {
        /// Of what, as `GiB`; for people.
        #[borsh(deserialize_with = "unit")]
        unit: String,
    },
    /// A word.
    Word {
        /// One of these, in rising order; any word where there are none.
        choices: Words,
    },
}

impl AttributeKind {
    /// True for a value of this kind.
    pub fn admits(&self, value: &AttributeValue) -> bool {
        match (self, value) {
            (Self::Flag, AttributeValue::Flag)
            | (Self::Number { .. }, AttributeValue::Number(_)) => true,
            (Self::Word { choices }, AttributeValue::Word(word)) => {
                choices.is_empty() || choices.contains(word)
            }
            (Self::Flag | Self::Number { .. } | Self::Word { .. }, _) => false,
        }
    }
}

/// Some words: at most [`CHOICES_MAX`], in rising order, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Words(Vec<Word>);

impl Words {
    /// These words, in any order; `None` where there are too many or one stands twice.
    pub fn new(mut words: Vec<Word>) -> Option<Self> {
        words.sort_unstable();
        Self::of_sorted(words)
    }

    /// True for one of them.
    pub fn contains(&self, word: &Word) -> bool {
        self.0.binary_search(word).is_ok()
    }

    /// True when there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = &Word> {
        self.0.iter()
    }

    fn of_sorted(words: Vec<Word>) -> Option<Self> {
        let sound = words.len() <= CHOICES_MAX && words.is_sorted_by(|one, next| one < next);
        sound.then_some(Self(words))
    }
}

impl BorshDeserialize for Words {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let words = bounded_list(reader, 0..=CHOICES_MAX)?;
        Self::of_sorted(words).ok_or_else(|| invalid("words out of order"))
    }
}

/// True for letters, digits, `-`, `/` and `%`, at least one and at most [`WORD_BYTES_MAX`].
pub fn is_unit(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/' | b'%');
    (1..=WORD_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// A key of a market's schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct SchemaEntry {
    /// The key.
    pub key: Word,
    /// What kind of value stands under it.
    pub kind: AttributeKind,
}

/// The attributes that bids of a market may ask for: at most [`ATTRIBUTES_MAX`] keys in rising order, none
/// twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Schema(Vec<SchemaEntry>);

impl Schema {
    /// These entries, in any order; `None` where there are too many or a key stands twice.
    pub fn new(mut entries: Vec<SchemaEntry>) -> Option<Self> {
        entries.sort_unstable();
        Self::of_sorted(entries)
    }

    /// What kind of value stands under `key`; `None` where the market knows no such key.
    pub fn kind(&self, key: &Word) -> Option<&AttributeKind> {
        let at = self.0.binary_search_by(|entry| entry.key.cmp(key)).ok()?;
        self.0.get(at).map(|entry| &entry.kind)
    }

    /// True when its numbers are of units that can be written.
    pub fn is_sound(&self) -> bool {
        self.0.iter().all(|entry| match &entry.kind {
            AttributeKind::Number { unit } => is_unit(unit),
            AttributeKind::Flag | AttributeKind::Word { .. } => true,
        })
    }

    /// The first key that is of another kind in `other`: markets with such schemas cannot stand together.
    pub fn conflict<'a>(&'a self, other: &Self) -> Option<&'a Word> {
        let differs =
            |entry: &&SchemaEntry| other.kind(&entry.key).is_some_and(|kind| *kind != entry.kind);
        self.0.iter().find(differs).map(|entry| &entry.key)
    }

    /// The entries, in rising order of key.
    pub fn iter(&self) -> impl Iterator<Item = &SchemaEntry> {
        self.0.iter()
    }

    fn of_sorted(entries: Vec<SchemaEntry>) -> Option<Self> {
        let sound =
            entries.len() <= ATTRIBUTES_MAX && entries.is_sorted_by(|one, next| one.key < next.key);
        sound.then_some(Self(entries))
    }
}

impl BorshDeserialize for Schema {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let entries = bounded_list(reader, 0..=ATTRIBUTES_MAX)?;
        Self::of_sorted(entries).ok_or_else(|| invalid("schema out of order"))
    }
}

fn unit<R: io::Read>(reader: &mut R) -> io::Result<String> {
    bounded_text(reader, WORD_BYTES_MAX)
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};

    fn word(text: &str) -> Word {
        Word::new(text).unwrap()
    }

    fn flag(key: &str) -> Attribute {
        let (key, value) = (word(key), AttributeValue::Flag);
        Attribute { key, value, evidence: Evidence::Declared, expires: None }
    }

    #[test]
    fn attributes_have_one_order_and_one_value_a_key() {
        let attributes = Attributes::new(vec![flag("b"), flag("a")]).unwrap();
        assert_eq!(attributes, Attributes::new(vec![flag("a"), flag("b")]).unwrap());
        assert_eq!(decode::<Attributes>(&encode(&attributes)), Ok(attributes.clone()));
        assert_eq!(attributes.get(&word("b")), Some(&flag("b")));
        assert_eq!(attributes.get(&word("c")), None);
        let number = Attribute { value: AttributeValue::Number(1), ..flag("a") };
        assert_eq!(Attributes::new(vec![flag("a"), number]), None);
        assert!(decode::<Attributes>(&encode(&vec![flag("b"), flag("a")])).is_err());
        let many = |count: usize| (0..count).map(|it| flag(&format!("a{it}"))).collect();
        assert!(Attributes::new(many(ATTRIBUTES_MAX)).is_some());
        assert_eq!(Attributes::new(many(ATTRIBUTES_MAX + 1)), None);
    }

    #[test]
    fn kind_admits_values_of_its_own_alone() {
        let some = Words::new(vec![word("linux"), word("bsd")]).unwrap();
        let kinds = [
            AttributeKind::Flag,
            AttributeKind::Number { unit: "GiB".into() },
            AttributeKind::Word { choices: Words::default() },
            AttributeKind::Word { choices: some },
        ];
        let admitted = |value: AttributeValue| kinds.clone().map(|kind| kind.admits(&value));
        assert_eq!(admitted(AttributeValue::Flag), [true, false, false, false]);
        assert_eq!(admitted(AttributeValue::Number(0)), [false, true, false, false]);
        assert_eq!(admitted(AttributeValue::Word(word("bsd"))), [false, false, true, true]);
        assert_eq!(admitted(AttributeValue::Word(word("dos"))), [false, false, true, false]);
    }

    #[test]
    fn schemas_conflict_where_a_key_is_of_two_kinds() {
        let entry = |key: &str, kind| SchemaEntry { key: word(key), kind };
        let number = |unit: &str| AttributeKind::Number { unit: unit.into() };
        let one = Schema::new(vec![entry("ram", number("GiB")), entry("tee", AttributeKind::Flag)]);
        let other = Schema::new(vec![entry("tee", AttributeKind::Flag), entry("x", number("m"))]);
        let third = Schema::new(vec![entry("ram", number("MiB"))]).unwrap();
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.conflict(&other), None);
        assert_eq!(one.conflict(&third), Some(&word("ram")));
        assert_eq!(third.conflict(&one), Some(&word("ram")));
        assert_eq!(decode::<Schema>(&encode(&one)), Ok(one));
    }
}
