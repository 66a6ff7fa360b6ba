//! What shows a market's match in a block, and that it is of the block.

use std::collections::BTreeMap;

use chain::block::Header;
use chain::event::Event;
use chain::id::ObjectId;
use chain::merkle::{ListProof, StateProof};
use chain::order::Order;
use chain::receipt::BlockEvents;
use chain::state::{Key, Object};

use super::BatchInvalid;
use crate::context::BlockContext;

/// What shows a market's match in a block: each part leads to the block's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The block's header.
    pub header: Header,
    /// That of its parent, whose time decides what is too late.
    pub parent: Header,
    /// What the block reported that no transaction caused,
    pub events: BlockEvents,
    /// and that these events are the block's.
    pub events_proof: ListProof,
    /// The last forms of the market's orders that the match ended, in the order in which they were reported.
    pub ended: Vec<(ObjectId, Order)>,
    /// What the block left under each key that the match depends on.
    pub objects: Vec<Shown>,
}

/// What the block left under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The key.
    pub key: Key,
    /// What stands there; `None` for nothing.
    pub object: Option<Object>,
    /// That it does.
    pub proof: StateProof,
}

impl Evidence {
    /// Where the block stands.
    pub(super) fn context(&self) -> Result<BlockContext, BatchInvalid> {
        let follows = self.header.parent == self.parent.digest()
            && self.header.chain == self.parent.chain
            && self.header.height == self.parent.height.next();
        if follows {
            Ok(BlockContext::of(&self.header, &self.parent))
        } else {
            Err(BatchInvalid::Parent)
        }
    }

    /// What the block's matching reported, of all markets.
    pub(super) fn reported(&self) -> Result<&[Event], BatchInvalid> {
        let proved = self.events_proof.verify(&self.header.receipts_root, &self.events.digest());
        proved.map_err(|_| BatchInvalid::Events)?;
        Ok(&self.events.matching)
    }

    /// The orders that ended, which must be those of `reported` in their last forms.
    pub(super) fn ended(&self, reported: &[Event]) -> Result<&[(ObjectId, Order)], BatchInvalid> {
        let named = reported.iter().filter_map(|event| {
            let Event::OrderClosed { order, last, .. } = event else { return None };
            Some((*order, *last))
        });
        let shown = self.ended.iter().map(|(id, order)| {
            let last = Object::Order(Box::new(order.clone()));
            (*id, last.digest())
        });
        if named.eq(shown) { Ok(&self.ended) } else { Err(BatchInvalid::Ended) }
    }

    /// What the block left, by key.
    pub(super) fn shown(&self) -> Result<BTreeMap<Key, Option<&Object>>, BatchInvalid> {
        let mut shown = BTreeMap::new();
        for Shown { key, object, proof } in &self.objects {
            let object = object.as_ref();
            let of_its_kind = object.is_none_or(|object| object.belongs_under(key));
            let proved = proof.verify(&self.header.state_root, key, object);
            if !of_its_kind || proved.is_err() {
                return Err(BatchInvalid::Object(*key));
            }
            if shown.insert(*key, object).is_some() {
                return Err(BatchInvalid::Repeated(*key));
            }
        }
        let both = self.ended.iter().map(|(id, _)| Key::Order(*id));
        match both.into_iter().find(|key| shown.contains_key(key)) {
            Some(key) => Err(BatchInvalid::Repeated(key)),
            None => Ok(shown),
        }
    }
}
