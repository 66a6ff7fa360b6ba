//! How things stand around a node: who is here, who is ahead, and whether enough are here to go on.
//!
//! Every node tells its peers each second how far it is. Whoever was heard lately is here, so a peer that is
//! connected but does nothing counts as away. Pure: the time is told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chain::authority::AuthorityKey;
use chain::gossip::TipNotice;
use chain::height::Height;
use chain::time::{Millis, Time};

/// A peer that said nothing for this long is away.
pub const SILENCE_MAX: Millis = Millis(5_000);
/// A node this many blocks behind is catching up.
pub(crate) const BEHIND_BLOCKS_MIN: u64 = 16;
/// How often what lasts is said again.
const REPEAT: Millis = Millis(30_000);
/// How often a node that catches up says how far it is.
const PROGRESS: Millis = Millis(5_000);
/// Over how many looks the speed is measured.
const LOOKS: usize = 11;

/// What a node is in the running epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It votes.
    Authority,
    /// It verifies what others agree on.
    #[default]
    Follower,
}

/// Whether a node's chain grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is where the others are.
    AtTip,
    /// It fetches what others have.
    CatchingUp,
    /// Fewer authorities are here and vote than must agree: the chain halts until more do.
    TooFewAuthorities,
}

/// Another node, as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its key.
    pub key: AuthorityKey,
    /// What it is in the running epoch.
    pub role: Role,
    /// How far it said it is; `None` when it was not heard since the start.
    pub tip: Option<TipNotice>,
    /// How long it has said nothing.
    pub silent: Option<Millis>,
    /// How many milliseconds its clock was ahead of ours, or behind if below zero, when it was heard last; a little
    /// less than that, as messages take a while.
    pub clock_ahead: Option<i64>,
}

impl Neighbour {
    /// Whether it was heard lately.
    pub fn is_here(&self) -> bool {
        self.silent.is_some_and(|silent| silent <= SILENCE_MAX)
    }

    /// Whether it keeps back its votes.
    pub fn abstains(&self) -> bool {
        self.tip.is_some_and(|tip| tip.abstains)
    }

    /// Whether its vote can be counted on.
    fn votes(&self) -> bool {
        self.role == Role::Authority && self.is_here() && !self.abstains()
    }
}

/// How things stand around a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// What the node is.
    pub role: Role,
    /// How many authorities vote in the running epoch.
    pub voters: usize,
    /// How many of them must agree.
    pub quorum: usize,
    /// How many of them are here and keep no votes back, the node included if it is one.
    pub present: usize,
    /// The node's own height.
    pub height: Height,
    /// The other voters, here or not, and the followers that were heard; by key.
    pub neighbours: Vec<Neighbour>,
    /// How far others are: no fewer of them than it takes for one honest one to be among them, as far as they
    /// are here.
    pub target: Option<Height>,
    /// How fast the node's chain grew lately.
    pub blocks_per_minute: u64,
    /// Peers that are cut off.
    pub blocked: Vec<AuthorityKey>,
    /// Messages that no node which follows the protocol sends.
    pub garbage: u64,
    /// Transactions that found no room to be passed on.
    pub dropped: u64,
}

impl Situation {
    /// Whether the chain grows.
    pub fn progress(&self) -> Progress {
        if self.present < self.quorum {
            Progress::TooFewAuthorities
        } else if self.is_near_others() {
            Progress::AtTip
        } else {
            Progress::CatchingUp
        }
    }

    /// Whether the node has what the others have, but for a few blocks that may be on their way.
    pub fn is_near_others(&self) -> bool {
        self.blocks_behind() < BEHIND_BLOCKS_MIN
    }

    /// How many blocks others have that the node lacks.
    pub fn blocks_behind(&self) -> u64 {
        self.target.map_or(0, |target| target.0.saturating_sub(self.height.0))
    }

    /// How long the node will take to catch up, if it gets anywhere.
    pub fn time_left(&self) -> Option<Millis> {
        let left = self.blocks_behind().saturating_mul(60_000);
        left.checked_div(self.blocks_per_minute).map(Millis)
    }

    /// How far from ours the clock of the authority lies that is furthest apart, of those that are here.
    pub fn clocks_apart(&self) -> Millis {
        let here = self.neighbours.iter().filter(|it| it.role == Role::Authority && it.is_here());
        let apart = here.filter_map(|it| it.clock_ahead).map(i64::unsigned_abs);
        Millis(apart.max().unwrap_or(0))
    }

    /// Whether there is an authority besides the node.
    pub(crate) fn others_vote(&self) -> bool {
        self.neighbours.iter().any(|neighbour| neighbour.role == Role::Authority)
    }
}

/// What is worth a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    Halted,
    Resumed,
    Behind,
    CaughtUp,
}

/// Who votes in the running epoch, and what we are and have.
pub(crate) struct Stand<'a> {
    pub(crate) us: AuthorityKey,
    pub(crate) voters: &'a BTreeSet<AuthorityKey>,
    pub(crate) quorum: usize,
    pub(crate) height: Height,
    pub(crate) abstains: bool,
}

/// What was heard of others so far.
#[derive(Debug)]
pub(crate) struct Presence {
    began: Time,
    heard: BTreeMap<AuthorityKey, (Time, TipNotice)>,
    /// Our height at the last looks, the oldest first.
    looks: VecDeque<(Time, Height)>,
    progress: Progress,
    /// When it was said last.
    said: Time,
}

impl Presence {
    pub(crate) fn new(now: Time) -> Self {
        let (heard, looks) = (BTreeMap::new(), VecDeque::new());
        Self { began: now, heard, looks, progress: Progress::AtTip, said: now }
    }

    /// A peer said how far it is. The network lets nobody in but those it was told of, so these are few.
    pub(crate) fn hear(&mut self, now: Time, peer: AuthorityKey, tip: TipNotice) {
        self.heard.insert(peer, (now, tip));
    }

    /// How things stand now, and whether that is worth a word.
    pub(crate) fn look(&mut self, now: Time, stand: &Stand<'_>) -> (Situation, Option<Notice>) {
        self.looks.push_back((now, stand.height));
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
        let is_voter = stand.voters.contains(&stand.us);
        let neighbours = self.neighbours(now, stand);
        let here = || neighbours.iter().filter(|it| it.role == Role::Authority && it.is_here());
        let mut tips: Vec<Height> = here().filter_map(|it| Some(it.tip?.height)).collect();
        tips.sort_unstable_by(|a, b| b.cmp(a));
        let one_is_honest = stand.voters.len() - stand.quorum + 1;
        let situation = Situation {
            role: if is_voter { Role::Authority } else { Role::Follower },
            voters: stand.voters.len(),
            quorum: stand.quorum,
            present: neighbours.iter().filter(|it| it.votes()).count()
                + usize::from(is_voter && !stand.abstains),
            height: stand.height,
            target: tips.iter().take(one_is_honest).next_back().copied(),
            blocks_per_minute: self.blocks_per_minute(),
            neighbours,
            ..Situation::default()
        };
        let notice = self.notice(now, situation.progress());
        (situation, notice)
    }

    fn neighbours(&self, now: Time, stand: &Stand<'_>) -> Vec<Neighbour> {
        let keys: BTreeSet<AuthorityKey> =
            stand.voters.iter().chain(self.heard.keys()).copied().collect();
        let neighbour = |key| {
            let heard = self.heard.get(&key);
            Neighbour {
                key,
                role: if stand.voters.contains(&key) { Role::Authority } else { Role::Follower },
                tip: heard.map(|(_, tip)| *tip),
                silent: heard.map(|(at, _)| now.since(*at)),
                clock_ahead: heard.map(|(at, tip)| ahead(tip.time, *at)),
            }
        };
        keys.into_iter().filter(|key| *key != stand.us).map(neighbour).collect()
    }

    fn blocks_per_minute(&self) -> u64 {
        let (Some((began, first)), Some((now, last))) = (self.looks.front(), self.looks.back())
        else {
            return 0;
        };
        let blocks = last.0.saturating_sub(first.0);
        blocks.saturating_mul(60_000).checked_div(now.since(*began).0).unwrap_or(0)
    }

    /// Says what changed, and says again what lasts. Nothing in the first moments: nobody was heard yet.
    fn notice(&mut self, now: Time, progress: Progress) -> Option<Notice> {
        if now.since(self.began) <= SILENCE_MAX {
            return None;
        }
        let (before, lasted) = (self.progress, now.since(self.said));
        let notice = match (before, progress) {
            (Progress::TooFewAuthorities, Progress::TooFewAuthorities) if lasted < REPEAT => None,
            (_, Progress::TooFewAuthorities) => Some(Notice::Halted),
            (Progress::TooFewAuthorities, _) => Some(Notice::Resumed),
            (Progress::CatchingUp, Progress::CatchingUp) if lasted < PROGRESS => None,
            (_, Progress::CatchingUp) => Some(Notice::Behind),
            (Progress::CatchingUp, Progress::AtTip) => Some(Notice::CaughtUp),
            (Progress::AtTip, Progress::AtTip) => None,
        };
        self.progress = progress;
        if notice.is_some() {
            self.said = now;
        }
        notice
    }
}

/// How many milliseconds `theirs` is later than `ours`; below zero when it is earlier.
fn ahead(theirs: Time, ours: Time) -> i64 {
    let difference = i128::from(theirs.0) - i128::from(ours.0);
    i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests;
