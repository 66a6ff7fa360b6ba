//! What is said of hosts and asked of them, as people write it: `memory=64`, `tee`, `memory>=64@benchmarked`.

use std::str::FromStr;

use chain::attribute::{Attribute, AttributeValue, Evidence, Words};
use chain::predicate::{Predicate, Test};
use chain::time::Time;
use chain::word::Word;
use rpc::types::{
    AttributeKindView, AttributeValueView, AttributeView, EvidenceView, PredicateView,
    SchemaEntryView, TestView,
};

use crate::failure::{Exit, Failure};
use crate::text::escape;

/// What an owner says of a host: a key, and a value unless it is a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) key: Word,
    value: Option<String>,
}

impl FromStr for Said {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (text, None),
        };
        let key = Word::new(key).ok_or("write KEY=VALUE, or KEY alone for what is there or not")?;
        Ok(Self { key, value })
    }
}

impl Said {
    /// What the host's owner declares, until `expires` if that is said.
    ///
    /// # Errors
    /// [`Failure`] when no market knows the key, or the value is none of its kind.
    pub(crate) fn resolve(
        &self,
        schema: &[SchemaEntryView],
        expires: Option<Time>,
    ) -> Result<Attribute, Failure> {
        let kind = kind(schema, &self.key)?;
        let text = self.value.as_deref();
        let value = match (kind, text) {
            (AttributeKindView::Flag, None) => Some(AttributeValue::Flag),
            (AttributeKindView::Number { .. }, Some(text)) => {
                text.parse().ok().map(AttributeValue::Number)
            }
            (AttributeKindView::Word { choices }, Some(text)) => {
                choice(choices, text).map(AttributeValue::Word)
            }
            (_, _) => None,
        };
        let value = value.ok_or_else(|| mismatch(&self.key, kind, text.unwrap_or_default()))?;
        Ok(Attribute { key: self.key.clone(), value, evidence: Evidence::Declared, expires })
    }
}

/// What a bid asks of a host: a key, how its value is compared and with what, and how well it must be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Required {
    key: Word,
    test: Option<(Comparison, String)>,
    evidence: Evidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    AtLeast,
    AtMost,
    Equals,
}

impl FromStr for Required {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (asked, evidence) = match text.split_once('@') {
            None => (text, Evidence::Declared),
            Some((asked, "declared")) => (asked, Evidence::Declared),
            Some((asked, "benchmarked")) => (asked, Evidence::Benchmarked),
            Some((asked, "attested")) => (asked, Evidence::Attested),
            Some(_) => return Err("evidence is declared, benchmarked or attested".to_owned()),
        };
        let signs =
            [(">=", Comparison::AtLeast), ("<=", Comparison::AtMost), ("=", Comparison::Equals)];
        let split = signs.into_iter().find_map(|(sign, comparison)| {
            asked.split_once(sign).map(|(key, value)| (key, (comparison, value.to_owned())))
        });
        let (key, test) = match split {
            Some((key, test)) => (key, Some(test)),
            None => (asked, None),
        };
        let expected = "write KEY, KEY>=NUMBER, KEY<=NUMBER or KEY=VALUE[,VALUE], and @EVIDENCE";
        let key = Word::new(key).ok_or(expected)?;
        Ok(Self { key, test, evidence })
    }
}

impl Required {
    /// What the bid asks, in a market with this schema.
    ///
    /// # Errors
    /// [`Failure`] when the market does not know the key, or its values cannot be asked so.
    pub(crate) fn resolve(&self, schema: &[SchemaEntryView]) -> Result<Predicate, Failure> {
        let kind = kind(schema, &self.key)?;
        let test = match (kind, &self.test) {
            (AttributeKindView::Flag, None) => Some(Test::Set),
            (AttributeKindView::Number { .. }, Some((comparison, number))) => {
                number.parse().ok().map(|number| match comparison {
                    Comparison::AtLeast => Test::AtLeast(number),
                    Comparison::AtMost => Test::AtMost(number),
                    Comparison::Equals => Test::Equals(number),
                })
            }
            (AttributeKindView::Word { choices }, Some((Comparison::Equals, words))) => {
                let words: Option<Vec<Word>> =
                    words.split(',').map(|word| choice(choices, word)).collect();
                words.and_then(Words::new).map(Test::OneOf)
            }
            (_, _) => None,
        };
        let asked = self.test.as_ref().map(|(_, value)| value.as_str());
        let test = test.ok_or_else(|| mismatch(&self.key, kind, asked.unwrap_or_default()))?;
        Ok(Predicate { key: self.key.clone(), test, evidence: self.evidence })
    }
}

/// What the node says of a host, as its owner would declare it again; nothing for what it could not declare.
pub(crate) fn declared(view: &AttributeView) -> Option<Attribute> {
    let value = match &view.value {
        AttributeValueView::Flag => AttributeValue::Flag,
        AttributeValueView::Number { value } => AttributeValue::Number(*value),
        AttributeValueView::Word { value } => AttributeValue::Word(Word::new(value.as_str())?),
    };
    let (key, evidence) = (Word::new(view.key.as_str())?, Evidence::Declared);
    let expires = view.expires.map(Time);
    (view.evidence == EvidenceView::Declared).then_some(Attribute { key, value, evidence, expires })
}

/// A value for people, with its unit where `schema` knows it.
pub(crate) fn shown_value(view: &AttributeView, schema: &[SchemaEntryView]) -> String {
    match &view.value {
        AttributeValueView::Flag => "yes".to_owned(),
        AttributeValueView::Number { value } => match unit(schema, &view.key) {
            Some(unit) => format!("{value} {}", escape(unit)),
            None => value.to_string(),
        },
        AttributeValueView::Word { value } => escape(value),
    }
}

/// What a bid asks, as it is written on the command line.
pub(crate) fn shown_predicate(view: &PredicateView) -> String {
    let key = escape(&view.key);
    let asked = match &view.test {
        TestView::Set => key,
        TestView::AtLeast { number } => format!("{key}>={number}"),
        TestView::AtMost { number } => format!("{key}<={number}"),
        TestView::Equals { number } => format!("{key}={number}"),
        TestView::OneOf { words } => format!("{key}={}", escape(&words.join(","))),
    };
    match view.evidence {
        EvidenceView::Declared => asked,
        EvidenceView::Benchmarked => asked + "@benchmarked",
        EvidenceView::Attested => asked + "@attested",
    }
}

/// What kind of value stands under a key, for people.
pub(crate) fn shown_kind(kind: &AttributeKindView) -> String {
    match kind {
        AttributeKindView::Flag => "yes or no".to_owned(),
        AttributeKindView::Number { unit } => format!("a number of {}", escape(unit)),
        AttributeKindView::Word { choices } if choices.is_empty() => "any word".to_owned(),
        AttributeKindView::Word { choices } => escape(&choices.join(", ")),
    }
}

fn kind<'a>(schema: &'a [SchemaEntryView], key: &Word) -> Result<&'a AttributeKindView, Failure> {
    let entry = schema.iter().find(|entry| entry.key == key.as_str());
    entry.map(|entry| &entry.kind).ok_or_else(|| {
        let known: Vec<String> = schema.iter().map(|entry| escape(&entry.key)).collect();
        let failure =
            Failure::new(Exit::Usage, "ATTRIBUTE_UNKNOWN", format!("no attribute is called {key}"));
        failure.hint(match known.len() {
            0 => "this market asks nothing of hosts".to_owned(),
            _ => format!("known are: {}", known.join(", ")),
        })
    })
}

fn unit<'a>(schema: &'a [SchemaEntryView], key: &str) -> Option<&'a str> {
    schema.iter().find(|entry| entry.key == key).and_then(|entry| match &entry.kind {
        AttributeKindView::Number { unit } => Some(unit.as_str()),
        AttributeKindView::Flag | AttributeKindView::Word { .. } => None,
    })
}

/// The word that reads `text`, if it is one of the choices, where there are some.
fn choice(choices: &[String], text: &str) -> Option<Word> {
    let known = choices.is_empty() || choices.iter().any(|choice| choice == text);
    known.then(|| Word::new(text)).flatten()
}

fn mismatch(key: &Word, kind: &AttributeKindView, text: &str) -> Failure {
    let message = match kind {
        AttributeKindView::Flag => format!("{key} is there or not: it has no value"),
        AttributeKindView::Number { unit } => {
            let unit = escape(unit);
            format!("{key} is a whole number of {unit}, not '{}'", escape(text))
        }
        AttributeKindView::Word { choices } if choices.is_empty() => {
            format!("{key} is a word of small letters, digits, '-', '_' and '.'")
        }
        AttributeKindView::Word { choices } => {
            format!("{key} is one of {}, not '{}'", escape(&choices.join(", ")), escape(text))
        }
    };
    Failure::new(Exit::Usage, "ATTRIBUTE_MISMATCH", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Vec<SchemaEntryView> {
        let entry = |key: &str, kind| SchemaEntryView { key: key.to_owned(), kind };
        let choices = vec!["bsd".to_owned(), "linux".to_owned()];
        vec![
            entry("memory", AttributeKindView::Number { unit: "GiB".to_owned() }),
            entry("os", AttributeKindView::Word { choices }),
            entry("region", AttributeKindView::Word { choices: Vec::new() }),
            entry("tee", AttributeKindView::Flag),
        ]
    }

    fn said(text: &str) -> Result<AttributeValue, String> {
        let said: Said = text.parse().map_err(ToOwned::to_owned)?;
        let attribute = said.resolve(&schema(), None);
        attribute.map(|it| it.value).map_err(|failure| failure.code.into_owned())
    }

    fn asked(text: &str) -> Result<String, String> {
        let required: Required = text.parse()?;
        let predicate = required.resolve(&schema());
        let predicate = predicate.map_err(|failure| failure.code.into_owned())?;
        Ok(shown_predicate(&(&predicate).into()))
    }

    #[test]
    fn attributes_are_read_by_the_kind_of_their_key() {
        assert_eq!(said("memory=64"), Ok(AttributeValue::Number(64)));
        assert_eq!(said("tee"), Ok(AttributeValue::Flag));
        assert_eq!(said("os=bsd"), Ok(AttributeValue::Word(Word::new("bsd").unwrap())));
        assert!(said("region=eu-west").is_ok());
        for text in ["memory", "memory=much", "memory=-1", "tee=yes", "os=dos", "region=EU"] {
            assert_eq!(said(text), Err("ATTRIBUTE_MISMATCH".to_owned()), "{text}");
        }
        assert_eq!(said("colour=red"), Err("ATTRIBUTE_UNKNOWN".to_owned()));
        assert!(said("=5").is_err());
    }

    #[test]
    fn predicates_read_as_they_are_shown() {
        for text in
            ["memory>=64", "memory<=64", "memory=64@benchmarked", "tee@attested", "os=bsd,linux"]
        {
            assert_eq!(asked(text), Ok(text.to_owned()));
        }
        assert_eq!(asked("os=linux,bsd@declared"), Ok("os=bsd,linux".to_owned()));
        for text in ["memory", "os>=bsd", "tee=1", "os=bsd,dos", "memory>=much", "os=bsd,bsd"] {
            assert_eq!(asked(text), Err("ATTRIBUTE_MISMATCH".to_owned()), "{text}");
        }
        assert!(asked("tee@sworn").is_err());
    }
}
