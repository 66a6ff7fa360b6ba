//! The light client: follows who votes from a chain's charter on, and judges what a stranger shows.
//!
//! ```text
//! chain id = H(charter) -> voters of epoch 0
//!   last header of epoch 0, certified by them -> voters of epoch 1 -> ...
//!     headers in a row, the last certified by the voters of its epoch -> the first is final
//! ```
//! Invariant: voters of an epoch are those that a quorum of the epoch before has vouched for. None is passed
//! over, because a quorum of an old set need not be one of the set that followed.

use crate::authority::Authority;
use crate::block::{Header, VERSION};
use crate::certificate::{Certificate, CertificateInvalid, Voters, VotersInvalid};
use crate::charter::Charter;
use crate::hash::Hash;
use crate::height::Height;

/// Who votes now on one chain, as far as it was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LightClient {
    chain: Hash,
    epoch_blocks: u64,
    epoch: u64,
    voters: Voters,
}

/// A block that a quorum vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Final {
    /// The height of the block that was voted on: the same, or above it in the same epoch.
    pub certified: Height,
    /// How many authorities voted for it.
    pub votes: usize,
    /// How many there are.
    pub voters: usize,
}

/// Why a block is not shown to be final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFinal {
    /// There is no header to judge.
    #[error("there is no header")]
    HeaderMissing,
    /// A header follows rules that this code does not know.
    #[error("the header at height {height} has version {version}, not {VERSION}")]
    VersionUnknown {
        /// Its height.
        height: Height,
        /// Its version.
        version: u16,
    },
    /// A header is of another chain.
    #[error("the header at height {0} is of another chain")]
    ChainMismatch(Height),
    /// A header is of another epoch than the one whose voters are known, or its height is none of its epoch's.
    #[error("the header at height {height} is of epoch {epoch}, not {expected}")]
    EpochMismatch {
        /// Its height.
        height: Height,
        /// The epoch it names.
        epoch: u64,
        /// The epoch it must be of.
        expected: u64,
    },
    /// A header does not follow the one before.
    #[error("the header at height {0} does not follow the one before")]
    LinkBroken(Height),
    /// The header that should close an epoch does not.
    #[error("the header at height {0} closes no epoch")]
    NotClosing(Height),
    /// The authorities that a closing header names cannot vote.
    #[error("the header at height {height}: {reason}")]
    VotersInvalid {
        /// Its height.
        height: Height,
        /// What is wrong with them.
        reason: VotersInvalid,
    },
    /// The certificate is for another block, or another epoch, than the last header's.
    #[error("the certificate is not for the header at height {0}")]
    CertificateMismatch(Height),
    /// The certificate proves nothing.
    #[error("the certificate of the block at height {height}: {reason}")]
    CertificateInvalid {
        /// The height.
        height: Height,
        /// What is wrong with it.
        reason: CertificateInvalid,
    },
}

impl LightClient {
    /// A client at the beginning of `chain`, whose epochs have `epoch_blocks` blocks, the first with these
    /// `authorities`.
    ///
    /// # Errors
    /// [`NotFinal::VotersInvalid`] when they cannot vote.
    pub fn new(
        chain: Hash,
        epoch_blocks: u64,
        authorities: &[Authority],
    ) -> Result<Self, NotFinal> {
        let height = Height::GENESIS;
        let voters = Voters::new(authorities)
            .map_err(|reason| NotFinal::VotersInvalid { height, reason })?;
        Ok(Self { chain, epoch_blocks, epoch: 0, voters })
    }

    /// A client at the beginning of the chain that `charter` is the charter of.
    ///
    /// # Errors
    /// [`NotFinal::VotersInvalid`] when the first authorities cannot vote.
    pub fn of(charter: &Charter) -> Result<Self, NotFinal> {
        Self::new(charter.chain(), charter.epoch_blocks, &charter.authorities)
    }

    /// The same client after the epoch that `closing` closes, whichever that is. `closing` must have been
    /// verified before, by [`Self::advance`] of another client of the chain: its certificate is not asked
    /// for again.
    ///
    /// # Errors
    /// [`NotFinal`] when it closes no epoch of the chain.
    pub fn resumed(self, closing: &Header) -> Result<Self, NotFinal> {
        Self { epoch: closing.epoch, ..self }.after(closing)
    }

    /// The epoch whose voters are known.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Who votes in [`Self::epoch`].
    pub const fn voters(&self) -> &Voters {
        &self.voters
    }

    /// The epoch of the block at `height`.
    pub fn epoch_of(&self, height: Height) -> u64 {
        height.0.checked_div(self.epoch_blocks).unwrap_or(u64::MAX)
    }

    /// Moves on to the next epoch over `closing`, the last header of this one.
    ///
    /// # Errors
    /// [`NotFinal`] says what is wrong; the client stays where it is.
    pub fn advance(&mut self, closing: &Header, certificate: &Certificate) -> Result<(), NotFinal> {
        self.verify(std::slice::from_ref(closing), certificate)?;
        *self = self.after(closing)?;
        Ok(())
    }

    /// Verifies that the block of the first of `headers` is final: they follow one another, all in this
    /// epoch, and `certificate` is for the last.
    ///
    /// # Errors
    /// [`NotFinal`] says what is wrong, the first that is.
    pub fn verify(&self, headers: &[Header], certificate: &Certificate) -> Result<Final, NotFinal> {
        headers.iter().try_for_each(|header| self.check(header))?;
        for (parent, header) in headers.iter().zip(headers.iter().skip(1)) {
            let follows = header.height == parent.height.next() && header.parent == parent.digest();
            if !follows {
                return Err(NotFinal::LinkBroken(header.height));
            }
        }
        let last = headers.last().ok_or(NotFinal::HeaderMissing)?;
        let height = last.height;
        if certificate.epoch != self.epoch || certificate.block != last.digest() {
            return Err(NotFinal::CertificateMismatch(height));
        }
        let verified = certificate.verify(self.chain, &self.voters);
        verified.map_err(|reason| NotFinal::CertificateInvalid { height, reason })?;
        let (votes, voters) = (certificate.votes.len(), self.voters.count());
        Ok(Final { certified: height, votes, voters })
    }

    /// Checks that `header` is one of this chain and epoch.
    fn check(&self, header: &Header) -> Result<(), NotFinal> {
        let Header { version, height, epoch, .. } = *header;
        if version != VERSION {
            return Err(NotFinal::VersionUnknown { height, version });
        }
        if header.chain != self.chain {
            return Err(NotFinal::ChainMismatch(height));
        }
        let expected = self.epoch;
        if epoch != expected || self.epoch_of(height) != expected {
            return Err(NotFinal::EpochMismatch { height, epoch, expected });
        }
        Ok(())
    }

    /// The client after this epoch, which `closing` closes.
    fn after(&self, closing: &Header) -> Result<Self, NotFinal> {
        self.check(closing)?;
        let height = closing.height;
        let next = self.epoch_of(height.next());
        let authorities = match &closing.next_authorities {
            Some(authorities) if next != self.epoch => authorities,
            Some(_) | None => return Err(NotFinal::NotClosing(height)),
        };
        let voters = Voters::new(authorities)
            .map_err(|reason| NotFinal::VotersInvalid { height, reason })?;
        let Self { chain, epoch_blocks, .. } = *self;
        Ok(Self { chain, epoch_blocks, epoch: next, voters })
    }
}

#[cfg(test)]
mod tests;
