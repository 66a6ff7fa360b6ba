//! From a snapshot to a ledger: every byte is verified on the way, and the ledger is put in its place at the end.

use std::path::Path;

use chain::block::Header;
use chain::receipt::Receipts;
use chain::snapshot::{Anchor, Manifest};
use chain::state::{Key, Object};
use genesis::Genesis;

use super::{Folder, Intake, Part, Progress, SnapshotError};
use crate::store::Draft;

/// Verifies all of the snapshot in `folder` against `genesis`. `report` is told after each chunk how far it has
/// come.
///
/// # Errors
/// [`SnapshotError`] says what is wrong, the first that is.
pub fn verify(
    folder: &Folder,
    genesis: &Genesis,
    report: impl FnMut(Progress),
) -> Result<Manifest, SnapshotError> {
    let (manifest, ..) = take_in(folder, genesis, |_| Ok(()), report)?;
    Ok(manifest)
}

/// Reads the state in `folder`, all of it verified against `genesis`, and the header of its block.
///
/// # Errors
/// [`SnapshotError`] says what is wrong, the first that is.
pub fn load(
    folder: &Folder,
    genesis: &Genesis,
) -> Result<(Header, Vec<(Key, Object)>), SnapshotError> {
    let mut all = Vec::new();
    let keep = |part: &Part| {
        if let Part::Objects(objects) = part {
            all.extend_from_slice(objects);
        }
        Ok(())
    };
    let (manifest, ..) = take_in(folder, genesis, keep, |_| {})?;
    Ok((manifest.header, all))
}

/// Makes the database of a ledger at `data`, where there is none, from the snapshot in `folder`. Cut off in the
/// middle it leaves nothing at `data`, and may be tried again.
///
/// # Errors
/// [`SnapshotError`] when the snapshot is not sound, something is at `data`, or it cannot be written.
pub fn restore(
    folder: &Folder,
    genesis: &Genesis,
    data: &Path,
    report: impl FnMut(Progress),
) -> Result<Manifest, SnapshotError> {
    if data.exists() {
        return Err(SnapshotError::Exists(data.to_owned()));
    }
    let draft = Draft::begin(data)?;
    let keep = |part: &Part| match part {
        Part::EpochEnds(ends) => Ok(draft.add_epoch_ends(ends)?),
        Part::Objects(objects) => Ok(draft.add_objects(objects)?),
        Part::Piece => Ok(()),
    };
    let (manifest, anchor, receipts) = take_in(folder, genesis, keep, report)?;
    draft.begin_at(&anchor, &receipts, manifest.depth)?;
    Ok(manifest)
}

fn take_in(
    folder: &Folder,
    genesis: &Genesis,
    mut keep: impl FnMut(&Part) -> Result<(), SnapshotError>,
    mut report: impl FnMut(Progress),
) -> Result<(Manifest, Anchor, Receipts), SnapshotError> {
    let manifest = folder.manifest(genesis.hash())?;
    let mut intake = Intake::new(&manifest, genesis).map_err(|reason| folder.invalid(reason))?;
    for index in 0..manifest.chunks.len() {
        let part = intake.take(&folder.chunk(index)?);
        keep(&part.map_err(|reason| folder.invalid(reason))?)?;
        report(intake.progress());
    }
    let (anchor, receipts) = intake.finish().map_err(|reason| folder.invalid(reason))?;
    Ok((manifest, anchor, receipts))
}
