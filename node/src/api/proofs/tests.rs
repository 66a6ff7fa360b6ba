//! Proofs over a ledger of a few blocks: each leads to the header it comes with, and no further than there
//! are certificates.

use chain::block::Block;
use chain::encoding::decode;
use chain::state::Object;
use chain::transaction::SignedTransaction;
use rpc::api::Api;
use rpc::types::Limit;

use super::*;
use crate::api::tests::{Fixture, address, fixture};
use crate::testing::{Chain, account, genesis, transfer};

/// A certificate that names `block`; nobody verifies it here.
fn certificate(block: &Block) -> Certificate {
    let Header { epoch, height, .. } = block.header;
    let (view, parent_view) = (height.0, height.0 - 1);
    Certificate { epoch, view, parent_view, block: block.header.digest(), votes: Vec::new() }
}

/// Builds and commits blocks up to `last`; those at `certified` have a certificate.
fn grow(chain: &Chain, last: u64, certified: &[u64]) {
    use consensus::Application as _;
    while chain.tip().height.0 < last {
        let block = chain.application.build(&chain.turn(&[])).unwrap();
        let own = certified.contains(&block.header.height.0).then(|| certificate(&block));
        chain.application.commit(&block, own.as_ref());
    }
}

fn link(api: &NodeApi, height: u64) -> Result<CertificateView, Error> {
    api.chain_get_certificate(&ChainGetCertificate { height }).map(|answer| answer.value)
}

fn digests(headers: &[Text<Canonical<Header>>]) -> Vec<Hash> {
    headers.iter().map(|header| header.0.0.digest()).collect()
}

#[test]
fn genesis_is_what_the_chain_is_named_after() {
    let Fixture { api, .. } = &fixture();
    let charter = api.chain_get_genesis().unwrap().value.charter.0.0;
    assert_eq!(charter.chain(), genesis().hash());
}

#[test]
fn account_and_absence_are_proved_to_the_tip() {
    let Fixture { chain, api, .. } = &fixture();
    chain.submit(transfer(1, 0));
    chain.grow();
    for (byte, exists) in [(1, true), (9, false)] {
        let question = AccountGetProof { account: address(byte) };
        let shown = api.account_get_proof(&question).unwrap().value;
        let (header, object) = (shown.header.0.0, shown.object.map(|object| object.0.0));
        assert_eq!(header, chain.tip());
        assert_eq!(matches!(object, Some(Object::Account(_))), exists);
        let key = Key::Account(account(byte));
        let proved = shown.proof.0.0.verify(&header.state_root, &key, object.as_ref());
        assert_eq!(proved, Ok(()), "account {byte}");
    }
}

#[test]
fn transaction_and_receipt_are_proved_to_their_block() {
    let Fixture { chain, api, .. } = &fixture();
    let ids: Vec<Hash> = (0..3).map(|nonce| chain.submit(transfer(1, nonce))).collect();
    let block = chain.grow();
    chain.grow();
    for id in ids {
        let shown = api.tx_get_proof(&TxGetProof { id: id.into() }).unwrap().value;
        assert_eq!(shown.header.0.0, block.header);
        let signed: SignedTransaction = decode(shown.transaction.0.as_bytes()).unwrap();
        assert_eq!(signed.transaction.id(), id);
        let (root, item) = (block.header.transactions_root, signed.witnessed_id());
        assert_eq!(shown.transaction_proof.0.0.verify(&root, &item), Ok(()));
        let Canonical(receipt) = shown.receipt.0;
        assert_eq!(receipt.transaction, id);
        let (root, item) = (block.header.receipts_root, receipt.digest());
        assert_eq!(shown.receipt_proof.0.0.verify(&root, &item), Ok(()));
    }
    let waiting = chain.submit(transfer(1, 3));
    let refused = api.tx_get_proof(&TxGetProof { id: waiting.into() }).unwrap_err();
    assert_eq!(refused, Error::NotFound { what: "transaction in a block" });
}

#[test]
fn link_leads_to_the_first_certificate_in_parts() {
    let Fixture { chain, api, .. } = &fixture();
    grow(chain, 80, &[70, 75]);
    let first = link(api, 3).unwrap();
    assert_eq!((first.headers.len(), first.certificate.clone()), (64, None));
    assert_eq!(first.next_height, Some(67));
    let rest = link(api, 67).unwrap();
    assert_eq!((rest.headers.len(), rest.next_height), (4, None));
    let headers = [first.headers, rest.headers].concat();
    let last = &headers.last().unwrap().0.0;
    assert_eq!(rest.certificate.unwrap().0.0.block, last.digest());
    let parents: Vec<Hash> = headers.iter().skip(1).map(|header| header.0.0.parent).collect();
    assert_eq!(parents, digests(&headers)[..headers.len() - 1]);

    let own = link(api, 75).unwrap();
    assert_eq!((own.headers.len(), own.next_height), (1, None));
    assert_eq!(link(api, 76).unwrap_err(), Error::CertificateUnavailable { height: 76 });
    assert_eq!(link(api, 81).unwrap_err(), Error::HeightUnavailable { first: 0, tip: 80 });
}

#[test]
fn epochs_end_with_the_certificates_of_their_last_blocks() {
    let Fixture { chain, api, .. } = &fixture();
    let epochs =
        |from| api.chain_get_epochs(&ChainGetEpochs { from, count: Limit::new(5).unwrap() });
    grow(chain, 598, &[]);
    let none = epochs(0).unwrap();
    assert_eq!((none.items.len(), none.next_epoch), (0, None));
    grow(chain, 600, &[599, 600]);
    let view = epochs(0).unwrap();
    assert_eq!((view.items.len(), view.next_epoch), (1, None));
    let EpochView { header, certificate } = &view.items[0];
    assert_eq!((header.0.0.height, header.0.0.epoch), (Height(599), 0));
    assert_eq!(certificate.0.0.block, header.0.0.digest());
    assert!(epochs(1).unwrap().items.is_empty());
    assert_eq!(link(api, 598).unwrap().headers.len(), 2);
}

#[test]
fn certificate_of_the_next_epoch_is_none_for_this_one() {
    let Fixture { chain, api, .. } = &fixture();
    grow(chain, 600, &[600]);
    assert_eq!(link(api, 598).unwrap_err(), Error::CertificateUnavailable { height: 598 });
    let question = ChainGetEpochs { from: 0, count: Limit::default() };
    let refused = api.chain_get_epochs(&question).unwrap_err();
    assert_eq!(refused, Error::CertificateUnavailable { height: 599 });
}
