//! Answers that a client verifies by itself. What is proved of the state is proved of the tip; a certificate
//! and the headers below it are on disk with their blocks.

use chain::block::Header;
use chain::certificate::Certificate;
use chain::hash::Hash;
use chain::height::Height;
use chain::merkle::ListProof;
use chain::state::Key;
use rpc::canonical::Canonical;
use rpc::error::Error;
use rpc::methods::{
    AccountGetProof, ChainGetCertificate, ChainGetEpochs, ChainGetProof, TxGetProof,
};
use rpc::text::{Text, TransactionBytes};
use rpc::types::{
    AtTip, CertificateView, EpochView, EpochsView, GenesisView, HEADERS_MAX, StateProofView,
    TxProofView,
};

use super::{NodeApi, blocks, fault, internal};
use crate::ledger::Committed;

pub(super) fn genesis(api: &NodeApi) -> AtTip<GenesisView> {
    api.at(&api.read(), GenesisView { charter: canonical(api.charter.clone()) })
}

pub(super) fn state(api: &NodeApi, question: &ChainGetProof) -> AtTip<StateProofView> {
    prove(api, &api.read(), question.key.0.0)
}

pub(super) fn account(
    api: &NodeApi,
    question: &AccountGetProof,
) -> Result<AtTip<StateProofView>, Error> {
    let account = api.translate.account(&question.account)?;
    Ok(prove(api, &api.read(), Key::Account(account)))
}

pub(super) fn transaction(
    api: &NodeApi,
    question: &TxGetProof,
) -> Result<AtTip<TxProofView>, Error> {
    let committed = api.read();
    let place = api.ledger.store().place(&question.id.0).map_err(internal)?;
    let place = place.filter(|place| place.height <= committed.header.height);
    let place = place.ok_or(Error::NotFound { what: "transaction in a block" })?;
    let (block, receipts) = blocks::stored_block(api, place.height)?;
    let index = usize::try_from(place.index).unwrap_or(usize::MAX);
    let found = block.transactions.get(index).zip(receipts.transactions.get(index));
    let (transaction, receipt) = found.ok_or_else(|| {
        fault(&api.ledger.store().damaged("a block does not hold the transaction it should"))
    })?;
    let view = TxProofView {
        transaction: signed(transaction),
        transaction_proof: listed(&block.digests(), index),
        receipt: canonical(receipt.clone()),
        receipt_proof: listed(&receipts.digests(), index),
        header: canonical(block.header),
    };
    Ok(api.at(&committed, view))
}

pub(super) fn certificate(
    api: &NodeApi,
    question: &ChainGetCertificate,
) -> Result<AtTip<CertificateView>, Error> {
    let committed = api.read();
    let (tip, height) = (committed.header.height, Height(question.height));
    if height > tip {
        return Err(blocks::unavailable(api, tip));
    }
    let first = header(api, height)?;
    let (certified, certificate) = certificate_from(api, height)?
        .filter(|(certified, certificate)| *certified <= tip && certificate.epoch == first.epoch)
        .ok_or(Error::CertificateUnavailable { height: height.0 })?;
    let heights = (height.0..=certified.0).take(HEADERS_MAX);
    let headers = heights.map(|height| header(api, Height(height)).map(canonical));
    let headers: Vec<_> = headers.collect::<Result<_, _>>()?;
    let next = u64::try_from(headers.len()).map_or(Height(u64::MAX), |count| height.after(count));
    let more = next <= certified;
    let view = CertificateView {
        headers,
        certificate: (!more).then(|| canonical(certificate)),
        next_height: more.then_some(next.0),
    };
    Ok(api.at(&committed, view))
}

pub(super) fn epochs(api: &NodeApi, question: &ChainGetEpochs) -> Result<EpochsView, Error> {
    let committed = api.read();
    let epoch_blocks = api.charter.epoch_blocks;
    let over = committed.header.height.next().0.checked_div(epoch_blocks).unwrap_or(0);
    let mut failure = None;
    let epochs = (question.from..over).take(question.count.items());
    let views = epochs.map_while(|epoch| match epoch_end(api, epoch, epoch_blocks) {
        Ok(view) => Some(view),
        Err(error) => {
            failure = Some(error);
            None
        }
    });
    let tip = api.translate.tip(&committed.header);
    let view = EpochsView::fill(tip, question.from, over, views);
    match failure {
        Some(failure) if view.items.is_empty() => Err(failure),
        _ => Ok(view),
    }
}

/// The last header of `epoch`, which is over, and its certificate.
fn epoch_end(api: &NodeApi, epoch: u64, epoch_blocks: u64) -> Result<EpochView, Error> {
    let height = Height::last_of(epoch, epoch_blocks);
    let own = certificate_from(api, height)?.filter(|(certified, _)| *certified == height);
    let (_, certificate) = own.ok_or(Error::CertificateUnavailable { height: height.0 })?;
    let header = canonical(header(api, height)?);
    Ok(EpochView { header, certificate: canonical(certificate) })
}

fn prove(api: &NodeApi, committed: &Committed, key: Key) -> AtTip<StateProofView> {
    let view = StateProofView {
        header: canonical(committed.header.clone()),
        key: canonical(key),
        object: committed.state.get(&key).cloned().map(canonical),
        proof: canonical(committed.prove(&key)),
    };
    api.at(committed, view)
}

fn certificate_from(api: &NodeApi, height: Height) -> Result<Option<(Height, Certificate)>, Error> {
    api.ledger.store().certificate_from(height).map_err(internal)
}

pub(super) fn header(api: &NodeApi, height: Height) -> Result<Header, Error> {
    let store = api.ledger.store();
    let header = store.header(height).map_err(internal)?;
    header.ok_or_else(|| blocks::missing(api, height))
}

fn listed(digests: &[Hash], index: usize) -> Text<Canonical<ListProof>> {
    canonical(ListProof::of(digests, index).expect("the item was found in the list"))
}

fn signed(transaction: &chain::transaction::SignedTransaction) -> Text<TransactionBytes> {
    let bytes = chain::encoding::encode(transaction);
    Text(TransactionBytes::new(bytes).expect("a transaction in a block is within the bound"))
}

pub(super) const fn canonical<T>(value: T) -> Text<Canonical<T>> {
    Text(Canonical(value))
}

#[cfg(test)]
mod tests;
