//! Nodes that begin with a snapshot of a network that goes on.

use std::ffi::OsStr;
use std::path::PathBuf;

use rpc::methods::SnapshotList;
use tests::process;
use tests::testnet::{Node, Testnet};

use crate::turn;

const AUTHORITIES: [usize; 4] = [0, 1, 2, 3];

/// Stops a node, makes a snapshot of it, and starts it again. Returns the snapshot's folder and height.
fn take(net: &mut Testnet, number: usize) -> (PathBuf, u64) {
    net.nodes[number].stop();
    let home = net.nodes[number].home().to_owned();
    tallyd(&["snapshot".as_ref(), "create".as_ref(), "--home".as_ref(), home.as_os_str()]);
    net.nodes[number].start();
    let folder = std::fs::read_dir(home.join("snapshots")).unwrap().next().unwrap().unwrap();
    let height = folder.file_name().to_str().unwrap().parse().unwrap();
    (folder.path(), height)
}

fn tallyd(arguments: &[&OsStr]) {
    let output = process::Node::tallyd(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Makes the ledger of a home that has none yet from the snapshot in `folder`.
fn restore(net: &Testnet, number: usize, folder: &OsStr) {
    let home = net.nodes[number].home();
    let genesis = home.join("genesis.toml");
    let (snapshot, restore) = ("snapshot".as_ref(), "restore".as_ref());
    let (to, of) = ("--home".as_ref(), "--genesis".as_ref());
    tallyd(&[snapshot, restore, folder, to, home.as_os_str(), of, genesis.as_os_str()]);
}

#[test]
fn follower_joins_with_a_snapshot_of_nodes_that_are_not_trusted() {
    let _turn = turn();
    let mut net = Testnet::new(4, 1);
    for node in &net.nodes[..2] {
        let path = node.home().join("config.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, config + "\n[snapshots]\nevery_blocks = 5\nkeep = 2\n").unwrap();
    }
    net.nodes[..4].iter_mut().for_each(Node::start);
    let served = |number: usize| {
        move |net: &Testnet| {
            net.nodes[number].ask(SnapshotList {}).is_some_and(|list| list.items.len() == 2)
        }
    };
    net.until("two nodes make snapshots and keep two", |net| served(0)(net) && served(1)(net));

    // One that serves nothing, one that does not answer, and two that do.
    let home = net.nodes[4].home().to_owned();
    let genesis = home.join("genesis.toml");
    let urls = [2, 0, 1].map(|number| net.nodes[number].url());
    let mut arguments: Vec<&OsStr> = vec!["init".as_ref(), "--home".as_ref(), home.as_os_str()];
    arguments.extend(["--genesis".as_ref(), genesis.as_os_str()]);
    for url in ["http://127.0.0.1:9"].into_iter().chain(urls.iter().map(String::as_str)) {
        arguments.extend(["--snapshot".as_ref(), OsStr::new(url)]);
    }
    tallyd(&arguments);
    net.nodes[4].start();
    let tip = net.nodes[0].height().unwrap();
    net.reach(&[4], tip);
    let first = snapshot_heights(&home)[0];
    assert!(first >= 5, "{first}");
    assert_eq!(net.nodes[4].blocks_from(first, tip), net.nodes[0].blocks_from(first, tip));
    assert_eq!(net.nodes[4].refusal_of_block(first - 1).1, first);
    // What it took it serves in turn.
    let list = net.nodes[4].ask(SnapshotList {}).unwrap();
    assert_eq!(list.items[0].height, first);
}

/// The heights of the snapshots in a home.
fn snapshot_heights(home: &std::path::Path) -> Vec<u64> {
    let entries = std::fs::read_dir(home.join("snapshots")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn follower_and_late_authority_from_a_snapshot_reach_the_tip_and_go_on() {
    let _turn = turn();
    let mut net = Testnet::new(4, 1);
    // Without the fourth, which comes late.
    net.nodes[..3].iter_mut().for_each(Node::start);
    let mut alice = net.payer("alice");
    let to = net.payer("bob").account;
    let mut pay = |net: &Testnet, number: usize| {
        let payment = alice.pay(to, 7);
        assert!(net.nodes[number].submit(&payment));
        let id = payment.transaction.id();
        net.until("it is settled", |net| net.nodes[number].find(id).is_some());
        id
    };
    let before = pay(&net, 0);
    let settled = net.nodes[0].find(before).unwrap();
    net.reach(&[0], settled + 2);
    let (folder, height) = take(&mut net, 0);
    net.reach(&[0, 1, 2], height + 3);
    for number in [3, 4] {
        restore(&net, number, folder.as_os_str());
        net.nodes[number].start();
    }
    let tip = net.nodes[1].height().unwrap();
    net.reach(&[3, 4], tip);
    let kept = net.nodes[1].blocks_from(height, tip);
    for number in [3, 4] {
        assert_eq!(net.nodes[number].blocks_from(height, tip), kept, "node {number}");
        assert_eq!(net.nodes[number].find(before), None, "what was before is not there");
        let refusal = net.nodes[number].refusal_of_block(height - 1);
        assert_eq!(refusal, ("HEIGHT_UNAVAILABLE".to_owned(), height));
    }
    let after = pay(&net, 4);
    net.until("it is settled everywhere", |net| {
        net.nodes.iter().all(|node| node.find(after).is_some())
    });

    // The late authority votes: without it nothing would be final any more.
    net.nodes[1].kill();
    let tip = net.nodes[0].height().unwrap();
    net.reach(&[0, 2, 3, 4], tip + 5);
    // Both go on after a stop and after a kill.
    net.nodes[4].stop();
    net.nodes[3].kill();
    net.nodes[1].start();
    net.nodes[3].start();
    net.nodes[4].start();
    let tip = net.nodes[0].height().unwrap();
    net.reach(&[3, 4], tip + 3);
    let whole = net.nodes[0].blocks_from(height, tip + 3);
    net.reach(&AUTHORITIES, tip + 3);
    for number in [1, 2, 3, 4] {
        assert_eq!(net.nodes[number].blocks_from(height, tip + 3), whole, "node {number}");
        let log = net.nodes[number].log_text();
        assert!(!log.contains("ERROR"), "{log}");
    }
}
