//! Words that only one other party can read: where something is, or how to reach somebody.

use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::encoding::bounded_list;
use crate::limits::SEALED_BYTES_MAX;

/// At most [`SEALED_BYTES_MAX`] bytes, sealed to the key of whoever is to read them. The chain keeps them and
/// gives them no meaning: whether they are sealed at all is their author's matter.
#[derive(Clone, Default, PartialEq, Eq, BorshSerialize)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// These bytes; `None` when they are more than [`SEALED_BYTES_MAX`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = bytes.into();
        (bytes.len() <= SEALED_BYTES_MAX).then_some(Self(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sealed({} bytes)", self.0.len())
    }
}

impl fmt::Display for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl BorshDeserialize for Sealed {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        bounded_list(reader, 0..=SEALED_BYTES_MAX).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};

    #[test]
    fn sealed_bytes_keep_their_bound() {
        for (length, fits) in
            [(0, true), (1, true), (SEALED_BYTES_MAX, true), (SEALED_BYTES_MAX + 1, false)]
        {
            let bytes = vec![7_u8; length];
            assert_eq!(Sealed::new(bytes.clone()).is_some(), fits, "{length}");
            assert_eq!(decode::<Sealed>(&encode(&bytes)).is_ok(), fits, "{length}");
        }
    }
}
