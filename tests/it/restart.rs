//! Kills under load: whatever a wallet was told is settled is there afterwards, and a wallet that waits
//! while the node is away still gets its answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tests::process::{Node, Wallet};
use tests::random::Random;

const KILLS: u64 = 5;

#[test]
fn kills_at_any_moment_lose_nothing_that_was_acknowledged() {
    let mut node = Node::start(None);
    let mut random = Random::new(7);
    let wallet = Wallet::new(&node.rpc);
    for name in ["alice", "bob"] {
        node.import(&wallet, name);
    }
    let cash = || {
        let account = wallet.ok(&["account", "show", "bob"]);
        account["amount"].as_str().and_then(|amount| amount.parse::<u64>().ok()).expect("an amount")
    };
    let before = cash();
    let mut settled = Vec::new();
    for _ in 0..KILLS {
        let done = AtomicBool::new(false);
        settled.extend(thread::scope(|scope| {
            let payments = scope.spawn(|| pay_until(&wallet, &done));
            // Any moment will do; the number only decides which.
            thread::sleep(Duration::from_millis(500 + random.below(1_500)));
            node.kill();
            node.restart();
            done.store(true, Ordering::Relaxed);
            payments.join().expect("payments end")
        }));
        for (hash, height) in &settled {
            let found = wallet.ok(&["tx", "show", hash]);
            assert_eq!(found["status"], "included", "{found}");
            assert_eq!(found["height"], *height, "{found}");
        }
    }
    assert!(settled.len() >= usize::try_from(KILLS).expect("few"), "{settled:?}");
    let received = cash() - before;
    assert!(received >= 1_000_000 * settled.len() as u64, "{received} {settled:?}");
    assert!(node.stop().success());
}

/// Pays a token again and again until told to stop. Answers with what was settled: hash and height.
fn pay_until(wallet: &Wallet, done: &AtomicBool) -> Vec<(String, u64)> {
    let mut settled = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let sent = wallet.run(&["send", "bob", "1TLY", "--key", "alice", "--yes"]);
        if sent.code == 0 {
            let hash = sent.json["hash"].as_str().expect("a payment has a hash").to_owned();
            settled.push((hash, sent.json["height"].as_u64().expect("and a height")));
        } else {
            // Nobody answered while the node was away, or the payment was lost before it was settled.
            assert!([3, 6].contains(&sent.code), "{}", sent.json);
        }
    }
    settled
}
