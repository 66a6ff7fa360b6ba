//! Snapshots of a real chain: what is verified, what is refused, and what a home made from one can do.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chain::encoding::encode;
use chain::snapshot::{Content, Manifest, SnapshotInvalid};
use genesis::{Genesis, Spec};
use node::snapshot::{self, Folder, SnapshotError};
use rpc::client::{Client, ClientError};
use rpc::methods::{ChainGetBlock, Method, NodeStatus};
use serde_json::Value;
use tempfile::TempDir;
use tests::process::{Node, Wallet};
use tokio::runtime::Runtime;

use crate::homes::stopped_after_a_payment;

/// A stopped chain of a developer's on which a few things happened, and a snapshot of its end.
struct Taken {
    node: Node,
    folder: Folder,
}

impl Taken {
    fn new() -> Self {
        let node = stopped_after_a_payment();
        let made = run(&["snapshot", "create", "--home"], &node.home());
        assert!(made.is_ok(), "{made:?}");
        let snapshots = node.home().join("snapshots");
        let heights = snapshot::list(&snapshots).unwrap();
        assert_eq!(heights.len(), 1);
        let folder = Folder::of(&snapshots, heights[0]);
        Self { node, folder }
    }

    fn genesis_path(&self) -> PathBuf {
        self.node.home().join("genesis.toml")
    }

    fn genesis(&self) -> Genesis {
        let text = fs::read_to_string(self.genesis_path()).unwrap();
        Spec::from_toml(&text).unwrap().genesis().unwrap()
    }

    fn manifest(&self) -> Manifest {
        self.folder.manifest(self.genesis().hash()).unwrap()
    }

    fn verify(&self) -> Result<Manifest, SnapshotError> {
        snapshot::verify(&self.folder, &self.genesis(), |_| {})
    }

    fn refusal(&self) -> SnapshotInvalid {
        match self.verify() {
            Err(SnapshotError::Invalid { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    fn write(&self, manifest: &Manifest) {
        fs::write(self.folder.path().join("manifest"), encode(manifest)).unwrap();
    }
}

/// Runs `tallyd` with arguments that end with a path; what it says where it ends well, or why it does not.
fn run(arguments: &[&str], path: &Path) -> Result<String, String> {
    let arguments = arguments.iter().map(OsStr::new).chain([path.as_os_str()]);
    let output = Node::tallyd(&arguments.collect::<Vec<_>>());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn restore(taken: &Taken, home: &Path) -> Result<String, String> {
    let folder = taken.folder.path().to_str().unwrap();
    let genesis = taken.genesis_path();
    let genesis = genesis.to_str().unwrap();
    run(&["snapshot", "restore", folder, "--genesis", genesis, "--home"], home)
}

#[test]
fn snapshot_verifies_until_a_byte_of_it_flips_or_a_chunk_is_not_in_its_place() {
    let taken = Taken::new();
    let manifest = taken.manifest();
    assert_eq!(taken.verify().unwrap(), manifest);
    let answer = run(
        &["snapshot", "verify", taken.folder.path().to_str().unwrap(), "--json", "--genesis"],
        &taken.genesis_path(),
    );
    let document: Value = serde_json::from_str(&answer.unwrap()).unwrap();
    assert_eq!(document["snapshot"]["height"], manifest.header.height.0);

    // Every byte of the manifest.
    let bytes = encode(&manifest);
    for place in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[place] ^= 0x40;
        fs::write(taken.folder.path().join("manifest"), flipped).unwrap();
        assert!(taken.verify().is_err(), "byte {place} of the manifest");
    }
    taken.write(&manifest);

    // A byte of each chunk, and a chunk that is cut short, longer, or gone.
    for index in 0..manifest.chunks.len() {
        let path = taken.folder.path().join(format!("chunk-{index:05}"));
        let sound = fs::read(&path).unwrap();
        let mut flipped = sound.clone();
        flipped[sound.len() / 2] ^= 1;
        for harmed in [flipped, sound[..sound.len() - 1].to_vec(), [&sound[..], &[0]].concat()] {
            fs::write(&path, harmed).unwrap();
            assert_eq!(taken.refusal(), SnapshotInvalid::ChunkMismatch(index));
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(taken.verify(), Err(SnapshotError::Unusable { .. })));
        fs::write(&path, sound).unwrap();
    }
    assert!(taken.verify().is_ok());
}

#[test]
fn state_that_the_authorities_did_not_agree_on_is_refused_though_its_manifest_names_it() {
    let taken = Taken::new();
    let manifest = taken.manifest();
    let index = manifest.chunks.len() - 1;
    assert_eq!(manifest.chunks[index].content, Content::Objects);
    let whole = taken.folder.chunk(index).unwrap();
    let objects = chain::snapshot::objects(index, &whole, &mut Vec::new()).unwrap();
    let expect = |kept: Vec<&(chain::state::Key, chain::state::Object)>, reason| {
        let bytes: Vec<u8> = kept.iter().flat_map(|object| encode(*object)).collect();
        let mut other = manifest.clone();
        other.chunks[index] = chain::snapshot::Chunk::of(Content::Objects, &bytes).unwrap();
        other.objects = kept.len() as u64;
        taken.folder.write_chunk(index, &bytes).unwrap();
        taken.write(&other);
        assert_eq!(taken.refusal(), reason);
    };
    let state = SnapshotInvalid::Contradiction("state");
    // One left out, one in the wrong place, one twice.
    expect(objects.iter().skip(1).collect(), state);
    let mut swapped: Vec<_> = objects.iter().collect();
    swapped.swap(0, 1);
    expect(swapped, SnapshotInvalid::ObjectsUnordered(index));
    expect(
        objects.iter().chain(objects.last()).collect(),
        SnapshotInvalid::ObjectsUnordered(index),
    );

    // Chunks twice and too few.
    taken.folder.write_chunk(index, &whole).unwrap();
    taken.folder.write_chunk(index + 1, &whole).unwrap();
    let mut twice = manifest.clone();
    twice.chunks.push(manifest.chunks[index]);
    taken.write(&twice);
    assert_eq!(taken.refusal(), SnapshotInvalid::ObjectsUnordered(index + 1));
    let depth = manifest.depth + 1;
    taken.write(&Manifest { depth, ..manifest.clone() });
    assert!(matches!(taken.refusal(), SnapshotInvalid::Contradiction(_)));
    taken.write(&manifest);
    assert!(taken.verify().is_ok());
}

#[test]
fn snapshot_of_another_chain_is_refused_by_its_name() {
    let (taken, other) = (Taken::new(), Node::start(None));
    let genesis = other.home().join("genesis.toml");
    let folder = taken.folder.path().to_str().unwrap();
    let refused = run(&["snapshot", "verify", folder, "--genesis"], &genesis).unwrap_err();
    assert!(refused.contains("is of chain"), "{refused}");
    let nothing = run(&["snapshot", "verify", "/nowhere", "--genesis"], &genesis).unwrap_err();
    assert!(nothing.contains("holds no snapshot"), "{nothing}");
}

#[test]
fn home_is_restored_once_and_an_earlier_try_is_finished_with() {
    let taken = Taken::new();
    let place = TempDir::new().unwrap();
    let home = place.path().join("home");
    restore(&taken, &home).unwrap();
    let again = restore(&taken, &home).unwrap_err();
    assert!(again.contains("is there already"), "{again}");

    // Cut off before the home became one, with the ledger in its place and with half of it beside.
    fs::remove_file(home.join("genesis.toml")).unwrap();
    restore(&taken, &home).unwrap();
    fs::remove_file(home.join("genesis.toml")).unwrap();
    fs::rename(home.join("data"), home.join("data.new")).unwrap();
    fs::remove_file(home.join("data.new").join("CURRENT")).unwrap();
    restore(&taken, &home).unwrap();
    assert!(!home.join("data.new").exists());

    // A snapshot that is not sound makes no ledger.
    let other = place.path().join("other");
    let chunk = taken.folder.path().join("chunk-00000");
    fs::write(&chunk, b"nothing").unwrap();
    let refused = restore(&taken, &other).unwrap_err();
    assert!(refused.contains("chunk 0"), "{refused}");
    assert!(!other.join("data").exists() && !other.join("genesis.toml").exists());
}

fn ask<M: Method>(node: &Node, question: M) -> Result<M::Answer, ClientError> {
    let client = Client::new(&node.rpc, Duration::from_secs(10)).unwrap();
    Runtime::new().unwrap().block_on(client.call(question))
}

/// A chain of a developer's of more blocks than a pruning keeps, stopped, and a payment at its beginning.
fn long() -> (Node, String) {
    let mut node = Node::start(None);
    let wallet = Wallet::new(&node.rpc);
    node.import(&wallet, "alice");
    node.import(&wallet, "bob");
    let paid = wallet.ok(&["send", "bob", "2TLY", "--key", "alice", "--yes"]);
    let paid = paid["hash"].as_str().unwrap().to_owned();
    let path = node.home().join("config.toml");
    assert!(node.stop().success());
    let config = fs::read_to_string(&path).unwrap();
    fs::write(&path, config + "\n[pacing]\ninterval_min_ms = 0\nidle_ms = 5\n").unwrap();
    node.restart();
    while ask(&node, NodeStatus {}).unwrap().tip.height < 160 {
        std::thread::yield_now();
    }
    assert!(node.stop().success());
    (node, paid)
}

#[test]
fn pruned_node_goes_on_and_says_from_where_it_knows() {
    let (mut node, paid) = long();
    let said = run(&["prune", "--keep-blocks", "128", "--home"], &node.home()).unwrap();
    assert!(said.contains("keeps blocks"), "{said}");
    let refused = run(&["prune", "--keep-blocks", "127", "--home"], &node.home()).unwrap_err();
    assert!(refused.contains("127"), "{refused}");
    node.restart();
    let wallet = Wallet::new(&node.rpc);
    node.import(&wallet, "alice");
    node.import(&wallet, "bob");
    wallet.ok(&["send", "bob", "1TLY", "--key", "alice", "--yes"]);
    let keeps = ask(&node, NodeStatus {}).unwrap().value.keeps;
    let first = keeps.blocks_from;
    assert!(first > 30, "{keeps:?}");
    assert_eq!(keeps.histories_from, Some(first));
    match ask(&node, ChainGetBlock { height: first - 1 }) {
        Err(ClientError::Refused(refusal)) => assert_eq!(refusal.name, "HEIGHT_UNAVAILABLE"),
        other => panic!("{other:?}"),
    }
    assert!(ask(&node, ChainGetBlock { height: first }).is_ok());
    // Who trusts nobody still gets from the genesis to the tip.
    wallet.ok(&["verify", "account", "alice"]);
    // What it has given up it does not call expired: nobody shall pay twice.
    for asks in [&["tx", "show", &paid][..], &["tx", "wait", &paid, "--valid-until", "9"]] {
        let answer = wallet.run(asks);
        let error = &answer.json["error"];
        assert_eq!((answer.code, answer.error()), (6, "UNKNOWN"), "{error}");
        assert_eq!(error["data"]["blocks_from"], first, "{error}");
        assert!(error["hint"].as_str().unwrap().contains("may have taken effect"), "{error}");
    }

    assert!(node.stop().success());
    assert!(run(&["snapshot", "create", "--home"], &node.home()).is_ok());
    assert!(run(&["index", "rebuild", "--home"], &node.home()).is_ok());
    node.restart();
}

#[test]
fn exported_state_is_whole_and_the_same_from_the_ledger_and_from_a_snapshot() {
    let mut taken = Taken::new();
    let height = taken.manifest().header.height;
    let lines = |text: &str| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let home = taken.node.home();
    let tip = run(&["export", "--log", "off", "--home"], &home).unwrap();
    let exported = lines(&tip);
    assert_eq!(exported[0]["height"], height.0);
    let objects = usize::try_from(taken.manifest().objects).unwrap();
    assert_eq!((exported.len(), &exported[0]["objects"]), (objects + 1, &objects.into()));
    let accounts: Vec<_> = exported.iter().filter(|line| line["kind"] == "account").collect();
    let cash = |line: &&Value| line["value"]["amount"].as_str().unwrap().parse::<u128>().unwrap();
    let supply = exported.iter().find(|line| line["kind"] == "supply").unwrap();
    let sum: u128 = accounts.iter().map(cash).sum();
    assert_eq!(supply["value"]["supply"], sum.to_string());

    // The chain has grown: the same state comes from the snapshot, and no other height does.
    taken.node.restart();
    let wallet = Wallet::new(&taken.node.rpc);
    taken.node.import(&wallet, "alice");
    taken.node.import(&wallet, "bob");
    wallet.ok(&["send", "bob", "1TLY", "--key", "alice", "--yes"]);
    assert!(taken.node.stop().success());
    let at = |height: u64| {
        let height = height.to_string();
        run(&["export", "--log", "off", "--height", &height, "--home"], &home)
    };
    assert_eq!(at(height.0).unwrap(), tip);
    let refused = at(height.0 + 1_000_000).unwrap_err();
    assert!(refused.contains(&format!("of heights {height}")), "{refused}");
}
