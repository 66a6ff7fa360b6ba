//! What a seed decides: how messages travel, and what goes wrong when.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use chain::time::Millis;
use consensus::simulation::{Link, World};

use super::fleet::AUTHORITIES;
use crate::random::Random;

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A node's program ends at once.
    Crash(usize),
    /// It is started again.
    Restart(usize),
    /// These nodes hear the others no more, nor these them.
    Part(Vec<usize>),
    /// All hear one another again.
    Join,
    /// So many in a thousand syncs of disks fail.
    Disks(u16),
}

/// What a seed decided.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    link: Link,
    /// The seconds at which the power of all is cut.
    cuts: Vec<u64>,
    events: BTreeMap<u64, Vec<Event>>,
    /// The authority that runs twice.
    pub(super) twin: Option<usize>,
    seconds: u64,
}

/// Messages as they travel once the network has healed.
const HEALED: Link = Link { latency: Millis(20), jitter: Millis(5), lost_per_mille: 0 };

impl Plan {
    /// The plan for so many seconds. Half of all plans leave each kind of fault out.
    pub(super) fn of(random: &mut Random, seconds: u64) -> Self {
        let twin = random.once_in(3).then(|| index(random.below(AUTHORITIES as u64)));
        let lost = if random.once_in(2) { random.below(301) } else { 0 };
        let link = Link {
            latency: Millis(1 + random.below(100)),
            jitter: Millis(random.below(30)),
            lost_per_mille: u16::try_from(lost).expect("at most 300"),
        };
        let mut plan = Self { link, cuts: Vec::new(), events: BTreeMap::new(), twin, seconds };
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
        plan
    }

    fn crashes(&mut self, random: &mut Random) {
        let mut second = random.below(5);
        while second < self.seconds {
            let number = index(random.below(AUTHORITIES as u64));
            let back = second + 1 + random.below(10);
            self.events.entry(second).or_default().push(Event::Crash(number));
            self.events.entry(back).or_default().push(Event::Restart(number));
            second += 1 + random.below(15);
        }
    }

    fn partitions(&mut self, random: &mut Random) {
        let mut second = random.below(10);
        while second < self.seconds {
            let half = (0..AUTHORITIES).filter(|_| random.once_in(2)).collect();
            let back = second + 1 + random.below(12);
            self.events.entry(second).or_default().push(Event::Part(half));
            self.events.entry(back).or_default().push(Event::Join);
            second = back + 1 + random.below(15);
        }
    }

    fn disks(&mut self, random: &mut Random) {
        let mut second = random.below(10);
        while second < self.seconds {
            let rate = u16::try_from(1 + random.below(10)).expect("a small number");
            let back = second + 1 + random.below(4);
            self.events.entry(second).or_default().push(Event::Disks(rate));
            self.events.entry(back).or_default().push(Event::Disks(0));
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
    pub(super) async fn connect(&self, world: &mut World, count: usize) {
        connect(world, count, self.link).await;
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { link, cuts, events, twin, seconds: _ } = self;
        let count = |kind: fn(&Event) -> bool| {
            events.values().flatten().filter(|event| kind(event)).count()
        };
        write!(
            formatter,
            "{} ± {} ms, {} of 1000 lost, {} crashes, {} partitions, {} spells of bad disks, {} power cuts, twin {}",
            link.latency.0,
            link.jitter.0,
            link.lost_per_mille,
            count(|event| matches!(event, Event::Crash(_))),
            count(|event| matches!(event, Event::Part(_))),
            count(|event| matches!(event, Event::Disks(1..))),
            cuts.len(),
            twin.map_or("none".to_owned(), |twin| twin.to_string()),
        )
    }
}

/// Lets all hear one another, and loses nothing.
pub(super) async fn heal(world: &mut World, count: usize) {
    connect(world, count, HEALED).await;
}

/// Cuts the links between `half` and the others.
pub(super) async fn part(world: &mut World, half: &[usize], count: usize) {
    for (from, to) in pairs(count).filter(|(from, to)| half.contains(from) != half.contains(to)) {
        world.link(from, to, None).await;
    }
}

async fn connect(world: &mut World, count: usize, link: Link) {
    for (from, to) in pairs(count) {
        world.link(from, to, Some(link)).await;
    }
}

fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |from| (0..count).map(move |to| (from, to))).filter(|(a, b)| a != b)
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("a small number")
}
