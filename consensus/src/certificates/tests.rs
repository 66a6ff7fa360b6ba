//! What the engine signs and what the chain verifies are the same bytes, and the verdicts agree.

use std::fs;
use std::path::Path;

use chain::authority::AuthorityKey;
use chain::certificate::{CertificateInvalid, Voters};
use chain::encoding::{decode, encode};
use commonware_codec::{Copying, DecodeExt};
use commonware_consensus::simplex::types::{Finalize, Proposal};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::Verifier as _;
use commonware_cryptography::ed25519::Signature;
use commonware_parallel::Sequential;
use commonware_utils::iter::NonEmpty;
use commonware_utils::non_empty;

use super::*;
use crate::committee::{namespace, point, voters};
use crate::tests::toy::{authorities, secret};

const CHAIN: Hash = Hash([0xc0; 32]);

/// A certificate of four authorities, made by the engine: those with these numbers voted.
fn certificate(chain: Hash, numbers: &[u8]) -> (Finalization<Scheme, Digest>, Scheme) {
    let set = voters(&authorities(4)).unwrap();
    let scheme =
        |number| Scheme::signer(&namespace(chain), set.clone(), secret(number).signer()).unwrap();
    let round = Round::new(Epoch::new(3), View::new(300));
    let proposal = Proposal::new(round, View::new(298), Digest([0x0b; 32]));
    let votes: Vec<_> = numbers
        .iter()
        .map(|number| Finalize::sign(&scheme(*number), proposal.clone()).unwrap())
        .collect();
    let votes: NonEmpty<_> = non_empty![@votes.iter()];
    let finalization = Finalization::from_finalizes(&scheme(0), votes, &Sequential).unwrap();
    (finalization, scheme(0))
}

/// With `TALLY_BLESS=1` in the environment the vector is written instead.
#[test]
fn certificate_of_the_engine_verifies_and_keeps_its_bytes() {
    let (finalization, scheme) = certificate(CHAIN, &[0, 2, 3]);
    let certificate = translate(&finalization, &scheme);
    let voters = Voters::new(&authorities(4)).unwrap();
    assert_eq!(certificate.verify(CHAIN, &voters), Ok(()));
    let other = Hash([0xc1; 32]);
    let refused = certificate.verify(other, &voters);
    assert!(matches!(refused, Err(CertificateInvalid::SignatureInvalid(_))));

    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let keys: Vec<u8> = authorities(4).iter().flat_map(|authority| authority.key.0).collect();
    let lines = [
        ("chain", hex(&CHAIN.0)),
        ("authorities", hex(&keys)),
        ("certificate", hex(&encode(&certificate))),
        ("certificate.signed-bytes", hex(&certificate.signed_bytes(CHAIN))),
    ];
    let actual: String = lines.iter().map(|(name, value)| format!("{name} {value}\n")).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/certificates.txt");
    if std::env::var_os("TALLY_BLESS").is_some() {
        fs::write(&path, &actual).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), actual, "bytes of the protocol changed");
    assert_eq!(decode(&encode(&certificate)), Ok(certificate));
}

#[test]
fn certificate_that_was_translated_is_the_same_when_it_comes_back() {
    let (finalization, scheme) = certificate(CHAIN, &[0, 2, 3]);
    let translated = translate(&finalization, &scheme);
    let back = translate_back(&translated, &scheme).unwrap();
    assert_eq!(back, finalization);
    let mut other = translated.clone();
    other.votes[0].authority = AuthorityKey([9; 32]);
    assert!(translate_back(&other, &scheme).is_none(), "a stranger voted");
    let mut twice = translated;
    twice.votes[1] = twice.votes[0];
    assert!(translate_back(&twice, &scheme).is_none(), "a vote counts once");
}

#[test]
fn keys_and_signatures_get_the_verdict_of_the_engine() {
    let points = (0..=u8::MAX).flat_map(|byte| {
        let mut low = [0; 32];
        low[0] = byte;
        let mut high = [0xff; 32];
        high[0] = byte;
        high[31] = 0x7f;
        [low, high, [byte; 32]].map(AuthorityKey)
    });
    for key in points {
        let Some(theirs) = point(&key) else {
            assert!(!key.is_on_curve(), "{key}");
            continue;
        };
        assert!(key.is_on_curve(), "{key}");
        // Keys and nonces of small order, in every encoding, with the scalar 0 and one beyond the order.
        for nonce in [[0; 32], key.0, {
            let mut one = [0; 32];
            one[0] = 1;
            one
        }] {
            for scalar in [[0; 32], [0xff; 32]] {
                let bytes: [u8; 64] = [nonce, scalar].concat().try_into().unwrap();
                let signature = Signature::decode(Copying(&bytes)).unwrap();
                // The engine signs a length and the namespace in front of the message.
                let expected = theirs.verify(b"", b"message", &signature);
                let ours = key.verify(b"\0message", &AuthoritySignature(bytes));
                assert_eq!(ours.is_ok(), expected, "{key} {bytes:02x?}");
            }
        }
    }
}

#[test]
fn signature_verifies_until_a_bit_of_it_flips() {
    let (finalization, scheme) = certificate(CHAIN, &[0, 1, 2]);
    let certificate = translate(&finalization, &scheme);
    let (vote, message) = (certificate.votes[0], certificate.signed_bytes(CHAIN));
    assert!(vote.authority.verify(&message, &vote.signature).is_ok());
    for bit in 0..512 {
        let mut flipped = vote.signature;
        flipped.0[bit / 8] ^= 1 << (bit % 8);
        assert!(vote.authority.verify(&message, &flipped).is_err(), "bit {bit}");
    }
}
