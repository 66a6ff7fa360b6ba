//! The block as the engine carries it: the chain's own bytes behind a length, known by the header's digest.
//!
//! Invariant: the digest commits to everything that travels. The header holds the root of the
//! transactions, so bytes whose transactions have another root do not decode.

use std::sync::Arc;

use chain::block::Block;
use chain::encoding::{decode, encode};
use chain::limits::BLOCK_BYTES_MAX;
use commonware_codec::{Buf, EncodeSize, Error, Read, Write};
use commonware_consensus::types::Height;
use commonware_consensus::{Block as EngineBlock, BoundedBlock, Heightable};
use commonware_cryptography::Digestible;
use commonware_cryptography::sha256::Digest;
use commonware_runtime::BufMut;

/// The widest length in front of a block's bytes.
const LENGTH_BYTES_MAX: usize = 5;

/// A block with its digest and the length of its bytes. Clones share the block.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    block: Arc<Block>,
    digest: Digest,
    bytes: usize,
}

impl Sealed {
    /// Seals a block of our own. `None` when its transactions are not those of its header, or when it is
    /// longer than a block may be.
    pub(crate) fn new(block: Block) -> Option<Self> {
        let bytes = encode(&block).len();
        (bytes <= BLOCK_BYTES_MAX).then(|| Self::bind(block, bytes))?
    }

    /// The block.
    pub(crate) const fn block(&self) -> &Arc<Block> {
        &self.block
    }

    fn bind(block: Block, bytes: usize) -> Option<Self> {
        let root = Block::transactions_root(&block.transactions);
        let digest = Digest(block.header.digest().0);
        (root == block.header.transactions_root).then(|| Self {
            block: Arc::new(block),
            digest,
            bytes,
        })
    }
}

/// The engine's form of a height.
pub(crate) const fn engine_height(height: chain::height::Height) -> Height {
    Height::new(height.0)
}

impl Digestible for Sealed {
    type Digest = Digest;

    fn digest(&self) -> Digest {
        self.digest
    }
}

impl Heightable for Sealed {
    fn height(&self) -> Height {
        engine_height(self.block.header.height)
    }
}

impl EngineBlock for Sealed {
    fn parent(&self) -> Digest {
        Digest(self.block.header.parent.0)
    }
}

impl BoundedBlock for Sealed {
    fn max_encode_size((): &()) -> usize {
        LENGTH_BYTES_MAX + BLOCK_BYTES_MAX
    }
}

impl EncodeSize for Sealed {
    fn encode_size(&self) -> usize {
        self.bytes.encode_size() + self.bytes
    }
}

impl Write for Sealed {
    fn write(&self, buffer: &mut impl BufMut) {
        encode(&*self.block).write(buffer);
    }
}

impl Read for Sealed {
    type Cfg = ();

    fn read_cfg(buffer: &mut impl Buf, (): &()) -> Result<Self, Error> {
        let bytes = Vec::<u8>::read_cfg(buffer, &((..=BLOCK_BYTES_MAX).into(), ()))?;
        let block = decode(&bytes).map_err(|_| Error::Invalid("block", "bytes do not decode"))?;
        Self::bind(block, bytes.len())
            .ok_or(Error::Invalid("block", "other transactions than the header's"))
    }
}

#[cfg(test)]
mod tests;
