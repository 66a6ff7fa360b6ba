//! Starts a node on a home that something has happened to, and says what becomes of it.
//!
//! Silently wrong is what must not be: a node that runs, but lacks something that was acknowledged, or has
//! another block where one was final.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ::genesis::Spec;
use chain::authority::AuthorityKey;
use chain::block::Block;
use chain::hash::Hash;
use chain::height::Height;
use node::config::Config;
use node::home::{Home, KeyClaim};
use node::ledger::Ledger;
use node::node::Node;
use node::operation::Listen;
use node::store::Histories;
use rpc::client::Client;
use rpc::methods::ChainStatus;

use crate::recording::{Truth, genesis};

/// Blocks that a node must add before it counts as recovered.
const MORE_BLOCKS: u64 = 2;
/// How long a node may take to add them, or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is said here of a node that neither goes on nor ends.
const STILL: &str = "the chain stands still";

/// What became of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything acknowledged is there, and more blocks follow.
    Recovered,
    /// The node does not start, or ends, and says this.
    Refused(String),
}

/// Runs a node on `home`, which should know all of `truth`.
///
/// Panics when it is silently wrong, stands still, or is refused without a word.
pub(crate) fn run(home: &Path, truth: &Truth, what: &str) -> Outcome {
    quiet_panics();
    let (sender, receiver) = mpsc::channel();
    let (path, goal) = (home.to_owned(), truth.height() + MORE_BLOCKS);
    thread::spawn(move || {
        // Nobody listens when the test has given up.
        let _ = sender.send(live(&path, goal));
    });
    let lived = receiver.recv_timeout(3 * PATIENCE);
    match lived.unwrap_or_else(|error| panic!("{what}: the node hangs: {error}")) {
        Ok(()) => {
            let found = read(home, truth);
            assert_eq!(found, Ok(None), "{what}: silently wrong");
            Outcome::Recovered
        }
        Err(words) => {
            let words = words.replace(&home.display().to_string(), "HOME");
            assert!(words.len() > 10, "{what}: refused without a word: {words}");
            assert!(words != STILL || read(home, truth).is_ok(), "{what}: silently wrong");
            Outcome::Refused(words)
        }
    }
}

/// Lets a node add blocks up to `goal` and stops it. `Err` is what it says when it does not.
fn live(root: &Path, goal: u64) -> Result<(), String> {
    let home = Home::open(root).map_err(|error| error.to_string())?;
    let config = Config::read(&home.config_path()).map_err(|error| error.to_string())?;
    let any = (std::net::Ipv4Addr::LOCALHOST, 0).into();
    let config =
        Config { rpc_listen: any, network_listen: any, operation_listen: Listen::Off, ..config };
    let node = Node::start(home, &config, KeyClaim::None).map_err(|error| error.to_string())?;
    let grew = grows(&node, goal);
    let stopped = node.stop();
    match (grew, stopped) {
        (true, Ok(())) => Ok(()),
        (_, Err(error)) => Err(format!("the node ends by itself: {error}")),
        (false, Ok(())) => Err(STILL.to_owned()),
    }
}

/// Who votes in `home`, and on which chain, once its settings are read as well. `Err` is why it is refused.
pub(crate) fn identity(home: &Path) -> Result<(AuthorityKey, Hash), String> {
    let home = Home::open(home).map_err(|error| error.to_string())?;
    Config::read(&home.config_path()).map_err(|error| error.to_string())?;
    let text = home.genesis().map_err(|error| error.to_string())?;
    let genesis = Spec::from_toml(&text).and_then(|spec| spec.genesis());
    let genesis = genesis.map_err(|error| error.to_string())?;
    let secret = home.authority(KeyClaim::None).map_err(|error| error.to_string())?;
    Ok((secret.key(), genesis.hash()))
}

/// Waits until the chain has reached `goal`. False when the engine ends first, or nothing happens.
fn grows(node: &Node, goal: u64) -> bool {
    let (engine, (ended, watch)) = (node.engine(), mpsc::channel());
    thread::spawn(move || {
        let _ = ended.send(engine.wait());
    });
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let threads = threads.expect("threads");
    let url = format!("http://{}", node.rpc_address());
    let client = Client::new(&url, Duration::from_secs(10)).expect("a URL");
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let status = threads.block_on(client.call(ChainStatus {}));
        if status.is_ok_and(|status| status.tip.height >= goal) {
            return true;
        }
        if watch.recv_timeout(Duration::from_millis(10)) != Err(mpsc::RecvTimeoutError::Timeout) {
            return false;
        }
    }
    false
}

/// Reads the ledger of `home` alone, without the engine. `Ok(None)` when it knows all of `truth`;
/// `Ok(Some(height))` when it ends at that height, below, and knows all up to there. `Err` is why it is
/// refused, when it is opened or read.
///
/// Panics when it is silently wrong.
pub(crate) fn read(home: &Path, truth: &Truth) -> Result<Option<u64>, String> {
    let ledger = Ledger::open(&home.join("data"), &genesis(home), Histories::Kept)
        .map_err(|error| error.to_string())?;
    let store = ledger.store();
    let tip = store.tip().map_err(|error| error.to_string())?.height;
    for height in (0..=tip.0).map(Height) {
        let block = store.block(height).map_err(|error| error.to_string())?;
        let Block { header, transactions } = block.expect("silently wrong: a block is gone");
        if let Some(digest) = truth.blocks.get(usize::try_from(height.0).expect("few")) {
            assert_eq!(header.digest(), *digest, "silently wrong: another block at {height}");
        }
        assert_eq!(Block::transactions_root(&transactions), header.transactions_root, "{height}");
        if height > Height::GENESIS {
            let receipts = store.receipts(height).map_err(|error| error.to_string())?;
            let receipts = receipts.expect("silently wrong: receipts are gone");
            assert_eq!(receipts.root(), header.receipts_root, "silently wrong: receipts {height}");
        }
    }
    for (id, place) in truth.places.iter().filter(|(_, place)| place.height <= tip) {
        let found = store.place(id).map_err(|error| error.to_string())?;
        assert_eq!(found, Some(*place), "silently wrong: {id}");
    }
    Ok((tip.0 < truth.height()).then_some(tip.0))
}

/// How often each outcome was seen.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) recovered: u64,
    pub(crate) refused: u64,
    words: BTreeMap<String, u64>,
}

impl Counts {
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Recovered => self.recovered += 1,
            Outcome::Refused(words) => {
                self.refused += 1;
                let line = words.lines().next().unwrap_or_default();
                let letters = line.chars().filter(|char| !char.is_ascii_digit());
                *self.words.entry(letters.take(110).collect()).or_default() += 1;
            }
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "recovered {}, refused {}", self.recovered, self.refused)?;
        for (words, times) in &self.words {
            write!(formatter, "\n    {times} x {words}")?;
        }
        Ok(())
    }
}

/// The engine's threads panic over a damaged journal, which is the outcome looked for and not news.
fn quiet_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let words = panic.payload_as_str().unwrap_or_default();
            let tests = ["damage/", "damage\\"];
            let place = panic.location().map_or("", |location| location.file());
            if tests.iter().any(|part| place.contains(part)) || words.contains("silently wrong") {
                loud(panic);
            }
        }));
    });
}
