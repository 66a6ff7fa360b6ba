//! Pace and clocks, under simulated time: it starts at 0, and each step of the runtime takes 1 ms.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use chain::block::Block;
use chain::hash::Hash;
use chain::height::Height;
use chain::limits::CLOCK_AHEAD_MS_MAX;
use chain::time::{Millis, Time};
use commonware_consensus::Application as _;
use commonware_consensus::marshal::ancestry;
use commonware_consensus::types::{Epoch, FixedEpocher, Round, View as ViewNumber};
use commonware_cryptography::{Digested, Digestible, Signer};
use commonware_macros::select;
use commonware_runtime::deterministic::{Context, Runner};
use commonware_runtime::{Clock, Runner as _, Supervisor};

use super::{Authority, View, now};
use crate::block::Sealed;
use crate::committed::{Committed, Inbox};
use crate::tests::toy::{Toy, authorities, genesis, secret};
use crate::{Application, Pacing, Wake, calls};

/// One authority on top of genesis.
struct Stage {
    context: Context,
    toy: Arc<Toy>,
    wake: Wake,
    authority: Authority,
    /// Keeps the application's thread from ending.
    _inbox: Inbox,
}

impl Stage {
    fn new(context: Context) -> Self {
        let toy = Arc::new(Toy::new(authorities(1)));
        let epocher = FixedEpocher::new(NonZeroU64::new(5).unwrap());
        let (committed, _) = Committed::new(Arc::clone(&toy) as _, epocher.clone());
        let (inbox, deliveries) = Inbox::new();
        let (tip, wake) = (committed.watch(), Wake::new());
        let _commits = committed.start(context.child("commits"), deliveries);
        let (calls, _) = calls::start(context.child("answers"), Arc::clone(&toy) as _, tip.clone());
        let pacing = Pacing::default();
        let (wake_of, ahead) = (wake.clone(), Millis(0));
        let authority = Authority { calls, tip, wake: wake_of, pacing, epocher, ahead };
        Self { context, toy, wake, authority, _inbox: inbox }
    }

    fn view(&self) -> View {
        View {
            round: Round::new(Epoch::zero(), ViewNumber::new(1)),
            leader: secret(0).signer().public_key(),
            parent: (ViewNumber::zero(), seal(self.toy.genesis()).digest()),
        }
    }

    /// When the first block is proposed, and which.
    async fn propose(&self) -> (Time, Block) {
        let context = (self.context.child("propose"), self.view());
        let parents = ancestry::from_iter([seal(self.toy.genesis())]);
        let block = self.authority.clone().propose(context, parents, ()).await.unwrap();
        (now(&self.context), Block::clone(block.inner().block()))
    }

    /// The vote on `block`; `None` when there is none within a minute.
    async fn vote(&self, block: Block) -> Option<bool> {
        let context = (self.context.child("verify"), self.view());
        let blocks = ancestry::from_iter([seal(block), seal(self.toy.genesis())]);
        let mut authority = self.authority.clone();
        select! {
            vote = authority.verify(context, blocks) => Some(vote),
            () = self.context.sleep(Duration::from_secs(60)) => None,
        }
    }
}

fn seal(block: Block) -> Digested<Sealed> {
    let sealed = Sealed::new(block).unwrap();
    let digest = sealed.digest();
    Digested::precomputed(sealed, digest)
}

/// A good first block of that time.
fn block(time: u64) -> Block {
    let mut block = genesis(authorities(1));
    block.header.parent = block.header.digest();
    block.header.height = Height(1);
    block.header.time = Time(time);
    block.header.proposer = secret(0).key();
    block.header.next_authorities = None;
    block
}

/// True when `time` is `expected`, or the few steps later that acting takes.
fn soon_after(time: Time, expected: u64) -> bool {
    (expected..expected + 10).contains(&time.0)
}

fn run<F: Future<Output = ()>>(test: impl FnOnce(Stage) -> F) {
    Runner::timed(Duration::from_secs(3_600)).start(|context| test(Stage::new(context)));
}

#[test]
fn idle_proposer_waits_for_the_idle_time() {
    run(|stage| async move {
        let (when, block) = stage.propose().await;
        assert!(soon_after(when, Pacing::default().idle.0));
        assert!(soon_after(block.header.time, Pacing::default().idle.0));
    });
}

#[test]
fn work_ends_the_wait() {
    run(|stage| async move {
        let note = async {
            stage.context.sleep(Duration::from_millis(333)).await;
            stage.toy.note(Hash([1; 32]));
            stage.wake.raise();
        };
        let ((when, block), ()) = futures::join!(stage.propose(), note);
        assert!(soon_after(when, 333));
        assert_eq!(block.header.receipts_root, Hash([1; 32]));
    });
}

#[test]
fn work_does_not_shorten_the_least_interval() {
    run(|stage| async move {
        stage.toy.note(Hash([1; 32]));
        let (when, _) = stage.propose().await;
        assert!(soon_after(when, Pacing::default().interval_min.0));
    });
}

#[test]
fn voter_waits_for_a_block_a_little_ahead() {
    run(|stage| async move {
        assert_eq!(stage.vote(block(CLOCK_AHEAD_MS_MAX)).await, Some(true));
        assert!(soon_after(now(&stage.context), CLOCK_AHEAD_MS_MAX));
    });
}

#[test]
fn voter_abstains_from_a_block_far_ahead() {
    run(|stage| async move {
        let time = CLOCK_AHEAD_MS_MAX + now(&stage.context).0 + 100;
        assert_eq!(stage.vote(block(time)).await, None);
    });
}

#[test]
fn voter_refuses_a_block_not_later_than_its_parent() {
    run(|stage| async move {
        assert_eq!(stage.vote(block(0)).await, Some(false));
    });
}

#[test]
fn voter_refuses_what_the_application_refuses() {
    run(|stage| async move {
        let mut block = block(1);
        block.header.state_root = Hash([1; 32]);
        assert_eq!(stage.vote(block).await, Some(false));
    });
}
