//! Certificates of one and of four authorities, and everything that must not pass for one.

use super::*;
use crate::account::AccountId;
use crate::authority::tests::Signer;
use crate::encoding::{decode, encode};

const CHAIN: Hash = Hash([0xc0; 32]);

fn signer(number: u8) -> Signer {
    Signer::new([number + 1; 32])
}

/// The authorities with these numbers.
fn authorities(numbers: impl IntoIterator<Item = u8>) -> Vec<Authority> {
    let account = AccountId::default();
    let numbers = numbers.into_iter();
    numbers.map(|number| Authority { key: signer(number).key(), account }).collect()
}

fn voters(count: u8) -> Voters {
    Voters::new(&authorities(0..count)).unwrap()
}

/// The certificate that the authorities with these numbers give.
fn certificate(numbers: &[u8]) -> Certificate {
    let (block, votes) = (Hash([0x0b; 32]), Vec::new());
    let unsigned = Certificate { epoch: 3, view: 300, parent_view: 298, block, votes };
    let message = unsigned.signed_bytes(CHAIN);
    let vote = |number: &u8| {
        let signer = signer(*number);
        Vote { authority: signer.key(), signature: signer.sign(&message) }
    };
    let mut votes: Vec<Vote> = numbers.iter().map(vote).collect();
    votes.sort_unstable_by_key(|vote| vote.authority);
    Certificate { votes, ..unsigned }
}

#[test]
fn quorum_is_the_least_number_above_two_thirds() {
    for count in 1..=100_u8 {
        let keys = (0..count).map(|byte| AuthorityKey([byte; 32]));
        let quorum = Voters(keys.collect()).quorum();
        let count = usize::from(count);
        assert!(3 * quorum > 2 * count && 3 * (quorum - 1) <= 2 * count, "{count}: {quorum}");
    }
}

#[test]
fn signed_bytes_are_those_of_the_protocol() {
    let bytes = certificate(&[]).signed_bytes(CHAIN);
    let expected = [
        &[57_u8][..],
        b"tally/consensus/",
        &[0xc0; 32],
        b"_FINALIZE",
        &[3, 0xac, 0x02, 0xaa, 0x02],
        &[0x0b; 32],
    ];
    assert_eq!(bytes, expected.concat());
    let mut widest = Vec::new();
    put_varint(&mut widest, u64::MAX);
    assert_eq!(widest, [[0xff; 9].as_slice(), &[1]].concat());
}

#[test]
fn quorum_of_one_and_of_four_verifies() {
    assert_eq!(certificate(&[0]).verify(CHAIN, &voters(1)), Ok(()));
    for numbers in [&[0, 1, 2][..], &[1, 2, 3], &[0, 1, 2, 3]] {
        assert_eq!(certificate(numbers).verify(CHAIN, &voters(4)), Ok(()), "{numbers:?}");
    }
}

#[test]
fn less_than_a_quorum_is_refused() {
    let refused = certificate(&[0, 1]).verify(CHAIN, &voters(4));
    assert_eq!(refused, Err(CertificateInvalid::BelowQuorum { votes: 2, quorum: 3 }));
    let refused = certificate(&[]).verify(CHAIN, &voters(1));
    assert_eq!(refused, Err(CertificateInvalid::BelowQuorum { votes: 0, quorum: 1 }));
}

#[test]
fn vote_counts_once() {
    let mut certificate = certificate(&[0, 1]);
    certificate.votes.push(certificate.votes[1]);
    let refused = certificate.verify(CHAIN, &voters(4));
    assert_eq!(refused, Err(CertificateInvalid::VotesUnordered));
}

#[test]
fn key_named_twice_has_one_vote() {
    let voters = Voters::new(&authorities([0, 0, 1, 2, 3])).unwrap();
    assert_eq!((voters.count(), voters.quorum()), (4, 3));
}

#[test]
fn votes_out_of_order_are_refused() {
    let mut certificate = certificate(&[0, 1, 2]);
    certificate.votes.swap(0, 1);
    let refused = certificate.verify(CHAIN, &voters(4));
    assert_eq!(refused, Err(CertificateInvalid::VotesUnordered));
}

#[test]
fn voter_of_another_epoch_is_refused() {
    let stranger = signer(4).key();
    let refused = certificate(&[0, 1, 2, 4]).verify(CHAIN, &voters(4));
    assert_eq!(refused, Err(CertificateInvalid::VoterUnknown(stranger)));
}

#[test]
fn certificate_of_another_chain_is_refused() {
    let refused = certificate(&[0]).verify(Hash([0xc1; 32]), &voters(1));
    assert_eq!(refused, Err(CertificateInvalid::SignatureInvalid(signer(0).key())));
}

#[test]
fn every_flipped_bit_is_refused() {
    let voters = voters(4);
    let bytes = encode(&certificate(&[0, 2, 3]));
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(certificate) = decode::<Certificate>(&flipped) else { continue };
        assert!(certificate.verify(CHAIN, &voters).is_err(), "bit {bit}");
    }
}

#[test]
fn authorities_that_cannot_vote_are_refused() {
    assert_eq!(Voters::new(&[]), Err(VotersInvalid));
    let mut bad = authorities(0..4);
    let wrong = (0..=u8::MAX).map(|byte| AuthorityKey([byte; 32]));
    bad[2].key = wrong.into_iter().find(|key| !key.is_on_curve()).unwrap();
    assert_eq!(Voters::new(&bad), Err(VotersInvalid));
}
