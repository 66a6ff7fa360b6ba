//! A network of real processes: the nodes of `tallyd testnet`, and clients that pay through any of them.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chain::account::AccountId;
use chain::address::{self, Network};
use chain::amount::Amount;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::keys::SecretKey;
use chain::memo::Memo;
use chain::operation::Operation;
use chain::transaction::{SignedTransaction, Transaction};
use genesis::Spec;
use rpc::client::{Client, ClientError};
use rpc::methods::{AccountGet, ChainGetBlocks, ChainStatus, Method, NodeStatus, TxGet, TxSubmit};
use rpc::text::{Address, Text, TransactionBytes};
use rpc::types::{BLOCKS_MAX, BlockView, Limit, NodeStatusView, TxView};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::process::program;

/// How long anything may take before the test is given up.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(50);
/// More than any transaction here pays.
const FEE_MAX: Amount = Amount::from_u64(1_000_000);
/// Lines of a log that are shown when something goes wrong.
const LOG_LINES: usize = 30;

/// A network in a folder of its own. Its processes are killed when it is dropped.
#[derive(Debug)]
pub struct Testnet {
    folder: TempDir,
    /// Its nodes, authorities first.
    pub nodes: Vec<Node>,
}

/// One node of a network.
#[derive(Debug)]
pub struct Node {
    home: PathBuf,
    /// The network namespace it runs in, if not ours.
    space: Option<String>,
    child: Option<Child>,
    client: Option<Client>,
    /// Where it serves metrics and health, once it was started.
    pub operation: String,
    runtime: Runtime,
}

impl Testnet {
    /// Makes a network; nothing of it runs yet.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn new(authorities: usize, followers: usize) -> Self {
        Self::of(genesis::DEV, authorities, followers)
    }

    /// Makes a network whose genesis says what `template` says; nothing of it runs yet.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn of(template: &str, authorities: usize, followers: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let net = folder.path().join("net");
        let file = folder.path().join("template.toml");
        fs::write(&file, template).expect("a file");
        let mut command = Command::new(program("tallyd"));
        command.args(["testnet", "--authorities", &authorities.to_string(), "--genesis"]).arg(file);
        command.args(["--followers", &followers.to_string(), "--out"]).arg(&net);
        let made = command.output().expect("tallyd runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let authorities = (1..=authorities).map(|number| format!("authority-{number}"));
        let names = authorities.chain((1..=followers).map(|number| format!("follower-{number}")));
        let nodes = names.map(|name| Node::of(net.join(name))).collect();
        Self { folder, nodes }
    }

    /// Adds a node that nobody has heard of: it knows where the authorities are. It does not run yet.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn add_stranger(&mut self) {
        let net = self.folder.path().join("net");
        let home = net.join("stranger");
        let mut command = Command::new(program("tallyd"));
        command.args(["init", "--genesis"]).arg(net.join("genesis.toml"));
        let made = command.arg("--home").arg(&home).output().expect("tallyd runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let node = Node::of(home);
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = free.local_addr().expect("it is bound").port();
        let mut settings = format!(
            "[rpc]\nlisten = \"127.0.0.1:0\"\n[operation]\nlisten = \"127.0.0.1:0\"\n\
             [network]\nlisten = \"127.0.0.1:{port}\"\n[network.peers]\n"
        );
        for other in &self.nodes {
            let [key, address] = other.contact();
            settings += &format!("{key} = \"{address}\"\n");
        }
        node.set(&settings);
        self.nodes.push(node);
    }

    /// A file with the secret of one of the accounts.
    pub fn secret(&self, name: &str) -> PathBuf {
        self.folder.path().join("net/accounts").join(format!("{name}.key"))
    }

    /// Starts all nodes, and returns when they answer.
    ///
    /// # Panics
    /// When one does not start.
    pub fn start(&mut self) {
        self.nodes.iter_mut().for_each(Node::launch);
        self.nodes.iter_mut().for_each(Node::wait);
    }

    /// One of the accounts, by its name, to pay from.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn payer(&self, name: &str) -> Payer {
        let net = self.folder.path().join("net");
        let secret = fs::read_to_string(self.secret(name));
        let secret = Hash::from_hex(secret.expect("the account is there").trim());
        let key = SecretKey::from_bytes(&secret.expect("it is a secret").0).expect("of an account");
        let account = AccountId::of_key(&key.public_key());
        let text = fs::read_to_string(net.join("genesis.toml")).expect("a network has a genesis");
        let chain =
            Spec::from_toml(&text).and_then(|spec| spec.genesis()).expect("it is one").hash();
        Payer { key, account, chain, nonce: Nonce::default() }
    }

    /// Lets time pass until `done`, and fails the test when that takes too long.
    ///
    /// # Panics
    /// When it takes too long.
    pub fn until(&self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let began = Instant::now();
        while !done(self) {
            let logs = || self.nodes.iter().map(Node::last_words).collect::<String>();
            assert!(began.elapsed() < PATIENCE, "never: {what}\n{}", logs());
            sleep(PAUSE);
        }
    }

    /// Waits until the nodes with these numbers have the block at `height`.
    pub fn reach(&self, numbers: &[usize], height: u64) {
        self.until("the height is reached", |net| {
            numbers.iter().all(|number| net.nodes[*number].height() >= Some(height))
        });
    }
}

impl Node {
    fn of(home: PathBuf) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let (client, operation) = (None, String::new());
        Self { home, space: None, child: None, client, operation, runtime }
    }

    /// Starts the process, and returns when it answers.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(&mut self) {
        self.launch();
        self.wait();
    }

    /// Has it run in this network namespace from its next start on.
    pub fn run_in(&mut self, space: &str) {
        self.space = Some(space.to_owned());
    }

    fn launch(&mut self) {
        // It may not be there.
        let _ = fs::remove_file(self.ready());
        let log = File::options().create(true).append(true).open(self.log()).expect("a log");
        let mut command = match &self.space {
            None => Command::new(program("tallyd")),
            Some(space) => {
                let mut within = Command::new("ip");
                within.args(["netns", "exec", space]).arg(program("tallyd"));
                within
            }
        };
        command.args(["start", "--log-format", "text", "--home"]).arg(&self.home);
        command.arg("--ready-file").arg(self.ready());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().expect("tallyd runs"));
    }

    fn wait(&mut self) {
        let began = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(self.ready()) {
                let ready: Value = serde_json::from_str(&text).expect("it appears whole");
                let [rpc, operation] =
                    ["rpc", "operation"].map(|name| ready[name].as_str().expect("it says so"));
                operation.clone_into(&mut self.operation);
                self.client = Some(Client::new(rpc, CALL_TIMEOUT).expect("an address"));
                return;
            }
            let child = self.child.as_mut().expect("the node was started");
            let ended = child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "the node ended with {ended:?}:\n{}", self.last_words());
            assert!(began.elapsed() < PATIENCE, "no answer:\n{}", self.last_words());
            sleep(PAUSE);
        }
    }

    /// Ends the process as a power cut would, without a word.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the node runs");
        let ended = child.try_wait().expect("it can be asked");
        assert!(ended.is_none(), "the node ended by itself:\n{}", self.last_words());
        child.kill().expect("the node runs");
        child.wait().expect("the node ends");
    }

    /// Sends a signal to the process, by its name.
    ///
    /// # Panics
    /// When it does not run.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("the node runs").id().to_string();
        let told = Command::new("kill").args(["-s", name, &id]).status().expect("kill runs");
        assert!(told.success());
    }

    /// Asks the process to stop; it must end well.
    ///
    /// # Panics
    /// When it does not.
    pub fn stop(&mut self) {
        self.signal("TERM");
        let status = self.child.take().expect("the node runs").wait().expect("the node ends");
        assert!(status.success(), "{status}:\n{}", self.last_words());
    }

    /// Asks the node; `None` when it does not answer.
    pub fn ask<M: Method>(&self, question: M) -> Option<M::Answer>
    where
        M::Answer: DeserializeOwned,
    {
        self.call(question).ok()
    }

    fn call<M: Method>(&self, question: M) -> Result<M::Answer, ClientError> {
        let client = self.client.as_ref().expect("the node was started");
        self.runtime.block_on(client.call(question))
    }

    /// Where it answers.
    ///
    /// # Panics
    /// When it was not started.
    pub fn url(&self) -> String {
        let text = fs::read_to_string(self.ready()).expect("the node was started");
        let ready: Value = serde_json::from_str(&text).expect("it appears whole");
        ready["rpc"].as_str().expect("it says so").to_owned()
    }

    /// How it is; `None` when it does not answer.
    pub fn status(&self) -> Option<NodeStatusView> {
        self.ask(NodeStatus {}).map(|status| status.value)
    }

    /// The height of its tip; `None` when it does not answer.
    pub fn height(&self) -> Option<u64> {
        self.ask(NodeStatus {}).map(|status| status.tip.height)
    }

    /// Its blocks up to `height`, genesis first.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn blocks(&self, height: u64) -> Vec<BlockView> {
        self.blocks_from(0, height)
    }

    /// Its blocks from `first` up to `height`.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn blocks_from(&self, first: u64, height: u64) -> Vec<BlockView> {
        let mut blocks: Vec<BlockView> = Vec::new();
        loop {
            let from = first + blocks.len() as u64;
            let Some(missing) = (height + 1).checked_sub(from).filter(|missing| *missing > 0)
            else {
                return blocks;
            };
            let count = u16::try_from(missing).unwrap_or(u16::MAX).min(BLOCKS_MAX);
            let count = Limit::new(count).expect("some are missing");
            let part = self.call(ChainGetBlocks { from, count }).expect("the node answers");
            assert!(!part.items.is_empty(), "the node has block {from}");
            blocks.extend(part.items);
        }
    }

    /// The error's name when it is asked for the block at `height`, which it does not keep, and the first that it
    /// does.
    ///
    /// # Panics
    /// When it answers with a block, or not at all.
    pub fn refusal_of_block(&self, height: u64) -> (String, u64) {
        let count = Limit::new(1).expect("one is a number of blocks");
        match self.call(ChainGetBlocks { from: height, count }) {
            Err(ClientError::Refused(refusal)) => {
                (refusal.name, refusal.data["first"].as_u64().expect("it says so"))
            }
            other => panic!("{other:?}"),
        }
    }

    /// All the money of an account.
    ///
    /// # Panics
    /// When the node does not answer.
    pub fn cash(&self, account: AccountId) -> u128 {
        let account = Text(Address { network: Network::Dev, account });
        let view = self.call(AccountGet { account }).expect("the account is there").value;
        view.amount.0.base_units()
    }

    /// All the money there is.
    ///
    /// # Panics
    /// When the node does not answer.
    pub fn supply(&self) -> u128 {
        self.call(ChainStatus {}).expect("the node answers").value.supply.0.base_units()
    }

    /// The height of the block that holds a transaction, once there is one.
    ///
    /// # Panics
    /// When the transaction has come to a bad end.
    pub fn find(&self, id: Hash) -> Option<u64> {
        match self.ask(TxGet { id: id.into() })?.value {
            TxView::Included { height, .. } => Some(height),
            TxView::Pending { .. } | TxView::Unknown { .. } => None,
            other => panic!("{id} has come to a bad end: {other:?}"),
        }
    }

    /// Submits a transaction. False when the node does not answer.
    ///
    /// # Panics
    /// When it is refused.
    pub fn submit(&self, signed: &SignedTransaction) -> bool {
        let bytes = TransactionBytes::new(encode(signed)).expect("it is small");
        match self.call(TxSubmit { transaction: bytes.into() }) {
            Ok(_) => true,
            Err(ClientError::Refused(refusal)) => panic!("{refusal:?}"),
            Err(_) => false,
        }
    }

    /// Adds to its settings.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn set(&self, settings: &str) {
        let path = self.home.join("config.toml");
        let text = fs::read_to_string(&path).expect("a home has settings");
        fs::write(path, format!("{text}\n{settings}")).expect("they can be written");
    }

    /// Its key, and where other nodes reach it.
    fn contact(&self) -> [String; 2] {
        let offer = self.offer("offer", &address::encode(Network::Dev, &AccountId::default()));
        ["key", "address"].map(|field| offer[field].as_str().expect("it says so").to_owned())
    }

    /// What its key says to be voted in, or with `rotate`, what its next key says.
    ///
    /// # Panics
    /// When there is none.
    pub fn offer(&self, command: &str, account: &str) -> Value {
        let mut tallyd = Command::new(program("tallyd"));
        tallyd.args(["key", command, "--account", account, "--home"]).arg(&self.home);
        let made = tallyd.output().expect("tallyd runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        serde_json::from_slice(&made.stdout).expect("it prints one document")
    }

    /// Where clients reach it.
    ///
    /// # Panics
    /// When it was not started.
    pub fn rpc(&self) -> String {
        let ready = fs::read_to_string(self.ready()).expect("the node was started");
        let ready: Value = serde_json::from_str(&ready).expect("it appears whole");
        ready["rpc"].as_str().expect("it says so").to_owned()
    }

    /// What it has logged.
    pub fn log_text(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Where it lives.
    pub fn home(&self) -> &Path {
        &self.home
    }

    fn last_words(&self) -> String {
        let text = self.log_text();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(LOG_LINES)..].join("\n");
        format!("{}:\n{last}\n", self.home.display())
    }

    fn ready(&self) -> PathBuf {
        self.home.with_extension("ready")
    }

    fn log(&self) -> PathBuf {
        self.home.with_extension("log")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// An account that pays.
#[derive(Debug)]
pub struct Payer {
    key: SecretKey,
    /// The account.
    pub account: AccountId,
    chain: Hash,
    nonce: Nonce,
}

impl Payer {
    /// The next payment of `amount` to `to`.
    ///
    /// # Panics
    /// When nonces run out.
    pub fn pay(&mut self, to: AccountId, amount: u64) -> SignedTransaction {
        let transfer =
            Operation::Transfer { to, amount: Amount::from_u64(amount), memo: Memo::default() };
        let transaction = Transaction {
            chain: self.chain,
            sender: self.account,
            nonce: self.nonce,
            valid_until: Height(80_000),
            fee_max: FEE_MAX,
            operations: vec![transfer],
        };
        self.nonce = self.nonce.next().expect("nonces do not run out");
        transaction.sign(&self.key)
    }

    /// The account's address.
    pub fn address(&self) -> String {
        address::encode(Network::Dev, &self.account)
    }
}
