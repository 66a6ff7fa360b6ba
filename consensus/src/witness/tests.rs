//! Contradictions as the engine reports them, and as anybody can verify them.

use chain::equivocation::{Contradiction, EquivocationInvalid};
use commonware_consensus::types::{Epoch, Round, View};

use super::*;
use crate::committee::{namespace, voters};
use crate::tests::toy::{authorities, secret};

const CHAIN: Hash = Hash([0xc0; 32]);
const LIAR: u8 = 2;

fn scheme(chain: Hash) -> Scheme {
    let set = voters(&authorities(4)).unwrap();
    Scheme::signer(&namespace(chain), set, secret(LIAR).signer()).unwrap()
}

fn round() -> Round {
    Round::new(Epoch::new(3), View::new(300))
}

fn proposal(byte: u8) -> Proposal<Digest> {
    Proposal::new(round(), View::new(299), Digest([byte; 32]))
}

fn notarize(chain: Hash, byte: u8) -> Notarize<Scheme, Digest> {
    Notarize::sign(&scheme(chain), proposal(byte)).unwrap()
}

fn finalized(byte: u8) -> Finalize<Scheme, Digest> {
    Finalize::sign(&scheme(CHAIN), proposal(byte)).unwrap()
}

/// What is made of `activity` by a node of the chain.
fn found(activity: &Activity<Scheme, Digest>) -> Equivocation {
    equivocation(activity, &scheme(CHAIN)).unwrap()
}

#[test]
fn every_contradiction_becomes_a_proof() {
    let proposals = ConflictingNotarize::new(notarize(CHAIN, 1), notarize(CHAIN, 2));
    let finals = ConflictingFinalize::new(finalized(2), finalized(1));
    let nullify = Nullify::sign::<Digest>(&scheme(CHAIN), round()).unwrap();
    let given_up = NullifyFinalize::new(nullify, finalized(1));
    let cases = [
        (Activity::ConflictingNotarize(proposals), Contradiction::TwoProposals),
        (Activity::ConflictingFinalize(finals), Contradiction::TwoFinals),
        (Activity::NullifyFinalize(given_up), Contradiction::GivenUpAndFinal),
    ];
    for (activity, expected) in cases {
        let proof = found(&activity);
        assert_eq!(proof.verify(CHAIN), Ok(expected));
        assert_eq!((proof.epoch, proof.view), (3, 300));
        assert_eq!(proof.authority, secret(LIAR).key());
    }
}

/// The engine reports two votes of one sender before it looks at signatures.
#[test]
fn unsigned_contradiction_is_no_proof() {
    let forged = ConflictingNotarize::new(notarize(CHAIN, 1), notarize(Hash([0xc1; 32]), 2));
    let proof = found(&Activity::ConflictingNotarize(forged));
    assert_eq!(proof.verify(CHAIN), Err(EquivocationInvalid::SignatureInvalid));
}

#[test]
fn honest_votes_are_no_contradiction() {
    let activity = Activity::Notarize(notarize(CHAIN, 1));
    assert_eq!(equivocation(&activity, &scheme(CHAIN)), None);
}
