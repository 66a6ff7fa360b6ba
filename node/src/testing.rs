//! What several tests of this crate start from: keys, transactions, and a chain that grows without an
//! engine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chain::account::AccountId;
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey};
use chain::block::{Block, Header};
use chain::conditions::Conditions;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::keys::SecretKey;
use chain::market::{Grade, MarketId};
use chain::memo::Memo;
use chain::operation::{Operation, OrderPlace};
use chain::order::{Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};
use chain::transaction::{SignedTransaction, Transaction};
use consensus::{Abstention, Application as _, Peering, Place, Turn, Wake};
use genesis::{Genesis, dev_spec};

use crate::application::{Application, SharedMempool, lock};
use crate::disk::{Guard, Limits};
use crate::door::Door;
use crate::equivocations::Equivocations;
use crate::gossip::Gossip;
use crate::ledger::Ledger;
use crate::market_index::MarketIndex;
use crate::mempool::Mempool;
use crate::store::{Histories, StoreError};

const HOUR: u64 = 3_600_000;

pub(crate) fn key(byte: u8) -> SecretKey {
    SecretKey::from_bytes(&[byte; 32]).unwrap()
}

pub(crate) fn account(byte: u8) -> AccountId {
    AccountId::of_key(&key(byte).public_key())
}

/// A chain on which accounts 1 to 3 have money, 4 is the authority's, 5 the cashier, 6 the treasury.
pub(crate) fn genesis() -> Genesis {
    let authority = Authority { key: AuthorityKey([4; 32]), account: account(4) };
    let funded = [1, 2, 3].map(account);
    dev_spec(authority, account(5), account(6), &funded).genesis().unwrap()
}

/// A payment of 1 from account `from` to account 2.
pub(crate) fn transfer(from: u8, nonce: u64) -> SignedTransaction {
    transaction(from, nonce).sign(&key(from))
}

/// A payment of 1 from account `from` to account 2, not signed yet.
pub(crate) fn transaction(from: u8, nonce: u64) -> Transaction {
    let (to, amount, memo) = (account(2), Amount::from_u64(1), Memo::default());
    operation(from, nonce, Operation::Transfer { to, amount, memo })
}

/// A transaction of one operation, not signed yet.
pub(crate) fn operation(from: u8, nonce: u64, operation: Operation) -> Transaction {
    Transaction {
        chain: genesis_hash(),
        sender: account(from),
        nonce: Nonce(nonce),
        valid_until: Height(100),
        fee_max: Amount::from_u64(1_000_000),
        operations: vec![operation],
    }
}

fn genesis_hash() -> Hash {
    static HASH: std::sync::OnceLock<Hash> = std::sync::OnceLock::new();
    *HASH.get_or_init(|| genesis().hash())
}

/// A disk with room enough.
pub(crate) fn disk() -> Arc<Guard> {
    let limits = Limits { voting_bytes_min: 0, running_bytes_min: 0 };
    Arc::new(Guard::new(&std::env::temp_dir(), limits, Abstention::new()).unwrap())
}

/// A chain on disk, with nobody but the test to agree.
pub(crate) struct Chain {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) mempool: SharedMempool,
    pub(crate) gossip: Arc<Gossip>,
    pub(crate) application: Application,
}

impl Chain {
    /// A new chain in `folder`, or the one that is there.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, Histories::Kept)
    }

    /// The same, with the histories of accounts or without.
    pub(crate) fn open_with(folder: &Path, histories: Histories) -> Result<Self, StoreError> {
        Ok(Self::on(folder, Arc::new(Ledger::open(&data(folder), &genesis(), histories)?)))
    }

    /// The same, with an index beside the ledger.
    pub(crate) fn indexed(folder: &Path) -> Result<Self, StoreError> {
        let ledger = Ledger::open(&data(folder), &genesis(), Histories::Kept)?;
        let index = MarketIndex::open(&folder.join("index"), ledger.store(), |_, _| {});
        let ledger = ledger.with_index(index.expect("an index can be made"));
        Ok(Self::on(folder, Arc::new(ledger)))
    }

    fn on(folder: &Path, ledger: Arc<Ledger>) -> Self {
        let mempool = Arc::new(Mutex::new(Mempool::default()));
        let door = Door::new(Arc::clone(&ledger), Arc::clone(&mempool), Wake::new());
        let gossip = Arc::new(Gossip::new(door, Peering::new(), Arc::default()));
        let equivocations = Equivocations::of(folder.join("equivocations"));
        let application = Application::new(Arc::clone(&gossip), equivocations);
        Self { ledger, mempool, gossip, application }
    }

    /// The tip's header.
    pub(crate) fn tip(&self) -> Header {
        self.ledger.read().header.clone()
    }

    /// Lets `signed` wait in the mempool.
    pub(crate) fn submit(&self, signed: SignedTransaction) -> Hash {
        let sender = signed.transaction.sender;
        let nonce = self.ledger.read().view().account(&sender).unwrap_or_default().nonce;
        let transaction = Arc::new(signed.verify().unwrap());
        let id = transaction.id();
        lock(&self.mempool).insert(transaction, nonce).unwrap();
        id
    }

    /// The turn after the tip and `ancestors`, a second after its parent.
    pub(crate) fn turn(&self, ancestors: &[&Block]) -> Turn {
        let parent = ancestors.last().map_or_else(|| self.tip(), |block| block.header.clone());
        let height = parent.height.next().0;
        Turn {
            time: Time(parent.time.0 + 1_000),
            epoch: height / 600,
            proposer: AuthorityKey([4; 32]),
            parent,
            ancestors: ancestors.iter().map(|block| Arc::new((*block).clone())).collect(),
            place: if height % 600 == 599 { Place::Last } else { Place::Within },
        }
    }

    /// Builds the next block and commits it.
    pub(crate) fn grow(&self) -> Block {
        let block = self.application.build(&self.turn(&[])).unwrap();
        self.application.commit(&block, None);
        block
    }

    /// An order of the first market for two hours, ten hours ahead, at any terms.
    pub(crate) fn order(&self, side: Side, quantity: u64, limit: u64) -> OrderPlace {
        let start = (self.tip().time.0 / HOUR + 10) * HOUR;
        OrderPlace {
            market: MarketId(0),
            side,
            quantity: Quantity(quantity),
            window: Window { start: Time(start), end: Time(start + 2 * HOUR) },
            limit: Price(limit),
            time_in_force: TimeInForce::Until(Time(start)),
            grade: Grade::BASE,
            parties: Parties::default(),
            conditions: Conditions::default(),
            predicates: Predicates::default(),
            stretch: None,
        }
    }
}

/// The database in `folder`.
pub(crate) fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}
