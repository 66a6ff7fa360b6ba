//! Conditions of orders and quotes.

use chain::conditions::{Conditions, Kind, Share, Split};

use super::Translator;
use crate::types::{ConditionsView, ShareView};

impl Translator {
    /// On which conditions something trades.
    pub(super) fn conditions(&self, conditions: &Conditions) -> ConditionsView {
        let split = self.split(&conditions.split);
        ConditionsView {
            notice_ms: notice_ms(conditions.kind),
            split,
            agreement: conditions.agreement.map(Into::into),
            broker: conditions.broker.map(|it| self.address(it)),
            user: conditions.user.map(|it| self.address(it)),
        }
    }

    /// Who gets parts of what a seller is paid.
    pub(super) fn split(&self, split: &Split) -> Vec<ShareView> {
        let share =
            |share: Share| ShareView { account: self.address(share.account), bps: share.bps };
        split.iter().map(share).collect()
    }
}

/// How long before a seller says that it takes capacity back; none where it does not.
pub(super) const fn notice_ms(kind: Kind) -> Option<u64> {
    match kind {
        Kind::Firm => None,
        Kind::Interruptible { notice } => Some(notice.0),
    }
}
