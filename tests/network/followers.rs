//! Nodes without a vote: they fetch, verify, answer, and bring what their clients submit.

use rpc::types::RoleView;
use tests::testnet::Testnet;

use crate::turn;

#[test]
fn follower_that_starts_late_has_the_chain_and_brings_payments() {
    let _turn = turn();
    let mut net = Testnet::new(4, 1);
    net.nodes[..4].iter_mut().for_each(tests::testnet::Node::start);
    net.reach(&[0, 1, 2, 3], 10);
    net.nodes[4].start();
    let height = net.nodes[0].height().unwrap();
    net.reach(&[4], height);
    assert_eq!(net.nodes[4].blocks(height), net.nodes[0].blocks(height));
    let status = net.nodes[4].status().unwrap();
    assert_eq!((status.role, status.authorities.voters), (RoleView::Follower, 4));

    let mut alice = net.payer("alice");
    let to = net.payer("bob").account;
    let payment = alice.pay(to, 7);
    net.until("the follower hears all authorities", |net| {
        net.nodes[4].status().is_some_and(|status| status.authorities.present == 4)
    });
    assert!(net.nodes[4].submit(&payment));
    let id = payment.transaction.id();
    net.until("it is settled everywhere", |net| {
        net.nodes.iter().all(|node| node.find(id).is_some())
    });

    // It counts for nothing in the agreement, and comes back to where it was.
    net.nodes[4].kill();
    let height = net.nodes[0].height().unwrap();
    net.reach(&[0, 1, 2, 3], height + 3);
    net.nodes[4].start();
    net.reach(&[4], height + 3);
    assert_eq!(net.nodes[4].blocks(height + 3), net.nodes[0].blocks(height + 3));
    net.until("authorities see it as a follower", |net| {
        let peers = net.nodes[0].status().unwrap().peers;
        peers.iter().any(|peer| peer.role == RoleView::Follower && peer.present)
    });
}
