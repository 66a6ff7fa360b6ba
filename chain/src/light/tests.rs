//! A chain of three epochs whose authorities change, followed from its beginning; and what is no such
//! chain.

use super::*;
use crate::account::AccountId;
use crate::authority::tests::Signer;
use crate::authority::{Authority, AuthorityKey};
use crate::certificate::Vote;
use crate::encoding::{decode, encode};
use crate::time::Time;

const CHAIN: Hash = Hash([0xc0; 32]);
const EPOCH_BLOCKS: u64 = 5;

fn signer(number: u8) -> Signer {
    Signer::new([number + 1; 32])
}

fn authorities(numbers: &[u8]) -> Vec<Authority> {
    let account = AccountId::default();
    numbers.iter().map(|number| Authority { key: signer(*number).key(), account }).collect()
}

/// Who votes in each epoch: one, then four, then four others in part.
const SETS: [&[u8]; 3] = [&[0], &[0, 1, 2, 3], &[2, 3, 4, 5]];

/// The headers of all epochs; the last of each names the next authorities.
fn headers() -> Vec<Header> {
    let mut headers: Vec<Header> = Vec::new();
    for height in 0..15 {
        let epoch = height / EPOCH_BLOCKS;
        let next = SETS[usize::try_from(epoch + 1).unwrap() % 3];
        let closes = height % EPOCH_BLOCKS == EPOCH_BLOCKS - 1;
        headers.push(Header {
            version: VERSION,
            chain: CHAIN,
            height: Height(height),
            epoch,
            parent: headers.last().map_or(Hash::ZERO, Header::digest),
            time: Time(height),
            proposer: AuthorityKey::default(),
            transactions_root: Hash([1; 32]),
            receipts_root: Hash([2; 32]),
            state_root: Hash([3; 32]),
            next_authorities: closes.then(|| authorities(next)),
        });
    }
    headers
}

/// The certificate of `header` by these authorities.
fn certificate(header: &Header, numbers: &[u8]) -> Certificate {
    let (epoch, block, votes) = (header.epoch, header.digest(), Vec::new());
    let unsigned = Certificate { epoch, view: 9, parent_view: 8, block, votes };
    let message = unsigned.signed_bytes(CHAIN);
    let vote = |number: &u8| {
        let signer = signer(*number);
        Vote { authority: signer.key(), signature: signer.sign(&message) }
    };
    let mut votes: Vec<Vote> = numbers.iter().map(vote).collect();
    votes.sort_unstable_by_key(|vote| vote.authority);
    Certificate { votes, ..unsigned }
}

fn begun() -> LightClient {
    LightClient::new(CHAIN, EPOCH_BLOCKS, &authorities(SETS[0])).unwrap()
}

/// A client in the second epoch, whose voters are four.
fn second() -> LightClient {
    let mut client = begun();
    let closing = &headers()[4];
    client.advance(closing, &certificate(closing, SETS[0])).unwrap();
    client
}

#[test]
fn client_follows_the_authorities_from_epoch_to_epoch() {
    let (headers, mut client) = (headers(), begun());
    for (epoch, set) in SETS.iter().enumerate() {
        let block = &headers[epoch * 5 + 2..=epoch * 5 + 2];
        let quorum = &set[..set.len() - (set.len() - 1) / 3];
        let found = client.verify(block, &certificate(&block[0], quorum)).unwrap();
        assert_eq!((found.votes, found.voters), (quorum.len(), set.len()));
        let closing = &headers[epoch * 5 + 4];
        client.advance(closing, &certificate(closing, quorum)).unwrap();
        assert_eq!(client.epoch(), epoch as u64 + 1);
    }
    assert_eq!(begun().resumed(&headers[14]), Ok(client));
}

#[test]
fn block_below_a_certified_one_is_final() {
    let (headers, client) = (headers(), second());
    let certificate = certificate(&headers[8], SETS[1]);
    let found = client.verify(&headers[6..=8], &certificate).unwrap();
    assert_eq!(found, Final { certified: Height(8), votes: 4, voters: 4 });
}

#[test]
fn headers_that_do_not_follow_one_another_are_refused() {
    let (headers, client) = (headers(), second());
    let certificate = certificate(&headers[8], SETS[1]);
    let verify = |headers: &[Header]| client.verify(headers, &certificate);
    let gap = [headers[6].clone(), headers[8].clone()];
    assert_eq!(verify(&gap), Err(NotFinal::LinkBroken(Height(8))));
    let mut other = headers[6..=8].to_vec();
    other[0].state_root = Hash([9; 32]);
    assert_eq!(verify(&other), Err(NotFinal::LinkBroken(Height(7))));
    assert_eq!(verify(&headers[6..=7]), Err(NotFinal::CertificateMismatch(Height(7))));
    assert_eq!(verify(&[]), Err(NotFinal::HeaderMissing));
}

#[test]
fn voters_of_another_epoch_vouch_for_nothing() {
    let (headers, client) = (headers(), second());
    let verify = |header: &Header, numbers: &[u8]| {
        client.verify(std::slice::from_ref(header), &certificate(header, numbers))
    };
    let refused = verify(&headers[6], SETS[2]);
    assert!(matches!(refused, Err(NotFinal::CertificateInvalid { .. })), "{refused:?}");
    let expected = NotFinal::EpochMismatch { height: Height(11), epoch: 2, expected: 1 };
    assert_eq!(verify(&headers[11], SETS[1]), Err(expected));
    let lying = Header { epoch: 1, ..headers[11].clone() };
    let expected = NotFinal::EpochMismatch { height: Height(11), epoch: 1, expected: 1 };
    assert_eq!(verify(&lying, SETS[1]), Err(expected));
    let certificate = Certificate { epoch: 2, ..certificate(&headers[6], SETS[1]) };
    let refused = client.verify(&headers[6..=6], &certificate);
    assert_eq!(refused, Err(NotFinal::CertificateMismatch(Height(6))));
}

#[test]
fn epoch_is_closed_by_its_last_block_alone() {
    let (headers, mut client) = (headers(), second());
    let within = &headers[8];
    let refused = client.advance(within, &certificate(within, SETS[1]));
    assert_eq!(refused, Err(NotFinal::NotClosing(Height(8))));
    let named = Header { next_authorities: Some(authorities(&[7])), ..within.clone() };
    let refused = client.advance(&named, &certificate(&named, SETS[1]));
    assert_eq!(refused, Err(NotFinal::NotClosing(Height(8))));
    let silent = Header { next_authorities: None, ..headers[9].clone() };
    let refused = client.advance(&silent, &certificate(&silent, SETS[1]));
    assert_eq!(refused, Err(NotFinal::NotClosing(Height(9))));
    assert_eq!(client, second(), "a refusal changes nothing");
}

#[test]
fn set_that_nobody_vouched_for_is_refused() {
    let (headers, mut client) = (headers(), second());
    let forged = Header { next_authorities: Some(authorities(&[7])), ..headers[9].clone() };
    let refused = client.advance(&forged, &certificate(&headers[9], SETS[1]));
    assert_eq!(refused, Err(NotFinal::CertificateMismatch(Height(9))));
    let refused = client.advance(&forged, &certificate(&forged, &[7]));
    assert!(matches!(refused, Err(NotFinal::CertificateInvalid { .. })), "{refused:?}");
}

#[test]
fn every_flipped_bit_of_a_header_is_refused() {
    let (headers, client) = (headers(), second());
    let certificate = certificate(&headers[9], SETS[1]);
    let bytes = encode(&headers[9]);
    assert!(client.clone().advance(&headers[9], &certificate).is_ok());
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(header) = decode::<Header>(&flipped) else { continue };
        assert!(client.clone().advance(&header, &certificate).is_err(), "bit {bit}");
    }
}

#[test]
fn authorities_in_another_order_are_refused() {
    let (headers, mut client) = (headers(), second());
    let mut header = headers[9].clone();
    header.next_authorities.as_mut().unwrap().swap(0, 1);
    let refused = client.advance(&header, &certificate(&headers[9], SETS[1]));
    assert_eq!(refused, Err(NotFinal::CertificateMismatch(Height(9))));
}

#[test]
fn header_of_another_version_or_chain_is_refused() {
    let (headers, client) = (headers(), second());
    let verify = |header: Header| {
        let certificate = certificate(&header, SETS[1]);
        client.verify(&[header], &certificate)
    };
    let refused = verify(Header { version: 2, ..headers[6].clone() });
    assert_eq!(refused, Err(NotFinal::VersionUnknown { height: Height(6), version: 2 }));
    let refused = verify(Header { chain: Hash([0xc1; 32]), ..headers[6].clone() });
    assert_eq!(refused, Err(NotFinal::ChainMismatch(Height(6))));
}
