//! What the node is, whether its chain grows, and who is around it.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use chain::block::VERSION;
use chain::time::{Millis, Time};
use consensus::{Neighbour, Progress, Role, Situation};
use rpc::types::{
    AtTip, CatchUpView, DiskView, GossipView, KeepsView, MempoolView, NodeStatusView, PeerView,
    PresenceView, ProgressView, RoleView,
};

use super::NodeApi;
use crate::application::lock;
use crate::disk::{Guard, Limits, Room};
use crate::ledger::Committed;
use crate::market_index::MarketIndex;

pub(super) fn status(api: &NodeApi) -> AtTip<NodeStatusView> {
    let peering = api.gossip.peering();
    let (situation, committed) = (peering.situation(), api.read());
    let mempool = {
        let mempool = lock(&api.mempool);
        MempoolView { transactions: number(mempool.len()), bytes: number(mempool.bytes()) }
    };
    let Situation { voters, present, quorum, garbage, dropped, .. } = *situation;
    let view = NodeStatusView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        chain: committed.header.chain.into(),
        key: api.key.into(),
        role: role(situation.role),
        progress: progress(&committed, situation.progress()),
        tip_age_ms: now().since(committed.header.time).0,
        authorities: PresenceView {
            voters: number(voters),
            present: number(present),
            quorum: number(quorum),
        },
        catch_up: catch_up(&situation),
        peers: situation.neighbours.iter().map(peer).collect(),
        blocked: situation.blocked.iter().map(|key| (*key).into()).collect(),
        gossip: GossipView { waiting: number(peering.waiting()), dropped, garbage },
        mempool,
        disk: disk(&api.disk),
        keeps: keeps(api),
    };
    api.at(&committed, view)
}

fn disk(guard: &Guard) -> DiskView {
    let Limits { voting_bytes_min, running_bytes_min } = guard.limits();
    let abstains = guard.room() == Room::Low;
    DiskView { free_bytes: guard.free_bytes(), voting_bytes_min, running_bytes_min, abstains }
}

fn keeps(api: &NodeApi) -> KeepsView {
    let store = api.ledger.store();
    let index = api.ledger.market_index().map(MarketIndex::begins).transpose();
    let index = index.unwrap_or_else(|error| {
        tracing::error!(%error, "cannot say where the index begins");
        None
    });
    KeepsView {
        blocks_from: store.first().0,
        histories_from: store.histories_begin().map(|height| height.0),
        index_from: index.map(|height| height.0),
    }
}

fn catch_up(situation: &Arc<Situation>) -> Option<CatchUpView> {
    let target = situation.target.filter(|_| situation.progress() == Progress::CatchingUp)?;
    let left_ms = situation.time_left().map(|Millis(left)| left);
    Some(CatchUpView { target: target.0, blocks_per_minute: situation.blocks_per_minute, left_ms })
}

fn peer(neighbour: &Neighbour) -> PeerView {
    PeerView {
        key: neighbour.key.into(),
        role: role(neighbour.role),
        present: neighbour.is_here(),
        height: neighbour.tip.map(|tip| tip.height.0),
        silent_ms: neighbour.silent.map(|Millis(silent)| silent),
        clock_ahead_ms: neighbour.clock_ahead,
        abstains: neighbour.abstains(),
    }
}

const fn role(role: Role) -> RoleView {
    match role {
        Role::Authority => RoleView::Authority,
        Role::Follower => RoleView::Follower,
    }
}

fn progress(committed: &Committed, progress: Progress) -> ProgressView {
    match progress {
        _ if committed.next_version() != VERSION => ProgressView::UpgradeNeeded,
        Progress::AtTip => ProgressView::AtTip,
        Progress::CatchingUp => ProgressView::CatchingUp,
        Progress::TooFewAuthorities => ProgressView::TooFewAuthorities,
    }
}

/// This machine's time; 0 before 1970.
fn now() -> Time {
    let elapsed: Duration = UNIX_EPOCH.elapsed().unwrap_or_default();
    Time(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
