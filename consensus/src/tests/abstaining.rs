//! Authorities that abstain, under simulated time: they follow, vote for nothing, and hold nobody up when they return.

use std::sync::Arc;
use std::time::Duration;

use chain::authority::AuthorityKey;
use commonware_runtime::deterministic::{Context, Runner};
use commonware_runtime::{Clock, Runner as _};

use super::four::{Net, network, node, reach};
use super::toy::{Toy, secret};
use crate::wiring::Parts;

const AUTHORITIES: u8 = 4;
/// Blocks that are looked at. They lie in several epochs.
const BLOCKS: u64 = 20;
/// Longer than a view may take.
const LONG: Duration = Duration::from_secs(60);

type Node = (Arc<Toy>, Parts);

async fn four(context: &Context, net: &Net) -> Vec<Node> {
    let mut nodes = Vec::new();
    for number in 0..AUTHORITIES {
        nodes.push(node(context, net, number).await);
    }
    nodes
}

fn keys(numbers: &[u8]) -> Vec<AuthorityKey> {
    numbers.iter().map(|number| secret(*number).key()).collect()
}

/// Whether the authority proposed, and whether it voted for, any block above `from` that `toy` has.
fn took_part(toy: &Toy, key: AuthorityKey, from: u64) -> (bool, bool) {
    let (headers, certificates) = toy.finality();
    let above = |height: u64| height > from;
    let later: Vec<_> = headers.iter().filter(|header| above(header.height.0)).collect();
    let proposed = later.iter().any(|header| header.proposer == key);
    let digests: Vec<_> = later.iter().map(|header| header.digest()).collect();
    let certificates = certificates.iter().filter(|it| digests.contains(&it.block));
    let voted = certificates.flat_map(|it| &it.votes).any(|vote| vote.authority == key);
    (proposed, voted)
}

#[test]
fn authority_that_abstains_follows_without_a_vote_and_votes_again() {
    Runner::seeded(5).start(|context| async move {
        let net = network(&context).await;
        let nodes = four(&context, &net).await;
        reach(&context, &nodes, 2).await;
        let key = keys(&[3])[0];
        nodes[3].0.abstention.begin();
        // What was on its way passes.
        let began = nodes[0].0.height() + 2;
        reach(&context, &nodes, began + BLOCKS).await;
        assert_eq!(took_part(&nodes[0].0, key, began), (false, false));
        nodes[3].0.abstention.end();
        let ended = nodes[0].0.height();
        reach(&context, &nodes, ended + BLOCKS).await;
        assert_eq!(took_part(&nodes[0].0, key, ended), (true, true));
    });
}

#[test]
fn turns_of_one_that_abstains_cost_no_timeout() {
    let blocks = |abstains: &'static [usize]| {
        Runner::seeded(6).start(|context| async move {
            let net = network(&context).await;
            let nodes = four(&context, &net).await;
            reach(&context, &nodes, 2).await;
            abstains.iter().for_each(|number| nodes[*number].0.abstention.begin());
            let before = nodes[0].0.height();
            context.sleep(LONG).await;
            nodes[0].0.height() - before
        })
    };
    let (all, but_one) = (blocks(&[]), blocks(&[3]));
    // A timeout in every fourth turn would leave a third of them.
    assert!(but_one * 10 >= all * 7, "{but_one} blocks in place of {all}");
}

#[test]
fn chain_halts_while_two_abstain_and_goes_on_when_they_return() {
    for seed in 0..8 {
        let chains = Runner::seeded(seed).start(|context| async move {
            let net = network(&context).await;
            let nodes = four(&context, &net).await;
            reach(&context, &nodes, 2).await;
            // In the middle of whatever they do.
            context.sleep(Duration::from_millis(37 * seed)).await;
            nodes[1].0.abstention.begin();
            nodes[2].0.abstention.begin();
            let halted = nodes[0].0.height() + 2;
            context.sleep(LONG).await;
            assert!(nodes[0].0.height() <= halted, "seed {seed}: two of four agree on nothing");
            nodes[1].0.abstention.end();
            reach(&context, &nodes[..1], halted + BLOCKS).await;
            nodes[2].0.abstention.end();
            reach(&context, &nodes, halted + 2 * BLOCKS).await;
            let reached = usize::try_from(halted).expect("a few");
            nodes.iter().map(|(toy, _)| toy.digests()[..=reached].to_vec()).collect::<Vec<_>>()
        });
        assert!(chains.iter().all(|chain| chain == &chains[0]), "seed {seed}");
    }
}
