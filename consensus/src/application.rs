//! Our part in a view: propose a block when it is our turn, and judge those of others.
//!
//! Time is the engine's clock. A proposer waits until something waits, or the chain has idled long enough.
//! A voter whose clock is a little behind the proposer's waits for it to catch up, and never votes for a
//! block from further ahead. Whatever may still change keeps a vote pending: the engine then gives up the
//! view, not the block.

use std::future::pending;
use std::time::{Duration, UNIX_EPOCH};

use chain::limits::CLOCK_AHEAD_MS_MAX;
use chain::time::{Millis, Time};
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_consensus::simplex::types::Context;
use commonware_consensus::types::FixedEpocher;
use commonware_consensus::{Application as EngineApplication, Epochable, Heightable};
use commonware_cryptography::Digested;
use commonware_cryptography::ed25519::PublicKey;
use commonware_cryptography::sha256::Digest;
use commonware_macros::select;
use commonware_runtime::Clock;
use commonware_utils::channel::watch;
use futures::StreamExt;

use crate::block::Sealed;
use crate::calls::{Calls, Draft, place};
use crate::committee::{Scheme, name};
use crate::settings::Pacing;
use crate::{ANCESTORS_MAX, Tip, Verdict, Wake, Work};

/// What the engine says about the view it is in.
type View = Context<Digest, PublicKey>;

/// Our part. Clones play the same part.
#[derive(Clone)]
pub(crate) struct Authority {
    pub(crate) calls: Calls,
    pub(crate) tip: watch::Receiver<Tip>,
    pub(crate) wake: Wake,
    pub(crate) pacing: Pacing,
    pub(crate) epocher: FixedEpocher,
    /// How far our clock is ahead of the engine's: not at all, unless simulated clocks are to differ.
    pub(crate) ahead: Millis,
}

impl<E: Clock> EngineApplication<E> for Authority {
    type SigningScheme = Scheme;
    type Context = View;
    type Block = Sealed;
    type Input = ();

    async fn propose(
        &mut self,
        (clock, view): (E, View),
        ancestry: impl Ancestry<Sealed>,
        (): (),
    ) -> Option<Digested<Sealed>> {
        let entered = self.now(&clock);
        let draft = self.draft(&view, ancestry, entered).await?;
        self.pace(&clock, &draft, entered).await?;
        self.calls.build(draft.at(time_on(&draft, self.now(&clock)))).await
    }

    async fn verify(
        &mut self,
        (clock, view): (E, View),
        mut ancestry: impl Ancestry<Sealed>,
    ) -> bool {
        let Some(block) = ancestry.next().await else { return pending().await };
        let time = block.inner().block().header.time;
        if time.since(self.now(&clock)) > Millis(CLOCK_AHEAD_MS_MAX) {
            tracing::warn!(height = %block.height(), %time, "block from the future");
            return pending().await;
        }
        self.sleep_until(&clock, time).await;
        let Some(draft) = self.draft(&view, ancestry, time).await else { return pending().await };
        match self.calls.check(block, draft).await {
            Some(Verdict::Valid) => true,
            Some(Verdict::Invalid) => false,
            None => pending().await,
        }
    }
}

impl Authority {
    /// Draws up the turn of `view` on the newest of `ancestry`, its parent, once the tip is near enough.
    /// `None` when the ancestors cannot be had.
    async fn draft(
        &mut self,
        view: &View,
        mut ancestry: impl Ancestry<Sealed>,
        time: Time,
    ) -> Option<Draft> {
        let parent = ancestry.next().await?;
        let near = |tip: &Tip| parent.height().get() <= tip.height.0.saturating_add(ANCESTORS_MAX);
        let tip = *self.tip.wait_for(near).await.ok()?;
        let place = place(&self.epocher, view.epoch(), parent.height().next());
        let mut oldest = parent.height().get();
        let mut lineage = vec![parent];
        while oldest > tip.height.next().0 {
            let ancestor = ancestry.next().await?;
            oldest = ancestor.height().get();
            lineage.push(ancestor);
        }
        lineage.reverse();
        let proposer = name(&view.leader);
        Some(Draft { time, epoch: view.epoch(), proposer, lineage: lineage.into(), place })
    }

    /// The time of our clock.
    fn now(&self, clock: &impl Clock) -> Time {
        now(clock).after(self.ahead)
    }

    /// Waits until our clock shows `time`, and not at all when it is past.
    async fn sleep_until(&self, clock: &impl Clock, time: Time) {
        let Millis(left) = time.since(self.now(clock));
        if left > 0 {
            clock.sleep(Duration::from_millis(left)).await;
        }
    }

    /// Waits until the block of `draft` is worth building. `None` when it never will be: the tip has
    /// passed it by.
    async fn pace<E: Clock>(&self, clock: &E, draft: &Draft, entered: Time) -> Option<()> {
        let parent = draft.parent().inner().block().header.time;
        let pause = |span| parent.after(span).clamp(entered, entered.after(span));
        let latest = pause(self.pacing.idle);
        self.sleep_until(clock, pause(self.pacing.interval_min)).await;
        let mut woken = self.wake.listen();
        loop {
            woken.mark_unchanged();
            let now = self.now(clock);
            let due = match self.calls.work(draft.at(time_on(draft, now))).await? {
                Work::Waiting => return Some(()),
                Work::Due(time) => time.min(latest),
                Work::None => latest,
            };
            if due <= now {
                return Some(());
            }
            select! {
                _ = woken.changed() => {},
                () = self.sleep_until(clock, due) => {},
            }
        }
    }
}

/// The time of a block that is proposed `now` on the parent of `draft`: always later than the parent's.
fn time_on(draft: &Draft, now: Time) -> Time {
    now.max(draft.parent().inner().block().header.time.after(Millis(1)))
}

/// The time of the engine's clock; 0 before 1970.
pub(crate) fn now(clock: &impl Clock) -> Time {
    let elapsed = clock.current().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
