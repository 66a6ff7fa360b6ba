//! What fuzzing starts from: the frozen vectors, the networks' files, one question for each method.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::block::{Block, Header};
use chain::certificate::{Ballot, Certificate, Voted};
use chain::encoding::{decode, encode};
use chain::equivocation::{Equivocation, Signed};
use chain::hash::Hash;
use chain::merkle::{Entry, StateProof};
use chain::snapshot::{Chunk, Content, FORMAT, Manifest};
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::voucher::SignedVoucher;
use genesis::dev_spec;

use crate::questions;

const TRANSACTIONS: &str = include_str!("../../vectors/transactions.txt");
const BLOCKS: &str = include_str!("../../vectors/blocks.txt");
const OBJECTS: &str = include_str!("../../vectors/objects.txt");
const IDS: &str = include_str!("../../vectors/ids.txt");
const KEY_FILE: &str = include_str!("seeds/key.json");

/// A first input of a target: the target's name, the seed's own, and its bytes.
pub type Seed = (&'static str, String, Vec<u8>);

/// Every seed of every target.
///
/// # Panics
/// When the vectors are not there or do not decode.
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (name, value) in vectors(TRANSACTIONS).filter(|(name, _)| !name.contains('.')) {
        seeds.push(("transaction", name.to_owned(), hex(value)));
    }
    for (name, value) in vectors(OBJECTS).filter(|(name, _)| !name.ends_with("digest")) {
        let target = if name.ends_with(".key") { "key" } else { "object" };
        seeds.push((target, name.to_owned(), hex(value)));
    }
    let header = hex(vector(BLOCKS, "header"));
    seeds.push(("block", "vector".to_owned(), block(&header)));
    for name in ["tip", "passed"] {
        seeds.push(("gossip", name.to_owned(), hex(vector(IDS, name))));
    }
    seeds.push(("header", "vector".to_owned(), header));
    seeds.push(("receipts", "vector".to_owned(), hex(vector(BLOCKS, "receipts"))));
    let voucher = hex(vector(IDS, "voucher"));
    decode::<SignedVoucher>(&voucher).expect("a vector decodes");
    seeds.push(("voucher", "vector".to_owned(), voucher));
    seeds.push(("proof", "two-entries".to_owned(), encode(&proof())));
    seeds.push(("snapshot", "manifest".to_owned(), encode(&manifest())));
    seeds.push(("snapshot", "objects".to_owned(), chunk_of_objects()));
    seeds.push(("equivocation", "unsigned".to_owned(), encode(&equivocation())));
    seeds.push(("memo", "greeting".to_owned(), encode(&"gr\u{fc}ezi \u{2713}\u{1b}[2J")));
    for network in ["main", "test", "dev"] {
        let address = vector(IDS, &format!("address.{network}"));
        seeds.push(("address", network.to_owned(), address.as_bytes().to_vec()));
    }
    for (name, text) in
        [("whole", "\u{6}1TLY"), ("part", "\u{6}1.500000TLY"), ("base", "\u{0}150utly")]
    {
        seeds.push(("amount", name.to_owned(), text.as_bytes().to_vec()));
    }
    seeds.push(("genesis", "dev".to_owned(), genesis().into_bytes()));
    seeds.push(("keystore", "key".to_owned(), KEY_FILE.as_bytes().to_vec()));
    seeds.extend(questions::names().map(question));
    seeds.extend((0..8).map(|seed| random("rules", seed)));
    seeds.extend((0..8).map(|seed| random("signatures", seed)));
    seeds
}

fn vectors(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    file.lines().filter_map(|line| line.split_once(' '))
}

fn vector(file: &'static str, name: &str) -> &'static str {
    let found = vectors(file).find(|(known, _)| *known == name);
    found.expect("a vector of this name").1
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("vectors are hex");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// A block with every transaction of the vectors.
fn block(header: &[u8]) -> Vec<u8> {
    let transactions = vectors(TRANSACTIONS).filter(|(name, _)| !name.contains('.'));
    let transactions = transactions.map(|(_, value)| decode(&hex(value)).expect("it decodes"));
    let header = decode(header).expect("the header decodes");
    encode(&Block { header, transactions: transactions.collect() })
}

/// The file of a network of three accounts and an authority.
fn genesis() -> String {
    let accounts = [AccountId([1; 20]), AccountId([2; 20]), AccountId([3; 20])];
    let authority = Authority { key: AuthorityKey([7; 32]), account: accounts[0] };
    let spec = dev_spec(authority, accounts[1], accounts[2], &accounts);
    spec.to_toml().expect("the file of a network")
}

fn proof() -> StateProof {
    let entry = |byte| Entry { key: Hash([byte; 32]), value: Hash([byte + 1; 32]) };
    StateProof { entries: vec![entry(1), entry(2)], neighbours: vec![Hash([7; 32]); 3] }
}

/// The manifest of a snapshot of the vectors' block, certified by nobody.
fn manifest() -> Manifest {
    let header: Header = decode(&hex(vector(BLOCKS, "header"))).expect("the header decodes");
    let (epoch, block) = (header.epoch, header.digest());
    let certificate = Certificate { epoch, view: 7, parent_view: 6, block, votes: Vec::new() };
    let contents = [Content::Epochs, Content::Block, Content::Receipts, Content::Objects];
    let chunks = contents.map(|content| Chunk::of(content, b"piece").expect("a few bytes"));
    let (format, depth, objects) = (FORMAT, 3, 5);
    Manifest { format, depth, objects, header, certificate, chunks: chunks.to_vec() }
}

/// The one object that stands under a key of its own.
fn chunk_of_objects() -> Vec<u8> {
    let supply = Supply { minted: Amount::from_u64(9), burned: Amount::from_u64(2) };
    encode(&(Key::Supply, Object::Supply(supply)))
}

/// Two votes that contradict each other, and signatures that are none.
fn equivocation() -> Equivocation {
    let signature = AuthoritySignature([7; 64]);
    let voted = Voted { parent_view: 1, block: Hash([1; 32]) };
    let first = Signed { ballot: Ballot::Nullify, signature };
    let second = Signed { ballot: Ballot::Finalize(voted), signature };
    Equivocation { authority: AuthorityKey([3; 32]), epoch: 1, view: 2, first, second }
}

/// A method's name and every parameter that any method has; the fuzzer finds out which are its own.
fn question(name: &str) -> Seed {
    let id = "ab".repeat(32);
    let address = vector(IDS, "address.dev");
    let params = format!(
        r#"{{"account":"{address}","id":"{id}","hold":"{id}","order":"{id}","contract":"{id}","channel":"{id}","market":"cpu","height":1,"from":1,"count":5,"limit":9,"cursor":"1","window":{{"start":1,"end":2}},"transaction":"00ff"}}"#
    );
    ("question", name.to_owned(), format!("{name}\n{params}").into_bytes())
}

/// Any choices: enough of them for a few blocks, or for a batch.
fn random(target: &'static str, seed: u64) -> Seed {
    let mut mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut byte = || {
        mixed ^= mixed << 13;
        mixed ^= mixed >> 7;
        mixed ^= mixed << 17;
        mixed.to_le_bytes()[3]
    };
    (target, format!("random-{seed}"), (0..600).map(|_| byte()).collect())
}
