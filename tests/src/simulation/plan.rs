//! What a seed decides: how messages travel, and what goes wrong when.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use chain::limits::CLOCK_AHEAD_MS_MAX;
use chain::time::Millis;
use consensus::simulation::{Link, World};

use super::council::Act;
use super::fleet::{AUTHORITIES, NODES};
use crate::random::Random;

/// The node that does not vote at first, and starts late.
pub(super) const FOLLOWER: usize = AUTHORITIES;

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A node's program ends at once.
    Crash(usize),
    /// It is started again.
    Restart(usize),
    /// These nodes hear the others no more, nor these them.
    Part(Vec<usize>),
    /// Nobody hears this node any more; it hears the others.
    Mute(usize),
    /// What this node sends, and what is sent to it, takes seconds.
    Slow(usize),
    /// All hear one another again.
    Join,
    /// Those who vote are to decide so.
    Decide(Act),
    /// So many in a thousand syncs of disks fail.
    Disks(u16),
}

/// What a seed decided.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    link: Link,
    /// How many of a thousand messages come twice.
    repeated: u16,
    /// The seconds at which the power of all is cut.
    cuts: Vec<u64>,
    events: BTreeMap<u64, Vec<Event>>,
    /// The authorities that run twice.
    pub(super) twins: Vec<usize>,
    /// How far the nodes' clocks are ahead.
    pub(super) clocks: Vec<Millis>,
    seconds: u64,
}

/// How far clocks may lie apart: whoever is ahead by more than a voter waits for gets no vote of it.
const CLOCKS_APART_MAX_MS: u64 = CLOCK_AHEAD_MS_MAX;
/// Messages of a node that is slow.
const SLOW: Link = Link { latency: Millis(5_000), jitter: Millis(100), lost_per_mille: 0 };
/// Messages as they travel once the network has healed.
const HEALED: Link = Link { latency: Millis(20), jitter: Millis(5), lost_per_mille: 0 };

impl Plan {
    /// The plan for so many seconds. Half of all plans leave each kind of fault out. So many authorities run twice,
    /// one in every third plan unless it is said.
    pub(super) fn of(random: &mut Random, seconds: u64, twins: Option<usize>) -> Self {
        let count = if random.once_in(3) { 1 } else { 0 };
        let first = index(random.below(AUTHORITIES as u64));
        let twins = (0..twins.unwrap_or(count)).map(|next| (first + next) % AUTHORITIES).collect();
        let lost = if random.once_in(2) { random.below(301) } else { 0 };
        let link = Link {
            latency: Millis(1 + random.below(100)),
            jitter: Millis(random.below(30)),
            lost_per_mille: u16::try_from(lost).expect("at most 300"),
        };
        let apart = if random.once_in(2) { CLOCKS_APART_MAX_MS } else { 0 };
        let clocks = (0..NODES).map(|_| Millis(random.below(apart + 1))).collect();
        let (cuts, events) = (Vec::new(), BTreeMap::new());
        let mut plan = Self { link, repeated: 0, cuts, events, twins, clocks, seconds };
        plan.note(random.below(seconds), Event::Restart(FOLLOWER));
        if random.once_in(2) {
            plan.decisions(random);
        }
        if random.once_in(2) {
            plan.crashes(random);
        }
        if random.once_in(2) {
            plan.partitions(random);
        }
        if random.once_in(4) {
            plan.disks(random);
        }
        if random.once_in(2) {
            plan.cuts.extend((0..=random.below(2)).map(|_| 1 + random.below(seconds)));
            plan.cuts.sort_unstable();
            plan.cuts.dedup();
        }
        if random.once_in(2) {
            plan.repeated = u16::try_from(random.below(501)).expect("at most 500");
        }
        plan
    }

    fn note(&mut self, second: u64, event: Event) {
        self.events.entry(second).or_default().push(event);
    }

    fn decisions(&mut self, random: &mut Random) {
        self.note(random.below(self.seconds), Event::Decide(Act::Join(FOLLOWER)));
        let leaves = index(random.below(AUTHORITIES as u64));
        self.note(random.below(self.seconds), Event::Decide(Act::Leave(leaves)));
    }

    fn crashes(&mut self, random: &mut Random) {
        let mut second = random.below(5);
        while second < self.seconds {
            let number = index(random.below(NODES as u64));
            self.note(second, Event::Crash(number));
            self.note(second + 1 + random.below(10), Event::Restart(number));
            second += 1 + random.below(15);
        }
    }

    fn partitions(&mut self, random: &mut Random) {
        let mut second = random.below(10);
        while second < self.seconds {
            let one = index(random.below(NODES as u64));
            let event = match random.below(5) {
                0 => Event::Part(vec![one]),
                1 => Event::Mute(one),
                2 => Event::Slow(one),
                _ => Event::Part((0..NODES).filter(|_| random.once_in(2)).collect()),
            };
            let back = second + 1 + random.below(12);
            self.note(second, event);
            self.note(back, Event::Join);
            second = back + 1 + random.below(15);
        }
    }

    fn disks(&mut self, random: &mut Random) {
        let mut second = random.below(10);
        while second < self.seconds {
            let rate = u16::try_from(1 + random.below(10)).expect("a small number");
            let back = second + 1 + random.below(4);
            self.note(second, Event::Disks(rate));
            self.note(back, Event::Disks(0));
            second = back + 1 + random.below(20);
        }
    }

    /// Into how many parts power cuts divide the time.
    pub(super) fn parts(&self) -> usize {
        self.cuts.len() + 1
    }

    /// The seconds of a part.
    pub(super) fn seconds_of(&self, part: usize) -> Range<u64> {
        let start = part.checked_sub(1).map_or(0, |before| self.cuts[before]);
        start..self.cuts.get(part).copied().unwrap_or(self.seconds)
    }

    /// What happens at a second.
    pub(super) fn at(&self, second: u64) -> Vec<Event> {
        self.events.get(&second).cloned().unwrap_or_default()
    }

    /// Lets all hear one another, as messages travel in this plan.
    pub(super) async fn connect(&self, world: &mut World) {
        connect(world, self.link).await;
        world.repeat(self.repeated);
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { link, repeated, cuts, events, twins, clocks, seconds: _ } = self;
        let count = |kind: fn(&Event) -> bool| {
            events.values().flatten().filter(|event| kind(event)).count()
        };
        let (first, last) = (clocks.iter().min(), clocks.iter().max());
        let apart = Millis(last.map_or(0, |it| it.0) - first.map_or(0, |it| it.0));
        write!(
            formatter,
            "{} ± {} ms, {} of 1000 lost, {repeated} twice, {} crashes, {} partitions, {} spells of bad disks, {} power cuts, {} changes of who votes, clocks {} ms apart, twins {twins:?}",
            link.latency.0,
            link.jitter.0,
            link.lost_per_mille,
            count(|event| matches!(event, Event::Crash(_))),
            count(|event| matches!(event, Event::Part(_) | Event::Mute(_) | Event::Slow(_))),
            count(|event| matches!(event, Event::Disks(1..))),
            cuts.len(),
            count(|event| matches!(event, Event::Decide(_))),
            apart.0,
        )
    }
}

/// Lets all hear one another, and loses nothing; nothing comes twice.
pub(super) async fn heal(world: &mut World) {
    connect(world, HEALED).await;
    world.repeat(0);
}

/// Cuts the links between `half` and the others.
pub(super) async fn part(world: &mut World, half: &[usize]) {
    for (from, to) in pairs().filter(|(from, to)| half.contains(from) != half.contains(to)) {
        world.link(from, to, None).await;
    }
}

/// Cuts the links from one node to the others.
pub(super) async fn mute(world: &mut World, one: usize) {
    for (from, to) in pairs().filter(|(from, _)| *from == one) {
        world.link(from, to, None).await;
    }
}

/// Slows the links of one node.
pub(super) async fn slow(world: &mut World, one: usize) {
    for (from, to) in pairs().filter(|(from, to)| *from == one || *to == one) {
        world.link(from, to, Some(SLOW)).await;
    }
}

async fn connect(world: &mut World, link: Link) {
    for (from, to) in pairs() {
        world.link(from, to, Some(link)).await;
    }
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..NODES).flat_map(|from| (0..NODES).map(move |to| (from, to))).filter(|(a, b)| a != b)
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("a small number")
}
