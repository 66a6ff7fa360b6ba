//! Whether a node serves its clients well: conditions that must all hold. Pure: what is known is told.

use chain::block::VERSION;
use consensus::{Role, Situation};
use serde_json::{Value, json};

use crate::disk::{Guard, Room};

const MIB: u64 = 1 << 20;

/// Whether a node serves its clients well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What must hold, each with what is known of it.
    pub conditions: Vec<Condition>,
}

/// One thing that must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it is called.
    pub name: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// What is known of it, in words.
    pub says: String,
}

impl Health {
    /// The health of a node around which things stand like this, whose disk is `guard`ed, and whose next block needs
    /// rules of the version `next`.
    pub(crate) fn of(situation: &Situation, guard: &Guard, next: u16) -> Self {
        let conditions =
            vec![caught_up(situation), authorities(situation), disk(guard), version(next)];
        Self { conditions }
    }

    /// Whether all conditions hold.
    pub fn is_ready(&self) -> bool {
        self.conditions.iter().all(|condition| condition.holds)
    }

    /// The same as a document.
    pub fn document(&self) -> Value {
        let conditions = self.conditions.iter().map(|condition| {
            let Condition { name, holds, says } = condition;
            ((*name).to_owned(), json!({ "holds": holds, "says": says }))
        });
        let conditions: serde_json::Map<_, _> = conditions.collect();
        json!({ "ready": self.is_ready(), "conditions": conditions })
    }
}

/// The node has what the others have.
fn caught_up(situation: &Situation) -> Condition {
    let behind = situation.blocks_behind();
    let says = match (behind, situation.target) {
        (0, _) => format!("at height {}", situation.height),
        (_, target) => format!(
            "at height {}, others at {}: {behind} blocks behind",
            situation.height,
            target.unwrap_or_default()
        ),
    };
    Condition { name: "caught_up", holds: situation.is_near_others(), says }
}

/// Enough authorities are here: for one that votes, as many as must agree; for one that follows, one to
/// follow.
fn authorities(situation: &Situation) -> Condition {
    let Situation { voters, quorum, present, .. } = *situation;
    let (needed, why) = match situation.role {
        Role::Authority => (quorum, "must agree"),
        Role::Follower => (1, "must be heard to follow"),
    };
    let says = if voters == 0 {
        "the node has just started and has not looked around".to_owned()
    } else {
        format!("{present} of {voters} authorities are here, {needed} {why}")
    };
    Condition { name: "authorities", holds: voters > 0 && present >= needed, says }
}

/// The node knows the rules of the next block.
fn version(next: u16) -> Condition {
    let says = match next {
        VERSION => format!("version {VERSION} of the rules"),
        _ => format!("the next block needs version {next} of the rules, this node has {VERSION}"),
    };
    Condition { name: "version", holds: next == VERSION, says }
}

/// There is room enough on the disk to vote.
fn disk(guard: &Guard) -> Condition {
    let min = guard.limits().voting_bytes_min / MIB;
    let free = guard.free_bytes().map(|free| free / MIB);
    let holds = guard.room() == Room::Enough;
    let says = match (free, holds) {
        (Some(free), true) => format!("{free} MiB are free"),
        (Some(free), false) => {
            format!(
                "{free} MiB are free, little more or less than {min} MiB: the node votes for nothing"
            )
        }
        (None, _) => "the system does not say what is free".to_owned(),
    };
    Condition { name: "disk", holds, says }
}

#[cfg(test)]
mod tests {
    use chain::height::Height;
    use consensus::Abstention;

    use crate::disk::Limits;

    use super::*;

    fn four(present: usize, role: Role) -> Situation {
        let (voters, quorum, height) = (4, 3, Height(40));
        Situation { role, voters, quorum, present, height, ..Situation::default() }
    }

    fn guard(voting_bytes_min: u64) -> Guard {
        let limits = Limits { voting_bytes_min, running_bytes_min: 0 };
        Guard::new(&std::env::temp_dir(), limits, Abstention::new()).unwrap()
    }

    fn failing(situation: &Situation) -> Vec<&'static str> {
        failing_on(situation, &guard(0))
    }

    fn failing_on(situation: &Situation, guard: &Guard) -> Vec<&'static str> {
        let health = Health::of(situation, guard, VERSION);
        let document = health.document();
        assert_eq!(document["ready"], health.is_ready());
        let failing = health.conditions.iter().filter(|condition| !condition.holds);
        failing.map(|condition| condition.name).collect()
    }

    #[test]
    fn authority_needs_a_quorum_and_a_follower_one_to_follow() {
        assert!(failing(&four(3, Role::Authority)).is_empty());
        assert_eq!(failing(&four(2, Role::Authority)), ["authorities"]);
        assert!(failing(&four(1, Role::Follower)).is_empty());
        assert_eq!(failing(&four(0, Role::Follower)), ["authorities"]);
    }

    #[test]
    fn node_that_must_be_upgraded_is_not_ready() {
        let health = Health::of(&four(4, Role::Authority), &guard(0), VERSION + 1);
        assert!(!health.is_ready());
        assert_eq!(health.document()["conditions"]["version"]["holds"], false);
    }

    #[test]
    fn node_whose_disk_is_short_is_not_ready() {
        assert_eq!(failing_on(&four(4, Role::Authority), &guard(u64::MAX)), ["disk"]);
    }

    #[test]
    fn node_that_has_not_looked_around_is_not_ready() {
        assert_eq!(failing(&Situation::default()), ["authorities"]);
    }

    #[test]
    fn node_that_lacks_blocks_is_not_ready() {
        let mut situation = four(4, Role::Authority);
        situation.target = Some(Height(41));
        assert!(failing(&situation).is_empty(), "one block is on its way");
        situation.target = Some(Height(4_000));
        assert_eq!(failing(&situation), ["caught_up"]);
        assert!(
            Health::of(&situation, &guard(0), VERSION)
                .document()
                .to_string()
                .contains("3960 blocks behind")
        );
    }
}
