//! Takes a snapshot from nodes that are not trusted: each chunk is compared with the manifest as it comes, and what
//! votes for the block before anything large is taken.
//!
//! ```text
//! lists of all nodes -> the greatest height -> manifest -> ends of epochs: final? -> all other chunks, several at
//! once, from whoever has them -> the whole is verified -> it is put in its place
//! ```
//! Cut off at any time it leaves a folder that ends in `.new`, and the next try takes only what is missing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chain::hash::Hash;
use chain::height::Height;
use chain::snapshot::{Chunk, Content, Manifest};
use genesis::Genesis;
use rpc::client::{Client, ClientError};
use rpc::methods::{SnapshotGetChunk, SnapshotGetManifest, SnapshotList};
use tokio::task::JoinSet;

use super::folder::drafts;
use super::{Folder, Intake, Progress, SnapshotError, verify};

/// How long a node may take to send a chunk.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Chunks that are on their way at once.
const AT_ONCE_MAX: usize = 4;
/// Nodes that are asked at most.
pub const SOURCES_MAX: usize = 16;
/// Snapshots that are tried at most before giving up.
const TRIES_MAX: usize = 8;

/// Why there is no snapshot from other nodes.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A source is no URL.
    #[error(transparent)]
    Url(#[from] rpc::client::UrlInvalid),
    /// Too many sources, or none.
    #[error("name 1 to {SOURCES_MAX} nodes")]
    Sources,
    /// No node offers a snapshot.
    #[error("no snapshot to be had: {0}")]
    NoneOffered(String),
    /// What was offered is not sound, all of it.
    #[error("no snapshot that was offered is one of this chain: {0}")]
    NoneSound(SnapshotError),
    /// A chunk cannot be had now.
    #[error(
        "{} of {} chunks are here, and no node sends the next ({reason}): run the same command again to go on",
        progress.chunks, progress.chunks_all
    )]
    CutOff {
        /// How far it has come.
        progress: Progress,
        /// What the last node said.
        reason: String,
    },
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] SnapshotError),
}

/// What whoever waits for a snapshot is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The snapshot of this height is taken.
    Begins(Height, Progress),
    /// So much of it is there.
    Comes(Progress),
    /// A source is not asked any more, or an offer is dropped.
    Drops(String),
}

/// A node that may have snapshots.
#[derive(Clone, Debug)]
struct Source {
    url: String,
    client: Client,
}

/// A snapshot that a node says it has.
#[derive(Clone, Debug)]
struct Offer {
    height: Height,
    source: usize,
}

/// Takes the snapshot of the greatest height that one of `urls` offers into its folder within `snapshots`, all of it
/// verified against `genesis`. Goes on with what an earlier try left.
///
/// # Errors
/// [`FetchError`] says why there is none.
pub async fn fetch(
    urls: &[String],
    genesis: &Genesis,
    snapshots: &Path,
    mut report: impl FnMut(Report),
) -> Result<Folder, FetchError> {
    if urls.is_empty() || urls.len() > SOURCES_MAX {
        return Err(FetchError::Sources);
    }
    let sources = urls
        .iter()
        .map(|url| Ok(Source { url: url.clone(), client: Client::new(url, CALL_TIMEOUT)? }));
    let sources: Vec<Source> = sources.collect::<Result<_, FetchError>>()?;
    let offers = offers(&sources, snapshots, &mut report).await?;
    let mut last = None;
    for offer in offers.into_iter().take(TRIES_MAX) {
        let taking = Taking { sources: &sources, genesis, snapshots };
        match taking.take(&offer, &mut report).await {
            Err(error @ (FetchError::NoneSound(_) | FetchError::NoneOffered(_))) => {
                report(Report::Drops(format!("{}: {error}", sources[offer.source].url)));
                last = Some(error);
            }
            taken => return taken,
        }
    }
    Err(last.unwrap_or_else(|| FetchError::NoneOffered("no node keeps one".to_owned())))
}

/// What all nodes offer: first the snapshot that an earlier try has begun to take, then the greatest height.
async fn offers(
    sources: &[Source],
    snapshots: &Path,
    report: &mut impl FnMut(Report),
) -> Result<Vec<Offer>, FetchError> {
    let mut offers = Vec::new();
    let mut silent = None;
    for (number, source) in sources.iter().enumerate() {
        match source.client.call(SnapshotList {}).await {
            Ok(list) => offers.extend(
                list.items.iter().map(|item| Offer { height: Height(item.height), source: number }),
            ),
            Err(error) => {
                report(Report::Drops(error.to_string()));
                silent = Some(error.to_string());
            }
        }
    }
    if offers.is_empty() {
        let reason = silent.unwrap_or_else(|| "the nodes that answer keep none".to_owned());
        return Err(FetchError::NoneOffered(reason));
    }
    let begun = |offer: &Offer| Folder::of(snapshots, offer.height).draft().exists();
    offers.sort_by_key(|offer| (begun(offer), offer.height));
    offers.reverse();
    // What an earlier try has left of a snapshot that nobody keeps any more.
    for draft in drafts(snapshots)? {
        if !offers.iter().any(|offer| draft.1 == offer.height) {
            draft.0.remove()?;
        }
    }
    Ok(offers)
}

/// What a snapshot is taken with.
struct Taking<'a> {
    sources: &'a [Source],
    genesis: &'a Genesis,
    snapshots: &'a Path,
}

impl Taking<'_> {
    async fn take(
        &self,
        offer: &Offer,
        report: &mut impl FnMut(Report),
    ) -> Result<Folder, FetchError> {
        let folder = Folder::of(self.snapshots, offer.height);
        if folder.exists() {
            return Ok(folder);
        }
        let draft = folder.draft();
        let manifest = self.manifest(offer, &draft).await?;
        let missing: Vec<usize> = (0..manifest.chunks.len())
            .filter(|index| !has(&draft, *index, &manifest.chunks[*index]))
            .collect();
        let mut progress = progress(&manifest, &missing);
        report(Report::Begins(offer.height, progress));
        let (ends, rest): (Vec<usize>, Vec<usize>) = missing
            .into_iter()
            .partition(|index| manifest.chunks[*index].content == Content::Epochs);
        let manifest = Arc::new(manifest);
        self.take_chunks((&manifest, offer), &ends, &draft, (&mut progress, report)).await?;
        self.check_final(&manifest, &draft)?;
        self.take_chunks((&manifest, offer), &rest, &draft, (&mut progress, report)).await?;
        if let Err(error) = verify(&draft, self.genesis, |_| {}) {
            draft.remove()?;
            return Err(FetchError::NoneSound(error));
        }
        draft.place(&folder)?;
        Ok(folder)
    }

    /// The manifest that an earlier try has left in `draft`, or the one that the offer's node sends.
    async fn manifest(&self, offer: &Offer, draft: &Folder) -> Result<Manifest, FetchError> {
        let chain = self.genesis.hash();
        if let Ok(manifest) = draft.manifest(chain) {
            return Ok(manifest);
        }
        draft.remove()?;
        let Source { url, client } = &self.sources[offer.source];
        let question = SnapshotGetManifest { height: offer.height.0 };
        let answer = client.call(question).await;
        let answer = answer.map_err(|error| FetchError::NoneOffered(error.to_string()))?;
        let invalid =
            |reason| FetchError::NoneSound(SnapshotError::Invalid { path: url.into(), reason });
        let manifest = Manifest::read(answer.manifest.0.as_bytes(), chain).map_err(invalid)?;
        if manifest.header.height != offer.height {
            return Err(invalid(chain::snapshot::SnapshotInvalid::Contradiction("height")));
        }
        draft.make()?;
        draft.write_manifest(&manifest)?;
        Ok(manifest)
    }

    /// Refuses a block that no quorum vouches for, before its state is taken.
    fn check_final(&self, manifest: &Manifest, draft: &Folder) -> Result<(), FetchError> {
        let check = || {
            let invalid = |reason| draft.invalid(reason);
            let mut intake = Intake::new(manifest, self.genesis).map_err(invalid)?;
            let ends = manifest.chunks.iter().take_while(|one| one.content == Content::Epochs);
            for index in 0..ends.count() {
                intake.take(&draft.chunk(index)?).map_err(invalid)?;
            }
            intake.check_final().map_err(invalid)
        };
        check().map_err(|error| match draft.remove() {
            Ok(()) => FetchError::NoneSound(error),
            Err(error) => error.into(),
        })
    }

    /// Takes the chunks with these indices, several at once.
    async fn take_chunks(
        &self,
        (manifest, offer): (&Arc<Manifest>, &Offer),
        indices: &[usize],
        draft: &Folder,
        (progress, report): (&mut Progress, &mut impl FnMut(Report)),
    ) -> Result<(), FetchError> {
        let mut waiting = indices.iter().copied();
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < AT_ONCE_MAX
                && let Some(index) = waiting.next()
            {
                let (chunk, height) = (manifest.chunks[index], offer.height);
                // Each begins with another node; ends of epochs with the one whose manifest it is, as they differ.
                let first = match chunk.content {
                    Content::Epochs => offer.source,
                    _ => index % self.sources.len(),
                };
                let sources = self.in_turn(first);
                under_way.spawn(async move { (index, chunk_from(&sources, height, chunk).await) });
            }
            let Some(done) = under_way.join_next().await else { return Ok(()) };
            let (index, taken) = done.expect("taking a chunk does not panic");
            match taken {
                Ok((bytes, liars)) => {
                    draft.write_chunk(index, &bytes)?;
                    progress.chunks += 1;
                    progress.bytes += u64::from(manifest.chunks[index].bytes);
                    liars.into_iter().for_each(|liar| report(Report::Drops(liar)));
                    report(Report::Comes(*progress));
                }
                Err(reason) => return Err(FetchError::CutOff { progress: *progress, reason }),
            }
        }
    }

    /// All sources, from the one with this number on.
    fn in_turn(&self, first: usize) -> Vec<Source> {
        let (before, after) = self.sources.split_at(first);
        after.iter().chain(before).cloned().collect()
    }
}

/// The bytes of `chunk`, from the first of `sources` that sends them, and what is to be said of those that sent
/// others. The reason of the last where none does.
async fn chunk_from(
    sources: &[Source],
    height: Height,
    chunk: Chunk,
) -> Result<(Vec<u8>, Vec<String>), String> {
    let mut liars = Vec::new();
    let mut reason = String::new();
    for Source { url, client } in sources {
        match client.call(question(height, chunk.digest)).await {
            Ok(answer) if chunk.is_of(answer.bytes.0.as_bytes()) => {
                return Ok((answer.bytes.0.as_bytes().to_vec(), liars));
            }
            Ok(_) => {
                reason = format!("{url} sent another chunk than it was asked for");
                liars.push(reason.clone());
            }
            Err(ClientError::Refused(refusal)) => reason = format!("{url}: {}", refusal.message),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(reason)
}

fn question(height: Height, digest: Hash) -> SnapshotGetChunk {
    SnapshotGetChunk { height: height.0, digest: digest.into() }
}

/// True when `draft` has the chunk already.
fn has(draft: &Folder, index: usize, chunk: &Chunk) -> bool {
    draft.chunk(index).is_ok_and(|bytes| chunk.is_of(&bytes))
}

/// How far it has come when these chunks are missing.
fn progress(manifest: &Manifest, missing: &[usize]) -> Progress {
    let left: u64 = missing.iter().map(|index| u64::from(manifest.chunks[*index].bytes)).sum();
    let all = Progress::of(manifest, manifest.chunks.len());
    Progress { chunks: all.chunks - missing.len(), bytes: all.bytes - left, ..all }
}
