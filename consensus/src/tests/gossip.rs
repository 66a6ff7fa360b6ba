//! What passes among four nodes beside the agreement, under simulated time.

use std::sync::Arc;
use std::time::Duration;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::height::{Height, Nonce};
use chain::keys::SecretKey;
use chain::memo::Memo;
use chain::operation::Operation;
use chain::transaction::{Transaction, VerifiedTransaction};
use commonware_p2p::{Recipients, Sender};
use commonware_runtime::deterministic::{Context, Runner};
use commonware_runtime::{Clock, Quota, Runner as _};
use commonware_utils::NZU32;

use super::four::{key, network, node, reach};
use super::toy::{Toy, authorities, genesis, secret};
use crate::wiring::Parts;
use crate::{Progress, Role};

type Node = (Arc<Toy>, Parts);

fn transaction(nonce: u64) -> Arc<VerifiedTransaction> {
    let key = SecretKey::from_bytes(&[9; 32]).unwrap();
    let (to, amount) = (AccountId([2; 20]), Amount::from_u64(1));
    let transaction = Transaction {
        chain: genesis(authorities(4)).header.chain,
        sender: AccountId::of_key(&key.public_key()),
        nonce: Nonce(nonce),
        valid_until: Height(100),
        fee_max: Amount::from_u64(1),
        operations: vec![Operation::Transfer { to, amount, memo: Memo::default() }],
    };
    Arc::new(transaction.sign(&key).verify().unwrap())
}

/// Lets time pass until `done`.
async fn wait(context: &Context, done: impl Fn() -> bool) {
    while !done() {
        context.sleep(Duration::from_millis(50)).await;
    }
}

fn progress((toy, _): &Node) -> Progress {
    toy.peering.situation().progress()
}

#[test]
fn transaction_that_is_passed_on_reaches_every_other_authority_once() {
    Runner::seeded(3).start(|context| async move {
        let net = network(&context).await;
        let mut nodes = Vec::new();
        for number in 0..4 {
            nodes.push(node(&context, &net, number).await);
        }
        reach(&context, &nodes, 1).await;
        let passed: Vec<_> = (0..3).map(transaction).collect();
        passed.iter().for_each(|one| nodes[0].0.peering.pass_on(Arc::clone(one)));
        let (from, others) = (secret(0).key(), &nodes[1..]);
        wait(&context, || others.iter().all(|(toy, _)| toy.heard().len() == 3)).await;
        reach(&context, &nodes, 10).await;
        assert!(nodes[0].0.heard().is_empty());
        for (toy, _) in others {
            let heard = toy.heard();
            assert!(heard.iter().map(|(_, one)| one).eq(passed.iter().map(|one| one.signed())));
            let authority = |peer: &crate::Peer| (peer.key, peer.role) == (from, Role::Authority);
            assert!(heard.iter().all(|(peer, _)| authority(peer)));
        }
    });
}

#[test]
fn peer_that_sends_garbage_is_cut_off() {
    Runner::seeded(4).start(|context| async move {
        let net = network(&context).await;
        let mut nodes = Vec::new();
        for number in 0..3 {
            nodes.push(node(&context, &net, number).await);
        }
        reach(&context, &nodes, 1).await;
        let quota = Quota::per_second(NZU32!(64));
        let (mut sender, _receiver) = net.control(key(3)).register(6, quota).await.unwrap();
        sender.send(Recipients::One(key(0)), vec![7; 9], false);
        let situation = || nodes[0].0.peering.situation();
        wait(&context, || situation().blocked == [secret(3).key()]).await;
        assert_eq!(situation().garbage, 1);
        assert!(nodes[1].0.peering.situation().blocked.is_empty());
        let height = nodes[0].0.height();
        reach(&context, &nodes, height + 10).await;
    });
}

#[test]
fn node_knows_when_too_few_authorities_are_here() {
    Runner::seeded(5).start(|context| async move {
        let net = network(&context).await;
        let mut nodes = vec![node(&context, &net, 0).await, node(&context, &net, 1).await];
        let present = |node: &Node| node.0.peering.situation().present;
        wait(&context, || nodes.iter().all(|node| present(node) == 2)).await;
        assert!(nodes.iter().all(|node| progress(node) == Progress::TooFewAuthorities));
        assert!(nodes.iter().all(|(toy, _)| toy.height() == 0));
        nodes.push(node(&context, &net, 2).await);
        wait(&context, || nodes.iter().all(|node| progress(node) == Progress::AtTip)).await;
        reach(&context, &nodes, 3).await;
    });
}
