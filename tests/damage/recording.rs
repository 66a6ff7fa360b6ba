//! One run of a real node, and copies of its home between two blocks, when nothing is being written: what
//! a crash at that moment leaves.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::keys::SecretKey;
use chain::memo::Memo;
use chain::operation::Operation;
use chain::transaction::{SignedTransaction, Transaction};
use node::config::Config;
use node::home::{self as node_home, Home, KeyClaim};
use node::ledger::Ledger;
use node::node::Node;
use node::operation::Listen;
use node::store::{Histories, Place};
use rpc::client::Client;
use rpc::methods::{AccountGet, TxGet, TxSubmit};
use rpc::text::{Address, Text, TransactionBytes};
use rpc::types::TxView;
use tempfile::TempDir;

use crate::home::{contents, copy, scratch};

/// No block but for a transaction, so that the home stands still in between.
const QUIET: &str = "[pacing]\ninterval_min_ms = 0\nidle_ms = 500000\nleader_timeout_ms = 550000\n\
                     certification_timeout_ms = 600000\ntimeout_retry_ms = 600000\n";
/// Blocks at once, so that a home that was damaged soon shows whether it goes on. The timeouts leave room for
/// a machine that is busy with other tests: shorter, it would give up every view.
const BRISK: &str = "[pacing]\ninterval_min_ms = 0\nidle_ms = 5\nleader_timeout_ms = 500\n\
                     certification_timeout_ms = 1500\ntimeout_retry_ms = 300\n";
/// Payments in one transaction: enough for blocks that lie in files of their own.
const OPERATIONS: usize = 64;

/// What was acknowledged up to a moment.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    /// The digest of every header, from genesis on.
    pub(crate) blocks: Vec<Hash>,
    /// Where every transaction stands.
    pub(crate) places: Vec<(Hash, Place)>,
}

impl Truth {
    pub(crate) fn height(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }
}

/// A home as it was at some moment, and what was acknowledged by then.
#[derive(Debug)]
pub(crate) struct Moment {
    pub(crate) home: PathBuf,
    pub(crate) truth: Truth,
}

/// The same node at four moments.
#[derive(Debug)]
pub(crate) struct Recording {
    /// Goes when the recording goes.
    _folder: TempDir,
    /// Some blocks before the others.
    pub(crate) older: Moment,
    /// One block before `after`.
    pub(crate) before: Moment,
    pub(crate) after: Moment,
    /// Stopped as it should be, at the height of `after`.
    pub(crate) stopped: Moment,
}

impl Recording {
    /// The one recording that all tests share.
    pub(crate) fn shared() -> &'static Self {
        static RECORDING: OnceLock<Recording> = OnceLock::new();
        RECORDING.get_or_init(record)
    }

    /// A copy of `moment` in which blocks follow one another quickly.
    pub(crate) fn copy_of(moment: &Moment) -> TempDir {
        let folder = scratch();
        copy(&moment.home, folder.path());
        fs::write(folder.path().join("config.toml"), BRISK).expect("a file");
        folder
    }
}

fn record() -> Recording {
    let folder = scratch();
    let root = folder.path().join("node");
    drop(node::dev::make(&root, None).expect("a home is made"));
    fs::write(root.join("config.toml"), QUIET).expect("a file");
    let config = settings(&root);
    let home = Home::open(&root).expect("a home");
    let node = Node::start(home, &config, KeyClaim::None).expect("a node starts");
    let mut payer = Payer::new(&root, &format!("http://{}", node.rpc_address()));
    let mut moments = Vec::new();
    for payments in [6, 12, 1] {
        for _ in 0..payments {
            payer.pay().expect("it is settled");
        }
        moments.push(moment(&folder.path().join(format!("moment-{}", moments.len())), &root));
    }
    node.stop().expect("a node stops");
    moments.push(moment(&folder.path().join("stopped"), &root));
    let [older, before, after, stopped] = <[Moment; 4]>::try_from(moments).expect("four");
    assert_eq!(before.truth.height() + 1, after.truth.height());
    Recording { _folder: folder, older, before, after, stopped }
}

/// The settings of the home at `root`, on any free port.
pub(crate) fn settings(root: &Path) -> Config {
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    let config = Config::read(&root.join("config.toml")).expect("settings");
    Config { rpc_listen: any, network_listen: any, operation_listen: Listen::Off, ..config }
}

/// Copies the home at `root` once it stands still.
fn moment(to: &Path, root: &Path) -> Moment {
    let mut seen = contents(root);
    loop {
        sleep(Duration::from_millis(100));
        let now = contents(root);
        if now == seen {
            break;
        }
        seen = now;
    }
    copy(root, to);
    let truth = truth(to);
    Moment { home: to.to_owned(), truth }
}

/// What the ledger of `home` says, read from a copy.
fn truth(home: &Path) -> Truth {
    let folder = scratch();
    copy(&home.join("data"), &folder.path().join("data"));
    let ledger = Ledger::open(&folder.path().join("data"), &genesis(home), Histories::Kept)
        .expect("it is sound");
    let store = ledger.store();
    let tip = store.tip().expect("a tip").height.0;
    let mut truth = Truth { blocks: Vec::new(), places: Vec::new() };
    for height in (0..=tip).map(Height) {
        let block = store.block(height).expect("readable").expect("a block");
        truth.blocks.push(block.header.digest());
        for (index, signed) in (0..).zip(&block.transactions) {
            truth.places.push((signed.transaction.id(), Place { height, index }));
        }
    }
    truth
}

/// What the chain of `home` begins with.
pub(crate) fn genesis(home: &Path) -> genesis::Genesis {
    let text = fs::read_to_string(home.join("genesis.toml")).expect("a genesis");
    genesis::Spec::from_toml(&text).expect("a genesis").genesis().expect("a genesis")
}

/// Somebody who pays and waits for the block.
pub(crate) struct Payer {
    runtime: tokio::runtime::Runtime,
    client: Client,
    key: SecretKey,
    chain: Hash,
    nonce: Nonce,
}

impl Payer {
    /// Pays with the money of the home at `root`, whose node answers at `url`.
    pub(crate) fn new(root: &Path, url: &str) -> Self {
        let secret = node_home::read_secret(&root.join("dev-accounts/alice.key")).expect("a key");
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            runtime: threads.expect("threads"),
            client: Client::new(url, Duration::from_secs(10)).expect("a URL"),
            key: SecretKey::from_bytes(&secret).expect("a key"),
            chain: genesis(root).hash(),
            nonce: Nonce::default(),
        }
    }

    /// Goes on with the account as the node has it. `None` when the node goes away first.
    pub(crate) fn after(root: &Path, url: &str) -> Option<Self> {
        let mut payer = Self::new(root, url);
        let account = Text(Address {
            network: chain::address::Network::Dev,
            account: AccountId::of_key(&payer.key.public_key()),
        });
        let view = payer.runtime.block_on(payer.client.call(AccountGet { account }));
        payer.nonce = Nonce(view.ok()?.value.next_nonce);
        Some(payer)
    }

    /// Pays, and waits until that is settled; the id and the height. `None` when the node goes away first.
    pub(crate) fn pay(&mut self) -> Option<(Hash, u64)> {
        let signed = self.sign();
        let id = signed.transaction.id();
        let bytes = TransactionBytes::new(encode(&signed)).expect("it is small");
        self.runtime.block_on(async {
            self.client.call(TxSubmit { transaction: bytes.into() }).await.ok()?;
            loop {
                match self.client.call(TxGet { id: id.into() }).await.ok()?.value {
                    TxView::Included { height, .. } => return Some((id, height)),
                    TxView::Pending { .. } => tokio::time::sleep(Duration::from_millis(5)).await,
                    other => panic!("{other:?}"),
                }
            }
        })
    }

    /// Where a transaction is settled.
    pub(crate) fn find(&self, id: Hash) -> Option<u64> {
        let answer = self.runtime.block_on(self.client.call(TxGet { id: id.into() }));
        match answer.expect("the node answers").value {
            TxView::Included { height, .. } => Some(height),
            _ => None,
        }
    }

    fn sign(&mut self) -> SignedTransaction {
        let sender = AccountId::of_key(&self.key.public_key());
        let memo = Memo::new("a payment that is to be found again").expect("it is short");
        let amount = Amount::from_u64(1);
        let nonce = self.nonce;
        self.nonce = nonce.next().expect("few");
        let transaction = Transaction {
            chain: self.chain,
            sender,
            nonce,
            valid_until: Height(10_000),
            fee_max: Amount::from_u64(1_000_000),
            operations: vec![Operation::Transfer { to: sender, amount, memo }; OPERATIONS],
        };
        transaction.sign(&self.key)
    }
}
