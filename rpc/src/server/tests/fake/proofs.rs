//! What the fake node shows with proofs. They lead nowhere: here they only travel.

use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::certificate::{Certificate, Vote};
use chain::charter::Charter;
use chain::encoding::encode;
use chain::merkle::{Entry, ListProof, StateProof, Step};
use chain::receipt::BlockEvents;
use chain::state::{Key, Object};

use super::*;
use crate::canonical::Canonical;
use crate::text::TransactionBytes;
use crate::types::{BatchItemView, BatchReportView, EpochView};

const fn canonical<T>(value: T) -> Text<Canonical<T>> {
    Text(Canonical(value))
}

fn certificate(height: u64) -> Certificate {
    let signature = AuthoritySignature([7; 64]);
    let vote = Vote { authority: AuthorityKey([3; 32]), signature };
    let block = header(height).digest();
    Certificate { epoch: 0, view: height, parent_view: height - 1, block, votes: vec![vote] }
}

pub(super) fn genesis() -> GenesisView {
    let charter = Charter {
        version: 1,
        network: Network::Dev,
        name: "fake".to_owned(),
        time: Time(5),
        token: Token { symbol: "TLY".to_owned(), decimals: 6 },
        authorities: vec![Authority { key: AuthorityKey([3; 32]), account: ALICE }],
        epoch_blocks: 5,
        cashier: ALICE,
        treasury: WAITS,
        fees: fees(),
        deposits: deposits(),
        settle_delay_min: Millis(1),
        settle_delay_max: Millis(2),
        settle_blocks: 3,
        hold_span_max: Millis(4),
        withdrawal_span: Millis(5),
        refund_span: Millis(6),
        contracts: contract_terms(),
        proposals: objects::proposal_terms(),
        markets: vec![market()],
        accounts_root: Hash([8; 32]),
    };
    GenesisView { charter: canonical(charter) }
}

/// The end of the first epoch, as often as asked for, and one more.
pub(super) fn epochs(question: &ChainGetEpochs) -> EpochsView {
    let count = u64::try_from(question.count.items()).unwrap();
    let epochs = (question.from..).take(question.count.items()).map(|epoch| EpochView {
        header: canonical(Header { epoch, ..header(4) }),
        certificate: canonical(certificate(4)),
    });
    EpochsView::fill(tip(), question.from, question.from + count + 1, epochs)
}

pub(super) fn link(height: u64) -> CertificateView {
    CertificateView {
        headers: vec![canonical(header(height)), canonical(header(height + 1))],
        certificate: height.is_multiple_of(2).then(|| canonical(certificate(height + 1))),
        next_height: (!height.is_multiple_of(2)).then_some(height + 2),
    }
}

/// Something under every key but that of the account which does not exist.
pub(super) fn state(key: Key) -> StateProofView {
    let entries = vec![Entry { key: key.digest(), value: Hash([1; 32]) }];
    let object = (key != Key::Account(MISSING)).then(|| canonical(Object::Reference));
    StateProofView {
        header: canonical(header(9)),
        key: canonical(key),
        object,
        proof: canonical(StateProof { entries, neighbours: vec![Hash([2; 32])] }),
    }
}

/// An order that ended, and three keys under which something is left; what no node keeps above height 9.
pub(super) fn batch(question: &MarketGetBatch) -> Result<BatchView, Error> {
    let height = question.height.unwrap_or(9);
    if height > 9 {
        return Err(Error::HeightUnavailable { first: 5, tip: 9 });
    }
    let from = question.cursor.as_deref().map_or(Ok(0), |text| text.parse());
    let from: usize = from.map_err(|_| Error::CursorInvalid)?;
    let ended = BatchItemView::Ended {
        order: ObjectId([1; 32]).into(),
        object: canonical(Object::Reference),
    };
    let left = (0..3).map(|byte| {
        let shown = state(Key::Order(ObjectId([byte; 32])));
        BatchItemView::Left { key: shown.key, object: shown.object, proof: shown.proof }
    });
    let report = BatchReportView {
        parent: canonical(header(height - 1)),
        events: canonical(BlockEvents::default()),
        events_proof: canonical(ListProof { steps: vec![Step::Left(Hash([1; 32]))] }),
    };
    let report = question.cursor.is_none().then_some(report);
    let items = [ended].into_iter().chain(left).skip(from);
    Ok(BatchView::fill(canonical(header(height)), report, (from, question.limit), items))
}

pub(super) fn transaction() -> TxProofView {
    let (block, receipts) = block(5);
    let bytes = encode(&block.transactions[0]);
    let steps = vec![Step::Right(Hash([1; 32])), Step::Left(Hash([2; 32]))];
    TxProofView {
        header: canonical(block.header),
        transaction: Text(TransactionBytes::new(bytes).unwrap()),
        transaction_proof: canonical(ListProof { steps: steps.clone() }),
        receipt: canonical(receipts.transactions[0].clone()),
        receipt_proof: canonical(ListProof { steps }),
    }
}
