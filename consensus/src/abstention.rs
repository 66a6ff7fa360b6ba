//! Abstaining: a node that must not add to what is agreed on, yet follows it.
//!
//! ```text
//!   engine -- propose --> declined at once: the turn passes on
//!          -- verify, certify --> asked as ever, and answered once the abstention ends
//! ```
//! Without these answers the engine signs no vote for a block: neither the first (notarize), which needs a verdict,
//! nor the second (finalize), which needs a certification. It still says in its own turn that there is no block, and
//! when a view takes too long that it gives it up, so that the others do not wait for it. Final blocks come by their
//! certificates and are committed. Decision 26.

use std::fmt::Debug;
use std::sync::Arc;

use commonware_actor::Feedback;
use commonware_consensus::types::Round;
use commonware_consensus::{Automaton, CertifiableAutomaton, Handoff, Relay};
use commonware_cryptography::sha256::Digest;
use commonware_macros::select;
use commonware_utils::channel::fallible::OneshotExt;
use commonware_utils::channel::{oneshot, watch};

use crate::epochs::Wrapped;
use crate::wiring::Runtime;

/// Whether the node abstains. Clones are the same.
#[derive(Clone, Debug)]
pub struct Abstention(Arc<watch::Sender<State>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Votes,
    Abstains,
}

impl Abstention {
    /// A node that votes.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State::Votes)))
    }

    /// From here on no block is proposed or voted for. Votes that are on their way are not called back.
    pub fn begin(&self) {
        self.0.send_replace(State::Abstains);
    }

    /// Blocks are proposed and voted for again.
    pub fn end(&self) {
        self.0.send_replace(State::Votes);
    }

    /// Whether the node abstains now.
    pub fn is_on(&self) -> bool {
        *self.0.borrow() == State::Abstains
    }

    /// Waits until the node votes.
    async fn over(&self) {
        let mut state = self.0.subscribe();
        // The sender is here: it does not close.
        let _ = state.wait_for(|state| *state == State::Votes).await;
    }
}

impl Default for Abstention {
    fn default() -> Self {
        Self::new()
    }
}

/// What answers the engine, unless the node abstains.
pub(crate) struct Abstaining<E: Runtime> {
    context: Arc<E>,
    inner: Wrapped<E>,
    abstention: Abstention,
}

impl<E: Runtime> Clone for Abstaining<E> {
    fn clone(&self) -> Self {
        let Self { context, inner, abstention } = self;
        let (context, inner) = (Arc::clone(context), inner.clone());
        Self { context, inner, abstention: abstention.clone() }
    }
}

impl<E: Runtime> Abstaining<E> {
    /// Answers as `inner` does, unless there is an `abstention`.
    pub(crate) fn new(context: &E, inner: Wrapped<E>, abstention: Abstention) -> Self {
        Self { context: Arc::new(context.child("abstaining")), inner, abstention }
    }

    /// What answers when the node votes.
    pub(crate) fn inner(&self) -> Wrapped<E> {
        self.inner.clone()
    }

    /// The answer that comes from `inner`, once the node votes.
    fn later(&self, inner: oneshot::Receiver<bool>) -> oneshot::Receiver<bool> {
        if !self.abstention.is_on() {
            return inner;
        }
        let (mut answer, asked) = oneshot::channel();
        let abstention = self.abstention.clone();
        self.context.child("abstention").spawn(move |_| async move {
            let answered = async {
                abstention.over().await;
                inner.await
            };
            select! {
                () = answer.closed() => {},
                verdict = answered => if let Ok(verdict) = verdict {
                    answer.send_lossy(verdict);
                },
            }
        });
        asked
    }
}

impl<E: Runtime> Automaton for Abstaining<E> {
    type Context = <Wrapped<E> as Automaton>::Context;
    type Digest = Digest;

    async fn propose(&mut self, context: Self::Context) -> oneshot::Receiver<Digest> {
        if self.abstention.is_on() {
            // Closed at once: there will be no block.
            return oneshot::channel().1;
        }
        self.inner.propose(context).await
    }

    async fn verify(&mut self, context: Self::Context, digest: Digest) -> oneshot::Receiver<bool> {
        let verdict = self.inner.verify(context, digest).await;
        self.later(verdict)
    }
}

impl<E: Runtime> CertifiableAutomaton for Abstaining<E> {
    async fn prepare(&mut self, context: Self::Context) -> oneshot::Receiver<Handoff<Digest>> {
        if self.abstention.is_on() {
            let (answer, asked) = oneshot::channel();
            answer.send_lossy(Handoff::Wait);
            return asked;
        }
        self.inner.prepare(context).await
    }

    async fn certify(&mut self, round: Round, digest: Digest) -> oneshot::Receiver<bool> {
        let certified = self.inner.certify(round, digest).await;
        self.later(certified)
    }
}

impl<E: Runtime> Relay for Abstaining<E> {
    type Digest = Digest;
    type PublicKey = <Wrapped<E> as Relay>::PublicKey;
    type Plan = <Wrapped<E> as Relay>::Plan;

    fn broadcast(&mut self, digest: Digest, plan: Self::Plan) -> Feedback {
        self.inner.broadcast(digest, plan)
    }
}
