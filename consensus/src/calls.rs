//! The thread on which the application answers what the engine asks, one question at a time. Final blocks
//! are committed on another thread meanwhile, so the tip may move while a question is answered.
//!
//! The one who asked may have given up; its call is finished all the same, and the answer dropped. Nothing
//! is ever half called.

use std::sync::Arc;

use chain::authority::AuthorityKey;
use chain::block::{Block, Header};
use chain::time::Time;
use commonware_consensus::Heightable;
use commonware_consensus::types::{Epoch, Epocher, FixedEpocher, Height};
use commonware_cryptography::{Digested, Digestible};
use commonware_macros::select_loop;
use commonware_runtime::{Handle, Spawner};
use commonware_utils::channel::fallible::OneshotExt;
use commonware_utils::channel::{mpsc, oneshot, watch};

use crate::block::Sealed;
use crate::committee::voters;
use crate::{Application, Place, Tip, Turn, Verdict, Work};

/// Questions that wait for an answer; those who ask then wait too.
const QUESTIONS_MAX: usize = 16;

/// A turn as the engine knows it, before the tip is consulted.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) time: Time,
    pub(crate) epoch: Epoch,
    pub(crate) proposer: AuthorityKey,
    /// The parent and the blocks under it that were not committed when it was drawn up, oldest first.
    pub(crate) lineage: Arc<[Digested<Sealed>]>,
    pub(crate) place: Place,
}

impl Draft {
    /// The block that the turn builds on.
    pub(crate) fn parent(&self) -> &Digested<Sealed> {
        self.lineage.last().expect("a draft is never drawn up without its parent")
    }

    /// The same turn at another time.
    pub(crate) fn at(&self, time: Time) -> Self {
        Self { time, ..self.clone() }
    }
}

/// Where in `epoch` the block at `height` stands.
pub(crate) fn place(epocher: &FixedEpocher, epoch: Epoch, height: Height) -> Place {
    if epocher.last(epoch) == Some(height) { Place::Last } else { Place::Within }
}

enum Question {
    Work(Draft, oneshot::Sender<Work>),
    Build(Draft, oneshot::Sender<Option<Digested<Sealed>>>),
    Check(Digested<Sealed>, Draft, oneshot::Sender<Verdict>),
}

/// Asks the application. No answer (`None`) means that the tip has passed the turn by, or that the engine
/// stops.
#[derive(Clone)]
pub(crate) struct Calls(mpsc::Sender<Question>);

impl Calls {
    pub(crate) async fn work(&self, draft: Draft) -> Option<Work> {
        self.ask(|answer| Question::Work(draft, answer)).await
    }

    pub(crate) async fn build(&self, draft: Draft) -> Option<Digested<Sealed>> {
        self.ask(|answer| Question::Build(draft, answer)).await.flatten()
    }

    pub(crate) async fn check(&self, block: Digested<Sealed>, draft: Draft) -> Option<Verdict> {
        self.ask(|answer| Question::Check(block, draft, answer)).await
    }

    async fn ask<A>(&self, question: impl FnOnce(oneshot::Sender<A>) -> Question) -> Option<A> {
        let (sender, answer) = oneshot::channel();
        self.0.send(question(sender)).await.ok()?;
        answer.await.ok()
    }
}

/// Starts the thread that answers for `application`, whose committed chain ends at `tip`. It ends when the
/// engine stops, and only between two calls.
pub(crate) fn start<E: Spawner>(
    context: E,
    application: Arc<dyn Application>,
    tip: watch::Receiver<Tip>,
) -> (Calls, Handle<()>) {
    let (sender, mut questions) = mpsc::channel(QUESTIONS_MAX);
    let handle = context.dedicated().spawn(move |context| async move {
        select_loop! {
            context,
            on_stopped => {},
            Some(question) = questions.recv() else break => {
                let tip = *tip.borrow();
                answer(&*application, tip, question);
            },
        }
    });
    (Calls(sender), handle)
}

/// Answers a question, unless the tip has passed its turn by: then whoever asked is told nothing.
fn answer(application: &dyn Application, tip: Tip, question: Question) {
    match question {
        Question::Work(draft, answer) => {
            if let Some(work) = turn(tip, &draft).and_then(|turn| application.work(&turn)) {
                answer.send_lossy(work);
            }
        }
        Question::Build(draft, answer) => {
            if let Some(turn) = turn(tip, &draft) {
                answer.send_lossy(build(application, &turn));
            }
        }
        Question::Check(block, draft, answer) => {
            let verdict =
                turn(tip, &draft).and_then(|turn| check(application, block.inner().block(), &turn));
            if let Some(verdict) = verdict {
                answer.send_lossy(verdict);
            }
        }
    }
}

/// The turn on top of the tip; `None` when the tip is no longer under it.
fn turn(tip: Tip, draft: &Draft) -> Option<Turn> {
    let uncommitted = draft.lineage.iter().filter(|block| block.height().get() > tip.height.0);
    let ancestors: Vec<_> = uncommitted.map(|block| Arc::clone(block.inner().block())).collect();
    let parent = draft.parent().inner().block();
    let base = match ancestors.first() {
        Some(oldest) => oldest.header.parent,
        None if parent.header.height == tip.height => parent.header.digest(),
        None => return None,
    };
    (base == tip.digest).then(|| Turn {
        time: draft.time,
        epoch: draft.epoch.get(),
        proposer: draft.proposer,
        parent: parent.header.clone(),
        ancestors,
        place: draft.place,
    })
}

fn build(application: &dyn Application, turn: &Turn) -> Option<Digested<Sealed>> {
    let block = application.build(turn)?;
    assert!(follows(&block.header, turn), "a block we build follows its turn");
    let sealed =
        Sealed::new(block).expect("a block we build fits, and commits to its transactions");
    let digest = sealed.digest();
    Some(Digested::precomputed(sealed, digest))
}

fn check(application: &dyn Application, block: &Block, turn: &Turn) -> Option<Verdict> {
    if follows(&block.header, turn) {
        application.check(block, turn)
    } else {
        Some(Verdict::Invalid)
    }
}

/// True when `header` is what its turn demands.
fn follows(header: &Header, turn: &Turn) -> bool {
    let names_authorities = match (turn.place, &header.next_authorities) {
        (Place::Last, Some(authorities)) => voters(authorities).is_some(),
        (Place::Within, None) => true,
        (Place::Last, None) | (Place::Within, Some(_)) => false,
    };
    names_authorities
        && header.chain == turn.parent.chain
        && header.height == turn.height()
        && header.epoch == turn.epoch
        && header.parent == turn.parent.digest()
        && header.time == turn.time
        && header.time > turn.parent.time
        && header.proposer == turn.proposer
}

#[cfg(test)]
mod tests;
