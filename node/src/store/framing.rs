//! The framing of RocksDB's files of records, looked at before RocksDB reads them.
//!
//! A file of records (a journal `*.log`, a catalogue `MANIFEST-*`) is a run of blocks of 32 KiB, each a run
//! of records: checksum (4 bytes), length (2, little-endian), kind (1), then so many bytes. RocksDB checks
//! the checksum but looks at the kind before: a kind that belongs to recycled files, in a file that is not
//! one, makes RocksDB 11.8 read the same record for ever. Files are never recycled here, so such a kind is
//! damage, and is refused before RocksDB can hang on it. All else RocksDB judges by itself.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const BLOCK_BYTES: u64 = 32 << 10;
const HEADER_BYTES: usize = 7;
/// The kinds of records in recycled files: whole, first, middle and last part, sizes of timestamps, and the
/// file before.
const RECYCLED: [u8; 6] = [5, 6, 7, 8, 11, 131];

/// The first file of records in the database at `folder` that RocksDB could not read to its end, and the
/// place of the record, in bytes.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn unreadable(folder: &Path) -> io::Result<Option<(PathBuf, u64)>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_of_records(&path)
            && let Some(place) = recycled_record(&mut File::open(&path)?)?
        {
            return Ok(Some((path, place)));
        }
    }
    Ok(None)
}

fn is_of_records(path: &Path) -> bool {
    let begins =
        |start| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(start));
    path.extension().is_some_and(|extension| extension == "log") || begins(b"MANIFEST-")
}

/// The place of the first record of a kind that belongs to recycled files.
fn recycled_record(file: &mut impl Read) -> io::Result<Option<u64>> {
    let (mut block, mut begin) = (Vec::new(), 0);
    loop {
        block.clear();
        file.by_ref().take(BLOCK_BYTES).read_to_end(&mut block)?;
        if block.is_empty() {
            return Ok(None);
        }
        if let Some(place) = recycled_record_of(&block) {
            return Ok(Some(begin + place));
        }
        begin += BLOCK_BYTES;
    }
}

fn recycled_record_of(block: &[u8]) -> Option<u64> {
    let (mut rest, mut place) = (block, 0);
    while let Some((header, body)) = rest.split_first_chunk::<HEADER_BYTES>() {
        let [_, _, _, _, low, high, kind] = *header;
        if RECYCLED.contains(&kind) {
            return Some(place);
        }
        let length = u16::from_le_bytes([low, high]);
        rest = body.get(usize::from(length)..)?;
        place += HEADER_BYTES as u64 + u64::from(length);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of so many bytes; its checksum is not looked at here.
    fn record(kind: u8, length: u16) -> Vec<u8> {
        let [low, high] = length.to_le_bytes();
        let mut bytes = vec![0, 0, 0, 0, low, high, kind];
        bytes.resize(HEADER_BYTES + usize::from(length), 5);
        bytes
    }

    fn found(bytes: &[u8]) -> Option<u64> {
        recycled_record(&mut &*bytes).expect("memory can be read")
    }

    #[test]
    fn records_of_a_sound_file_are_passed() {
        let mut bytes = [record(1, 100), record(1, 0), record(2, 32_000)].concat();
        bytes.resize(32 << 10, 0);
        bytes.extend(record(4, 9));
        assert_eq!(found(&bytes), None);
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn kind_of_a_recycled_file_is_found_in_any_block() {
        let mut bytes = [record(1, 100), record(5, 20)].concat();
        assert_eq!(found(&bytes), Some(107));
        bytes = record(1, 100);
        bytes.resize(32 << 10, 0);
        bytes.extend([record(1, 9), record(131, 9)].concat());
        assert_eq!(found(&bytes), Some((32 << 10) + 16));
    }

    #[test]
    fn record_cut_off_at_the_end_is_left_to_the_database() {
        let whole = record(1, 300);
        assert_eq!(found(&whole[..200]), None);
        assert_eq!(found(&whole[..3]), None);
    }
}
