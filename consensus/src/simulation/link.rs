//! How messages travel from one node to another.

use std::time::Duration;

use chain::time::Millis;
use commonware_p2p::simulated;
use commonware_utils::Probability;

/// One direction between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// How long a message takes on average.
    pub latency: Millis,
    /// The standard deviation of that.
    pub jitter: Millis,
    /// How many of a thousand messages are lost.
    pub lost_per_mille: u16,
}

impl Link {
    pub(super) fn into_engine(self) -> simulated::Link {
        simulated::Link {
            latency: Duration::from_millis(self.latency.0),
            jitter: Duration::from_millis(self.jitter.0),
            success_rate: probability_of(1_000_u16.saturating_sub(self.lost_per_mille)),
        }
    }
}

/// So many in a thousand, at most all.
pub(super) fn probability_of(per_mille: u16) -> Probability {
    Probability::new(u64::from(per_mille.min(1_000)), 1_000).expect("no more than all")
}
