//! Bytes that are not quite right: cut short, lengthened, changed, or promising more than there is. All
//! of the frozen vectors are damaged in every such way, and either do not decode or are what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use borsh::{BorshDeserialize, BorshSerialize};
use chain::block::Header;
use chain::encoding::{decode, encode};
use chain::receipt::Receipts;
use chain::state::{Key, Object};
use chain::transaction::SignedTransaction;
use chain::voucher::SignedVoucher;

/// What a damage does with the bytes that it is given.
type Try = fn(&[u8]) -> Option<Vec<u8>>;

/// The bytes that what `bytes` decode to has.
fn again<T: BorshDeserialize + BorshSerialize>(bytes: &[u8]) -> Option<Vec<u8>> {
    decode::<T>(bytes).ok().map(|value| encode(&value))
}

/// Every vector of a type: its name, its bytes and how it is read.
fn vectors() -> Vec<(String, Vec<u8>, Try)> {
    let mut vectors = Vec::new();
    for file in ["transactions", "objects", "blocks", "ids"] {
        for (name, bytes) in lines(file) {
            let read: Try = match (file, name.as_str()) {
                ("transactions", name) if !name.contains('.') => again::<SignedTransaction>,
                ("objects", name) if name.ends_with(".key") => again::<Key>,
                ("objects", name) if !name.contains('.') => again::<Object>,
                ("blocks", "header") => again::<Header>,
                ("blocks", "receipts") => again::<Receipts>,
                ("ids", "voucher") => again::<SignedVoucher>,
                _ => continue,
            };
            vectors.push((name, bytes, read));
        }
    }
    assert!(vectors.len() > 40, "only {} vectors", vectors.len());
    vectors
}

fn lines(file: &str) -> Vec<(String, Vec<u8>)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("vectors/{file}.txt"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let line = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        let bytes = (0..value.len()).step_by(2);
        let bytes = bytes.map(|at| u8::from_str_radix(value.get(at..at + 2)?, 16).ok());
        Some((name.to_owned(), bytes.collect::<Option<Vec<u8>>>()?))
    };
    // What is no hexadecimal, such as an address, is left out.
    text.lines().filter_map(line).collect()
}

#[test]
fn every_beginning_of_a_vector_and_every_longer_one_is_refused() {
    for (name, bytes, read) in vectors() {
        assert_eq!(read(&bytes).as_ref(), Some(&bytes), "{name}");
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length]), None, "{name} cut to {length} bytes");
        }
        for more in [&[0_u8][..], &[1], &[0xff], &bytes] {
            assert_eq!(read(&[&bytes, more].concat()), None, "{name} and {} bytes", more.len());
        }
    }
}

#[test]
fn every_byte_of_a_vector_changed_to_any_other_is_refused_or_means_something_else() {
    for (name, bytes, read) in vectors() {
        let mut changed = bytes.clone();
        for at in 0..bytes.len() {
            for value in 0..=u8::MAX {
                changed[at] = value;
                if let Some(encoded) = read(&changed) {
                    assert_eq!(encoded, changed, "{name}: byte {at} is {value}");
                }
            }
            changed[at] = bytes[at];
        }
    }
}

#[test]
fn count_beyond_what_follows_is_refused_wherever_it_stands() {
    for (name, bytes, read) in vectors() {
        for at in 0..bytes.len().saturating_sub(4) {
            for count in [u32::MAX, 1 << 31, 1 << 20, 0] {
                let mut changed = bytes.clone();
                changed[at..at + 4].copy_from_slice(&count.to_le_bytes());
                if let Some(encoded) = read(&changed) {
                    assert_eq!(encoded, changed, "{name}: {count} at {at}");
                }
            }
        }
    }
}

#[test]
fn every_changed_bit_of_a_signature_is_refused() {
    let transfer = lines("transactions").into_iter().find(|(name, _)| name == "transfer");
    let (_, bytes) = transfer.expect("a vector of this name");
    let signed: SignedTransaction = decode(&bytes).unwrap();
    assert!(signed.clone().verify().is_ok());
    for bit in 0..64 * 8 {
        let mut changed = signed.clone();
        changed.witnesses[0].signature.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(changed.transaction.id(), signed.transaction.id());
        assert!(changed.verify().is_err(), "bit {bit}");
    }
    for bit in 0..32 * 8 {
        let mut changed = signed.clone();
        changed.witnesses[0].key.0[bit / 8] ^= 1 << (bit % 8);
        assert!(changed.verify().is_err(), "bit {bit} of the key");
    }
}

/// The types that each type of the vocabulary is made of, by name.
fn parts() -> BTreeMap<String, BTreeSet<String>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../chain/src");
    let mut parts = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let code: Vec<&str> = text.lines().filter(|line| !line.trim().starts_with("//")).collect();
        let code = code.join("\n");
        for (at, _) in code.match_indices("pub struct ").chain(code.match_indices("pub enum ")) {
            let words = |text: &str| -> Vec<String> {
                let of_word = |c: char| !c.is_alphanumeric() && c != '_';
                text.split(of_word).filter(|word| !word.is_empty()).map(str::to_owned).collect()
            };
            let name = words(&code[at..]).swap_remove(2);
            let end = code[at..].find(['{', ';']).map_or(code.len(), |to| at + to);
            let end = if code[end..].starts_with('{') {
                code[end..].find("\n}").map_or(code.len(), |to| end + to)
            } else {
                end
            };
            parts.insert(name.clone(), words(&code[at..end]).into_iter().skip(3).collect());
        }
    }
    parts
}

#[test]
fn no_type_contains_itself() {
    let parts = parts();
    assert!(parts.len() > 50 && parts["SignedTransaction"].contains("Transaction"), "{parts:?}");
    for start in parts.keys() {
        let (mut open, mut seen) = (vec![start], BTreeSet::new());
        while let Some(name) = open.pop() {
            for part in parts[name].iter().filter(|part| parts.contains_key(*part)) {
                // A variant may bear the name of the type that it holds.
                assert_ne!(part, start, "{start} contains itself by way of {name}");
                if seen.insert(part) {
                    open.push(part);
                }
            }
        }
    }
}
