//! One ledger through kills and pauses, and a halt when too few are left.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use chain::hash::Hash;
use rpc::types::ProgressView;
use tests::testnet::{Node, Payer, Testnet};
use tests::watch::{Metrics, get};

use crate::turn;

const ALL: [usize; 4] = [0, 1, 2, 3];

/// Accounts that pay, one through each node.
const PAYERS: [&str; 4] = ["alice", "bob", "carol", "cashier"];

/// Pays again and again through one node until told to stop, and submits again what may be lost. Answers with
/// what was settled: id and height.
fn pay_until(node: &Node, payer: &mut Payer, to: &Payer, done: &AtomicBool) -> Vec<(Hash, u64)> {
    let mut settled = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let payment = payer.pay(to.account, 1_000);
        let id = payment.transaction.id();
        let height = loop {
            if let Some(height) = node.find(id) {
                break height;
            }
            node.submit(&payment);
            thread::sleep(Duration::from_millis(50));
        };
        settled.push((id, height));
    }
    settled
}

/// Every block up to `height` is the same on these nodes, root for root.
pub(crate) fn assert_same(net: &Testnet, numbers: &[usize], height: u64) {
    let chains: Vec<_> = numbers.iter().map(|number| net.nodes[*number].blocks(height)).collect();
    for (position, blocks) in chains.iter().enumerate() {
        for (ours, theirs) in chains[0].iter().zip(blocks) {
            assert_eq!(ours, theirs, "node {} at height {}", numbers[position], ours.height);
        }
    }
}

#[test]
fn four_keep_one_ledger_though_one_is_killed_and_another_paused() {
    let _turn = turn();
    let mut net = Testnet::new(4, 0);
    net.start();
    let to = net.payer("treasury");
    let mut payers = PAYERS.map(|name| net.payer(name));
    let done = AtomicBool::new(false);
    // Nodes 0 and 3 serve clients throughout; 1 is killed, 2 is paused.
    let mut parts = net.nodes.split_at_mut(1);
    let (first, rest) = (&parts.0[0], &mut parts.1);
    let (middle, last) = rest.split_at_mut(2);
    let (killed, paused) = middle.split_at_mut(1);
    let grow = |node: &Node, blocks: u64| {
        let goal = node.height().expect("it answers") + blocks;
        while node.height() < Some(goal) {
            thread::sleep(Duration::from_millis(50));
        }
    };
    let settled: Vec<(Hash, u64)> = thread::scope(|scope| {
        let (alice, rest) = payers.split_first_mut().expect("four");
        let (done, to, last) = (&done, &to, &last[0]);
        let one = scope.spawn(move || pay_until(first, alice, to, done));
        let other = scope.spawn(move || pay_until(last, &mut rest[2], to, done));
        let _stop = Stop(done);
        for _ in 0..2 {
            killed[0].kill();
            grow(first, 8);
            killed[0].start();
            paused[0].signal("STOP");
            grow(first, 8);
            paused[0].signal("CONT");
            grow(last, 8);
        }
        drop(_stop);
        let settled = [one, other].map(|payments| payments.join().expect("payments end"));
        settled.concat()
    });
    let height = net.nodes[0].height().unwrap();
    net.reach(&ALL, height);
    assert_same(&net, &ALL, height);
    assert!(settled.len() >= 8, "{settled:?}");
    let accounts: Vec<_> = ["treasury", "authority-1", "authority-2", "authority-3", "authority-4"]
        .into_iter()
        .chain(PAYERS)
        .map(|name| net.payer(name).account)
        .collect();
    for node in &net.nodes {
        for (id, height) in &settled {
            assert_eq!(node.find(*id), Some(*height), "{id}");
        }
        let cash: u128 = accounts.iter().map(|account| node.cash(*account)).sum();
        assert_eq!(cash, node.supply());
        assert!(!node.log_text().contains("ERROR"), "{}", node.log_text());
    }
    net.nodes.iter_mut().for_each(Node::stop);
}

/// Ends the payments, also when the test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn two_of_four_halt_and_go_on_when_one_returns() {
    let _turn = turn();
    let mut net = Testnet::new(4, 0);
    net.start();
    net.reach(&ALL, 2);
    net.nodes[2].kill();
    net.nodes[3].kill();
    let progress = |net: &Testnet, number: usize| net.nodes[number].status().unwrap().progress;
    let halted = |net: &Testnet| {
        [0, 1].iter().all(|number| progress(net, *number) == ProgressView::TooFewAuthorities)
    };
    net.until("two nodes know that they are too few", halted);
    let status = net.nodes[0].status().unwrap();
    let here = (status.authorities.present, status.authorities.quorum, status.authorities.voters);
    assert_eq!(here, (2, 3, 4));
    let ready = get(&net.nodes[0].operation, "/health/ready");
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("2 of 4 authorities are here, 3 must agree"), "{}", ready.body);
    let metrics = Metrics::of(&net.nodes[0].operation);
    let seen = ["halted", "authorities_present", "peers{role=\"authority\"}"];
    assert_eq!(seen.map(|name| metrics.value(&format!("tally_{name}"))), [1.0, 2.0, 1.0]);
    let height = net.nodes[0].height().unwrap();
    let mut alice = net.payer("alice");
    let payment = alice.pay(net.payer("bob").account, 5);
    assert!(net.nodes[1].submit(&payment));
    net.until("the halt is in the log", |net| {
        net.nodes[0].log_text().contains("too few authorities")
    });
    assert!(net.nodes[0].height() <= Some(height + 1), "nothing is final without a quorum");
    assert_eq!(net.nodes[1].find(payment.transaction.id()), None);
    net.nodes[2].start();
    let id = payment.transaction.id();
    net.until("the payment is settled everywhere", |net| {
        [0, 1, 2].iter().all(|number| net.nodes[*number].find(id).is_some())
    });
    net.until("nodes see that enough are here", |net| {
        [0, 1].iter().all(|number| progress(net, *number) == ProgressView::AtTip)
    });
    let height = net.nodes[0].height().unwrap();
    net.reach(&[0, 1, 2], height);
    assert_same(&net, &[0, 1, 2], height);
}

#[test]
fn payment_reaches_whoever_proposes_through_any_node() {
    let _turn = turn();
    let mut net = Testnet::new(4, 0);
    net.start();
    net.reach(&ALL, 1);
    let to = net.payer("treasury");
    for (number, name) in PAYERS.into_iter().enumerate() {
        let payments: Vec<_> = {
            let mut payer = net.payer(name);
            (0..20).map(|_| payer.pay(to.account, 1)).collect()
        };
        payments.iter().for_each(|payment| assert!(net.nodes[number].submit(payment)));
        let id = |payment: &chain::transaction::SignedTransaction| payment.transaction.id();
        // The node that took them keeps them, so the others can only know them from it.
        net.until("all are settled", |net| {
            payments.iter().all(|payment| net.nodes[number].find(id(payment)).is_some())
        });
    }
    let height = net.nodes[0].height().unwrap();
    net.reach(&ALL, height);
    let blocks = net.nodes[0].blocks(height);
    let full: Vec<_> = blocks.iter().filter(|block| block.transactions_count > 0).collect();
    let proposers: std::collections::BTreeSet<_> =
        full.iter().map(|block| block.proposer.to_string()).collect();
    let held: u32 = full.iter().map(|block| block.transactions_count).sum();
    assert_eq!(held, 80);
    assert!(proposers.len() > 1, "not by their own node alone: {proposers:?}");
}
