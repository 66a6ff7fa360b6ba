//! Snapshots: the state after one block in chunks, and a manifest that leads from them to the chain's charter.
//!
//! ```text
//! charter -> last headers of epochs (chunks) -> header (manifest), certified by the voters of its epoch
//!              header -> the block and its receipts (chunks), by their roots
//!              header -> the objects (chunks), by the state root
//! ```
//! A chunk is known by its SHA-256, so that it may come from anybody. A manifest is believed as far as it is
//! verified: who voted for its header first, the state root when all chunks are there. Nobody signs it.
//!
//! Invariant: a manifest that was read names its chunks in the order of [`Content`], each within its bounds.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::block::{Block, Header};
use crate::certificate::Certificate;
use crate::encoding::{bounded_list, decode, encode};
use crate::hash::Hash;
use crate::light::{Final, LightClient, NotFinal};
use crate::limits::{
    BLOCK_BYTES_MAX, SNAPSHOT_CHUNK_BYTES_MAX, SNAPSHOT_CHUNKS_MAX, SNAPSHOT_RECEIPT_CHUNKS_MAX,
};
use crate::state::{Key, Object};

/// The form of manifests and chunks that this code reads and writes.
pub const FORMAT: u16 = 1;

/// What a snapshot is of, and its chunks.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Manifest {
    /// The form: [`FORMAT`].
    pub format: u16,
    /// How deep the state tree is.
    pub depth: u8,
    /// How many objects there are.
    pub objects: u64,
    /// The header of the block after which the state is.
    pub header: Header,
    /// The certificate of that block.
    pub certificate: Certificate,
    /// Its chunks, in the order of [`Content`]; at most [`SNAPSHOT_CHUNKS_MAX`].
    #[borsh(deserialize_with = "chunks")]
    pub chunks: Vec<Chunk>,
}

/// A part of a snapshot: so many bytes with this digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Chunk {
    /// What it holds.
    pub content: Content,
    /// Its length in bytes; from 1 to [`SNAPSHOT_CHUNK_BYTES_MAX`].
    pub bytes: u32,
    /// Its SHA-256, under no domain, as any tool computes it.
    pub digest: Hash,
}

/// What a chunk holds. Chunks of one content follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Content {
    /// [`EpochEnd`]s, whole ones: of every epoch before the block's, in order.
    Epochs,
    /// A piece of the encoded block.
    Block,
    /// A piece of its encoded receipts.
    Receipts,
    /// Pairs of [`Key`] and [`Object`], whole ones: the state, in rising order of encoded key.
    Objects,
}

/// The end of an epoch: the header that names who votes next, and what makes it final.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EpochEnd {
    /// The epoch's last header.
    pub header: Header,
    /// The certificate of its block.
    pub certificate: Certificate,
}

/// The block that a ledger made from a snapshot begins with.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Anchor {
    /// The block.
    pub block: Block,
    /// Its own certificate.
    pub certificate: Certificate,
}

/// Why something is no snapshot, or none of this chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotInvalid {
    /// The manifest's bytes are none.
    #[error("the manifest's bytes do not decode")]
    ManifestMalformed,
    /// It is of another version.
    #[error("the manifest has form {0}; this program reads form {FORMAT}")]
    FormatUnknown(u16),
    /// It is of another chain.
    #[error("the snapshot is of chain {found}, not of {expected}")]
    ChainMismatch {
        /// Whose it is.
        found: Hash,
        /// Whose it should be.
        expected: Hash,
    },
    /// Chunks are missing, too many or too long, or stand in another order.
    #[error("the manifest's chunks of {0:?} are missing, too many, too long or not in their place")]
    ChunksMisplaced(Content),
    /// A chunk's bytes are not those that the manifest names.
    #[error("chunk {0} is not the one that the manifest names")]
    ChunkMismatch(usize),
    /// A chunk holds something else than it should.
    #[error("chunk {0} does not decode")]
    ChunkMalformed(usize),
    /// Objects are not in rising order of key, or there is one under a key of another kind.
    #[error("the objects of chunk {0} are not in order")]
    ObjectsUnordered(usize),
    /// The block is not known to be final.
    #[error("not final: {0}")]
    NotFinal(#[from] NotFinal),
    /// Ends of epochs are missing between the charter and the block.
    #[error("the ends of epochs lead to epoch {found}, and the block is of epoch {expected}")]
    EpochsMissing {
        /// Where they lead.
        found: u64,
        /// Where they should.
        expected: u64,
    },
    /// Something is not what the certified header says.
    #[error("the {0} is not the one that the certified header says")]
    Contradiction(&'static str),
}

impl Manifest {
    /// Reads a manifest of `chain` and checks what it says of itself. What it is worth is not known yet.
    ///
    /// # Errors
    /// [`SnapshotInvalid`] says what is wrong, the first that is.
    pub fn read(bytes: &[u8], chain: Hash) -> Result<Self, SnapshotInvalid> {
        if bytes.len() > SNAPSHOT_CHUNK_BYTES_MAX {
            return Err(SnapshotInvalid::ManifestMalformed);
        }
        match bytes.first_chunk().copied().map(u16::from_le_bytes) {
            Some(FORMAT) => {}
            Some(other) => return Err(SnapshotInvalid::FormatUnknown(other)),
            None => return Err(SnapshotInvalid::ManifestMalformed),
        }
        let manifest: Self = decode(bytes).map_err(|_| SnapshotInvalid::ManifestMalformed)?;
        let found = manifest.header.chain;
        if found != chain {
            return Err(SnapshotInvalid::ChainMismatch { found, expected: chain });
        }
        manifest.check_chunks()?;
        Ok(manifest)
    }

    /// Verifies that the block is final. `client` has been led over the ends of all epochs before it.
    ///
    /// # Errors
    /// [`SnapshotInvalid`] says why it is not known to be.
    pub fn verify(&self, client: &LightClient) -> Result<Final, SnapshotInvalid> {
        let (found, expected) = (client.epoch(), self.header.epoch);
        if found != expected {
            return Err(SnapshotInvalid::EpochsMissing { found, expected });
        }
        Ok(client.verify(std::slice::from_ref(&self.header), &self.certificate)?)
    }

    /// The bytes of all chunks together.
    pub fn bytes(&self) -> u64 {
        self.chunks.iter().fold(0, |sum, chunk| sum.saturating_add(chunk.bytes.into()))
    }

    fn check_chunks(&self) -> Result<(), SnapshotInvalid> {
        if let Some((_, after)) = self
            .chunks
            .iter()
            .zip(self.chunks.iter().skip(1))
            .find(|(before, after)| before.content > after.content)
        {
            return Err(SnapshotInvalid::ChunksMisplaced(after.content));
        }
        let ends = if self.header.epoch == 0 { 0..=0 } else { 1..=SNAPSHOT_CHUNKS_MAX };
        let block = 1..=BLOCK_BYTES_MAX.div_ceil(SNAPSHOT_CHUNK_BYTES_MAX);
        for (content, counts) in [
            (Content::Epochs, ends),
            (Content::Block, block),
            (Content::Receipts, 1..=SNAPSHOT_RECEIPT_CHUNKS_MAX),
            (Content::Objects, 1..=SNAPSHOT_CHUNKS_MAX),
        ] {
            let chunks = self.chunks.iter().filter(|chunk| chunk.content == content);
            let fits = |chunk: &Chunk| {
                usize::try_from(chunk.bytes)
                    .is_ok_and(|bytes| (1..=SNAPSHOT_CHUNK_BYTES_MAX).contains(&bytes))
            };
            if !counts.contains(&chunks.clone().count()) || !chunks.clone().all(fits) {
                return Err(SnapshotInvalid::ChunksMisplaced(content));
            }
        }
        Ok(())
    }
}

impl Chunk {
    /// The chunk of these bytes; `None` when they are none or too many.
    pub fn of(content: Content, bytes: &[u8]) -> Option<Self> {
        let fits = (1..=SNAPSHOT_CHUNK_BYTES_MAX).contains(&bytes.len());
        let length = u32::try_from(bytes.len()).ok().filter(|_| fits)?;
        Some(Self { content, bytes: length, digest: Hash::plain(&[bytes]) })
    }

    /// True when these are its bytes.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        Self::of(self.content, bytes).as_ref() == Some(self)
    }
}

/// The items of a chunk that holds whole ones; `None` when the bytes are none.
fn items<T: BorshDeserialize>(mut bytes: &[u8]) -> Option<Vec<T>> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        items.push(T::deserialize(&mut bytes).ok()?);
    }
    Some(items)
}

/// The ends of epochs in the chunk with this `index`.
///
/// # Errors
/// [`SnapshotInvalid::ChunkMalformed`].
pub fn epoch_ends(index: usize, bytes: &[u8]) -> Result<Vec<EpochEnd>, SnapshotInvalid> {
    items(bytes).ok_or(SnapshotInvalid::ChunkMalformed(index))
}

/// The objects in the chunk with this `index`, all of whose keys are above `last`. Afterwards `last` is the
/// encoded key of the last of them.
///
/// # Errors
/// [`SnapshotInvalid::ChunkMalformed`], [`SnapshotInvalid::ObjectsUnordered`].
pub fn objects(
    index: usize,
    bytes: &[u8],
    last: &mut Vec<u8>,
) -> Result<Vec<(Key, Object)>, SnapshotInvalid> {
    let objects: Vec<(Key, Object)> = items(bytes).ok_or(SnapshotInvalid::ChunkMalformed(index))?;
    for (key, object) in &objects {
        let bytes = encode(key);
        if bytes <= *last || !object.belongs_under(key) {
            return Err(SnapshotInvalid::ObjectsUnordered(index));
        }
        *last = bytes;
    }
    Ok(objects)
}

fn chunks<R: io::Read>(reader: &mut R) -> io::Result<Vec<Chunk>> {
    bounded_list(reader, 1..=SNAPSHOT_CHUNKS_MAX)
}

#[cfg(test)]
mod tests;
