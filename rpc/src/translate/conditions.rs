//! Conditions of orders and quotes.

use chain::conditions::{Conditions, Share, Split};

use super::Translator;
use crate::types::{ConditionsView, ShareView};

impl Translator {
    /// On which conditions something trades.
    pub(super) fn conditions(&self, conditions: &Conditions) -> ConditionsView {
        let split = self.split(&conditions.split);
        ConditionsView {
            notice_ms: conditions.kind.notice().map(|notice| notice.0),
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
