//! Predicates: what a bid asks of the host that is to serve it.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::attribute::{Attribute, AttributeKind, AttributeValue, Attributes, Evidence, Words};
use crate::encoding::{bounded_list, encode};
use crate::hash::{Domain, Hash};
use crate::limits::PREDICATES_MAX;
use crate::time::Time;
use crate::word::Word;

/// One thing that a host must be or have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Predicate {
    /// Under which key.
    pub key: Word,
    /// What must stand there.
    pub test: Test,
    /// How well that must be known, at least.
    pub evidence: Evidence,
}

impl Predicate {
    /// True when `attributes` say so, well enough and until `end` at least.
    pub fn holds(&self, attributes: &Attributes, end: Time) -> bool {
        let lasts = |it: &Attribute| it.expires.is_none_or(|expires| expires >= end);
        attributes.get(&self.key).is_some_and(|it| {
            self.test.holds(&it.value) && it.evidence >= self.evidence && lasts(it)
        })
    }
}

/// What is asked of the value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Test {
    /// A flag is there.
    Set,
    /// A number is no less.
    AtLeast(u64),
    /// A number is no more.
    AtMost(u64),
    /// A number is this.
    Equals(u64),
    /// A word is one of these, of which there is one at least.
    OneOf(#[borsh(deserialize_with = "some_words")] Words),
}

impl Test {
    /// True for a value that passes.
    pub fn holds(&self, value: &AttributeValue) -> bool {
        match (self, value) {
            (Self::Set, AttributeValue::Flag) => true,
            (Self::AtLeast(least), AttributeValue::Number(number)) => number >= least,
            (Self::AtMost(most), AttributeValue::Number(number)) => number <= most,
            (Self::Equals(wanted), AttributeValue::Number(number)) => number == wanted,
            (Self::OneOf(words), AttributeValue::Word(word)) => words.contains(word),
            _ => false,
        }
    }

    /// True when values of this kind can be asked so, and every word asked for is one of its choices.
    pub fn suits(&self, kind: &AttributeKind) -> bool {
        match (self, kind) {
            (Self::Set, AttributeKind::Flag)
            | (
                Self::AtLeast(_) | Self::AtMost(_) | Self::Equals(_),
                AttributeKind::Number { .. },
            ) => true,
            (Self::OneOf(words), AttributeKind::Word { .. }) => {
                words.iter().all(|word| kind.admits(&AttributeValue::Word(word.clone())))
            }
            _ => false,
        }
    }
}

/// All that a bid asks of a host: at most [`PREDICATES_MAX`], in rising order, none twice. The default asks
/// for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Predicates(Vec<Predicate>);

impl Predicates {
    /// These predicates, in any order; `None` where there are too many or one stands twice.
    pub fn new(mut predicates: Vec<Predicate>) -> Option<Self> {
        predicates.sort_unstable();
        Self::of_sorted(predicates)
    }

    /// True when nothing is asked for.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when `attributes` have all that is asked for, until `end` at least.
    pub fn hold(&self, attributes: &Attributes, end: Time) -> bool {
        self.0.iter().all(|predicate| predicate.holds(attributes, end))
    }

    /// What names these predicates in reports; `None` where there are none.
    pub fn digest(&self) -> Option<Hash> {
        (!self.is_empty()).then(|| Hash::of(Domain::Predicates, &[&encode(self)]))
    }

    /// The predicates, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = &Predicate> {
        self.0.iter()
    }

    fn of_sorted(predicates: Vec<Predicate>) -> Option<Self> {
        let sound =
            predicates.len() <= PREDICATES_MAX && predicates.is_sorted_by(|one, next| one < next);
        sound.then_some(Self(predicates))
    }
}

impl BorshDeserialize for Predicates {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let predicates = bounded_list(reader, 0..=PREDICATES_MAX)?;
        Self::of_sorted(predicates)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "predicates out of order"))
    }
}

fn some_words<R: io::Read>(reader: &mut R) -> io::Result<Words> {
    let words = Words::deserialize_reader(reader)?;
    if words.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "one of no words"));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::decode;

    fn word(text: &str) -> Word {
        Word::new(text).unwrap()
    }

    fn words(texts: &[&str]) -> Words {
        Words::new(texts.iter().map(|text| word(text)).collect()).unwrap()
    }

    fn attributes(value: AttributeValue, evidence: Evidence, expires: Option<u64>) -> Attributes {
        let (key, expires) = (word("key"), expires.map(Time));
        Attributes::new(vec![Attribute { key, value, evidence, expires }]).unwrap()
    }

    fn asks(test: Test) -> Predicate {
        Predicate { key: word("key"), test, evidence: Evidence::Declared }
    }

    #[test]
    fn test_compares_values_of_its_kind_alone() {
        use AttributeValue::{Flag, Number, Word as Named};
        let tests = [
            Test::Set,
            Test::AtLeast(5),
            Test::AtMost(5),
            Test::Equals(5),
            Test::OneOf(words(&["a", "b"])),
        ];
        let passed = |value: &AttributeValue| tests.clone().map(|test| test.holds(value));
        assert_eq!(passed(&Flag), [true, false, false, false, false]);
        assert_eq!(passed(&Number(4)), [false, false, true, false, false]);
        assert_eq!(passed(&Number(5)), [false, true, true, true, false]);
        assert_eq!(passed(&Number(6)), [false, true, false, false, false]);
        assert_eq!(passed(&Named(word("b"))), [false, false, false, false, true]);
        assert_eq!(passed(&Named(word("c"))), [false; 5]);
    }

    #[test]
    fn predicate_needs_the_key_the_evidence_and_the_time() {
        let declared = |expires| attributes(AttributeValue::Flag, Evidence::Declared, expires);
        assert!(asks(Test::Set).holds(&declared(None), Time(u64::MAX)));
        assert!(asks(Test::Set).holds(&declared(Some(10)), Time(10)));
        assert!(!asks(Test::Set).holds(&declared(Some(9)), Time(10)));
        assert!(!asks(Test::Set).holds(&Attributes::default(), Time(0)));
        let measured = Predicate { evidence: Evidence::Benchmarked, ..asks(Test::Set) };
        assert!(!measured.holds(&declared(None), Time(0)));
        for evidence in [Evidence::Benchmarked, Evidence::Attested] {
            assert!(measured.holds(&attributes(AttributeValue::Flag, evidence, None), Time(0)));
        }
    }

    #[test]
    fn test_suits_the_kind_that_it_can_judge() {
        let some = AttributeKind::Word { choices: words(&["a", "b"]) };
        let any = AttributeKind::Word { choices: Words::default() };
        assert!(Test::Set.suits(&AttributeKind::Flag) && !Test::Set.suits(&some));
        let number = AttributeKind::Number { unit: "m".into() };
        assert!(Test::AtMost(1).suits(&number) && !Test::AtMost(1).suits(&AttributeKind::Flag));
        assert!(Test::OneOf(words(&["a"])).suits(&some));
        assert!(!Test::OneOf(words(&["a", "c"])).suits(&some));
        assert!(Test::OneOf(words(&["a", "c"])).suits(&any));
    }

    #[test]
    fn predicates_have_one_order_and_are_bounded() {
        let (least, most) = (asks(Test::AtLeast(1)), asks(Test::AtMost(2)));
        let predicates = Predicates::new(vec![most.clone(), least.clone()]).unwrap();
        assert_eq!(decode::<Predicates>(&encode(&predicates)), Ok(predicates));
        assert!(decode::<Predicates>(&encode(&vec![most, least.clone()])).is_err());
        assert_eq!(Predicates::new(vec![least.clone(), least]), None);
        let many = |count: u64| (0..count).map(|it| asks(Test::Equals(it))).collect();
        let most = u64::try_from(PREDICATES_MAX).unwrap();
        assert!(Predicates::new(many(most)).is_some());
        assert_eq!(Predicates::new(many(most + 1)), None);
        assert!(decode::<Test>(&encode(&(4_u8, Words::default()))).is_err(), "one of nothing");
        assert_eq!(Predicates::default().digest(), None);
    }
}
