//! Final blocks, from the engine to the disk, on a thread of its own: the next block is built while the
//! last one is written.
//!
//! The engine delivers in height order, and delivers again after a restart what it has not seen
//! acknowledged. Invariants:
//! - a delivered block is the next above the tip, or one that is committed already;
//! - a block is acknowledged after its commit has returned, never before;
//! - the last block of an epoch is acknowledged by whoever starts the next epoch, once it has started.

use std::sync::Arc;

use chain::authority::Authority;
use chain::certificate::Certificate;
use chain::hash::Hash;
use chain::height::Height;
use commonware_actor::Feedback;
use commonware_consensus::Reporter;
use commonware_consensus::marshal::Update;
use commonware_consensus::types::{Epoch, Epocher, FixedEpocher};
use commonware_cryptography::sha256::Digest;
use commonware_cryptography::{Digested, Digestible};
use commonware_macros::select_loop;
use commonware_runtime::{Handle, Spawner};
use commonware_utils::Acknowledgement;
use commonware_utils::acknowledgement::Exact;
use commonware_utils::channel::{mpsc, watch};

use crate::block::{Sealed, engine_height};
use crate::{Application, Tip};

/// Blocks delivered and not yet acknowledged. The engine delivers no more before one is.
pub(crate) const DELIVERIES_MAX: usize = 16;

/// A final block, and how to say that it is on disk.
pub(crate) struct Delivery {
    block: Digested<Sealed>,
    /// Its own certificate, once it was looked for and if it has one.
    pub(crate) certificate: Option<Certificate>,
    acknowledgement: Exact,
}

/// The end of an epoch that is on disk.
pub(crate) struct Boundary {
    pub(crate) epoch: Epoch,
    pub(crate) digest: Digest,
    pub(crate) next_authorities: Vec<Authority>,
    /// To be acknowledged once the next epoch has started.
    pub(crate) acknowledgement: Exact,
}

/// Where the engine drops final blocks. Never waits: the engine's thread must not.
#[derive(Clone)]
pub(crate) struct Inbox(mpsc::Sender<Delivery>);

impl Inbox {
    /// An inbox, and the end that empties it.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Delivery>) {
        let (sender, deliveries) = mpsc::channel(DELIVERIES_MAX);
        (Self(sender), deliveries)
    }
}

impl Delivery {
    /// The height of the block.
    pub(crate) fn height(&self) -> Height {
        self.block.inner().block().header.height
    }
}

impl Reporter for Inbox {
    type Activity = Update<Sealed>;

    fn report(&mut self, update: Update<Sealed>) -> Feedback {
        let Update::Block(block, acknowledgement) = update else { return Feedback::Ok };
        match self.0.try_send(Delivery { block, certificate: None, acknowledgement }) {
            Ok(()) => Feedback::Ok,
            Err(mpsc::error::TrySendError::Closed(_)) => Feedback::Closed,
            Err(mpsc::error::TrySendError::Full(_)) => {
                unreachable!("at most {DELIVERIES_MAX} blocks are unacknowledged")
            }
        }
    }
}

/// The committed chain: its tip, and the application that keeps it.
pub(crate) struct Committed {
    application: Arc<dyn Application>,
    epocher: FixedEpocher,
    tip: watch::Sender<Tip>,
    boundaries: mpsc::Sender<Boundary>,
}

impl Committed {
    /// The chain as the application has it, and the end at which boundaries come out.
    pub(crate) fn new(
        application: Arc<dyn Application>,
        epocher: FixedEpocher,
    ) -> (Self, mpsc::Receiver<Boundary>) {
        let tip = watch::Sender::new(application.tip());
        let (sender, boundaries) = mpsc::channel(DELIVERIES_MAX);
        (Self { application, epocher, tip, boundaries: sender }, boundaries)
    }

    /// Starts the thread that commits what is delivered. It ends when the engine stops, and only between
    /// two blocks.
    pub(crate) fn start<E: Spawner>(
        mut self,
        context: E,
        mut deliveries: mpsc::Receiver<Delivery>,
    ) -> Handle<()> {
        context.dedicated().spawn(move |context| async move {
            select_loop! {
                context,
                on_stopped => {},
                Some(delivery) = deliveries.recv() else break => self.commit(delivery),
            }
        })
    }

    /// The last committed block.
    fn tip(&self) -> Tip {
        *self.tip.borrow()
    }

    /// Follows the tip.
    pub(crate) fn watch(&self) -> watch::Receiver<Tip> {
        self.tip.subscribe()
    }

    /// Commits a delivered block unless it is committed, then acknowledges it, or has it acknowledged
    /// when it closes an epoch.
    fn commit(&mut self, delivery: Delivery) {
        let Delivery { block, certificate, acknowledgement } = delivery;
        let header = &block.inner().block().header;
        let digest = Hash(block.digest().0);
        if header.height <= self.tip().height {
            let kept = self.application.header(header.height).map(|header| header.digest());
            let same = kept.is_none_or(|kept| kept == digest);
            assert!(same, "a final block stays the block of its height");
        } else {
            let tip = self.tip();
            assert_eq!(header.height, tip.height.next(), "final blocks come in order");
            assert_eq!(header.parent, tip.digest, "a final block builds on the tip");
            self.application.commit(block.inner().block(), certificate.as_ref());
            self.tip.send_replace(Tip { height: header.height, digest });
        }
        match self.closes(header.height) {
            None => acknowledgement.acknowledge(),
            Some(epoch) => self.close(epoch, &block, acknowledgement),
        }
    }

    /// The epoch that the block at `height` closes.
    fn closes(&self, height: Height) -> Option<Epoch> {
        let place = self.epocher.containing(engine_height(height))?;
        (place.last().get() == height.0).then(|| place.epoch())
    }

    fn close(&self, epoch: Epoch, block: &Digested<Sealed>, acknowledgement: Exact) {
        let next_authorities = block.inner().block().header.next_authorities.clone();
        let boundary = Boundary {
            epoch,
            digest: block.digest(),
            next_authorities: next_authorities.expect("the last block of an epoch names the next"),
            acknowledgement,
        };
        match self.boundaries.try_send(boundary) {
            // The engine stops; the block is delivered again after the next start.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                unreachable!("at most {DELIVERIES_MAX} blocks are unacknowledged")
            }
        }
    }
}
