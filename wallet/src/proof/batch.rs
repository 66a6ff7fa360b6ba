//! The match of a market in a block, worked out again from what a node shows of it.

use chain::block::Header;
use chain::encoding::encode;
use chain::market::MarketId;
use chain::receipt::BlockEvents;
use chain::state::{Key, Object};
use rpc::methods::MarketGetBatch;
use rpc::types::{
    BATCH_ITEMS_MAX, BATCH_OBJECTS_BYTES_MAX, BATCH_PART_ITEMS_MAX, BatchItemView, BatchReportView,
    BatchView, Limit,
};
use runtime::batch::{self, Batch, Evidence, Shown};

use super::{Auditor, ProofError, Proven};

/// Bytes of what shows a match at most, beside the block's own events: a node shows no more objects than these,
/// and a proof is a few hundred bytes.
const BYTES_MAX: usize = BATCH_OBJECTS_BYTES_MAX + 2_048 * BATCH_ITEMS_MAX;

impl Auditor {
    /// What the match of the market called `name` did in the block at `height`, or in the node's tip: what it
    /// found is proved, and what it did is worked out again from that.
    ///
    /// # Errors
    /// [`ProofError`] names the link that does not hold.
    pub async fn batch(
        &mut self,
        name: &str,
        height: Option<u64>,
    ) -> Result<Proven<Batch>, ProofError> {
        let evidence = self.evidence(name, height).await?;
        let shown = evidence.header.height;
        if let Some(asked) = height.filter(|height| *height != shown.0) {
            return Err(ProofError::Height { asked, shown });
        }
        let finality = self.finality(&evidence.header).await?;
        let market = number(name, &evidence).ok_or(ProofError::Kind)?;
        let value = batch::verify(market, &evidence)?;
        Ok(Proven { value, header: evidence.header, finality })
    }

    /// All that the node shows of the match, part by part.
    async fn evidence(&self, name: &str, height: Option<u64>) -> Result<Evidence, ProofError> {
        let limit = Limit::new(BATCH_PART_ITEMS_MAX).expect("the largest limit is one");
        let first = MarketGetBatch { market: name.to_owned(), height, cursor: None, limit };
        let BatchView { header, report, items, next_cursor } =
            self.client.call(first.clone()).await?.value;
        let BatchReportView { parent, events, events_proof } = report.ok_or(ProofError::Parts)?;
        let mut evidence = begun(header.0.0, (parent.0.0, events.0.0), events_proof.0.0);
        let height = Some(evidence.header.height.0);
        let mut bytes = add(&mut evidence, items)?;
        let mut cursor = next_cursor;
        while cursor.is_some() {
            let part = self.client.call(MarketGetBatch { height, cursor, ..first.clone() }).await?;
            let BatchView { header, items, next_cursor, .. } = part.value;
            if header.0.0 != evidence.header || items.is_empty() {
                return Err(ProofError::Parts);
            }
            bytes = bytes.saturating_add(add(&mut evidence, items)?);
            let items = evidence.objects.len() + evidence.ended.len();
            if items > BATCH_ITEMS_MAX || bytes > BYTES_MAX {
                return Err(ProofError::MatchTooLarge { items, bytes });
            }
            cursor = next_cursor;
        }
        Ok(evidence)
    }
}

fn begun(
    header: Header,
    (parent, events): (Header, BlockEvents),
    events_proof: chain::merkle::ListProof,
) -> Evidence {
    Evidence { header, parent, events, events_proof, ended: Vec::new(), objects: Vec::new() }
}

/// Adds what a part shows. Returns how many bytes that is.
fn add(evidence: &mut Evidence, items: Vec<BatchItemView>) -> Result<usize, ProofError> {
    let mut bytes = 0;
    for item in items {
        match item {
            BatchItemView::Ended { order, object } => {
                let Object::Order(last) = object.0.0 else { return Err(ProofError::Kind) };
                bytes += encode(&last).len();
                evidence.ended.push((order.0, *last));
            }
            BatchItemView::Left { key, object, proof } => {
                let object = object.map(|object| object.0.0);
                let shown = Shown { key: key.0.0, object, proof: proof.0.0 };
                bytes += encode(&(&shown.key, &shown.object, &shown.proof)).len();
                evidence.objects.push(shown);
            }
        }
    }
    Ok(bytes)
}

/// The number of the market that is called so, as the evidence shows it.
fn number(name: &str, evidence: &Evidence) -> Option<MarketId> {
    evidence.objects.iter().find_map(|shown| match (&shown.key, &shown.object) {
        (Key::Market(id), Some(Object::Market(market))) if market.name == name => Some(*id),
        _ => None,
    })
}
