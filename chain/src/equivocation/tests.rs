//! Every pair of votes, and every way in which one proves nothing.

use super::*;
use crate::authority::tests::Signer;
use crate::certificate::Voted;
use crate::encoding::{decode, encode};

const CHAIN: Hash = Hash([0xc0; 32]);
const EPOCH: u64 = 3;
const VIEW: u64 = 300;

fn voted(byte: u8) -> Voted {
    Voted { parent_view: 299, block: Hash([byte; 32]) }
}

fn signed(ballot: Ballot) -> Signed {
    let message = ballot_bytes(CHAIN, (EPOCH, VIEW), &ballot);
    Signed { ballot, signature: Signer::new([7; 32]).sign(&message) }
}

fn pair(first: Ballot, second: Ballot) -> Equivocation {
    let authority = Signer::new([7; 32]).key();
    Equivocation {
        authority,
        epoch: EPOCH,
        view: VIEW,
        first: signed(first),
        second: signed(second),
    }
}

#[test]
fn only_what_no_honest_authority_signs_is_a_proof() {
    let ballots = [
        Ballot::Notarize(voted(1)),
        Ballot::Notarize(voted(2)),
        Ballot::Nullify,
        Ballot::Finalize(voted(1)),
        Ballot::Finalize(voted(2)),
    ];
    let mut proofs = Vec::new();
    for (row, first) in ballots.iter().enumerate() {
        for (column, second) in ballots.iter().enumerate() {
            if let Ok(contradiction) = pair(*first, *second).verify(CHAIN) {
                proofs.push((row, column, contradiction));
            }
        }
    }
    // A proposal may be notarized, and its view then be given up, or it be made final: both happen every day.
    let expected = [
        (0, 1, Contradiction::TwoProposals),
        (2, 3, Contradiction::GivenUpAndFinal),
        (2, 4, Contradiction::GivenUpAndFinal),
        (3, 4, Contradiction::TwoFinals),
    ];
    assert_eq!(proofs, expected);
}

#[test]
fn proposals_differ_by_parent_too() {
    let other = Voted { parent_view: 298, ..voted(1) };
    let proof = pair(Ballot::Notarize(other), Ballot::Notarize(voted(1)));
    assert_eq!(proof.verify(CHAIN), Ok(Contradiction::TwoProposals));
}

#[test]
fn any_changed_bit_proves_nothing() {
    let proof = pair(Ballot::Nullify, Ballot::Finalize(voted(1)));
    assert_eq!(proof.verify(CHAIN), Ok(Contradiction::GivenUpAndFinal));
    assert_eq!(proof.verify(Hash([0xc1; 32])), Err(EquivocationInvalid::SignatureInvalid));
    let bytes = encode(&proof);
    assert_eq!(decode::<Equivocation>(&bytes).unwrap(), proof);
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[index] ^= 1 << bit;
            let passes = decode::<Equivocation>(&changed).is_ok_and(|it| it.verify(CHAIN).is_ok());
            assert!(!passes, "bit {bit} of byte {index}");
        }
    }
}

/// The bytes of every kind of vote, for whoever writes a second verifier.
#[test]
fn signed_bytes_are_those_of_the_protocol() {
    let prefix = |length: u8, suffix: &[u8]| {
        [&[length][..], b"tally/consensus/", &[0xc0; 32], suffix, &[3, 0xac, 0x02]].concat()
    };
    let place = [&[0xab, 0x02][..], &[1; 32]].concat();
    let bytes = |ballot: Ballot| ballot_bytes(CHAIN, (EPOCH, VIEW), &ballot);
    let expected = [&prefix(57, b"_NOTARIZE")[..], &place].concat();
    assert_eq!(bytes(Ballot::Notarize(voted(1))), expected);
    assert_eq!(bytes(Ballot::Nullify), prefix(56, b"_NULLIFY"));
    let expected = [&prefix(57, b"_FINALIZE")[..], &place].concat();
    assert_eq!(bytes(Ballot::Finalize(voted(1))), expected);
}
