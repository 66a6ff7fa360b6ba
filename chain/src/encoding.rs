//! The one byte format: borsh, exact. What decodes re-encodes to the same bytes.

use std::io;
use std::ops::RangeInclusive;

use borsh::{BorshDeserialize, BorshSerialize};

/// The bytes are no canonical form of the type asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bytes do not decode")]
pub struct DecodeError;

/// The canonical bytes of `value`.
pub fn encode<T: BorshSerialize + ?Sized>(value: &T) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to a vector cannot fail, and no list reaches 2^32 items")
}

/// Reads a `T` that fills `bytes` exactly.
///
/// # Errors
/// [`DecodeError`] when bytes are missing, left over, or not canonical.
pub fn decode<T: BorshDeserialize>(bytes: &[u8]) -> Result<T, DecodeError> {
    T::try_from_slice(bytes).map_err(|_| DecodeError)
}

/// Reads a list whose length is within `bounds`, which is checked before anything is read for its items.
pub(crate) fn bounded_list<T: BorshDeserialize, R: io::Read>(
    reader: &mut R,
    bounds: RangeInclusive<usize>,
) -> io::Result<Vec<T>> {
    let count = usize::try_from(u32::deserialize_reader(reader)?).unwrap_or(usize::MAX);
    if !bounds.contains(&count) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "list too short or too long"));
    }
    (0..count).map(|_| T::deserialize_reader(reader)).collect()
}
