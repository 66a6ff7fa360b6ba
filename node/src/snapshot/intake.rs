//! Takes in a snapshot chunk by chunk, and believes nothing that is not shown.
//!
//! ```text
//! ends of epochs -> who votes in the block's epoch -> the block is final -> block, receipts, objects, by its roots
//! ```

use std::mem;

use chain::block::Block;
use chain::encoding::decode;
use chain::light::LightClient;
use chain::merkle::Entry;
use chain::receipt::Receipts;
use chain::snapshot::{Anchor, Content, EpochEnd, Manifest, SnapshotInvalid, epoch_ends, objects};
use chain::state::{Key, Object};
use genesis::Genesis;
use runtime::tree::Tree;

/// A snapshot that is being taken in.
#[derive(Debug)]
pub struct Intake<'a> {
    manifest: &'a Manifest,
    client: LightClient,
    /// The chunk that comes next.
    next: usize,
    /// True once a quorum is known to vouch for the header.
    is_final: bool,
    block: Vec<u8>,
    receipts: Vec<u8>,
    last_key: Vec<u8>,
    /// What the state root is made of.
    entries: Vec<Entry>,
}

/// What a chunk held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Ends of epochs, each verified.
    EpochEnds(Vec<EpochEnd>),
    /// A piece of the block or its receipts, which are handed over at the end.
    Piece,
    /// Objects; whether they are the state's turns out at the end.
    Objects(Vec<(Key, Object)>),
}

/// How far a snapshot has been taken in or fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Chunks that are there.
    pub chunks: usize,
    /// Chunks in all.
    pub chunks_all: usize,
    /// Bytes of them that are there.
    pub bytes: u64,
    /// Bytes in all.
    pub bytes_all: u64,
}

impl<'a> Intake<'a> {
    /// Begins to take in the snapshot of `manifest`, of the chain that begins with `genesis`.
    ///
    /// # Errors
    /// [`SnapshotInvalid`] when it is of another chain.
    pub fn new(manifest: &'a Manifest, genesis: &Genesis) -> Result<Self, SnapshotInvalid> {
        let (found, expected) = (manifest.header.chain, genesis.hash());
        if found != expected {
            return Err(SnapshotInvalid::ChainMismatch { found, expected });
        }
        Ok(Self {
            manifest,
            client: LightClient::of(&genesis.charter)?,
            next: 0,
            is_final: false,
            block: Vec::new(),
            receipts: Vec::new(),
            last_key: Vec::new(),
            entries: Vec::new(),
        })
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    /// [`SnapshotInvalid`] when it is not the one that the manifest names, or does not hold what it should.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Part, SnapshotInvalid> {
        let index = self.next;
        let chunk = self.manifest.chunks.get(index).filter(|chunk| chunk.is_of(bytes));
        let chunk = chunk.ok_or(SnapshotInvalid::ChunkMismatch(index))?;
        self.next += 1;
        if chunk.content != Content::Epochs {
            self.check_final()?;
        }
        match chunk.content {
            Content::Epochs => {
                let ends = epoch_ends(index, bytes)?;
                for EpochEnd { header, certificate } in &ends {
                    self.client.advance(header, certificate)?;
                }
                return Ok(Part::EpochEnds(ends));
            }
            Content::Block => self.block.extend_from_slice(bytes),
            Content::Receipts => self.receipts.extend_from_slice(bytes),
            Content::Objects => {
                let objects = objects(index, bytes, &mut self.last_key)?;
                let entry = |(key, object): &(Key, Object)| Entry {
                    key: key.digest(),
                    value: object.digest(),
                };
                self.entries.extend(objects.iter().map(entry));
                return Ok(Part::Objects(objects));
            }
        }
        Ok(Part::Piece)
    }

    /// Compares what was taken with what the certified header says, once all chunks are taken. Returns the block
    /// and its receipts.
    ///
    /// # Errors
    /// [`SnapshotInvalid`] says what is missing or contradicts the header.
    pub fn finish(mut self) -> Result<(Anchor, Receipts), SnapshotInvalid> {
        if self.next != self.manifest.chunks.len() {
            return Err(SnapshotInvalid::ChunkMismatch(self.next));
        }
        self.check_final()?;
        let header = &self.manifest.header;
        let block: Block =
            decode(&self.block).map_err(|_| SnapshotInvalid::Contradiction("block"))?;
        let root = Block::transactions_root(&block.transactions);
        if block.header != *header || root != header.transactions_root {
            return Err(SnapshotInvalid::Contradiction("block"));
        }
        let receipts: Result<Receipts, _> = decode(&self.receipts);
        let receipts = receipts.ok().filter(|receipts| receipts.root() == header.receipts_root);
        let receipts = receipts.ok_or(SnapshotInvalid::Contradiction("list of receipts"))?;
        let entries = mem::take(&mut self.entries);
        if u64::try_from(entries.len()) != Ok(self.manifest.objects) {
            return Err(SnapshotInvalid::Contradiction("number of objects"));
        }
        let tree = Tree::from_entries(self.manifest.depth, entries)
            .map_err(|_| SnapshotInvalid::Contradiction("depth of the state tree"))?;
        if tree.root() != header.state_root {
            return Err(SnapshotInvalid::Contradiction("state"));
        }
        Ok((Anchor { block, certificate: self.manifest.certificate.clone() }, receipts))
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        Progress::of(self.manifest, self.next)
    }

    /// Verifies that a quorum vouches for the header, once all ends of epochs are taken.
    ///
    /// # Errors
    /// [`SnapshotInvalid`] says why it is not known to be final.
    pub fn check_final(&mut self) -> Result<(), SnapshotInvalid> {
        if !self.is_final {
            self.manifest.verify(&self.client)?;
            self.is_final = true;
        }
        Ok(())
    }
}

impl Progress {
    /// When the first `chunks` of `manifest` are there.
    pub fn of(manifest: &Manifest, chunks: usize) -> Self {
        let bytes = manifest.chunks.iter().take(chunks).map(|chunk| u64::from(chunk.bytes)).sum();
        Self { chunks, chunks_all: manifest.chunks.len(), bytes, bytes_all: manifest.bytes() }
    }
}
