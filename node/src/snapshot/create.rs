//! From a ledger to a snapshot: what stands in it at one moment, while blocks go on being committed.

use std::mem;
use std::path::Path;

use borsh::BorshSerialize;
use chain::encoding::encode;
use chain::height::Height;
use chain::limits::{SNAPSHOT_CHUNK_BYTES_MAX, SNAPSHOT_CHUNKS_MAX, SNAPSHOT_RECEIPT_CHUNKS_MAX};
use chain::snapshot::{Chunk, Content, EpochEnd, FORMAT, Manifest};

use super::{Folder, SnapshotError};
use crate::store::{Moment, Store};

/// Asked before every chunk: true when nobody wants the snapshot any more.
pub type Stop<'a> = &'a dyn Fn() -> bool;

/// Makes the snapshot of the tip of `store`, whose epochs have `epoch_blocks` blocks, in its folder within
/// `snapshots`. What an earlier try left is written over.
///
/// # Errors
/// [`SnapshotError`] when the tip has no certificate, there is a snapshot of it, or it cannot be written.
pub fn create(
    store: &Store,
    epoch_blocks: u64,
    snapshots: &Path,
) -> Result<(Folder, Manifest), SnapshotError> {
    create_until(store, epoch_blocks, snapshots, &|| false)
}

/// The same, until `stop` says so.
///
/// # Errors
/// As of [`create`], and [`SnapshotError::Interrupted`].
pub fn create_until(
    store: &Store,
    epoch_blocks: u64,
    snapshots: &Path,
    stop: Stop<'_>,
) -> Result<(Folder, Manifest), SnapshotError> {
    let moment = store.moment();
    let tip = moment.tip()?;
    if tip.height == Height::GENESIS {
        return Err(SnapshotError::OnlyGenesis);
    }
    let folder = Folder::of(snapshots, tip.height);
    if folder.exists() {
        return Err(SnapshotError::Exists(folder.path().to_owned()));
    }
    let missing = || store.damaged("the tip is missing");
    let block = moment.block(tip.height)?.ok_or_else(missing)?;
    let receipts = moment.receipts(tip.height)?.ok_or_else(missing)?;
    let certificate = moment.certificate(tip.height)?;
    let certificate = certificate.ok_or(SnapshotError::CertificateMissing(tip.height))?;
    let draft = folder.draft();
    draft.remove()?;
    draft.make()?;
    let mut writer = Writer { folder: &draft, chunks: Vec::new(), open: Vec::new(), stop };
    for epoch in 0..block.header.epoch {
        writer.add(Content::Epochs, &epoch_end(&moment, epoch, epoch_blocks)?)?;
    }
    writer.end(Content::Epochs)?;
    writer.pieces(Content::Block, &encode(&block))?;
    writer.pieces(Content::Receipts, &encode(&receipts))?;
    let mut objects: u64 = 0;
    for object in moment.objects() {
        writer.add(Content::Objects, &object?)?;
        objects = objects.saturating_add(1);
    }
    let chunks = writer.finish()?;
    let header = block.header;
    let manifest =
        Manifest { format: FORMAT, depth: tip.depth, objects, header, certificate, chunks };
    draft.write_manifest(&manifest)?;
    draft.place(&folder)?;
    Ok((folder, manifest))
}

/// The last header of `epoch`, which is over, and its certificate.
fn epoch_end(
    moment: &Moment<'_>,
    epoch: u64,
    epoch_blocks: u64,
) -> Result<EpochEnd, SnapshotError> {
    let height = Height::last_of(epoch, epoch_blocks);
    let found = moment.header(height)?.zip(moment.certificate(height)?);
    let (header, certificate) = found.ok_or(SnapshotError::EpochEndMissing(epoch))?;
    Ok(EpochEnd { header, certificate })
}

/// Fills chunk after chunk.
struct Writer<'a> {
    folder: &'a Folder,
    chunks: Vec<Chunk>,
    /// What goes into the next chunk.
    open: Vec<u8>,
    stop: Stop<'a>,
}

impl Writer<'_> {
    /// Adds an item, which lies in one chunk.
    fn add(&mut self, content: Content, item: &impl BorshSerialize) -> Result<(), SnapshotError> {
        let bytes = encode(item);
        if self.open.len() + bytes.len() > SNAPSHOT_CHUNK_BYTES_MAX {
            self.end(content)?;
        }
        self.open.extend(bytes);
        Ok(())
    }

    /// Writes `bytes` in as many chunks as they need.
    fn pieces(&mut self, content: Content, bytes: &[u8]) -> Result<(), SnapshotError> {
        let pieces = bytes.chunks(SNAPSHOT_CHUNK_BYTES_MAX);
        if content == Content::Receipts && pieces.len() > SNAPSHOT_RECEIPT_CHUNKS_MAX {
            return Err(SnapshotError::TooLarge("the receipts of its block are too many"));
        }
        for piece in pieces {
            self.open.extend_from_slice(piece);
            self.end(content)?;
        }
        Ok(())
    }

    /// Writes the chunk that is being filled, if anything is in it.
    fn end(&mut self, content: Content) -> Result<(), SnapshotError> {
        let bytes = mem::take(&mut self.open);
        if bytes.is_empty() {
            return Ok(());
        }
        if (self.stop)() {
            return Err(SnapshotError::Interrupted);
        }
        let index = self.chunks.len();
        if index == SNAPSHOT_CHUNKS_MAX {
            return Err(SnapshotError::TooLarge("it has too many chunks"));
        }
        let chunk = Chunk::of(content, &bytes);
        self.chunks.push(chunk.ok_or(SnapshotError::TooLarge("an object is larger than a chunk"))?);
        self.folder.write_chunk(index, &bytes)
    }

    fn finish(mut self) -> Result<Vec<Chunk>, SnapshotError> {
        self.end(Content::Objects)?;
        Ok(self.chunks)
    }
}
