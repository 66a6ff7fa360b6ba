//! The one byte format: borsh, exact. What decodes re-encodes to the same bytes.

use std::io;
use std::ops::RangeInclusive;

use borsh::{BorshDeserialize, BorshSerialize};

/// Items of a list that memory is taken for before they are read.
const ITEMS_AT_ONCE_MAX: usize = 64;

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
    let mut items = Vec::with_capacity(count.min(ITEMS_AT_ONCE_MAX));
    for _ in 0..count {
        items.push(T::deserialize_reader(reader)?);
    }
    Ok(items)
}

/// Reads text of at most `bytes_max` bytes, which is checked before memory is taken for it.
pub(crate) fn bounded_text<R: io::Read>(reader: &mut R, bytes_max: usize) -> io::Result<String> {
    let count = usize::try_from(u32::deserialize_reader(reader)?).unwrap_or(usize::MAX);
    if count > bytes_max {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "text too long"));
    }
    let mut bytes = vec![0; count];
    reader.read_exact(&mut bytes)?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "text that is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memo::Memo;
    use crate::target::Target;

    /// Says that text of so many bytes follows, and fails the test if any of it is asked for.
    struct Promise {
        count: [u8; 4],
        given: usize,
    }

    impl io::Read for Promise {
        fn read(&mut self, wanted: &mut [u8]) -> io::Result<usize> {
            let rest = &self.count[self.given..];
            assert!(!rest.is_empty(), "{} bytes of text are asked for", wanted.len());
            let given = rest.len().min(wanted.len());
            wanted[..given].copy_from_slice(&rest[..given]);
            self.given += given;
            Ok(given)
        }
    }

    #[test]
    fn text_beyond_its_bound_is_refused_before_memory_is_taken_for_it() {
        for count in [1_000, 1 << 20, u32::MAX] {
            let promise = || Promise { count: count.to_le_bytes(), given: 0 };
            assert!(Memo::deserialize_reader(&mut promise()).is_err(), "{count}");
            assert!(Target::deserialize_reader(&mut promise()).is_err(), "{count}");
        }
    }

    #[test]
    fn list_beyond_its_bound_is_refused_before_anything_is_read_for_it() {
        for count in [0, 5, u32::MAX] {
            let mut promise = Promise { count: count.to_le_bytes(), given: 0 };
            assert!(bounded_list::<u64, _>(&mut promise, 1..=4).is_err(), "{count}");
        }
    }
}
