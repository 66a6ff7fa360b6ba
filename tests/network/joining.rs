//! Authorities that come late, and have to vote at once.

use tests::testnet::Testnet;

use crate::turn;

#[test]
fn authority_that_starts_late_fetches_the_chain_and_votes() {
    let _turn = turn();
    let mut net = Testnet::new(4, 0);
    net.nodes[..3].iter_mut().for_each(tests::testnet::Node::start);
    let mut alice = net.payer("alice");
    let to = net.payer("bob").account;
    for _ in 0..10 {
        let payment = alice.pay(to, 7);
        assert!(net.nodes[0].submit(&payment));
        net.until("it is settled", |net| net.nodes[0].find(payment.transaction.id()).is_some());
    }
    let height = net.nodes[0].height().unwrap();
    net.nodes[3].start();
    net.reach(&[3], height);
    assert_eq!(net.nodes[3].blocks(height), net.nodes[0].blocks(height));

    // Without its vote nothing would be final any more.
    net.nodes[0].kill();
    let height = net.nodes[1].height().unwrap();
    net.reach(&[1, 2, 3], height + 5);
    let blocks = net.nodes[3].blocks(height + 5);
    assert_eq!(blocks, net.nodes[1].blocks(height + 5));
}
