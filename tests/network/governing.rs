//! Who votes changes while the network runs, and nobody edits a file of a node for it.

use std::fs;

use rpc::types::{ProgressView, RoleView};
use serde_json::{Value, json};
use tests::process::Wallet;
use tests::testnet::Testnet;

use crate::turn;

const EPOCH_BLOCKS: u64 = 10;

/// A network, and a wallet of those who decide in it.
struct Stage {
    net: Testnet,
    wallet: Wallet,
}

impl Stage {
    /// Four authorities with short epochs, whose proposals take effect after a second.
    fn new() -> Self {
        let genesis = genesis::DEV
            .replace("epoch_blocks = 600", &format!("epoch_blocks = {EPOCH_BLOCKS}"))
            .replace("delay = \"10s\"", "delay = \"1s\"");
        let mut net = Testnet::of(&genesis, 4, 0);
        net.add_stranger();
        net.nodes.iter().for_each(|node| node.set("[pacing]\nidle_ms = 300\n"));
        net.nodes[..4].iter_mut().for_each(tests::testnet::Node::start);
        // A block goes by the time of the one before: deadlines of the first would run from the genesis on.
        net.reach(&[0], 2);
        let wallet = Wallet::new(&net.nodes[0].rpc());
        for name in ["authority-1", "authority-2", "authority-3", "alice"] {
            let file = net.secret(name);
            let file = file.to_str().unwrap();
            wallet.ok(&["key", "import", name, "--private-key", "--secret-file", file]);
        }
        Self { net, wallet }
    }

    fn file(&self, offer: &Value) -> String {
        let path = self.wallet.folder().join("offer.json");
        fs::write(&path, offer.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// authority-1 proposes it, and the others approve.
    fn decide(&self, proposed: &[&str], others: &[&str]) {
        let sign = ["--key", "authority-1", "--yes"];
        let proposal =
            self.wallet.ok(&[&["propose"], proposed, &sign].concat())["proposal"].clone();
        for other in others {
            self.wallet.ok(&["approve", proposal.as_str().unwrap(), "--key", other, "--yes"]);
        }
    }

    /// Waits until the chain says so of those who vote.
    fn until_voting(&self, what: &str, done: impl Fn(&[Value]) -> bool) {
        self.net.until(what, |_| {
            let list = self.wallet.ok(&["authority", "list"]);
            done(list["voting"].as_array().unwrap())
        });
    }
}

#[test]
fn authorities_join_rotate_and_leave_while_the_chain_goes_on() {
    let _turn = turn();
    let mut stage = Stage::new();
    let address = |name: &str, stage: &Stage| stage.net.payer(name).address();
    let (alice, first) = (address("alice", &stage), address("authority-1", &stage));
    let fourth = address("authority-4", &stage);

    // One joins whom no settings name: the chain says where it is.
    let offer = stage.net.nodes[4].offer("offer", &alice);
    let file = stage.file(&offer);
    stage.decide(&["authority", "--add", &file], &["authority-2", "authority-3"]);
    stage.net.nodes[4].start();
    stage.until_voting("five vote", |voting| voting.len() == 5);
    stage.net.until("it votes, and all are here", |net| {
        net.nodes.iter().all(|node| {
            let status = node.status();
            status.is_some_and(|it| it.role == RoleView::Authority && it.authorities.present == 5)
        })
    });

    // The first one's key gives way to another, and its node takes that up by itself.
    let offer = stage.net.nodes[0].offer("rotate", &first);
    let file = stage.file(&offer);
    stage.wallet.ok(&["authority", "rotate", &file, "--key", "authority-1", "--yes"]);
    stage.until_voting("the next key votes", |voting| {
        voting.iter().any(|seat| seat["key"] == offer["key"])
    });
    let next = offer["key"].as_str().unwrap();
    stage.net.until("its node has it, and all are here", |net| {
        let status = net.nodes[0].status();
        status.is_some_and(|it| it.key.to_string() == next && it.authorities.present == 5)
    });

    // One leaves, and follows.
    stage.decide(&["authority", "--remove", &fourth], &["authority-2", "authority-3", "alice"]);
    stage.until_voting("four vote", |voting| voting.len() == 4);
    stage.net.until("who left follows", |net| {
        net.nodes[3].status().is_some_and(|status| status.role == RoleView::Follower)
    });

    // Of the four that are left one may go: so the one who joined counts, and the key that is new.
    stage.net.nodes[1].kill();
    let height = stage.net.nodes[2].height().unwrap() + 2 * EPOCH_BLOCKS;
    stage.net.reach(&[0, 2, 3, 4], height);
    let blocks = stage.net.nodes[4].blocks(height);
    for number in [0, 2, 3] {
        assert_eq!(stage.net.nodes[number].blocks(height), blocks, "node {number}");
    }
    prove(&stage, height);
    let kinds = stage.wallet.ok(&["authority", "history"]);
    for kind in ["authority_added", "authority_rotated", "authority_removed", "epoch_entered"] {
        let items = kinds["items"].as_array().unwrap();
        assert!(items.iter().any(|item| item["event"]["type"] == kind), "{kind}: {kinds}");
    }
}

#[test]
fn chain_halts_before_rules_that_nobody_knows_and_says_so() {
    let _turn = turn();
    let stage = Stage::new();
    let height = (stage.net.nodes[0].height().unwrap() / EPOCH_BLOCKS + 3) * EPOCH_BLOCKS;
    let upgrade = ["upgrade", "--version", "2", "--height", &height.to_string()];
    stage.decide(&upgrade, &["authority-2", "authority-3"]);
    let halted = |node: &tests::testnet::Node| {
        node.status().is_some_and(|status| status.progress == ProgressView::UpgradeNeeded)
    };
    stage.net.until("all halt", |net| net.nodes[..4].iter().all(halted));
    for node in &stage.net.nodes[..4] {
        assert_eq!(node.height(), Some(height - 1), "not a block of other rules");
        assert!(node.log_text().contains("the next block follows other rules"));
    }
    let list = stage.wallet.ok(&["authority", "list"]);
    assert_eq!(list["upgrade"], json!({ "version": 2, "height": height }));

    // Started again, it knows as much, and still answers for what was.
    let mut stage = stage;
    stage.net.nodes[3].stop();
    stage.net.nodes[3].start();
    stage.net.until("it is halted as before", |net| halted(&net.nodes[3]));
    assert_eq!(stage.net.nodes[3].blocks(height - 1), stage.net.nodes[0].blocks(height - 1));
}

/// Every set that voted is followed from the genesis on, by a wallet that asks the node that joined.
fn prove(stage: &Stage, height: u64) {
    let status = stage.net.nodes[4].status().unwrap();
    let chain = status.chain.to_string();
    let wallet = Wallet::new(&stage.net.nodes[4].rpc());
    let mut sets = Vec::new();
    for height in (EPOCH_BLOCKS - 1..height).step_by(usize::try_from(EPOCH_BLOCKS).unwrap()) {
        let shown = wallet.ok(&["--chain", &chain, "verify", "block", &height.to_string()]);
        let proof = &shown["proof"];
        let (votes, voters) = (proof["votes"].as_u64(), proof["authorities"].as_u64());
        assert!(votes.unwrap() * 3 > voters.unwrap() * 2, "{shown}");
        sets.push(voters.unwrap());
    }
    sets.dedup();
    assert_eq!(sets, [4, 5, 4], "the sets that voted");
    let account =
        wallet.ok(&["--chain", &chain, "verify", "account", &stage.net.payer("bob").address()]);
    assert_eq!(account["proof"]["authorities"], json!(4));
}
