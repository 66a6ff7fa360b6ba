//! A node whose disk gets short: it follows and votes for nothing, and the others go on without it.

use std::fs;

use chain::authority::AuthorityKey;
use rpc::types::ProgressView;
use tests::testnet::{Node, Testnet};
use tests::watch::{Metrics, get};

use crate::turn;

const ALL: [usize; 4] = [0, 1, 2, 3];
/// More than any disk has free.
const SHORT: &str = "\n[disk]\nvoting_mib_min = 4000000000\n";

/// Who proposed the blocks from one height to another.
fn proposers(node: &Node, from: u64, to: u64) -> Vec<AuthorityKey> {
    let blocks = node.blocks(to);
    blocks.iter().filter(|block| block.height >= from).map(|block| block.proposer.0).collect()
}

#[test]
fn authority_whose_disk_is_short_follows_without_a_vote_until_there_is_room() {
    let _turn = turn();
    let mut net = Testnet::new(4, 0);
    let path = net.nodes[3].home().join("config.toml");
    let settings = fs::read_to_string(&path).unwrap();
    fs::write(&path, settings.clone() + SHORT).unwrap();
    net.start();
    net.reach(&ALL, 12);
    let status = net.nodes[3].status().unwrap();
    assert!(status.disk.abstains && status.disk.free_bytes.is_some(), "{:?}", status.disk);
    let other = net.nodes[0].status().unwrap();
    assert!(!other.disk.abstains);
    let abstaining = other.peers.iter().filter(|peer| peer.abstains).map(|peer| peer.key.0);
    assert_eq!(abstaining.collect::<Vec<_>>(), [status.key.0], "the others are told");
    assert!(other.peers.iter().all(|peer| peer.clock_ahead_ms.unwrap().abs() < 5_000));
    let key = status.key.0;
    assert!(!proposers(&net.nodes[0], 1, 12).contains(&key), "it proposes nothing");
    let metrics = Metrics::of(&net.nodes[3].operation);
    let seen = ["abstains", "ready", "blocks_proposed_total"];
    assert_eq!(seen.map(|name| metrics.value(&format!("tally_{name}"))), [1.0, 0.0, 0.0]);
    let ready = get(&net.nodes[3].operation, "/health/ready");
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("votes for nothing"), "{}", ready.body);
    assert_eq!(get(&net.nodes[0].operation, "/health/ready").status, 200);
    assert!(net.nodes[3].log_text().contains("little room on the disk"));
    let mut alice = net.payer("alice");
    let payment = alice.pay(net.payer("bob").account, 5);
    assert!(net.nodes[3].submit(&payment), "it takes payments all the same");
    let id = payment.transaction.id();
    net.until("the payment is settled on all", |net| {
        ALL.iter().all(|number| net.nodes[*number].find(id).is_some())
    });
    net.nodes[3].stop();
    fs::write(&path, settings).unwrap();
    net.nodes[3].start();
    let from = net.nodes[0].height().unwrap();
    net.until("it proposes again", |net| {
        let to = net.nodes[0].height().unwrap_or(from);
        proposers(&net.nodes[0], from, to).contains(&key)
    });
    net.until("it is ready", |net| get(&net.nodes[3].operation, "/health/ready").status == 200);
}

#[test]
fn chain_of_which_two_abstain_halts_and_says_so_and_goes_on_with_one() {
    let _turn = turn();
    let mut net = Testnet::new(4, 0);
    let path = |net: &Testnet, number: usize| net.nodes[number].home().join("config.toml");
    let settings = fs::read_to_string(path(&net, 3)).unwrap();
    for number in [2, 3] {
        let own = fs::read_to_string(path(&net, number)).unwrap();
        fs::write(path(&net, number), own + SHORT).unwrap();
    }
    net.start();
    net.until("all are heard, and too few vote", |net| {
        net.nodes.iter().all(|node| {
            node.status().is_some_and(|it| {
                let all_heard = it.peers.iter().filter(|peer| peer.present).count() == 3;
                let halted = it.progress == ProgressView::TooFewAuthorities;
                all_heard && halted && it.authorities.present == 2
            })
        })
    });
    let metrics = Metrics::of(&net.nodes[0].operation);
    assert_eq!(
        ["halted", "authorities_present"].map(|it| metrics.value(&format!("tally_{it}"))),
        [1.0, 2.0]
    );
    let height = net.nodes[0].height().unwrap();
    net.nodes[3].stop();
    fs::write(path(&net, 3), settings).unwrap();
    net.nodes[3].start();
    net.reach(&ALL, height + 3);
}
