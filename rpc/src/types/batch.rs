//! What shows a market's match in a block: what the block reported, and what it left under every key that the
//! match depends on. A client works the match out again from these.

use chain::block::Header;
use chain::id::ObjectId;
use chain::merkle::{ListProof, StateProof};
use chain::receipt::BlockEvents;
use chain::state::{Key, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canonical::Canonical;
use crate::text::Text;
use crate::types::page::json_bytes;
use crate::types::{Limit, PAGE_BYTES_MAX};

/// Open orders of a market whose match a node shows at most.
pub const BATCH_ORDERS_MAX: u64 = 16_384;
/// Bytes of a block's own events with which a node shows a match at most. They fit a first part, in which
/// they are written as twice as many digits.
pub const BATCH_EVENTS_BYTES_MAX: usize = 1024 * 1024;
/// Things that a match depends on and orders that it ended, of which a node shows so many at most.
pub const BATCH_ITEMS_MAX: usize = 65_536;
/// Bytes of all of these at most, without their proofs.
pub const BATCH_OBJECTS_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Items in a part of what shows a match at most.
pub const BATCH_PART_ITEMS_MAX: u16 = 1_000;

const _: () = assert!(2 * BATCH_EVENTS_BYTES_MAX < PAGE_BYTES_MAX);

/// A part of what shows a market's match in a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchView {
    /// The block's header.
    pub header: Text<Canonical<Header>>,
    /// What the block reported, in the first part; none in others.
    pub report: Option<BatchReportView>,
    /// First the market's orders that the match ended, in the order in which they were reported; then what the
    /// block left, in the order of keys.
    pub items: Vec<BatchItemView>,
    /// What to ask with, together with the same height, for the part after this one; none after the last.
    pub next_cursor: Option<String>,
}

/// What a block reported that no transaction caused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchReportView {
    /// The header of the block's parent.
    pub parent: Text<Canonical<Header>>,
    /// The events of timers and of matching, of all markets.
    pub events: Text<Canonical<BlockEvents>>,
    /// The way from these to the receipts root.
    pub events_proof: Text<Canonical<ListProof>>,
}

/// One thing that a match depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum BatchItemView {
    /// An order that the match ended. The event that says so names the digest of its last form.
    Ended {
        /// The order.
        order: Text<ObjectId>,
        /// Its last form.
        object: Text<Canonical<Object>>,
    },
    /// What the block left under a key.
    Left {
        /// The key.
        key: Text<Canonical<Key>>,
        /// What stands there; none when nothing does.
        object: Option<Text<Canonical<Object>>>,
        /// The way from the key to the state root.
        proof: Text<Canonical<StateProof>>,
    },
}

impl BatchView {
    /// The part of `items` that begins behind the first `from` and ends at `limit` or at [`PAGE_BYTES_MAX`];
    /// it holds at least one item if there is one.
    pub fn fill(
        header: Text<Canonical<Header>>,
        report: Option<BatchReportView>,
        (from, limit): (usize, Limit<BATCH_PART_ITEMS_MAX>),
        items: impl IntoIterator<Item = BatchItemView>,
    ) -> Self {
        let mut view = Self { header, report, items: Vec::new(), next_cursor: None };
        let mut bytes = view.report.as_ref().map_or(0, json_bytes);
        for item in items {
            bytes += json_bytes(&item);
            let full = view.items.len() >= limit.items() || bytes > PAGE_BYTES_MAX;
            if full && !view.items.is_empty() {
                view.next_cursor = Some((from + view.items.len()).to_string());
                break;
            }
            view.items.push(item);
        }
        view
    }
}
