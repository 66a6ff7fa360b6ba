//! What passes among nodes beside the agreement.
//!
//! ```text
//!   tips           each second, to every peer: how we are         -> situation
//!   transactions   to the authorities: what they may propose      -> Application::hear
//! ```
//! A peer that sends what no node following the protocol sends is cut off for a while, and that is logged and
//! counted. The application hears on a thread of its own; what comes faster than it hears is dropped by the
//! network, whose queues hold a second's messages of every peer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chain::authority::AuthorityKey;
use chain::encoding::{decode, encode};
use chain::gossip::{Passed, TipNotice};
use chain::time::Time;
use commonware_consensus::types::{Epocher, FixedEpocher};
use commonware_cryptography::certificate::Scheme as _;
use commonware_cryptography::ed25519::PublicKey;
use commonware_macros::{select, select_loop};
use commonware_p2p::{Blocker, Receiver, Recipients, Sender};
use commonware_runtime::{Clock, Handle};
use commonware_utils::channel::watch;
use commonware_utils::ordered::Quorum;
use futures::StreamExt;

use crate::application::now;
use crate::block::engine_height;
use crate::committee::{Committees, Scheme, name};
use crate::network::{Channel, Transport};
use crate::peering::Peering;
use crate::situation::{Notice, Presence, Role, Situation, Stand};
use crate::wiring::Runtime;
use crate::{Abstention, Application, Peer, Tip};

/// How often a node says how far it is.
const TIP_EVERY: Duration = Duration::from_secs(1);
/// How long to gather what is passed on before the next message. Keeps within
/// [`network::PASSED_PER_SECOND`](crate::network::PASSED_PER_SECOND), beyond which a peer is left out.
const PASS_PAUSE: Duration = Duration::from_millis(20);

/// What both kinds of messages need to know. Clones know the same.
#[derive(Clone)]
pub(crate) struct Gossip<B> {
    pub(crate) us: PublicKey,
    pub(crate) peering: Peering,
    pub(crate) committees: Committees,
    pub(crate) epocher: FixedEpocher,
    pub(crate) tip: watch::Receiver<Tip>,
    pub(crate) abstention: Abstention,
    pub(crate) blocker: B,
    /// Messages that no node which follows the protocol sends.
    pub(crate) garbage: Arc<AtomicU64>,
}

impl<B: Blocker<PublicKey = PublicKey>> Gossip<B> {
    /// Starts all that passes over the channels of tips and of transactions, and names its parts.
    pub(crate) fn start<E: Runtime, T: Transport>(
        self,
        context: &E,
        (tips, (sender, receiver)): (Channel<T>, Channel<T>),
        application: Arc<dyn Application>,
    ) -> [(&'static str, Handle<()>); 3] {
        let told = self.clone().tips::<_, T>(context.child("tips"), tips);
        let passed = self.clone().pass_on::<_, T>(context.child("passed"), sender);
        let heard = self.hear::<_, T>(context.child("heard"), receiver, application);
        [("tips", told), ("passed", passed), ("heard", heard)]
    }

    /// Starts to say and to hear how far everybody is.
    fn tips<E: Runtime, T: Transport>(mut self, context: E, channel: Channel<T>) -> Handle<()> {
        context.spawn(move |context| async move {
            let (mut sender, mut receiver) = channel;
            let mut blocked = self.blocker.blocked();
            let mut cut_off = Vec::new();
            let mut presence = Presence::new(now(&context));
            let mut next = context.current();
            select_loop! {
                context,
                on_stopped => {},
                () = context.sleep_until(next) => {
                    next = context.current() + TIP_EVERY;
                    let Tip { height, digest } = *self.tip.borrow();
                    let (time, abstains) = (now(&context), self.abstention.is_on());
                    let notice = encode(&TipNotice { height, digest, time, abstains });
                    sender.send(Recipients::All, notice, true);
                    self.look(&context, &mut presence, &cut_off);
                },
                message = receiver.recv() => {
                    let Ok((peer, bytes)) = message else { break };
                    match decode::<TipNotice>(bytes.as_ref()) {
                        Ok(tip) => self.hear_tip(now(&context), &mut presence, &peer, tip),
                        Err(_) => self.cut_off(peer, "what it says of its tip does not decode"),
                    }
                },
                Some(keys) = blocked.next() else break => {
                    cut_off = keys.iter().map(name).collect();
                },
            }
        })
    }

    /// Starts to pass on what waits at the node's end of the peering.
    fn pass_on<E: Runtime, T: Transport>(self, context: E, mut sender: T::Sender) -> Handle<()> {
        context.spawn(move |context| async move {
            let mut bell = self.peering.listen();
            let mut stopped = context.stopped();
            loop {
                bell.mark_unchanged();
                while let Some(passed) = self.peering.take() {
                    let others = self.others();
                    if !others.is_empty() {
                        sender.send(Recipients::Some(others), encode(&passed), false);
                    }
                    context.sleep(PASS_PAUSE).await;
                }
                select! {
                    _ = &mut stopped => break,
                    changed = bell.changed() => if changed.is_err() { break },
                }
            }
        })
    }

    /// Starts the thread on which `application` hears what others pass on.
    fn hear<E: Runtime, T: Transport>(
        mut self,
        context: E,
        mut receiver: T::Receiver,
        application: Arc<dyn Application>,
    ) -> Handle<()> {
        context.dedicated().spawn(move |context| async move {
            select_loop! {
                context,
                on_stopped => {},
                Ok((peer, bytes)) = receiver.recv() else break => {
                    let from = Peer { key: name(&peer), role: self.role(&peer) };
                    let heard = match Passed::from_bytes(bytes.as_ref()) {
                        Ok(passed) => application.hear(from, passed.transactions),
                        Err(_) => Err(crate::Garbage("transactions that do not decode")),
                    };
                    if let Err(crate::Garbage(what)) = heard {
                        self.cut_off(peer, what);
                    }
                },
            }
        })
    }

    fn hear_tip(&self, now: Time, presence: &mut Presence, peer: &PublicKey, tip: TipNotice) {
        let ours = *self.tip.borrow();
        if tip.height == ours.height
            && tip.digest != ours.digest
            && self.role(peer) == Role::Authority
        {
            let (height, theirs, ours) = (tip.height, tip.digest, ours.digest);
            tracing::error!(%peer, %height, %theirs, %ours, "an authority says that another block is final");
        }
        presence.hear(now, name(peer), tip);
    }

    /// Looks around, shows what there is and says what is worth it.
    fn look<E: Clock>(&self, context: &E, presence: &mut Presence, cut_off: &[AuthorityKey]) {
        let Some(scheme) = self.scheme() else { return };
        let voters: BTreeSet<_> = scheme.participants().iter().map(name).collect();
        let stand = Stand {
            us: name(&self.us),
            voters: &voters,
            quorum: quorum(&scheme),
            height: self.tip.borrow().height,
            abstains: self.abstention.is_on(),
        };
        let (seen, notice) = presence.look(now(context), &stand);
        let situation = Situation {
            blocked: cut_off.to_vec(),
            garbage: self.garbage.load(Ordering::Relaxed),
            dropped: self.peering.dropped(),
            ..seen
        };
        if let Some(notice) = notice {
            say(notice, &situation);
        }
        self.peering.show(situation);
    }

    fn cut_off(&mut self, peer: PublicKey, what: &str) {
        let garbage = self.garbage.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::warn!(%peer, what, garbage, "a peer that breaks the protocol is cut off");
        self.blocker.block(peer);
    }

    /// The authorities besides us.
    fn others(&self) -> Vec<PublicKey> {
        let Some(scheme) = self.scheme() else { return Vec::new() };
        scheme.participants().iter().filter(|key| **key != self.us).cloned().collect()
    }

    fn role(&self, peer: &PublicKey) -> Role {
        let votes = self.scheme().is_some_and(|it| it.participants().position(peer).is_some());
        if votes { Role::Authority } else { Role::Follower }
    }

    /// Who votes on the next block; the voters before while an epoch is being entered.
    fn scheme(&self) -> Option<Arc<Scheme>> {
        let next = engine_height(self.tip.borrow().height.next());
        let epoch = self.epocher.containing(next)?.epoch();
        self.committees.of(epoch).or_else(|| self.committees.of(epoch.previous()?))
    }
}

/// How many of the participants must agree.
fn quorum(scheme: &Scheme) -> usize {
    let quorum = scheme.participants().quorum::<commonware_utils::N3f1>();
    usize::try_from(quorum).expect("few authorities")
}

fn say(notice: Notice, situation: &Situation) {
    let Situation { voters, quorum, present, height, blocks_per_minute, .. } = situation;
    match notice {
        Notice::Halted => tracing::warn!(
            present, needed = quorum, voters, %height,
            "too few authorities are here and vote: no block is final until more do"
        ),
        Notice::Resumed => {
            tracing::info!(present, needed = quorum, voters, %height, "enough authorities are here and vote");
        }
        Notice::Behind => {
            let target = situation.target.map_or(0, |target| target.0);
            let seconds_left = situation.time_left().map(|left| left.0 / 1_000);
            tracing::info!(%height, target, blocks_per_minute, seconds_left, "catching up");
        }
        Notice::CaughtUp => tracing::info!(%height, "caught up"),
    }
}
