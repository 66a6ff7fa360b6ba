//! Conditions of orders and quotes.

use chain::conditions::{Conditions, Kind};

use super::Translator;
use crate::types::ConditionsView;

impl Translator {
    /// On which conditions something trades.
    #[expect(clippy::unused_self, reason = "accounts among them are written for the network")]
    pub(super) fn conditions(&self, conditions: &Conditions) -> ConditionsView {
        ConditionsView { notice_ms: notice_ms(conditions.kind) }
    }
}

/// How long before a seller says that it takes capacity back; none where it does not.
pub(super) const fn notice_ms(kind: Kind) -> Option<u64> {
    match kind {
        Kind::Firm => None,
        Kind::Interruptible { notice } => Some(notice.0),
    }
}
