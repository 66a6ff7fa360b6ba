//! What the journal and the node's store owe each other when the engine starts.
//!
//! Both hold the final blocks. Either may have been set back by a copy that was restored, or by damage.
//! - A store that ends below the journal is filled from it: the blocks are final, and the node compares
//!   their roots as always.
//! - A journal that ends below the store has lost votes with its blocks: no block is committed that is not
//!   in the journal first. Such a journal is refused, because the node might vote a second time.
//! - Where both have a block at a height, it is the same block.
//! - A ledger made from a snapshot begins at a block in the middle, its anchor, and so does an empty journal beside
//!   it. As the ledger has nothing above the anchor, nothing was voted on in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chain::height::Height;
use chain::snapshot::Anchor;
use commonware_consensus::simplex::types::Finalization;
use commonware_consensus::types::{Epoch, Epocher, FixedEpocher, Height as EngineHeight};
use commonware_consensus::{Epochable, Heightable};
use commonware_cryptography::sha256::Digest;
use commonware_parallel::Sequential;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_storage::archive::{Archive, Identifier};

use crate::Tip;
use crate::block::{Sealed, engine_height};
use crate::certificates::{translate, translate_back};
use crate::committee::{Committees, Scheme};
use crate::journal::{self, Blocks, Certificates};
use crate::settings::{JournalRule, StartError};
use crate::wiring::{Kit, Runtime};

/// Says that a block is final.
pub(crate) type Certificate = Finalization<Scheme, Digest>;
/// A block that a chain goes on from, and what makes it final.
pub(crate) type Beginning = (Arc<Sealed>, Certificate);

/// A journal that fits the application.
pub(crate) struct Opened<E: Runtime> {
    pub(crate) certificate_archive: Certificates<E>,
    pub(crate) block_archive: Blocks<E>,
    /// The certificates that engines start above.
    pub(crate) certified: BTreeMap<Epoch, Certificate>,
    /// Where the chain begins here, if not with genesis.
    pub(crate) anchor: Option<Beginning>,
    /// Up to here blocks count as acknowledged. The anchor itself is handed over, so that its epoch is entered.
    pub(crate) before: Height,
}

/// Opens the journal, and sees to it that it and the kit's application fit together. Afterwards `committees` knows
/// the voters of every epoch up to the next block's.
pub(crate) async fn open<E: Runtime>(
    context: &E,
    kit: &Kit,
    committees: &Committees,
    pages: &CacheRef,
) -> Result<Opened<E>, StartError> {
    let archives = journal::open(context, &kit.store, pages).await;
    kit.register(committees)?;
    let anchor = anchor(context, kit, committees)?;
    let (certificate_archive, block_archive) = begin(archives, anchor.as_ref(), kit).await?;
    reconcile(&block_archive, &certificate_archive, kit, committees).await?;
    let certified = certified(&certificate_archive, &kit.epocher).await?;
    let before = anchor.as_ref().map_or(0, |(block, _)| block.height().get().saturating_sub(1));
    let before = Height(before);
    Ok(Opened { certificate_archive, block_archive, certified, anchor, before })
}

/// Compares the journal's `blocks` with those of the kit's application, and fills in what that one lacks, with
/// the journal's `certificates`. Afterwards `committees` knows the voters of every epoch up to the next block's.
async fn reconcile<E: Runtime>(
    blocks: &Blocks<E>,
    certificates: &Certificates<E>,
    kit: &Kit,
    committees: &Committees,
) -> Result<(), StartError> {
    let tip = kit.application.tip();
    check_tip(blocks, tip, kit.rule).await?;
    let mut height = tip.height.next();
    let mut parent = tip.digest;
    while let Some(block) = block(blocks, height).await? {
        let header = &block.block().header;
        if header.height != height || header.parent != parent {
            return Err(StartError::JournalContradicts { height });
        }
        if height == tip.height.next() {
            tracing::info!(%height, "the journal has blocks that the store lacks: committing them");
        }
        let certificate = certificates.get(Identifier::Index(height.0)).await;
        let certificate = certificate.map_err(|_| damaged(height))?;
        let certificate =
            certificate.and_then(|held| Some(translate(&held, &*committees.of(held.epoch())?)));
        if header.next_authorities.is_some() && certificate.is_none() {
            // Cut off between the two archives, so it was never handed over. The engine still does, and finds
            // the certificate again, without which nobody could follow the chain past this block.
            return Ok(());
        }
        kit.application.commit(block.block(), certificate.as_ref());
        if header.next_authorities.is_some() {
            kit.register(committees)?;
        }
        (parent, height) = (header.digest(), height.next());
    }
    Ok(())
}

/// The block that the application begins with, if not with genesis, and its certificate, which is verified under
/// the voters of its epoch.
fn anchor<E: Runtime>(
    context: &E,
    kit: &Kit,
    committees: &Committees,
) -> Result<Option<Beginning>, StartError> {
    let Some(Anchor { block, certificate }) = kit.application.anchor() else { return Ok(None) };
    let height = block.header.height;
    let invalid = || StartError::AnchorInvalid { height };
    let digest = block.header.digest();
    let block = Sealed::new(block).ok_or_else(invalid)?;
    let place = kit.epocher.containing(engine_height(height)).ok_or_else(invalid)?;
    let scheme = committees.of(place.epoch()).ok_or_else(invalid)?;
    let is_of_it = certificate.block == digest && certificate.epoch == place.epoch().get();
    let certificate = translate_back(&certificate, &scheme).filter(|_| is_of_it);
    let certificate = certificate.ok_or_else(invalid)?;
    let verified = certificate.verify(&mut context.child("anchor"), &*scheme, &Sequential);
    if verified { Ok(Some((Arc::new(block), certificate))) } else { Err(invalid()) }
}

/// Gives a journal that has no blocks the `anchor` of a ledger that has no others. Then the engine goes on from
/// there, and never votes at or below it. A journal that has blocks is left as it is, unless its key has never
/// voted.
async fn begin<E: Runtime>(
    (certificates, blocks): (Certificates<E>, Blocks<E>),
    anchor: Option<&Beginning>,
    kit: &Kit,
) -> Result<(Certificates<E>, Blocks<E>), StartError> {
    let Some((block, certificate)) = anchor else { return Ok((certificates, blocks)) };
    let header = &block.block().header;
    let height = header.height;
    let unused = blocks.last_index().is_none_or(|last| last == Height::GENESIS.0)
        && kit.application.tip().height == height;
    let known = self::block(&blocks, height).await?.is_some();
    if known || !(unused || kit.rule == JournalRule::MayBeginAnew) {
        return Ok((certificates, blocks));
    }
    let digest = Digest(header.digest().0);
    let damaged = |_| damaged(height);
    let certificates = certificates.put(height.0, digest, certificate).await.map_err(damaged)?;
    let certificates = certificates.sync().await.map_err(damaged)?;
    let blocks = blocks.put(height.0, digest, block).await.map_err(damaged)?;
    let blocks = blocks.sync().await.map_err(damaged)?;
    tracing::info!(%height, "the journal begins where the ledger does");
    Ok((certificates, blocks))
}

/// Sees to it that the journal has the application's last block.
async fn check_tip<E: Runtime>(
    blocks: &Blocks<E>,
    tip: Tip,
    rule: JournalRule,
) -> Result<(), StartError> {
    if tip.height == Height::GENESIS {
        return Ok(());
    }
    match (block(blocks, tip.height).await?, rule) {
        (Some(block), _) if block.block().header.digest() == tip.digest => Ok(()),
        (Some(_), _) => Err(StartError::JournalContradicts { height: tip.height }),
        // It begins anew, and fetches the blocks from the others.
        (None, JournalRule::MayBeginAnew) => Ok(()),
        (None, JournalRule::MustContinue) => Err(StartError::JournalBehind {
            tip: tip.height,
            journal: blocks.last_index().map_or(Height::GENESIS, Height),
        }),
    }
}

/// The last certificates that the journal has, of its last epoch and of the one before. The engine of such an
/// epoch starts above its certificate: at and below it never votes, whatever became of its own votes.
async fn certified<E: Runtime>(
    certificates: &Certificates<E>,
    epocher: &FixedEpocher,
) -> Result<BTreeMap<Epoch, Certificate>, StartError> {
    let mut certified = BTreeMap::new();
    let Some(last) = certificates.last_index() else { return Ok(certified) };
    let epoch =
        epocher.containing(EngineHeight::new(last)).expect("heights do not run out").epoch();
    for epoch in [Some(epoch), epoch.previous()].into_iter().flatten() {
        let end = epocher.last(epoch).expect("heights do not run out").get();
        let ranges = certificates.ranges().take_while(|(first, _)| *first <= end);
        let Some(height) = ranges.last().map(|(_, last)| last.min(end)) else { continue };
        let certificate = certificates.get(Identifier::Index(height)).await;
        let certificate = certificate.map_err(|_| damaged(Height(height)))?;
        certified
            .extend(certificate.filter(|held| held.epoch() == epoch).map(|held| (epoch, held)));
    }
    Ok(certified)
}

async fn block<E: Runtime>(
    blocks: &Blocks<E>,
    height: Height,
) -> Result<Option<Arc<Sealed>>, StartError> {
    blocks.get(Identifier::Index(height.0)).await.map_err(|_| damaged(height))
}

fn damaged(height: Height) -> StartError {
    StartError::JournalDamaged { height }
}
