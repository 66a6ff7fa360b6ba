//! What the engine keeps on disk: final blocks, their certificates, our votes. Written before anything is
//! said about it, and never deleted while the key votes.

use std::fs;
use std::io;
use std::num::{NonZeroU16, NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::sync::Arc;

use commonware_consensus::simplex::types::Finalization;
use commonware_cryptography::certificate::Verifier;
use commonware_cryptography::sha256::Digest;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_storage::archive::immutable::{Archive, Config};
use commonware_utils::{NZU16, NZU64, NZUsize};

use crate::block::Sealed;
use crate::committee::Scheme;
use crate::wiring::Runtime;

/// Bytes of a page in memory; with its checksum it fills 4096 bytes on disk.
const PAGE_BYTES: NonZeroU16 = NZU16!(4_084);
/// Pages kept in memory.
const PAGES_MAX: NonZeroUsize = NZUsize!(2_048);
/// Bytes gathered in memory before they are written.
pub(crate) const WRITE_BUFFER_BYTES: NonZeroUsize = NZUsize!(1 << 20);
/// Bytes read at once when a journal is read back.
pub(crate) const REPLAY_BUFFER_BYTES: NonZeroUsize = NZUsize!(1 << 20);
/// Blocks not yet final in one file of the cache.
pub(crate) const CACHE_SECTION_ITEMS: NonZeroU64 = NZU64!(1_024);
/// Final blocks or certificates in one file of their index.
const SECTION_ITEMS: NonZeroU64 = NZU64!(65_536);
/// Slots of the first hash table over digests, and how it grows.
const TABLE_SLOTS: u32 = 1 << 14;
const TABLE_GROWS_AFTER: u8 = 4;
const TABLE_GROWS_BY: u32 = 1 << 12;
/// Bytes after which a file of blocks or certificates is followed by another.
const FILE_BYTES: u64 = 1 << 30;

/// Final blocks by height and digest.
pub(crate) type Blocks<E> = Archive<E, Digest, Arc<Sealed>>;
/// Their certificates, likewise.
pub(crate) type Certificates<E> = Archive<E, Digest, Finalization<Scheme, Digest>>;

/// True when `directory` holds a journal, even the beginning of one.
pub(crate) fn exists(directory: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    for entry in entries {
        // The engine's lock is a hidden file; partitions are not hidden.
        if !entry?.file_name().to_string_lossy().starts_with('.') {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Memory for pages, shared by everything the engine reads.
pub(crate) fn pages() -> CacheRef {
    CacheRef::new(PAGE_BYTES, PAGES_MAX)
}

/// Opens, or begins, both archives. Panics when the disk fails or holds something else.
pub(crate) async fn open<E: Runtime>(
    context: &E,
    store: &str,
    pages: &CacheRef,
) -> (Certificates<E>, Blocks<E>) {
    let any_committee = Scheme::certificate_codec_config_unbounded();
    let certificates = layout(&format!("{store}-certificates"), any_committee, pages);
    let certificates = Archive::init(context.child("certificates"), certificates);
    let blocks = layout(&format!("{store}-blocks"), (), pages);
    let blocks = Archive::init(context.child("blocks"), blocks);
    (
        certificates.await.expect("the archive of certificates opens"),
        blocks.await.expect("the archive of blocks opens"),
    )
}

fn layout<C>(name: &str, codec_config: C, pages: &CacheRef) -> Config<C> {
    Config {
        metadata_partition: format!("{name}-metadata"),
        freezer_table_partition: format!("{name}-table"),
        freezer_table_initial_size: TABLE_SLOTS,
        freezer_table_resize_frequency: TABLE_GROWS_AFTER,
        freezer_table_resize_chunk_size: TABLE_GROWS_BY,
        freezer_key_partition: format!("{name}-keys"),
        freezer_key_page_cache: pages.clone(),
        freezer_value_partition: format!("{name}-values"),
        freezer_value_target_size: FILE_BYTES,
        freezer_value_compression: None,
        ordinal_partition: format!("{name}-heights"),
        items_per_section: SECTION_ITEMS,
        freezer_key_write_buffer: WRITE_BUFFER_BYTES,
        freezer_value_write_buffer: WRITE_BUFFER_BYTES,
        ordinal_write_buffer: WRITE_BUFFER_BYTES,
        replay_buffer: REPLAY_BUFFER_BYTES,
        codec_config,
    }
}
