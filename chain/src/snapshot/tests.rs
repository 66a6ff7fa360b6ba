//! A manifest of a chain in its second epoch, read back, verified, and spoilt in every bit.

use super::*;
use crate::account::AccountId;
use crate::amount::Amount;
use crate::authority::tests::Signer;
use crate::authority::{Authority, AuthorityKey};
use crate::block::VERSION;
use crate::certificate::Vote;
use crate::height::Height;
use crate::supply::Supply;
use crate::time::Time;

const CHAIN: Hash = Hash([0xc0; 32]);
const EPOCH_BLOCKS: u64 = 5;

fn signer() -> Signer {
    Signer::new([1; 32])
}

fn authorities() -> Vec<Authority> {
    vec![Authority { key: signer().key(), account: AccountId::default() }]
}

fn header(height: u64) -> Header {
    let closes = height % EPOCH_BLOCKS == EPOCH_BLOCKS - 1;
    Header {
        version: VERSION,
        chain: CHAIN,
        height: Height(height),
        epoch: height / EPOCH_BLOCKS,
        parent: Hash([4; 32]),
        time: Time(height),
        proposer: AuthorityKey::default(),
        transactions_root: Hash([1; 32]),
        receipts_root: Hash([2; 32]),
        state_root: Hash([3; 32]),
        next_authorities: closes.then(authorities),
    }
}

fn certificate(header: &Header) -> Certificate {
    let (epoch, block, votes) = (header.epoch, header.digest(), Vec::new());
    let unsigned = Certificate { epoch, view: 9, parent_view: 8, block, votes };
    let signature = signer().sign(&unsigned.signed_bytes(CHAIN));
    Certificate { votes: vec![Vote { authority: signer().key(), signature }], ..unsigned }
}

fn begun() -> LightClient {
    LightClient::new(CHAIN, EPOCH_BLOCKS, &authorities()).unwrap()
}

fn supply() -> Supply {
    Supply { minted: Amount::from_u64(7), burned: Amount::ZERO }
}

fn chunk(content: Content, bytes: &[u8]) -> Chunk {
    Chunk::of(content, bytes).unwrap()
}

/// A snapshot of the second epoch, and the only end of an epoch before.
fn manifest() -> (Manifest, EpochEnd) {
    let end = EpochEnd { header: header(4), certificate: certificate(&header(4)) };
    let chunks = vec![
        chunk(Content::Epochs, &encode(&end)),
        chunk(Content::Block, b"block"),
        chunk(Content::Receipts, b"receipts"),
        chunk(Content::Objects, b"one"),
        chunk(Content::Objects, b"two"),
    ];
    let (header, depth, objects) = (header(7), 1, 2);
    let certificate = certificate(&header);
    (Manifest { format: FORMAT, depth, objects, header, certificate, chunks }, end)
}

/// The client that has followed the chain to the manifest's epoch.
fn followed(end: &EpochEnd) -> LightClient {
    let mut client = begun();
    client.advance(&end.header, &end.certificate).unwrap();
    client
}

#[test]
fn manifest_is_read_back_and_leads_from_the_charter_to_its_block() {
    let (manifest, end) = manifest();
    let read = Manifest::read(&encode(&manifest), CHAIN).unwrap();
    assert_eq!(read, manifest);
    assert_eq!(read.verify(&followed(&end)).unwrap().certified, Height(7));
    assert_eq!(epoch_ends(0, &encode(&end)), Ok(vec![end]));
    assert_eq!(read.bytes(), read.chunks.iter().map(|chunk| u64::from(chunk.bytes)).sum::<u64>());
}

#[test]
fn flipped_bit_is_refused_unless_it_is_in_what_the_state_root_says() {
    let (manifest, end) = manifest();
    let (bytes, client) = (encode(&manifest), followed(&end));
    // Between the format and the chunks stand depth and objects, which the root is compared with later.
    let judged_later = 2..2 + 1 + 8;
    let chunks = bytes.len() - encode(&manifest.chunks).len();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let verified = Manifest::read(&flipped, CHAIN).and_then(|read| {
            read.verify(&client)?;
            Ok(read)
        });
        let Ok(read) = verified else { continue };
        let elsewhere = read.chunks != manifest.chunks && bit / 8 >= chunks;
        assert!(elsewhere || judged_later.contains(&(bit / 8)), "bit {bit}");
    }
}

#[test]
fn chunks_out_of_place_are_refused() {
    let (manifest, _) = manifest();
    let read = |chunks: Vec<Chunk>| {
        let other = Manifest { chunks, ..manifest.clone() };
        Manifest::read(&encode(&other), CHAIN).map(|read| read.chunks.len())
    };
    let mut swapped = manifest.chunks.clone();
    swapped.swap(0, 1);
    assert_eq!(read(swapped), Err(SnapshotInvalid::ChunksMisplaced(Content::Epochs)));
    for (missing, content) in [(0, Content::Epochs), (1, Content::Block), (2, Content::Receipts)] {
        let mut chunks = manifest.chunks.clone();
        chunks.remove(missing);
        assert_eq!(read(chunks), Err(SnapshotInvalid::ChunksMisplaced(content)));
    }
    assert_eq!(
        read(manifest.chunks[..3].to_vec()),
        Err(SnapshotInvalid::ChunksMisplaced(Content::Objects))
    );
    for bytes in [0, 1 + u32::try_from(SNAPSHOT_CHUNK_BYTES_MAX).unwrap()] {
        let mut chunks = manifest.chunks.clone();
        chunks[3].bytes = bytes;
        assert_eq!(read(chunks), Err(SnapshotInvalid::ChunksMisplaced(Content::Objects)));
    }
    let many = vec![manifest.chunks[3]; SNAPSHOT_CHUNKS_MAX + 1];
    assert_eq!(read(many), Err(SnapshotInvalid::ManifestMalformed));
}

#[test]
fn manifest_of_another_chain_form_or_epoch_is_refused() {
    let (manifest, end) = manifest();
    let bytes = encode(&manifest);
    let other = Hash([0xc1; 32]);
    let mismatch = SnapshotInvalid::ChainMismatch { found: CHAIN, expected: other };
    assert_eq!(Manifest::read(&bytes, other), Err(mismatch));
    let newer = encode(&Manifest { format: 2, ..manifest.clone() });
    assert_eq!(Manifest::read(&newer, CHAIN), Err(SnapshotInvalid::FormatUnknown(2)));
    assert_eq!(
        manifest.verify(&begun()),
        Err(SnapshotInvalid::EpochsMissing { found: 0, expected: 1 })
    );
    for cut in 0..bytes.len() {
        assert!(Manifest::read(&bytes[..cut], CHAIN).is_err(), "{cut} bytes");
    }
    assert!(Manifest::read(&[&bytes[..], &[0]].concat(), CHAIN).is_err());
    assert!(manifest.verify(&followed(&end)).is_ok());
}

#[test]
fn largest_manifest_fits_its_bound() {
    let (manifest, _) = manifest();
    let mut chunks = manifest.chunks[..3].to_vec();
    chunks.resize(SNAPSHOT_CHUNKS_MAX, manifest.chunks[3]);
    let largest = encode(&Manifest { chunks, ..manifest });
    assert!(Manifest::read(&largest, CHAIN).is_ok());
    assert!(largest.len() <= SNAPSHOT_CHUNK_BYTES_MAX);
}

#[test]
fn objects_are_read_in_order_and_under_their_own_keys() {
    let (supply, reference) = (Object::Supply(supply()), Object::Reference);
    let one = (Key::Supply, supply);
    let other = (Key::Reference(Hash([1; 32])), reference.clone());
    let bytes = [encode(&one), encode(&other)].concat();
    let mut last = Vec::new();
    assert_eq!(objects(3, &bytes, &mut last), Ok(vec![one.clone(), other.clone()]));
    assert_eq!(last, encode(&other.0));
    // Again, which is a duplicate; the other way round; and under a key of another kind.
    let refused = Err(SnapshotInvalid::ObjectsUnordered(4));
    assert_eq!(objects(4, &encode(&other), &mut last), refused);
    let reversed = [encode(&other), encode(&one)].concat();
    assert_eq!(objects(4, &reversed, &mut Vec::new()), refused);
    assert_eq!(objects(4, &encode(&(Key::Supply, reference)), &mut Vec::new()), refused);
    for cut in [1, bytes.len() - 1] {
        let malformed = Err(SnapshotInvalid::ChunkMalformed(5));
        assert_eq!(objects(5, &bytes[..cut], &mut Vec::new()), malformed, "{cut}");
    }
}
