//! An application without rules: a block says which note it carries, if any, in its receipts root.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use chain::account::AccountId;
use chain::authority::{Authority, AuthorityKey};
use chain::block::{Block, Header, VERSION};
use chain::certificate::Certificate;
use chain::encoding::{decode, encode};
use chain::equivocation::{Contradiction, Equivocation};
use chain::hash::Hash;
use chain::height::Height;
use chain::snapshot::Anchor;
use chain::time::Time;
use chain::transaction::SignedTransaction;

use crate::{
    Abstention, Application, AuthoritySecret, Garbage, Peer, Peering, Place, Tip, Turn, Verdict,
    Work,
};

/// Longer than any test takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Toy {
    state: Mutex<State>,
    grown: Condvar,
    pub(crate) peering: Peering,
    pub(crate) abstention: Abstention,
}

struct State {
    blocks: Vec<Block>,
    /// The greatest height of a block that was built.
    built: Height,
    /// A block that is not committed before one above it was built.
    held: Option<Height>,
    certificates: Vec<Certificate>,
    /// Where it begins, if not with genesis.
    anchor: Option<Anchor>,
    /// What was heard from whom.
    heard: Vec<(Peer, SignedTransaction)>,
    note: Option<Hash>,
    /// Who votes from an epoch on, where that changes.
    sets: BTreeMap<u64, Vec<Authority>>,
    /// Where authorities say they are.
    addresses: BTreeMap<AuthorityKey, SocketAddr>,
    file: Option<File>,
    disk: Disk,
}

/// Whether writes succeed.
enum Disk {
    Good,
    Bad,
}

/// The secret of authority number `number`.
pub(crate) fn secret(number: u8) -> AuthoritySecret {
    AuthoritySecret::new([number + 1; 32])
}

/// The authorities with numbers below `count`.
pub(crate) fn authorities(count: u8) -> Vec<Authority> {
    numbered(0..count)
}

/// The authorities with these numbers.
pub(crate) fn numbered(numbers: impl IntoIterator<Item = u8>) -> Vec<Authority> {
    let authority = |number| Authority { key: secret(number).key(), account: AccountId::default() };
    numbers.into_iter().map(authority).collect()
}

/// Block 0, which names `authorities`.
pub(crate) fn genesis(authorities: Vec<Authority>) -> Block {
    let header = Header {
        version: VERSION,
        chain: Hash([7; 32]),
        height: Height::GENESIS,
        epoch: 0,
        parent: Hash::ZERO,
        time: Time(0),
        proposer: AuthorityKey::default(),
        transactions_root: Block::transactions_root([]),
        receipts_root: Hash::ZERO,
        state_root: Hash::ZERO,
        next_authorities: Some(authorities),
    };
    Block { header, transactions: Vec::new() }
}

impl Toy {
    /// A chain that has only its genesis, and forgets.
    pub(crate) fn new(authorities: Vec<Authority>) -> Self {
        Self::of(vec![genesis(authorities)])
    }

    /// A chain that has these blocks, and forgets.
    fn of(blocks: Vec<Block>) -> Self {
        let (built, disk, certificates) = (Height::GENESIS, Disk::Good, Vec::new());
        let heard = Vec::new();
        let state = State {
            blocks,
            certificates,
            anchor: None,
            heard,
            built,
            held: None,
            note: None,
            sets: BTreeMap::new(),
            addresses: BTreeMap::new(),
            file: None,
            disk,
        };
        Self {
            state: Mutex::new(state),
            grown: Condvar::new(),
            peering: Peering::new(),
            abstention: Abstention::new(),
        }
    }

    /// The chain kept in `path`, one block a line.
    pub(crate) fn open(path: &Path, authorities: Vec<Authority>) -> Self {
        let toy = Self::new(authorities);
        let text = std::fs::read_to_string(path).unwrap_or_default();
        // Killed while it wrote, the last line may be torn: that block was not committed.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut state = toy.state.lock().unwrap();
        for line in text[..whole].lines() {
            let bytes: Vec<_> = line.split(',').map(|byte| byte.parse::<u8>().unwrap()).collect();
            state.blocks.push(decode(&bytes).unwrap());
        }
        std::fs::write(path, &text[..whole]).unwrap();
        state.file = Some(OpenOptions::new().create(true).append(true).open(path).unwrap());
        drop(state);
        toy
    }

    /// The same chain up to `height`, as if the blocks above had been lost.
    pub(crate) fn cut(&self, height: u64) -> Self {
        let kept = usize::try_from(height).unwrap() + 1;
        Self::of(self.state.lock().unwrap().blocks[..kept].to_vec())
    }

    /// Has these authorities vote from `epoch` on.
    pub(crate) fn change(&self, epoch: u64, authorities: Vec<Authority>) {
        self.state.lock().unwrap().sets.insert(epoch, authorities);
    }

    /// Has the authority with this number say that it is at `address`.
    pub(crate) fn say(&self, number: u8, address: SocketAddr) {
        self.state.lock().unwrap().addresses.insert(secret(number).key(), address);
    }

    /// The same chain as a ledger has it that begins with the block at `height`, which has a certificate.
    pub(crate) fn begun_at(&self, height: u64) -> Self {
        let other = self.cut(height);
        let block = other.state.lock().unwrap().blocks.last().unwrap().clone();
        let certificates = &self.state.lock().unwrap().certificates;
        let own = |certificate: &&Certificate| certificate.block == block.header.digest();
        let certificate = certificates.iter().find(own).expect("it has one").clone();
        other.state.lock().unwrap().anchor = Some(Anchor { block, certificate });
        other
    }

    /// Spoils the certificate of the block that it begins with.
    pub(crate) fn forge_anchor(&self) {
        let mut state = self.state.lock().unwrap();
        state.anchor.as_mut().unwrap().certificate.votes[0].signature.0[0] ^= 1;
    }

    /// Has a block carry `note`.
    pub(crate) fn note(&self, note: Hash) {
        self.state.lock().unwrap().note = Some(note);
    }

    /// Has the commit of the block at `height` wait until one above it was built.
    pub(crate) fn hold(&self, height: Height) {
        self.state.lock().unwrap().held = Some(height);
    }

    /// Has the next commit fail.
    pub(crate) fn fail(&self) {
        self.state.lock().unwrap().disk = Disk::Bad;
    }

    pub(crate) fn height(&self) -> u64 {
        self.state.lock().unwrap().blocks.len() as u64 - 1
    }

    /// Waits for the block at `height`.
    pub(crate) fn wait_for(&self, height: u64) -> Block {
        let state = self.state.lock().unwrap();
        let waiting = |state: &mut State| state.blocks.len() as u64 <= height;
        let (state, timeout) = self.grown.wait_timeout_while(state, PATIENCE, waiting).unwrap();
        assert!(!timeout.timed_out(), "no block {height}, only {}", state.blocks.len() - 1);
        state.blocks[usize::try_from(height).unwrap()].clone()
    }

    /// What was heard from whom, in order.
    pub(crate) fn heard(&self) -> Vec<(Peer, SignedTransaction)> {
        self.state.lock().unwrap().heard.clone()
    }

    /// The digests of all blocks.
    pub(crate) fn digests(&self) -> Vec<Hash> {
        let state = self.state.lock().unwrap();
        state.blocks.iter().map(|block| block.header.digest()).collect()
    }
}

impl Toy {
    /// All headers, and the certificates of those blocks that have one.
    pub(crate) fn finality(&self) -> (Vec<Header>, Vec<Certificate>) {
        let state = self.state.lock().unwrap();
        let headers = state.blocks.iter().map(|block| block.header.clone());
        (headers.collect(), state.certificates.clone())
    }
}

impl Application for Toy {
    fn genesis(&self) -> Block {
        self.state.lock().unwrap().blocks[0].clone()
    }

    fn tip(&self) -> Tip {
        let state = self.state.lock().unwrap();
        let header = &state.blocks.last().unwrap().header;
        Tip { height: header.height, digest: header.digest() }
    }

    fn header(&self, height: Height) -> Option<Header> {
        let state = self.state.lock().unwrap();
        Some(state.blocks.get(usize::try_from(height.0).unwrap())?.header.clone())
    }

    fn accuse(&self, proof: &Equivocation, contradiction: Contradiction) {
        panic!("nobody lies here: {contradiction:?}, {proof:?}");
    }

    fn anchor(&self) -> Option<Anchor> {
        self.state.lock().unwrap().anchor.clone()
    }

    fn work(&self, turn: &Turn) -> Option<Work> {
        Some(match self.state.lock().unwrap().note {
            Some(note) if !carried(turn, note) => Work::Waiting,
            _ => Work::None,
        })
    }

    fn build(&self, turn: &Turn) -> Option<Block> {
        let mut state = self.state.lock().unwrap();
        state.built = state.built.max(turn.height());
        self.grown.notify_all();
        let note = state.note.filter(|note| !carried(turn, *note));
        let changed = state.sets.range(..=turn.epoch + 1).next_back().map(|(_, set)| set.clone());
        let authorities = changed.or_else(|| state.blocks[0].header.next_authorities.clone());
        let header = Header {
            version: VERSION,
            chain: turn.parent.chain,
            height: turn.height(),
            epoch: turn.epoch,
            parent: turn.parent.digest(),
            time: turn.time,
            proposer: turn.proposer,
            transactions_root: Block::transactions_root([]),
            receipts_root: note.unwrap_or(Hash::ZERO),
            state_root: Hash::ZERO,
            next_authorities: authorities.filter(|_| turn.place == Place::Last),
        };
        Some(Block { header, transactions: Vec::new() })
    }

    fn check(&self, block: &Block, _: &Turn) -> Option<Verdict> {
        Some(match block.header.state_root {
            Hash::ZERO => Verdict::Valid,
            _ => Verdict::Invalid,
        })
    }

    fn addresses(&self) -> BTreeMap<AuthorityKey, SocketAddr> {
        self.state.lock().unwrap().addresses.clone()
    }

    fn commit(&self, block: &Block, certificate: Option<&Certificate>) {
        let mut state = self.state.lock().unwrap();
        assert_eq!(block.header.height.0, state.blocks.len() as u64, "once a height, in order");
        assert_eq!(block.header.parent, state.blocks.last().unwrap().header.digest());
        if state.held == Some(block.header.height) {
            let waiting = |state: &mut State| state.built <= block.header.height;
            let (after, timeout) = self.grown.wait_timeout_while(state, PATIENCE, waiting).unwrap();
            assert!(!timeout.timed_out(), "nothing is built while a block is committed");
            state = after;
        }
        if matches!(state.disk, Disk::Bad) {
            drop(state);
            panic!("the disk is bad, as the test wants it");
        }
        if state.note == Some(block.header.receipts_root) {
            state.note = None;
        }
        if let Some(file) = &mut state.file {
            let bytes: Vec<_> = encode(block).iter().map(u8::to_string).collect();
            writeln!(file, "{}", bytes.join(",")).unwrap();
            file.sync_all().unwrap();
        }
        state.blocks.push(block.clone());
        state.certificates.extend(certificate.cloned());
        self.grown.notify_all();
    }

    fn hear(&self, from: Peer, transactions: Vec<SignedTransaction>) -> Result<(), Garbage> {
        let mut state = self.state.lock().unwrap();
        let chain = state.blocks[0].header.chain;
        if transactions.iter().any(|signed| signed.transaction.chain != chain) {
            return Err(Garbage("transactions of another chain"));
        }
        state.heard.extend(transactions.into_iter().map(|signed| (from, signed)));
        Ok(())
    }
}

fn carried(turn: &Turn, note: Hash) -> bool {
    turn.ancestors.iter().any(|block| block.header.receipts_root == note)
}
