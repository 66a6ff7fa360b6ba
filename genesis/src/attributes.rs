//! The attributes of a market, as the genesis file writes them: one line for each key.

use std::collections::BTreeMap;

use chain::attribute::{AttributeKind, Schema, SchemaEntry, Words, is_unit};
use chain::limits::{ATTRIBUTES_MAX, CHOICES_MAX, WORD_BYTES_MAX};
use chain::word::Word;
use serde::{Deserialize, Serialize};

use crate::error::{GenesisError, Problem};

/// What kind of value an attribute has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeSpec {
    /// It is there or not: `tee = "flag"`.
    Flag,
    /// A number of so much: `memory = { number = "GiB" }`.
    Number(String),
    /// A word, one of these if there are any: `os = { word = ["linux", "windows"] }`.
    Word(Vec<String>),
}

impl AttributeSpec {
    fn read(&self, place: &str) -> Result<AttributeKind, GenesisError> {
        match self {
            Self::Flag => Ok(AttributeKind::Flag),
            Self::Number(unit) if is_unit(unit) => Ok(AttributeKind::Number { unit: unit.clone() }),
            Self::Number(_) => {
                Err(GenesisError::at(place, Problem::Unit { bytes_max: WORD_BYTES_MAX }))
            }
            Self::Word(choices) => {
                let words: Result<Vec<Word>, GenesisError> =
                    choices.iter().map(|choice| word(place, choice)).collect();
                let problem = if choices.len() > CHOICES_MAX {
                    Problem::TooMany { max: CHOICES_MAX }
                } else {
                    Problem::Duplicate
                };
                let choices = Words::new(words?).ok_or_else(|| GenesisError::at(place, problem))?;
                Ok(AttributeKind::Word { choices })
            }
        }
    }
}

/// The schema that `specs` describe, which stand at `place` of the file.
pub(crate) fn schema(
    place: &str,
    specs: &BTreeMap<String, AttributeSpec>,
) -> Result<Schema, GenesisError> {
    let entry = |(key, spec): (&String, &AttributeSpec)| {
        let place = format!("{place}.{key}");
        Ok(SchemaEntry { key: word(&place, key)?, kind: spec.read(&place)? })
    };
    let entries: Result<Vec<SchemaEntry>, GenesisError> = specs.iter().map(entry).collect();
    let too_many = Problem::TooMany { max: ATTRIBUTES_MAX };
    Schema::new(entries?).ok_or_else(|| GenesisError::at(place, too_many))
}

fn word(place: &str, text: &str) -> Result<Word, GenesisError> {
    let bytes_max = WORD_BYTES_MAX;
    Word::new(text).ok_or_else(|| GenesisError::at(place, Problem::Word { bytes_max }))
}
